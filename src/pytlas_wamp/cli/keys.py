"""`pytlas-wamp key`: what tokens are signed with."""

from __future__ import annotations

import time
from typing import Any

import click

from pytlas_wamp.accounts.model import CONFIGURED_KEY, SigningKey
from pytlas_wamp.cli.accounts import open_people
from pytlas_wamp.cli.program import ReadConfig, main, told_plainly
from pytlas_wamp.cli.showing import as_json_option, day, show_json, show_table
from pytlas_wamp.transport.api.times import written_time


@main.group()
def key() -> None:
    """What tokens are signed with."""


@key.command("list")
@as_json_option
@click.pass_obj
@told_plainly
def list_keys(read: ReadConfig, *, as_json: bool) -> None:
    """Show the keys, newest first, but not what is in them."""
    keys = _with_configured(open_people(read).keys())
    signing = next(one for one in keys if _could_sign(one))
    if as_json:
        show_json({"keys": [_document(one, signs=one is signing) for one in keys]})
        return
    show_table(
        ("id", "state", "made for", "since", "ends"),
        (
            (
                one.kid,
                _state(one, signs=one is signing),
                _PURPOSES[one.purpose],
                day(one.created_at or None),
                day(one.expires_at),
            )
            for one in keys
        ),
    )


_PURPOSES = {"own": "this server", "imported": "pytlas-server"}


def _with_configured(keys: list[SigningKey]) -> list[SigningKey]:
    """All keys: until the first rotation that of the configuration is not written down."""
    if any(_could_sign(one) for one in keys):
        return keys
    configured = SigningKey(
        kid=CONFIGURED_KEY, secret=None, purpose="own", created_at=0, expires_at=None
    )
    return [configured, *keys]


def _could_sign(one: SigningKey) -> bool:
    return one.purpose == "own" and one.expires_at is None


def _state(one: SigningKey, *, signs: bool) -> str:
    if signs:
        return "signs"
    expired = one.expires_at is not None and one.expires_at <= time.time()
    return "expired" if expired else "verifies"


def _document(one: SigningKey, *, signs: bool) -> dict[str, Any]:
    return {
        "id": one.kid,
        "purpose": one.purpose,
        "state": _state(one, signs=signs),
        "created_at": written_time(one.created_at or None),
        "expires_at": written_time(one.expires_at),
    }


@key.command("rotate")
@click.option(
    "--at-once",
    is_flag=True,
    help="Refuse the tokens of older keys now, because one got into wrong hands;"
    " everybody has to sign in again.",
)
@as_json_option
@click.pass_obj
@told_plainly
def rotate_key(read: ReadConfig, *, at_once: bool, as_json: bool) -> None:
    """Sign with a new key from now on; tokens of older keys are good until they expire."""
    accounts = open_people(read)
    made = accounts.rotate_key(at_once=at_once)
    if as_json:
        show_json(_document(made, signs=True))
        return
    click.echo(f"tokens are signed with the new key {made.kid}")
    if at_once:
        click.echo("all older tokens are refused: people have to sign in again")
        return
    keys = accounts.keys()
    ends = max((one.expires_at or 0 for one in keys if one.purpose == "own"), default=0)
    click.echo(f"those of older keys are accepted until they expire, {day(ends)} at the latest")
