"""What was written to the logs of conversations, and by whom, noted by the database itself.

Triggers of PostgreSQL write it down in the same transaction, past all of our own code: a row
that was changed or deleted later still stands here as it was. A node names itself by the
`application_name` of its connections.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

AUDIT = """
CREATE TABLE audit (
    number BIGSERIAL PRIMARY KEY,
    at DOUBLE PRECISION NOT NULL,
    action TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    body TEXT NOT NULL,
    writer TEXT NOT NULL,
    owner TEXT,
    epoch BIGINT
);

CREATE FUNCTION note_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    entry entries := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
BEGIN
    INSERT INTO audit (at, action, user_id, seq, body, writer, owner, epoch)
    SELECT extract(epoch FROM clock_timestamp()), TG_OP, entry.user_id, entry.seq, entry.body,
        current_setting('application_name'), leases.node_id, leases.epoch
    FROM (SELECT 1) AS once LEFT JOIN leases ON leases.user_id = entry.user_id;
    RETURN NULL;
END $$;

CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON entries
FOR EACH ROW EXECUTE FUNCTION note_entry();
"""
AUDIT_QUERY = (
    "SELECT user_id, seq, at, action, body, writer, owner, epoch FROM audit ORDER BY number"
)


@frozen
class Writing:
    """A frame that was written to a log, or what was done to it later.

    Args:
      seq: of the frame.
      at: seconds since the epoch, by the database's clock.
      action: "INSERT", "UPDATE" or "DELETE".
      frame: as it was then.
      writer: the name of the node that did it.
      owner: the id of the node whose conversation it was then, None when it was nobody's.
      epoch: under which it was.
    """

    seq: int
    at: float
    action: str
    frame: dict[str, Any]
    writer: str
    owner: str | None
    epoch: int | None


def writings(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[Writing]]:
    """By user, from what AUDIT_QUERY finds; in the order in which it was done."""
    found: dict[int, list[Writing]] = {}
    for user_id, seq, at, action, body, writer, owner, epoch in rows:
        writing = Writing(seq, at, action, json.loads(body), writer, owner, epoch)
        found.setdefault(user_id, []).append(writing)
    return found
