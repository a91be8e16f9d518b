"""Keeps the logs and records of conversations, in the database of the accounts."""

from __future__ import annotations

import json
import math
import time
from functools import lru_cache
from json.encoder import encode_basestring_ascii as _quoted
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field
from sqlalchemy import bindparam, delete, func, select

from pytlas_wamp.accounts.sql_fence import shared_leases
from pytlas_wamp.accounts.sql_ids import MAX_ROW_ID, is_row_id
from pytlas_wamp.accounts.sql_many import MAX_IDS, count_ids, insert_many
from pytlas_wamp.accounts.tables import CONVERSATIONS, ENTRIES, USERS
from pytlas_wamp.journal.model import Entry, OpenTurn, Record, Remembered, Written
from pytlas_wamp.journal.store import MAX_ABOUT, MAX_BEHIND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Select

    from pytlas_wamp.accounts.database import Database
    from pytlas_wamp.journal.model import Batch

# A transaction deletes so many; each may have 256 KiB, and others wait meanwhile.
TRIMMED_AT_ONCE: Final = 200

# Between two of them, so that those who wait get their turn: SQLite knows no queue.
REST_SECONDS: Final = 0.01

# Of so many logs one statement finds the bounds; each may take some milliseconds.
_LOGS_AT_ONCE: Final = 50

# Begins a text that stands in the database otherwise than it is.
_ESCAPED: Final = "\\"

_NOBODY: Final = 0  # no account has this id, and no entry this number


