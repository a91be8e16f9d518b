"""What each limit means to whoever sets it; the values and their reasons are in `limits`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LIMIT_MEANINGS: Final[Mapping[str, str]] = {
    "max_message_bytes": "Largest WebSocket message accepted.",
    "max_depth": "Deepest nesting of JSON accepted.",
    "auth_deadline_seconds": "Time a connection has to send a valid `authenticate`.",
    "max_held_frames": "Frames kept that arrive while the token is checked.",
    "max_queued_messages": "Messages of one conversation waiting for their turn.",
    "turn_deadline_seconds": "Time a skill has to finish its answer.",
    "ping_interval_seconds": "Time between two pings to a client.",
    "ping_timeout_seconds": "Time a client has to answer a ping.",
    "max_connections": "Connections open at the same time.",
    "max_http_body_bytes": "Largest body of an HTTP request accepted.",
    "max_skill_threads": "Skills that run at the same time, over all users.",
    "max_waiting_turns": "Messages of all users that may wait for one of these threads.",
    "thread_wait_seconds": "How long each of them waits.",
    "shutdown_grace_seconds": "Time running answers get to finish when the server stops.",
    "max_connections_per_user": "Connections of one user at the same time.",
    "max_connections_per_address": (
        "Connections from one address at the same time; an IPv6 network of 64 bits counts as one."
    ),
    "message_burst": "Frames a connection may send at once.",
    "message_rate_per_second": "Frames a connection may send in the long run.",
    "max_rate_warnings": "Errors `rate-limited` in a row before the connection is closed.",
    "max_outbound_bytes": (
        "Bytes kept for a client that does not read; from half of it on it gets no `thinking`."
    ),
    "max_frames_per_turn": "Frames a skill may send in one turn.",
    "max_frame_bytes": "Largest frame a skill may send.",
    "max_skill_threads_per_user": (
        "Skills of one user that run at the same time, those given up included."
    ),
    "max_abandoned_threads": (
        "Skills given up at their deadline that have not returned, over all users."
    ),
    "breaker_failures": "Failures of a skill in a row before it is switched off for a while.",
    "breaker_seconds": "How long a skill that failed too often is switched off.",
    "max_resumed_frames": "Frames a client that comes back gets after the last one it saw.",
    "max_resumed_bytes": "Bytes a client that comes back gets after the last frame it saw.",
    "max_remembered_ids": "Messages of a user whose `id` is known, so that they are not run twice.",
    "max_unwritten_frames": "Frames kept in memory while the database cannot be written.",
    "conversation_idle_seconds": "How long an unused conversation stays in memory.",
    "history_days": "How long frames are kept for the history.",
    "history_frames": "Frames of one user that are kept for the history.",
}
