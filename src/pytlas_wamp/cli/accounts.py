"""`pytlas-wamp user`: people who may sign in."""

from __future__ import annotations

import sys
from typing import Any

import click
from rich.table import Table

from pytlas_wamp.cli.program import OUT, ReadConfig, main, told_plainly
from pytlas_wamp.config import prepare_data_dir
from pytlas_wamp.errors import OperatorError

password_stdin_option = click.option(
    "--password-stdin",
    is_flag=True,
    help="Read the password from the first line of standard input.",
)


@main.group()
def user() -> None:
    """People who may sign in."""


def open_people(read: ReadConfig) -> Any:
    """The accounts; closed again when the command ends."""
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


@user.command("add")
@click.argument("name")
@click.option("--admin", is_flag=True, help="May look after the server.")
@click.option("--language", default="en-US", show_default=True, help="Such as fr-FR.")
@password_stdin_option
@click.pass_obj
@told_plainly
def add_user(
    read: ReadConfig, name: str, *, admin: bool, language: str, password_stdin: bool
) -> None:
    """Add a person."""
    accounts = open_people(read)
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
    for account in open_people(read).people():
        table.add_row(
            str(account.id),
            account.name,
            account.language,
            "yes" if account.admin else "",
            "yes" if account.active else "no",
        )
    OUT.print(table)


@user.command("passwd")
@click.argument("name")
@password_stdin_option
@click.pass_obj
@told_plainly
def change_password(read: ReadConfig, name: str, *, password_stdin: bool) -> None:
    """Give a person a new password."""
    accounts = open_people(read)
    accounts.change_password(name, _new_password(from_stdin=password_stdin))
    click.echo(f"{name} has a new password")


@user.command("language")
@click.argument("name")
@click.argument("language")
@click.pass_obj
@told_plainly
def set_language(read: ReadConfig, name: str, language: str) -> None:
    """Change the language a person speaks, such as fr-FR."""
    open_people(read).set_language(name, language)
    click.echo(f"{name} speaks {language}")


@user.command("disable")
@click.argument("name")
@click.pass_obj
@told_plainly
def disable_user(read: ReadConfig, name: str) -> None:
    """Lock a person out, also where they are signed in."""
    open_people(read).disable(name)
    click.echo(f"{name} can no longer sign in")


@user.command("enable")
@click.argument("name")
@click.pass_obj
@told_plainly
def enable_user(read: ReadConfig, name: str) -> None:
    """Let a person sign in again."""
    open_people(read).enable(name)
    click.echo(f"{name} can sign in")


@user.command("delete")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
@told_plainly
def delete_user(read: ReadConfig, name: str, *, yes: bool) -> None:
    """Remove a person and everything that is kept about them."""
    accounts = open_people(read)
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
    accounts = open_people(read)
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
