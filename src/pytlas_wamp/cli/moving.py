"""`pytlas-wamp import-django`: people of the original server, moved here."""

from __future__ import annotations

import configparser
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click
from attrs import frozen

from pytlas_wamp.cli.accounts import Opened, open_server
from pytlas_wamp.cli.program import ReadConfig, main, told_plainly
from pytlas_wamp.cli.showing import as_json_option, show_json
from pytlas_wamp.errors import OperatorError
from pytlas_wamp.transport.api.person_documents import user_document

# The original's tokens are good for 7 days; somebody may have made them longer.
_TOKEN_DAYS: Final = 30


@frozen(kw_only=True)
class _Tokens:
    """What becomes of the tokens of the original.

    Args:
      state: for programs.
      sentences: for people.
    """

    state: str
    sentences: tuple[str, ...]


@main.command("import-django")
@click.argument("database", metavar="DB", type=click.Path())
@click.option("--secret", help="That of pytlas-server; others on this machine can see it here.")
@click.option(
    "--secret-file",
    metavar="FILE",
    help="Holds the secret of pytlas-server; - asks for it.",
)
@click.option("--config", "config_file", metavar="FILE", help="The pytlas.ini of pytlas-server.")
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@click.option(
    "--token-days",
    type=click.IntRange(1, 3650),
    default=_TOKEN_DAYS,
    show_default=True,
    help="How long tokens of pytlas-server are accepted.",
)
@click.option(
    "--rename",
    "renamed",
    metavar="OLD=NEW",
    multiple=True,
    help="Another name for a person whose own cannot be used here; also several times.",
)
@as_json_option
@click.pass_obj
@told_plainly
def import_django(
    read: ReadConfig,
    database: str,
    *,
    secret: str | None,
    secret_file: str | None,
    config_file: str | None,
    dry_run: bool,
    token_days: int,
    renamed: Sequence[str],
    as_json: bool,
) -> None:
    """Move the people of a pytlas-server here: DB is its db.sqlite3, which is only read.

    Passwords, settings, languages and rights come along, and with the secret of
    pytlas-server phones stay signed in. What was moved before is left as it is, so this
    can be repeated. The exit code is 1 when something could not be moved.
    """
    from pytlas_wamp.accounts.moving import check_secret  # noqa: PLC0415 - SQLAlchemy is slow
    from pytlas_wamp.accounts.original import read_original  # noqa: PLC0415 - the same

    people = read_original(Path(database))
    names = _names(renamed, people)
    old_secret = _secret(secret, secret_file, config_file)
    if old_secret is not None:
        check_secret(old_secret)
    opened = open_server(read)
    with _target(opened, dry_run=dry_run) as store:
        reports = _move(opened, store, people, names, shown=not as_json)
        tokens = _take_tokens(opened, store, old_secret, token_days, reports)
    if as_json:
        show_json(_document(reports, tokens, dry_run=dry_run))
    else:
        _tell_totals(reports, tokens, dry_run=dry_run)
    sys.exit(0 if all(one.complete for one in reports) else 1)


# What is asked for


def _names(renamed: Sequence[str], people: Iterable[Any]) -> dict[str, str]:
    known = {person.name for person in people}
    names = {}
    for pair in renamed:
        old, equals, new = pair.partition("=")
        if not equals:
            raise click.UsageError(f"--rename {pair}: write it like OLD=NEW.")
        if old not in known:
            raise OperatorError(f"--rename {pair}: pytlas-server has nobody named {old!r}")
        names[old] = new
    return names


def _secret(text: str | None, file: str | None, config_file: str | None) -> str | None:
    if sum(one is not None for one in (text, file, config_file)) > 1:
        raise click.UsageError("Say one of --secret, --secret-file and --config.")
    if file == "-":
        typed: str = click.prompt("Secret of pytlas-server", hide_input=True, err=True)
        return typed
    if file is not None:
        return _text_of(Path(file)).strip()
    return text if config_file is None else _configured(Path(config_file))


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise OperatorError(f"{path} is not UTF-8: save it in that encoding") from error
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}") from error


def _configured(path: Path) -> str:
    """The secret in the original's configuration, read as the original reads it."""
    parser = configparser.ConfigParser()
    try:
        parser.read_string(_text_of(path))
        found = parser.get("web", "secret", fallback="")
    except configparser.Error as error:
        # Its own text repeats lines, and so perhaps the secret.
        raise OperatorError(
            f"{path} cannot be read as a pytlas.ini: give the secret with --secret-file"
        ) from error
    if not found:
        raise OperatorError(
            f"{path} has no secret in its section [web]: it was perhaps in the environment, as "
            "WEB_SECRET; give it with --secret-file"
        )
    return found


