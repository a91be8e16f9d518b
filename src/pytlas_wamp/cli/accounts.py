"""`pytlas-wamp user`: people who may sign in."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click
from attrs import frozen

from pytlas_wamp.accounts.model import Account, BadPassword
from pytlas_wamp.cli.program import ReadConfig, main, told_plainly
from pytlas_wamp.cli.showing import as_json_option, day, show_facts, show_json, show_table, yes
from pytlas_wamp.config import Config, prepare_data_dir
from pytlas_wamp.transport.api.person_documents import user_document

password_stdin_option = click.option(
    "--password-stdin",
    is_flag=True,
    help="Read the password from the first line of standard input.",
)


@main.group()
def user() -> None:
    """People who may sign in."""


@frozen(kw_only=True)
class Opened:
    """What commands work on.

    Args:
      config: that of the server.
      secret: with which it signs, unless its database says otherwise.
      accounts: the people.
      store: where they are kept.
    """

    config: Config
    secret: str
    accounts: Any
    store: Any


def open_server(read: ReadConfig) -> Opened:
    """What belongs to the server; closed again when the command ends."""
    # SQLAlchemy and argon2 take half a second: only who needs them waits.
    from pytlas_wamp.service.accounts import make_secret, open_accounts  # noqa: PLC0415

    config = read()
    directory = prepare_data_dir(config, make_secret=make_secret)
    accounts, store = open_accounts(config, directory.secret)
    click.get_current_context().call_on_close(store.close)
    return Opened(config=config, secret=directory.secret, accounts=accounts, store=store)


def open_people(read: ReadConfig) -> Any:
    """The accounts; closed again when the command ends."""
    return open_server(read).accounts


def _tell(account: Account, sentence: str, *, as_json: bool) -> None:
    if as_json:
        show_json(user_document(account))
    else:
        click.echo(sentence)


def _with_password(use: Callable[[str], Any], *, from_stdin: bool, as_json: bool) -> Any:
    """Have a password used; who types it is asked again while it will not do."""
    if from_stdin:
        return use(sys.stdin.readline().rstrip("\r\n"))
    while True:
        # What programs read has nothing but the answer in it.
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=as_json)
        try:
            return use(password)
        except BadPassword as error:
            click.echo(f"pytlas-wamp: {error}", err=True)


@user.command("add")
@click.argument("name")
@click.option("--admin", is_flag=True, help="May look after the server.")
@click.option("--language", default="en-US", show_default=True, help="Such as fr-FR.")
@click.option("--display-name", default="", help="How the person wants to be called.")
@password_stdin_option
@as_json_option
@click.pass_obj
@told_plainly
def add_user(
    read: ReadConfig,
    name: str,
    *,
    admin: bool,
    language: str,
    display_name: str,
    password_stdin: bool,
    as_json: bool,
) -> None:
    """Add a person."""
    accounts = open_people(read)

    account = _with_password(
        lambda password: accounts.create(
            name, password, language=language, admin=admin, display_name=display_name
        ),
        from_stdin=password_stdin,
        as_json=as_json,
    )
    kind = "administrator" if account.admin else "user"
    sentence = f"added the {kind} {account.name}, who speaks {account.language}"
    _tell(account, sentence, as_json=as_json)


@user.command("list")
@as_json_option
@click.pass_obj
@told_plainly
def list_users(read: ReadConfig, *, as_json: bool) -> None:
    """Show all people."""
    people = open_people(read).people()
    if as_json:
        show_json({"users": [user_document(account) for account in people]})
        return
    show_table(
        ("id", "name", "language", "administrator", "may sign in"),
        (
            (
                str(account.id),
                account.name,
                account.language,
                yes(account.admin),
                "yes" if account.active else "no",
            )
            for account in people
        ),
    )


@user.command("show")
@click.argument("name")
@as_json_option
@click.pass_obj
@told_plainly
def show_user(read: ReadConfig, name: str, *, as_json: bool) -> None:
    """Show what is known about a person."""
    accounts = open_people(read)
    account = accounts.find(name)
    if as_json:
        show_json(user_document(account))
        return
    show_facts(
        (
            ("name", account.name),
            ("display name", account.display_name),
            ("id", str(account.id)),
            ("language", account.language),
            ("administrator", "yes" if account.admin else "no"),
            ("may sign in", "yes" if account.active else "no"),
            ("added", day(account.created_at)),
            ("from pytlas-server", yes(account.original_id is not None)),
            ("logins", str(len(accounts.logins(account.id)))),
            ("settings", str(len(accounts.settings_of(account.id)))),
        )
    )


@user.command("change")
@click.argument("name")
@click.option("--name", "new_name", metavar="NAME", help="To sign in with from now on.")
@click.option("--display-name", help="How the person wants to be called.")
@click.option("--language", help="Such as fr-FR.")
@click.option("--admin/--no-admin", default=None, help="May look after the server, or not.")
@click.option("--active/--inactive", default=None, help="May sign in, or not.")
@as_json_option
@click.pass_obj
@told_plainly
def change_user(
    read: ReadConfig, name: str, *, new_name: str | None, as_json: bool, **fields: Any
) -> None:
    """Change what is known about a person, also where they are signed in."""
    changes = {"name": new_name, **fields}
    if all(value is None for value in changes.values()):
        raise click.UsageError("Say what to change, such as --language fr-FR.")
    accounts = open_people(read)
    account = accounts.change(accounts.find(name).id, **changes)
    _tell(account, f"{account.name} is changed", as_json=as_json)


@user.command("passwd")
@click.argument("name")
@password_stdin_option
@as_json_option
@click.pass_obj
@told_plainly
def change_password(read: ReadConfig, name: str, *, password_stdin: bool, as_json: bool) -> None:
    """Give a person a new password, and end all their logins."""
    accounts = open_people(read)
    account = accounts.find(name)
    _with_password(
        lambda password: accounts.change_password(name, password),
        from_stdin=password_stdin,
        as_json=as_json,
    )
    _tell(account, f"{name} has a new password", as_json=as_json)


@user.command("language")
@click.argument("name")
@click.argument("language")
@as_json_option
@click.pass_obj
@told_plainly
def set_language(read: ReadConfig, name: str, language: str, *, as_json: bool) -> None:
    """Change the language a person speaks, such as fr-FR."""
    accounts = open_people(read)
    accounts.set_language(name, language)
    _tell(accounts.find(name), f"{name} speaks {language}", as_json=as_json)


@user.command("disable")
@click.argument("name")
@as_json_option
@click.pass_obj
@told_plainly
def disable_user(read: ReadConfig, name: str, *, as_json: bool) -> None:
    """Lock a person out, also where they are signed in."""
    accounts = open_people(read)
    accounts.disable(name)
    _tell(accounts.find(name), f"{name} can no longer sign in", as_json=as_json)


@user.command("enable")
@click.argument("name")
@as_json_option
@click.pass_obj
@told_plainly
def enable_user(read: ReadConfig, name: str, *, as_json: bool) -> None:
    """Let a person sign in again."""
    accounts = open_people(read)
    accounts.enable(name)
    _tell(accounts.find(name), f"{name} can sign in", as_json=as_json)


@user.command("delete")
@click.argument("name")
@click.option("--yes", "sure", is_flag=True, help="Do not ask.")
@as_json_option
@click.pass_obj
@told_plainly
def delete_user(read: ReadConfig, name: str, *, sure: bool, as_json: bool) -> None:
    """Remove a person and everything that is kept about them."""
    accounts = open_people(read)
    account = accounts.find(name)
    if not sure:
        click.confirm(f"Remove {name} with all settings?", abort=True, err=as_json)
    accounts.delete(name)
    _tell(account, f"{name} is removed", as_json=as_json)