@define(eq=False)
class SqlJournalStore:
    """A `JournalStore` in a database; see there for what the methods promise.

    Args:
      database: that of a `SqlAccountStore`; who opened it closes it.
      node_id: the node that writes; None where there is one process only.
      rest: lets some seconds pass.
    """

    database: Database
    node_id: str | None = field(default=None, kw_only=True)
    rest: Callable[[float], None] = field(default=time.sleep, kw_only=True, repr=False)

    def load(self, user_id: int) -> Record | None:
        """Returns the record of a conversation, if it ever had one."""
        with self.database.reading() as connection:
            row = connection.execute(_RECORD, {"user_id": _row_id(user_id)}).mappings().first()
        return None if row is None else record_of(row)

    def write(self, batches: Sequence[Batch]) -> Written:
        """Adds entries and replaces records; returns whose were left out."""
        if any(batch.epoch is not None for batch in batches):
            return self._write_own(batches)
        wanted = {batch.record.user_id for batch in batches}
        with self.database.writing(flushed=False) as connection:
            present = _accounts(connection, wanted)
            _write(connection, [batch for batch in batches if batch.record.user_id in present])
        return Written(gone=frozenset(wanted - present))

    def _write_own(self, batches: Sequence[Batch]) -> Written:
        """The same where there are others who might have the conversations by now."""
        wanted = {batch.record.user_id for batch in batches}
        claimed = {batch.record.user_id for batch in batches if batch.epoch is not None}
        # Only who looks at leases may write out of turn.
        in_turn = any(batch.epoch is None for batch in batches)
        with self.database.writing(flushed=False, in_turn=in_turn) as connection:
            leases = shared_leases(connection, claimed)
            # There is no lease without an account.
            present = leases.keys() | _accounts(connection, wanted - leases.keys())
            there = [batch for batch in batches if batch.record.user_id in present]
            own = [batch for batch in there if self._may_write(batch, leases)]
            _write(connection, sorted(own, key=_whose))
        return Written(
            gone=frozenset(wanted - present),
            fenced=frozenset(_whose(one) for one in there if not self._may_write(one, leases)),
        )

    def _may_write(self, batch: Batch, leases: Mapping[int, tuple[str | None, int]]) -> bool:
        if batch.epoch is None:
            return True
        # Without an id nobody is meant: what was given back is not ours either.
        return self.node_id is not None and (self.node_id, batch.epoch) == leases.get(
            batch.record.user_id
        )

    def after(
        self, user_id: int, seq: int, *, max_frames: int, max_bytes: int
    ) -> tuple[Entry, ...] | None:
        """Returns what somebody missed who has seen the frames up to `seq`, oldest first."""
        if not 0 <= seq <= MAX_ROW_ID:
            return None
        missed = _entries(user_id).where(ENTRIES.c.seq > seq).order_by(ENTRIES.c.seq)
        with self.database.reading() as connection:
            if _is_known(connection, user_id, seq) and _is_small(
                connection, missed, max_frames, max_bytes
            ):
                return _read(connection, missed)
        return None

    def about(self, user_id: int, seq: int) -> tuple[Entry, ...]:
        """Returns what is in the log of one message, oldest first."""
        mine = _entries(user_id)
        said_there = mine.where(ENTRIES.c.seq == _row_id(seq), ENTRIES.c.kind == "said")
        with self.database.reading() as connection:
            said = _read(connection, said_there)
            if not said or said[0].message_id is None:
                return said
            later = mine.where(ENTRIES.c.seq > seq).order_by(ENTRIES.c.seq)
            reach = later.limit(MAX_BEHIND).with_only_columns(ENTRIES.c.seq).subquery()
            last = select(func.max(reach.c.seq)).scalar_subquery()
            its_own = ENTRIES.c.re == escaped(said[0].message_id)
            caused = later.where(its_own, ENTRIES.c.seq <= last).limit(MAX_ABOUT - 1)
            return said + _read(connection, caused)

    def remembered(self, user_id: int, limit: int) -> tuple[Remembered, ...]:
        """Returns the newest `limit` messages with an id and a digest, oldest first."""
        wanted = {"user_id": _row_id(user_id), "limit": _limit(limit)}
        with self.database.reading() as connection:
            rows = connection.execute(_REMEMBERED, wanted).all()
        return tuple(
            Remembered(id=unescaped(id_), digest=unescaped(digest), seq=seq)
            for id_, digest, seq in reversed(rows)
        )

    def page(self, user_id: int, *, before: int | None, limit: int) -> tuple[Entry, ...]:
        """Returns the newest `limit` entries below a number, oldest first."""
        query = _entries(user_id).order_by(ENTRIES.c.seq.desc()).limit(_limit(limit))
        if before is not None and before <= MAX_ROW_ID:
            query = query.where(ENTRIES.c.seq < max(before, 0))
        with self.database.reading() as connection:
            return _read(connection, query)[::-1]

    def erase(self, user_id: int) -> int:
        """Deletes all entries of a conversation, not its record; returns how many."""
        mine = ENTRIES.c.user_id == _row_id(user_id)
        with self.database.writing() as connection:
            return connection.execute(delete(ENTRIES).where(mine)).rowcount

    def trim(self, *, older_than: float, keep: int) -> int:
        """Deletes entries of all conversations that are too old or too many; says how many."""
        # Databases do not agree on what is less than no number at all.
        since = -math.inf if math.isnan(older_than) else older_than
        return sum(
            self._delete_up_to(user_id, highest)
            for user_id, highest in self._to_be_trimmed(since, max(_limit(keep), 1))
        )

    def size(self) -> int:
        """Returns how many entries there are in all logs."""
        with self.database.reading() as connection:
            return connection.execute(select(func.count()).select_from(ENTRIES)).scalar_one()

    def _to_be_trimmed(self, since: float, keep: int) -> Iterator[tuple[int, int]]:
        """Each user, and the highest number in their log that goes."""
        reached = _NOBODY
        while True:
            query = _bounds(since, keep).where(CONVERSATIONS.c.user_id > reached)
            with self.database.reading() as connection:
                found = connection.execute(query).all()
            for row in found:
                if row.newest is not None:
                    first_kept = row.newest if row.young is None else row.young
                    yield row.user_id, max(first_kept - 1, row.too_many or _NOBODY)
            if not found:
                return
            reached = found[-1].user_id

    def _delete_up_to(self, user_id: int, highest: int) -> int:
        low = _entries(user_id).where(ENTRIES.c.seq <= highest).order_by(ENTRIES.c.seq)
        some = low.limit(TRIMMED_AT_ONCE).with_only_columns(ENTRIES.c.seq)
        deletion = delete(ENTRIES).where(ENTRIES.c.user_id == user_id, ENTRIES.c.seq.in_(some))
        deleted = 0
        with self.database.reading() as connection:
            more = connection.execute(some.limit(1)).first() is not None
        while more:
            with self.database.writing() as connection:
                count = connection.execute(deletion).rowcount
            deleted += count
            more = count == TRIMMED_AT_ONCE
            self.rest(REST_SECONDS)
        return deleted


