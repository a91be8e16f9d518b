"""`pytlas-wamp`: people, skills, a check of everything, and a chat in the terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from pytlas_wamp import __version__
from pytlas_wamp.config import Config, prepare_data_dir, read_config
from pytlas_wamp.errors import ConfigError, OperatorError

_OUT = Console(soft_wrap=True)


def told_plainly(command: Callable[..., Any]) -> Callable[..., Any]:
    """Show what a person can mend as a line, and end with exit code 1."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except ConfigError as error:
            for problem in error.problems:
                click.echo(f"pytlas-wamp: {problem}", err=True)
        except OperatorError as error:
            click.echo(f"pytlas-wamp: {error}", err=True)
        sys.exit(1)

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="pytlas-wamp")
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False),
    help="Where everything is kept, as given to the server.",
)
@click.option("--config", "config_file", type=click.Path(), help="The server's pytlas.ini.")
@click.pass_context
def main(context: click.Context, data_dir: str | None, config_file: str | None) -> None:
    """Look after a pytlas-wamp server, or talk to one."""
    context.obj = lambda: read_config(
        config_file=None if config_file is None else Path(config_file),
        options={"data_dir": data_dir},
        environ=os.environ,
    )


ReadConfig = Callable[[], Config]


@main.group()
def user() -> None:
    """People who may sign in."""


def _accounts(read: ReadConfig) -> Any:
    # SQLAlchemy and argon2 take half a second: only who needs them waits.
    from pytlas_wamp.service import make_secret, open_accounts  # noqa: PLC0415

    config = read()
    directory = prepare_data_dir(config, make_secret=make_secret)
    accounts, store = open_accounts(config, directory.secret)
    click.get_current_context().call_on_close(store.close)
    return accounts


def _new_password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password


_password_stdin = click.option(
    "--password-stdin",
    is_flag=True,
    help="Read the password from the first line of standard input.",
)


@user.command("add")
@click.argument("name")
@click.option("--admin", is_flag=True, help="May look after the server.")
@click.option("--language", default="en-US", show_default=True, help="Such as fr-FR.")
@_password_stdin
@click.pass_obj
@told_plainly
def add_user(
    read: ReadConfig, name: str, *, admin: bool, language: str, password_stdin: bool
) -> None:
    """Add a person."""
    accounts = _accounts(read)
    password = _new_password(from_stdin=password_stdin)
    account = accounts.create(name, password, language=language, admin=admin)
    kind = "administrator" if account.admin else "user"
    click.echo(f"added the {kind} {account.name}, who speaks {account.language}")


@user.command("list")
@click.pass_obj
@told_plainly
def list_users(read: ReadConfig) -> None:
    """Show all people."""
    table = Table("id", "name", "language", "administrator", "may sign in")
    for account in _accounts(read).people():
        table.add_row(
            str(account.id),
            account.name,
            account.language,
            "yes" if account.admin else "",
            "yes" if account.active else "no",
        )
    _OUT.print(table)


@user.command("passwd")
@click.argument("name")
@_password_stdin
@click.pass_obj
@told_plainly
def change_password(read: ReadConfig, name: str, *, password_stdin: bool) -> None:
    """Give a person a new password."""
    accounts = _accounts(read)
    accounts.change_password(name, _new_password(from_stdin=password_stdin))
    click.echo(f"{name} has a new password")


@user.command("language")
@click.argument("name")
@click.argument("language")
@click.pass_obj
@told_plainly
def set_language(read: ReadConfig, name: str, language: str) -> None:
    """Change the language a person speaks, such as fr-FR."""
    _accounts(read).set_language(name, language)
    click.echo(f"{name} speaks {language}")


@user.command("disable")
@click.argument("name")
@click.pass_obj
@told_plainly
def disable_user(read: ReadConfig, name: str) -> None:
    """Lock a person out, also where they are signed in."""
    _accounts(read).disable(name)
    click.echo(f"{name} can no longer sign in")


@user.command("enable")
@click.argument("name")
@click.pass_obj
@told_plainly
def enable_user(read: ReadConfig, name: str) -> None:
    """Let a person sign in again."""
    _accounts(read).enable(name)
    click.echo(f"{name} can sign in")


