"""`pytlas-wamp chat`: talk to the assistant in a terminal."""

from __future__ import annotations

import sys

import click

from pytlas_wamp.cli.accounts import password_stdin_option
from pytlas_wamp.cli.program import main, told_plainly


@main.command()
@click.argument("url", default="http://127.0.0.1:8000")
@click.option("--name", "-n", help="Who you are; asked for when left out.")
@password_stdin_option
@told_plainly
def chat(url: str, name: str | None, *, password_stdin: bool) -> None:
    """Talk to the assistant at URL."""
    from pytlas_wamp.chat import run_chat  # noqa: PLC0415 - others need no terminal

    sys.exit(run_chat(url, name=name, password_stdin=password_stdin))
