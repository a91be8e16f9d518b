"""`pytlas-wamp skills add`, `update`, `remove` and `reload`: what the assistant can do, changed.

The same process does it as for the server, here with its lines in the terminal. Running
servers take the skills up a moment later.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from pytlas_wamp.cli.accounts import Opened, open_server
from pytlas_wamp.cli.program import ReadConfig, told_plainly
from pytlas_wamp.cli.showing import as_json_option, show_json
from pytlas_wamp.cli.skills import skills
from pytlas_wamp.config import server_secrets_in
from pytlas_wamp.errors import OperatorError

_MAX_LINE_CHARACTERS = 500


@skills.command("add")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@as_json_option
@click.pass_obj
@told_plainly
def add_skills(read: ReadConfig, sources: Sequence[str], *, as_json: bool) -> None:
    """Fetch skills with git: owner/repository (on GitHub), an address, or a folder's path.

    Skills are programs, which the server runs: add what you trust.
    """
    from pytlas_wamp.assistant.skill_sources import check_source  # noqa: PLC0415 - pytlas is slow

    local = any(source.startswith(("/", "file://")) for source in sources)
    for source in sources:
        check_source(source, allow_local=local)
    _change(open_server(read), "add", sources, allow_local=local, as_json=as_json)


@skills.command("update")
@click.argument("names", nargs=-1, metavar="[SKILL]...")
@as_json_option
@click.pass_obj
@told_plainly
def update_skills(read: ReadConfig, names: Sequence[str], *, as_json: bool) -> None:
    """Fetch the newest version of SKILLs, or of all that came with git."""
    opened = open_server(read)
    folders = _installed(opened, names)
    _change(opened, "update", folders, allow_local=True, as_json=as_json)


@skills.command("remove")
@click.argument("names", nargs=-1, required=True, metavar="SKILL...")
@as_json_option
@click.pass_obj
@told_plainly
def remove_skills(read: ReadConfig, names: Sequence[str], *, as_json: bool) -> None:
    """Delete SKILLs from the folder of skills."""
    opened = open_server(read)
    _change(opened, "remove", _installed(opened, names), allow_local=False, as_json=as_json)


@skills.command("reload")
@as_json_option
@click.pass_obj
@told_plainly
def reload_skills(read: ReadConfig, *, as_json: bool) -> None:
    """Have running servers take up what has changed in the folder of skills."""
    open_server(read).store.note_skills()
    if as_json:
        show_json({"kind": "reload", "state": "succeeded"})
    else:
        click.echo("running servers look for changed skills now")


def _installed(opened: Opened, names: Sequence[str]) -> list[str]:
    from pytlas_wamp.assistant.skill_sources import check_installed  # noqa: PLC0415 - the same

    return [check_installed(name, opened.config.skills_dir) for name in names]


def _change(
    opened: Opened, kind: Any, names: Sequence[str], *, allow_local: bool, as_json: bool
) -> None:
    """Have it done; servers are told also when a part of it failed."""
    from pytlas_wamp.assistant.skill_sources import command, environment  # noqa: PLC0415 - the same

    secrets = server_secrets_in(os.environ)
    environ = {name: value for name, value in os.environ.items() if name not in secrets}
    lines, code = _run(
        command(kind, opened.config.skills_dir, names, allow_local=allow_local),
        environment(environ, allow_local=allow_local),
        directory=opened.config.data_dir,
        shown=not as_json,
    )
    opened.store.note_skills()
    if as_json:
        state = "failed" if code else "succeeded"
        show_json({"kind": kind, "subjects": list(names), "state": state, "lines": lines})
    if code:
        raise OperatorError(f"not everything was done: the {len(lines)} lines of it say why")
    if not as_json:
        click.echo(_DONE[kind])


_DONE = {
    "add": "added; running servers take the skills up now",
    "update": "updated; running servers take the skills up now",
    "remove": "removed; running servers let go of the skills now",
}


def _run(
    arguments: Sequence[str], environ: dict[str, str], *, directory: Path, shown: bool
) -> tuple[list[str], int]:
    """What a process prints, and its exit code."""
    from pytlas_wamp.transport.lines import plain_line  # noqa: PLC0415 - Twisted is slow

    lines: list[str] = []
    with subprocess.Popen(  # noqa: S603 - our own program
        arguments,
        env=environ,
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        try:
            for raw in process.stdout or ():
                line = plain_line(raw, _MAX_LINE_CHARACTERS)
                if line:
                    lines.append(line)
                    if shown:
                        click.echo(line)
        except BaseException:
            # It leads a group of its own, which Ctrl-C does not reach; told so, it tidies up.
            process.terminate()
            raise
    return lines, process.returncode
