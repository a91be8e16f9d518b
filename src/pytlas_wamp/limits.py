"""Every bound of the server in one value; the published ones equal spec/limits.json.

Names carry their unit. An operator changes one in the `[server]` section under
the same name.
"""

from __future__ import annotations

from attrs import field, frozen
from attrs.validators import ge


@frozen(kw_only=True)
class Limits:
    """What a peer, a skill or an operator's machine may not exceed (spec 8)."""

    # A long spoken sentence is under 1 KiB; 64 KiB leaves room for request meta.
    max_message_bytes: int = field(default=65_536, validator=ge(1_024))

    # Deeper JSON than this is nobody's message; Python's parser recurses.
    max_depth: int = field(default=32, validator=ge(4))

    # A phone on a bad network needs about 2 s; Home Assistant also grants 10.
    auth_deadline_seconds: float = field(default=10.0, validator=ge(0.1))

    # Frames pipelined behind `authenticate`; a client has no reason for more.
    max_held_frames: int = field(default=16, validator=ge(1))

    # Messages of one conversation that wait for their turn, all devices together.
    max_queued_messages: int = field(default=32, validator=ge(1))

    # Web services behind skills time out at 30 s; twice that is a lost skill.
    turn_deadline_seconds: float = field(default=60.0, validator=ge(0.1))

    # Proxies drop idle connections after 60 s; 25 leaves room for a lost ping.
    ping_interval_seconds: float = field(default=25.0, validator=ge(1))

    # Ping interval plus this is under a minute: when a dead peer is gone.
    ping_timeout_seconds: float = field(default=20.0, validator=ge(1))

    # A connection costs some 50 KiB, so this many fit in half a GiB.
    max_connections: int = field(default=10_000, validator=ge(1))

    # Credentials and settings are small.
    max_http_body_bytes: int = field(default=65_536, validator=ge(1_024))

    # Skills that wait at the same time, over all users; a thread costs some 30 KiB.
    max_skill_threads: int = field(default=256, validator=ge(1))

    # Everybody may say something in the same moment, and most turns take a millisecond.
    max_waiting_turns: int = field(default=10_000, validator=ge(0))

    # When all threads hang in slow skills, to wait any longer than this helps nobody.
    thread_wait_seconds: float = field(default=5.0, validator=ge(0.1))

    # How long a stop waits for running turns before it cuts them.
    shutdown_grace_seconds: float = field(default=5.0, validator=ge(0))

    # A household with all its devices and tabs has some dozens; one that never closes has more.
    max_connections_per_user: int = field(default=100, validator=ge(1))

    # A school behind one address has some hundreds; a tenth of all leaves room for others.
    max_connections_per_address: int = field(default=1_000, validator=ge(1))

    # A client that was offline sends what it has kept: `max_queued_messages` and as much again.
    message_burst: int = field(default=60, validator=ge(1))

    # Nobody talks or types this fast; a script that tests skills may wait.
    message_rate_per_second: float = field(default=10.0, validator=ge(0.1))

    # A client that does not listen to this many errors will not listen to more.
    max_rate_warnings: int = field(default=20, validator=ge(1))

    # Room for a replay of `max_resumed_bytes` and several answers of `max_frame_bytes`; a phone in
    # a tunnel for a minute gets less.
    max_outbound_bytes: int = field(default=4_194_304, validator=ge(1_024))

    # The wordiest real skill sends one answer for each of some dozens of things.
    max_frames_per_turn: int = field(default=1_000, validator=ge(1))

    # Pictures come as addresses; a small one as a data URL fits.
    max_frame_bytes: int = field(default=262_144, validator=ge(1_024))

    # One turn at a time, and those it has given up: a sixteenth of all, so that sixteen people can
    # be unlucky before others notice.
    max_skill_threads_per_user: int = field(default=16, validator=ge(1))

    # A thread cannot be stopped, only forgotten: a quarter of `max_skill_threads` may be lost so.
    max_abandoned_threads: int = field(default=64, validator=ge(1))

    # Fewer would switch off a skill that only dislikes some sentences.
    breaker_failures: int = field(default=5, validator=ge(1))

    # As long as one turn may hang: a service that is down is asked once a minute.
    breaker_seconds: float = field(default=60.0, validator=ge(0.1))

    # A day without network in a talkative house; beyond, the history is the better answer.
    max_resumed_frames: int = field(default=1_000, validator=ge(1))

    # A second on a slow line; a quarter of `max_outbound_bytes`, so it fits beside live frames.
    max_resumed_bytes: int = field(default=1_048_576, validator=ge(1_024))

    # Clients send again within seconds; at 200 bytes each a user costs 200 KB at most.
    max_remembered_ids: int = field(default=1_000, validator=ge(1))

    # About 10 MB; at 50 ms a batch it is never near unless the database is gone.
    max_unwritten_frames: int = field(default=10_000, validator=ge(1))

    # A pause in a talk; to take it up again costs one read of the database.
    conversation_idle_seconds: float = field(default=900.0, validator=ge(1))

    # A season: long enough to look something up, short enough for a diary nobody asked for.
    history_days: int = field(default=90, validator=ge(1))

    # Some 4,000 messages, about 6 MB for each user.
    history_frames: int = field(default=20_000, validator=ge(1))