# Rows


def record_of(row: Mapping[Any, Any]) -> Record:
    """Returns what stands in a row of CONVERSATIONS; raises ValueError when it makes no sense."""
    return Record(
        user_id=row["user_id"],
        seq=row["seq"],
        reserved=row["reserved"],
        snapshot=unescaped(row["snapshot"]),
        open_turns=_turns_of(row["open_turns"]),
    )


def _turns_of(text: str) -> tuple[OpenTurn, ...]:
    try:
        return tuple(
            OpenTurn(seq=seq, id=None if id_ is None else unescaped(id_))
            for seq, id_ in json.loads(text)
        )
    except (TypeError, AttributeError, RecursionError) as error:
        raise ValueError("open_turns must be [[seq, id], ...] as JSON") from error


def entry_of(row: Mapping[Any, Any]) -> Entry:
    """Returns what stands in a row of ENTRIES; raises ValueError when it makes no sense."""
    texts = {name: row[name] and unescaped(row[name]) for name in _ESCAPED_COLUMNS}
    return Entry(**{**row, **texts})


def escaped(text: str) -> str:
    """Returns a text as it stands in the database, which can hold every one of those.

    Different texts become different ones; those that no database minds stay as they are.
    A client may write half of a pair of surrogates into the id of a message, or the
    character 0, and neither has a place in the texts of every database.
    """
    if text[:1] != _ESCAPED and "\0" not in text and (text.isascii() or _is_unicode(text)):
        return text
    # Not as JSON, where two halves that happen to fit become one character.
    return _ESCAPED + text.encode("unicode_escape").decode("ascii")


def unescaped(text: str) -> str:
    """Returns the text that `escaped` made this one of; raises ValueError when it did not."""
    if not text.startswith(_ESCAPED):
        return text
    return text.removeprefix(_ESCAPED).encode("ascii").decode("unicode_escape")


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _row_of_record(record: Record) -> tuple[Any, ...]:
    turns = record.open_turns
    return (
        record.user_id,
        record.seq,
        record.reserved,
        escaped(record.snapshot),
        f"[{', '.join(map(_json_of_turn, turns))}]" if turns else "[]",
    )


def _json_of_turn(turn: OpenTurn) -> str:
    return f"[{turn.seq}, {'null' if turn.id is None else _quoted(escaped(turn.id))}]"


def _row_of_entry(entry: Entry) -> tuple[Any, ...]:
    re, message_id, digest = entry.re, entry.message_id, entry.digest
    return (
        entry.user_id,
        entry.seq,
        entry.at,
        _escaped_kind(entry.kind),
        entry.body,
        None if re is None else escaped(re),
        None if message_id is None else escaped(message_id),
        None if digest is None else escaped(digest),
    )


# There are few.
_escaped_kind = lru_cache(maxsize=32)(escaped)


# Inside a transaction of the caller


def _whose(batch: Batch) -> int:
    return batch.record.user_id


def _accounts(connection: Connection, user_ids: set[int]) -> set[int]:
    """Those of the ids that accounts have."""
    wanted = sorted(filter(is_row_id, user_ids))
    present: set[int] = set()
    for start in range(0, len(wanted), MAX_IDS):
        some = wanted[start : start + MAX_IDS]
        # Most of the time all are there, and one row says so (see `sql_many`).
        if count_ids(connection, USERS.c.id, some) == len(some):
            present.update(some)
        else:
            theirs = USERS.c.id.in_(some)
            present.update(connection.execute(select(USERS.c.id).where(theirs)).scalars())
    return present


