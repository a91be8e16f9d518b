"""`pytlas-wamp history`: what people have said, and what was answered."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

from pytlas_wamp.cli.accounts import Opened, open_server
from pytlas_wamp.cli.program import ReadConfig, main, told_plainly
from pytlas_wamp.cli.showing import as_json_option, day, show_json, show_table
from pytlas_wamp.errors import OperatorError
from pytlas_wamp.journal.model import Entry
from pytlas_wamp.transport.api.times import written_time

_MOST = 10_000


@main.group()
def history() -> None:
    """What people have said, and what was answered."""


@history.command("show")
@click.argument("name")
@click.option(
    "--limit",
    type=click.IntRange(1, _MOST),
    default=50,
    show_default=True,
    help="How many frames, the newest ones.",
)
@as_json_option
@click.pass_obj
@told_plainly
def show_history(read: ReadConfig, name: str, *, limit: int, as_json: bool) -> None:
    """Show the end of a person's conversation, the newest last."""
    opened = open_server(read)
    if not opened.config.history:
        raise OperatorError("no history is kept: set history = yes in [server] of pytlas.ini")
    entries = _journal(opened).page(opened.accounts.find(name).id, before=None, limit=limit)
    if as_json:
        show_json({"frames": [_document(entry) for entry in entries]})
    else:
        show_table(("number", "time", "what", "text"), map(_row, entries))


@history.command("delete")
@click.argument("name")
@click.option("--yes", "sure", is_flag=True, help="Do not ask.")
@as_json_option
@click.pass_obj
@told_plainly
def delete_history(read: ReadConfig, name: str, *, sure: bool, as_json: bool) -> None:
    """Delete what a person has said, and what was answered."""
    opened = open_server(read)
    user_id = opened.accounts.find(name).id
    if not sure:
        click.confirm(f"Delete the history of {name}?", abort=True, err=as_json)
    deleted = _journal(opened).erase(user_id)
    if as_json:
        show_json({"deleted": deleted})
    else:
        frames = f"{deleted} frame{'' if deleted == 1 else 's'}"
        click.echo(f"the history of {name} is deleted: {frames}")


def _journal(opened: Opened) -> Any:
    # See `open_server`: only who needs SQLAlchemy waits for it.
    from pytlas_wamp.accounts.sql_journal import SqlJournalStore  # noqa: PLC0415

    return SqlJournalStore(opened.store.database)


def _document(entry: Entry) -> dict[str, Any]:
    return {"at": written_time(entry.at), "frame": json.loads(entry.body)}


def _row(entry: Entry) -> Sequence[str]:
    text = _text(json.loads(entry.body)).encode(errors="replace").decode()
    return (str(entry.seq), day(entry.at), entry.kind, text)


def _text(frame: Mapping[str, Any]) -> str:
    """What a frame says to people; empty when it is for programs."""
    data = frame.get("data")
    spoken = data if isinstance(data, dict) else frame
    for name in ("raw_text", "message", "language", "name"):
        if isinstance(spoken.get(name), str):
            return str(spoken[name])
    return ""
