"""The log of conversations as it stands in the database, read past all of our own code."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from functools import cached_property
from typing import TYPE_CHECKING, Any

from attrs import define, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Document = dict[str, Any]

QUERY = "SELECT user_id, seq, at, kind, body, re, message_id FROM entries ORDER BY user_id, seq"


@frozen
class Row:
    """One frame; `re` and `message_id` as their columns have them."""

    user_id: int
    seq: int
    at: float
    kind: str
    frame: Document
    re: str | None
    message_id: str | None


@define(slots=False)
class Ledger:
    """The log of one user, in order."""

    rows: list[Row]

    @cached_property
    def by_seq(self) -> dict[int, Row]:
        """Each frame by its number."""
        return {row.seq: row for row in self.rows}

    @cached_property
    def said(self) -> dict[str, Row]:
        """Messages that were accepted, by their id."""
        return {row.message_id: row for row in self.rows if row.kind == "said" and row.message_id}

    @cached_property
    def about(self) -> dict[str, list[Row]]:
        """What messages caused, by their id."""
        caused: dict[str, list[Row]] = {}
        for row in self.rows:
            if row.re is not None:
                caused.setdefault(row.re, []).append(row)
        return caused

    def outcome(self, id_: str) -> str | None:
        """`done`, or the code of the error before it; None without `done`."""
        caused = self.about.get(id_, [])
        if not any(row.kind == "done" for row in caused):
            return None
        codes = [row.frame["code"] for row in caused if row.kind == "error"]
        return codes[0] if codes else "done"


def ledgers(rows: Iterable[tuple[Any, ...]]) -> dict[int, Ledger]:
    """Each user's log, from what QUERY finds."""
    found: dict[int, Ledger] = {}
    for user_id, seq, at, kind, body, re, message_id in rows:
        row = Row(user_id, seq, at, kind, json.loads(body), re, message_id)
        found.setdefault(user_id, Ledger([])).rows.append(row)
    return found


def read_sqlite(file: Path) -> dict[int, Ledger]:
    """Each user's log, from a database that nobody uses any more."""
    with closing(sqlite3.connect(file)) as connection:
        return ledgers(connection.execute(QUERY))
