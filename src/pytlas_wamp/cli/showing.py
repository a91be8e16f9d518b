"""What commands print: tables and lines for people, one JSON document for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pytlas_wamp.cli.program import OUT

_WIDE = 1_000

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def show_json(document: Mapping[str, Any]) -> None:
    """Print a document in one line."""
    # Halves of characters, as in a name from elsewhere, cannot be printed.
    click.echo(json.dumps(document, ensure_ascii=False).encode(errors="replace").decode())


def show_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows of texts, in which nothing is taken for markup; the first column is whole."""
    table = Table()
    for number, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=number == 0)
    for row in rows:
        table.add_row(*map(Text, row))
    # A file or a pipe has no edge.
    out = OUT if OUT.is_terminal else Console(width=_WIDE)
    out.print(table)


def show_facts(facts: Iterable[tuple[str, str]]) -> None:
    """Print what is known about one thing, a line each; what is empty is left out."""
    told = [(name, value) for name, value in facts if value]
    width = max((len(name) for name, _ in told), default=0)
    for name, value in told:
        click.echo(f"{name.ljust(width)}  {value}")


def day(seconds: float | None) -> str:
    """A point in time for people, in the machine's time zone; empty when there is none."""
    if seconds is None:
        return ""
    return datetime.fromtimestamp(int(seconds), UTC).astimezone().strftime("%Y-%m-%d %H:%M")


def yes(value: object) -> str:
    """A truth value in a table: what is not so stays empty."""
    return "yes" if value else ""
