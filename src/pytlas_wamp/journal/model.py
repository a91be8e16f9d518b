"""What is kept of a conversation: its frames, and what it needs to go on.

The *log* of a conversation has one *entry* per frame. Beside it there is one *record*
per conversation: its last number, a *snapshot* from which an agent goes on after a
restart, and the messages that have no outcome yet.

What no database can hold is refused here, where it comes from: later it would make a
whole batch fail, again and again.
"""

from __future__ import annotations

import math
from typing import NoReturn

from attrs import field, frozen

MAX_SEQ = 2**63 - 1  # what every database counts to

# More than a client may give (spec 4.1), and as much as any index takes, however written.
MAX_ID_CHARACTERS = 200


def _check_number(name: str, low: int, number: int) -> None:
    if not low <= number <= MAX_SEQ:
        raise ValueError(f"{name!r} must be {low} to {MAX_SEQ}, not {number}")


@frozen(kw_only=True)
class Entry:
    """One frame in the log.

    Args:
      user_id: whose conversation.
      seq: its number there, from 1.
      at: when it was sent, seconds since the epoch.
      kind: the `type` of the frame.
      body: the frame as JSON text in ASCII, `seq` included; up to 256 KiB.
      re: the id of the message that caused it: any text of up to 200 characters.
      message_id: for kind "said": the id that the client gave its message, as `re`.
      digest: for kind "said": of the message, by which a repetition is known.

    Raises:
      ValueError: when `seq` is not 1 to 2**63 - 1, `at` is not finite, `body` is not
        ASCII, or an id is too long.
    """

    user_id: int
    seq: int
    at: float
    kind: str
    # What people say is not for logs.
    body: str = field(repr=False)
    re: str | None
    message_id: str | None
    digest: str | None

    def __attrs_post_init__(self) -> None:
        """Checks all at once: a validator for each costs more than all the rest of an entry."""
        body, re, message_id = self.body, self.re, self.message_id
        if not (
            0 < self.seq <= MAX_SEQ
            and math.isfinite(self.at)
            and body.isascii()
            and "\0" not in body
            and (re is None or len(re) <= MAX_ID_CHARACTERS)
            and (message_id is None or len(message_id) <= MAX_ID_CHARACTERS)
        ):
            self._complain()

    def _complain(self) -> NoReturn:
        """Says what is wrong, when something is."""
        _check_number("seq", 1, self.seq)
        if not math.isfinite(self.at):
            raise ValueError(f"'at' must be a finite number of seconds, not {self.at}")
        for name, text in (("re", self.re), ("message_id", self.message_id)):
            if text is not None and len(text) > MAX_ID_CHARACTERS:
                raise ValueError(
                    f"{name!r} may have {MAX_ID_CHARACTERS} characters, not {len(text)}"
                )
        raise ValueError("'body' must be JSON that escapes what is not ASCII")


@frozen(kw_only=True)
class OpenTurn:
    """A turn that may not be forgotten: it has no outcome yet.

    Args:
      seq: of the `said` entry of its message; below 0 when no message began it.
      id: that the client gave it, if it gave one.

    Raises:
      ValueError: when `seq` is beyond 2**63 - 1, or its opposite.
    """

    seq: int
    id: str | None

    def __attrs_post_init__(self) -> None:
        """Checks the number; see `Entry`."""
        _check_number("seq", -MAX_SEQ, self.seq)


@frozen(kw_only=True)
class Record:
    """What a conversation needs to go on, beside its log.

    Args:
      user_id: whose conversation.
      seq: the number of its last frame; 0 before the first.
      reserved: no frame with a higher number was ever sent. Equal to `seq` when the
        conversation was put away in order.
      snapshot: of its agent, as JSON text; "" when there is nothing to restore.
      open_turns: messages without an outcome, in order.

    Raises:
      ValueError: when `seq` is not 0 to 2**63 - 1, or `reserved` not `seq` to 2**63 - 1.
    """

    user_id: int
    seq: int
    reserved: int
    snapshot: str = field(repr=False)
    open_turns: tuple[OpenTurn, ...]

    def __attrs_post_init__(self) -> None:
        """Checks the numbers; see `Entry`."""
        if not 0 <= self.seq <= self.reserved <= MAX_SEQ:
            _check_number("seq", 0, self.seq)
            _check_number("reserved", self.seq, self.reserved)


@frozen(kw_only=True)
class Batch:
    """What is written of one conversation at once, all or nothing.

    Args:
      record: as it is after the entries.
      entries: of the same user, in order; may be none.
      epoch: under which who writes has the conversation (see `leases`); None where there
        is one process only, and nothing is to be checked.

    Raises:
      ValueError: when an entry is of somebody else.
    """

    record: Record
    entries: tuple[Entry, ...]
    epoch: int | None = None

    def __attrs_post_init__(self) -> None:
        """Checks whose the entries are; see `Entry`."""
        user_id = self.record.user_id
        for entry in self.entries:
            if entry.user_id != user_id:
                raise ValueError(f"'entries' must all be of user {user_id}")


@frozen(kw_only=True)
class Written:
    """What became of batches; all but these are written.

    Args:
      gone: whose accounts are gone.
      fenced: whose conversations somebody else has by now, or nobody.
    """

    gone: frozenset[int] = frozenset()
    fenced: frozenset[int] = frozenset()


@frozen(kw_only=True)
class Remembered:
    """A message that was accepted, as far as a repetition is known by it.

    Args:
      id: that the client gave it.
      digest: of the message.
      seq: of its `said` entry.
    """

    id: str
    digest: str
    seq: int