@user.command("delete")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
@told_plainly
def delete_user(read: ReadConfig, name: str, *, yes: bool) -> None:
    """Remove a person and everything that is kept about them."""
    accounts = _accounts(read)
    if not yes:
        click.confirm(f"Remove {name} with all settings?", abort=True)
    accounts.delete(name)
    click.echo(f"{name} is removed")


@user.command("setting")
@click.argument("name")
@click.argument("key", required=False)
@click.argument("value", required=False)
@click.option("--delete", is_flag=True, help="Remove the setting.")
@click.pass_obj
@told_plainly
def user_setting(
    read: ReadConfig, name: str, key: str | None, value: str | None, *, delete: bool
) -> None:
    """Show or change what skills read about a person, such as weather.api_key."""
    accounts = _accounts(read)
    if key is None:
        for known, kept in sorted(accounts.settings(name).items()):
            click.echo(f"{known}={kept}")
    elif delete:
        accounts.delete_setting(name, key)
        click.echo(f"{key} is removed")
    elif value is None:
        kept = accounts.setting(name, key)
        if kept is None:
            raise OperatorError(f"{name} has no setting {key!r}")
        click.echo(kept)
    else:
        accounts.set_setting(name, key, value)
        click.echo(f"{key} is set")


@main.group()
def skills() -> None:
    """What the assistant can do."""


@skills.command("list")
@click.option("--language", help="Show names and descriptions in this language.")
@click.pass_obj
@told_plainly
def list_skills(read: ReadConfig, language: str | None) -> None:
    """Show all skills, and what is wrong with broken ones."""
    from pytlas_wamp.assistant.bodies import plain  # noqa: PLC0415 - pytlas takes half a second

    config = read()
    shelf = _shelf(config)
    spoken = language or config.language
    table = Table("skill", "version", "languages", "intents", "description")
    for skill in shelf.skills:
        meta = skill.meta(spoken[:2])
        table.add_row(
            skill.name if skill.loaded else f"{skill.name} (left out)",
            "" if meta.version == "?.?.?" else str(meta.version),
            ", ".join(skill.languages),
            str(len(skill.intents)),
            plain(str(meta.description)),
        )
    _OUT.print(table)
    broken = _problems_of(shelf)
    for line in broken:
        click.echo(line, err=True)
    if broken:
        sys.exit(1)


def _shelf(config: Config) -> Any:
    from pytlas_wamp.service import load_skills  # noqa: PLC0415 - the same

    return load_skills(config)


def _problems_of(shelf: Any) -> list[str]:
    return [f"skill {one.name}: {problem}" for one in shelf.skills for problem in one.problems]


@main.command()
@click.pass_obj
def check(read: ReadConfig) -> None:
    """Look at the configuration, the database and the skills, and show all problems at once."""
    problems, warnings = _examine(read)
    for warning in warnings:
        click.echo(f"warning: {warning}")
    for problem in problems:
        click.echo(f"problem: {problem}")
    if problems:
        sys.exit(1)
    click.echo("all is well")


def _examine(read: ReadConfig) -> tuple[list[str], Sequence[str]]:
    """All problems, and all warnings."""
    from pytlas_wamp.assistant.interpreters import find_interpreter  # noqa: PLC0415 - the same

    try:
        config = read()
    except ConfigError as error:
        return list(error.problems), ()
    problems: list[str] = []

    def attempt(step: Callable[[], Any]) -> Any:
        try:
            return step()
        except OperatorError as error:
            problems.append(str(error))
            return None

    attempt(lambda: find_interpreter(config.interpreter))
    attempt(lambda: _accounts(lambda: config).people())
    problems.extend(_problems_of(_shelf(config)))
    return problems, config.warnings


@main.command()
@click.argument("url", default="http://127.0.0.1:8000")
@click.option("--name", "-n", help="Who you are; asked for when left out.")
@_password_stdin
@told_plainly
def chat(url: str, name: str | None, *, password_stdin: bool) -> None:
    """Talk to the assistant at URL."""
    from pytlas_wamp.chat import run_chat  # noqa: PLC0415 - the same

    sys.exit(run_chat(url, name=name, password_stdin=password_stdin))
