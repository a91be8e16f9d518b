"""`pytlas-wamp login`: where people are signed in."""

from __future__ import annotations

from collections.abc import Sequence

import click

from pytlas_wamp.cli.accounts import open_people
from pytlas_wamp.cli.program import ReadConfig, main, told_plainly
from pytlas_wamp.cli.showing import as_json_option, day, show_json, show_table
from pytlas_wamp.transport.api.person_documents import login_document


@main.group()
def login() -> None:
    """Where people are signed in: on which devices, since when."""


@login.command("list")
@click.argument("name")
@as_json_option
@click.pass_obj
@told_plainly
def list_logins(read: ReadConfig, name: str, *, as_json: bool) -> None:
    """Show where a person is signed in, newest first."""
    accounts = open_people(read)
    logins = accounts.logins(accounts.find(name).id)
    if as_json:
        show_json({"logins": [login_document(one) for one in logins]})
        return
    show_table(
        ("id", "kind", "client", "since", "last seen", "address", "ends"),
        (
            (
                one.id,
                one.kind,
                one.client,
                day(one.created_at),
                day(one.seen_at),
                one.address or "",
                day(one.expires_at),
            )
            for one in logins
        ),
    )


@login.command("revoke")
@click.argument("name")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option(
    "--all", "everywhere", is_flag=True, help="End all, also those of older versions without ID."
)
@as_json_option
@click.pass_obj
@told_plainly
def revoke_logins(
    read: ReadConfig, name: str, ids: Sequence[str], *, everywhere: bool, as_json: bool
) -> None:
    """Sign a person out at once: of the logins with these IDs, or of all."""
    if bool(ids) == everywhere:
        raise click.UsageError("Name the IDs (see `pytlas-wamp login list`), or say --all.")
    accounts = open_people(read)
    user_id = accounts.find(name).id
    if everywhere:
        ended = accounts.end_logins(user_id)
    else:
        for one in ids:
            accounts.end_login(user_id, one)
        ended = len(ids)
    if as_json:
        show_json({"revoked": ended})
    else:
        click.echo(f"{name} is signed out of {ended} login{'' if ended == 1 else 's'}")


@login.command("device")
@click.argument("name")
@click.argument("label")
@as_json_option
@click.pass_obj
@told_plainly
def add_device(read: ReadConfig, name: str, label: str, *, as_json: bool) -> None:
    """Make a token for a device of a person, such as "kitchen", and show it this once."""
    accounts = open_people(read)
    made, token = accounts.add_device(accounts.find(name).id, label)
    if as_json:
        show_json({"login": login_document(made), "token": token})
        return
    click.echo(token)
    click.echo(
        f"pytlas-wamp: whoever has this token is {name}, until {day(made.expires_at)}; it is not "
        f"shown again. To end it: pytlas-wamp login revoke {name} {made.id}",
        err=True,
    )
