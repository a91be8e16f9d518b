"""What a conversation needs from a place that keeps its log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytlas_wamp.journal.model import Batch, Entry, Record, Remembered, Written

MAX_ABOUT = 1000  # entries of one message: what a turn may have frames
MAX_BEHIND = 4000  # entries in which they are looked for: what others said first comes before


class JournalStore(Protocol):
    """Keeps the logs and records of all conversations.

    Every method may be called from any thread, also at the same time, blocks, and is one
    transaction unless it says otherwise. All raise StoreBroken, an OperatorError, when the
    database fails; nothing was written then. Numbers and texts may be any: users, entries
    and messages that cannot be are not there, which is no error.
    """

    def load(self, user_id: int) -> Record | None:
        """Returns the record of a conversation, if it ever had one."""

    def write(self, batches: Sequence[Batch]) -> Written:
        """Adds entries and replaces records, all of them or (when it fails) none.

        To be repeated safely: an entry that is there stays as it is, and a record is
        replaced by one with the same `seq` or a higher one only.

        A batch with an epoch is written only when the node that writes has the
        conversation under this epoch, and keeps it until it is written.

        Args:
          batches: in order; there may be several of a user.

        Returns:
          whose batches were left out; the others were written.
        """

    def after(
        self, user_id: int, seq: int, *, max_frames: int, max_bytes: int
    ) -> tuple[Entry, ...] | None:
        """Returns what somebody missed who has seen the frames up to `seq`, oldest first.

        Args:
          user_id: whose conversation.
          seq: the last number that was seen.
          max_frames: how many entries there may be.
          max_bytes: how many bytes their bodies may have, all together.

        Returns:
          nothing (an empty tuple) when `seq` is the last number of the conversation, which
          is 0 before the first. None when it is not, and neither entry `seq` nor the next
          is in the log; and when there are more entries or bytes than there may be.
        """

    def about(self, user_id: int, seq: int) -> tuple[Entry, ...]:
        """Returns what is in the log of one message, oldest first: 1000 entries at most.

        Args:
          user_id: whose conversation.
          seq: of the `said` entry.

        Returns:
          that entry and those of the next 4000 whose `re` is its `message_id`; only itself
          when it has none, and nothing when there is no such entry or it is of another kind.
        """

    def remembered(self, user_id: int, limit: int) -> tuple[Remembered, ...]:
        """Returns the newest `limit` messages with an id and a digest, oldest first."""

    def page(self, user_id: int, *, before: int | None, limit: int) -> tuple[Entry, ...]:
        """Returns the newest `limit` entries below a number, oldest first.

        Args:
          user_id: whose conversation.
          before: their numbers are lower than this one; None for the end of the log.
          limit: how many there may be; none when it is not positive.
        """

    def erase(self, user_id: int) -> int:
        """Deletes all entries of a conversation, not its record; returns how many."""

    def trim(self, *, older_than: float, keep: int) -> int:
        """Deletes entries of all conversations that are too old or too many.

        The newest entry of each conversation stays in any case. Logs are cut at their
        beginning, so that no holes come into them: an old entry stays as long as one
        before it does. In several short transactions, so that nobody who writes waits for
        long: when it fails, some of it may have been done.

        Args:
          older_than: entries from before this time go, seconds since the epoch.
          keep: how many entries, the newest ones, a conversation may have.

        Returns:
          how many entries were deleted.
        """

    def size(self) -> int:
        """Returns how many entries there are in all logs."""