def _write(connection: Connection, batches: Sequence[Batch]) -> None:
    newest: dict[int, Record] = {}
    for batch in batches:
        known = newest.setdefault(batch.record.user_id, batch.record)
        if batch.record.seq >= known.seq:
            newest[batch.record.user_id] = batch.record
    records = [_row_of_record(record) for record in newest.values()]
    insert_many(connection, CONVERSATIONS, records, _replacing_older_ones)
    entries = [_row_of_entry(entry) for batch in batches for entry in batch.entries]
    insert_many(connection, ENTRIES, entries, _leaving_those_there)


def _replacing_older_ones(new: Any) -> Any:
    return new.on_conflict_do_update(
        index_elements=[CONVERSATIONS.c.user_id],
        set_={name: new.excluded[name] for name in _REPLACED_COLUMNS},
        where=new.excluded.seq >= CONVERSATIONS.c.seq,
    )


def _leaving_those_there(new: Any) -> Any:
    return new.on_conflict_do_nothing()


def _is_known(connection: Connection, user_id: int, seq: int) -> bool:
    """Whether a log has all that came after a number: that entry is in it, or the next."""
    last = select(CONVERSATIONS.c.seq).where(CONVERSATIONS.c.user_id == _row_id(user_id))
    if seq == (connection.execute(last).scalar() or 0):
        return True
    after = ENTRIES.c.seq.in_((seq, min(seq + 1, MAX_ROW_ID)))
    there = _entries(user_id).where(after).with_only_columns(ENTRIES.c.seq)
    return connection.execute(there).first() is not None


def _is_small(connection: Connection, query: Select[Any], max_frames: int, max_bytes: int) -> bool:
    """Whether a replay has no more than it may have, without fetching any of it."""
    some = query.limit(_limit(max_frames + 1)).with_only_columns(ENTRIES.c.body).subquery()
    # Bodies are ASCII: their characters are their bytes.
    sums = select(func.count(), func.coalesce(func.sum(func.length(some.c.body)), 0))
    frames, size = connection.execute(sums.select_from(some)).one()
    return bool(frames <= max_frames and size <= max_bytes)


def _bounds(since: float, keep: int) -> Select[Any]:
    """Of some users: what a log is trimmed by.

    A log is cut at its beginning only, because who resumes counts on there being no
    holes. So when a clock went wrong, old entries stay behind one that seems younger.
    """
    log = select(ENTRIES.c.seq).where(ENTRIES.c.user_id == CONVERSATIONS.c.user_id).limit(1)
    falling = log.order_by(ENTRIES.c.seq.desc())
    young = log.where(ENTRIES.c.at >= since).order_by(ENTRIES.c.seq)
    return (
        select(
            CONVERSATIONS.c.user_id,
            falling.scalar_subquery().label("newest"),
            young.scalar_subquery().label("young"),
            falling.offset(keep).scalar_subquery().label("too_many"),
        )
        .order_by(CONVERSATIONS.c.user_id)
        .limit(_LOGS_AT_ONCE)
    )


def _read(connection: Connection, query: Select[Any]) -> tuple[Entry, ...]:
    return tuple(entry_of(row) for row in connection.execute(query).mappings())


def _entries(user_id: int) -> Select[Any]:
    return select(ENTRIES).where(ENTRIES.c.user_id == _row_id(user_id))


def _row_id(number: int) -> int:
    """A number that a database can look for, though no other one can stand there."""
    return number if is_row_id(number) else _NOBODY


def _limit(number: int) -> int:
    return min(max(number, 0), MAX_ROW_ID)


_ESCAPED_COLUMNS = ("kind", "re", "message_id", "digest")
_REPLACED_COLUMNS = ("seq", "reserved", "snapshot", "open_turns")

# Asked when a conversation begins: to put a statement together takes longer than to execute
# it.
_RECORD = select(CONVERSATIONS).where(CONVERSATIONS.c.user_id == bindparam("user_id"))
_REMEMBERED = (
    select(ENTRIES.c.message_id, ENTRIES.c.digest, ENTRIES.c.seq)
    .where(
        ENTRIES.c.user_id == bindparam("user_id"),
        ENTRIES.c.message_id.is_not(None),
        ENTRIES.c.digest.is_not(None),
        ENTRIES.c.kind == "said",
    )
    .order_by(ENTRIES.c.seq.desc())
    .limit(bindparam("limit"))
)