# What is done


@contextmanager
def _target(opened: Opened, *, dry_run: bool) -> Iterator[Any]:
    """Where people are moved to: for a dry run a copy, so that it finds what there is to find."""
    if not dry_run:
        yield opened.store
        return
    from pytlas_wamp.accounts.backup import dump, load  # noqa: PLC0415 - SQLAlchemy is slow
    from pytlas_wamp.accounts.sql import SqlAccountStore  # noqa: PLC0415 - the same

    with tempfile.TemporaryDirectory() as folder:
        copy = SqlAccountStore(Path(folder) / "copy.sqlite3")
        try:
            load(copy.database, dump(opened.store.database))
            yield copy
        finally:
            copy.close()


def _move(
    opened: Opened, store: Any, people: Iterable[Any], names: dict[str, str], *, shown: bool
) -> list[Any]:
    from pytlas_wamp.accounts.moving import move_people  # noqa: PLC0415 - the same

    reports = []
    for report in move_people(store, people, language=opened.config.language, names=names):
        reports.append(report)
        if shown:
            for line in _lines(report):
                click.echo(line)
    return reports


def _lines(report: Any) -> Iterator[str]:
    outcome = report.outcome
    if report.settings_added:
        outcome += f", settings added: {len(report.settings_added)}"
    yield f"{_printable(report.original_name)}: {outcome}"
    for note in report.notes:
        yield f"    {_printable(note)}"
    if report.suggestion is not None:
        pair = f"{report.original_name}={report.suggestion}"
        yield f"    give them another name, such as --rename {_printable(pair)}"


def _printable(text: str) -> str:
    return text if text.isprintable() else ascii(text)


def _take_tokens(
    opened: Opened, store: Any, secret: str | None, days: int, reports: Iterable[Any]
) -> _Tokens:
    from pytlas_wamp.accounts.moving import take_secret  # noqa: PLC0415 - the same

    if secret is None:
        sentence = (
            "phones have to sign in again; to keep them signed in, run this once more with the "
            "secret of pytlas-server: --config pytlas.ini, or --secret-file FILE"
        )
        return _Tokens(state="refused", sentences=(sentence,))
    if secret == opened.secret:
        sentence = "phones stay signed in: this server has the secret of pytlas-server"
        return _Tokens(state="own", sentences=(sentence, *_mistaken(store, reports)))
    if take_secret(store, secret, now=time.time(), days=days):
        sentence = f"phones stay signed in: tokens of pytlas-server are accepted for {days} days"
        return _Tokens(state="accepted", sentences=(sentence,))
    sentence = "phones stay signed in: tokens of pytlas-server are accepted already"
    return _Tokens(state="accepted", sentences=(sentence,))


def _mistaken(store: Any, reports: Iterable[Any]) -> Iterator[str]:
    """Refuse what would open another's account: these tokens name nothing but an id."""
    for report in reports:
        other = store.get(report.original_id)
        if other is not None and other.original_id != report.original_id and other.plain_tokens:
            store.change(other.id, plain_tokens=False)
            yield (
                f"but not {_printable(report.original_name)}, whose id {other.id} is that of "
                f"{other.name} here: both have to sign in again, also {other.name} where they "
                "did so with an older version"
            )


# What is told


def _totals(reports: Sequence[Any]) -> dict[str, int]:
    outcomes = [report.outcome for report in reports]
    return {
        "added": outcomes.count("added"),
        "already_here": outcomes.count("already here"),
        "left_out": outcomes.count("left out"),
        "settings_added": sum(len(report.settings_added) for report in reports),
        "incomplete": sum(not report.complete for report in reports),
    }


def _tell_totals(reports: Sequence[Any], tokens: _Tokens, *, dry_run: bool) -> None:
    totals = _totals(reports)
    click.echo(
        f"{len(reports)} people: {totals['added']} added, {totals['already_here']} already here, "
        f"{totals['left_out']} left out; settings added: {totals['settings_added']}"
    )
    for sentence in tokens.sentences:
        click.echo(sentence)
    if dry_run:
        click.echo("nothing was changed: this was a dry run")
    elif totals["incomplete"]:
        click.echo("not everything was moved: mend what is said above, and run this again")


def _document(reports: Sequence[Any], tokens: _Tokens, *, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "users": [
            {
                "original_id": report.original_id,
                "original_name": report.original_name,
                "outcome": report.outcome,
                "user": None if report.account is None else user_document(report.account),
                "settings_added": list(report.settings_added),
                "notes": list(report.notes),
                "suggestion": report.suggestion,
                "complete": report.complete,
            }
            for report in reports
        ],
        "totals": _totals(reports),
        "tokens": tokens.state,
        "notes": list(tokens.sentences),
    }
