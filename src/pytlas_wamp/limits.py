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

    # How long a stop waits for running turns before it cuts them.
    shutdown_grace_seconds: float = field(default=5.0, validator=ge(0))
