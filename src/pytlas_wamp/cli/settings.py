"""`pytlas-wamp user setting`: what skills read about a person."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Any

import click

from pytlas_wamp.accounts.model import BadSetting, setting_key
from pytlas_wamp.cli.accounts import Opened, open_server, user
from pytlas_wamp.cli.program import ReadConfig, told_plainly
from pytlas_wamp.cli.showing import as_json_option, show_json, show_table, yes
from pytlas_wamp.errors import OperatorError


@user.command("setting")
@click.argument("name")
@click.argument("key", required=False)
@click.argument("value", required=False)
@click.option("--delete", is_flag=True, help="Remove the setting.")
@click.option("--stdin", is_flag=True, help="Read the value from the first line of standard input.")
@click.option("--free", is_flag=True, help="Take any value, whatever skills say about it.")
@click.option("--reveal", is_flag=True, help="Show passwords and the like too.")
@click.option("--all", "everything", is_flag=True, help="Also show what could be set.")
@as_json_option
@click.pass_obj
@told_plainly
def user_setting(
    read: ReadConfig,
    name: str,
    key: str | None,
    value: str | None,
    *,
    delete: bool,
    stdin: bool,
    free: bool,
    reveal: bool,
    everything: bool,
    as_json: bool,
) -> None:
    """Show or change what skills read about a person, such as weather.api_key."""
    if key is None and (delete or stdin):
        raise click.UsageError("Name the setting, such as weather.api_key.")
    opened = open_server(read)
    if stdin:
        value = sys.stdin.readline().rstrip("\r\n")
    if key is None:
        _list(opened, name, everything=everything, reveal=reveal, as_json=as_json)
    elif delete:
        opened.accounts.delete_setting(name, key)
        _tell(_field(opened, key, free=True), None, f"{key} is removed", as_json=as_json)
    elif value is None:
        _show(opened, name, key, reveal=reveal, as_json=as_json)
    else:
        field = _field(opened, key, free=free)
        text = _checked(field, value)
        opened.accounts.set_setting(name, key, text)
        _tell(field, text, f"{key} is set", as_json=as_json)


def _list(opened: Opened, name: str, *, everything: bool, reveal: bool, as_json: bool) -> None:
    values = opened.accounts.settings(name)
    if everything:
        _list_form(opened, values, reveal=reveal, as_json=as_json)
        return
    fields = [_field(opened, key, free=True) for key in sorted(values)]
    if as_json:
        shown = [_document(field, values[field.key], reveal=reveal) for field in fields]
        show_json({"settings": shown})
        return
    for field in fields:
        hidden = field.secret and not reveal
        click.echo(f"{field.key} is set" if hidden else f"{field.key}={values[field.key]}")


def _list_form(opened: Opened, values: dict[str, str], *, reveal: bool, as_json: bool) -> None:
    """Show all that skills declare, and what is set besides."""
    from pytlas_wamp.assistant.settings_form import free_field, server_value  # noqa: PLC0415 - slow

    declared = _declared(opened)
    documents = []
    for key in sorted({*declared, *values}):
        field = declared.get(key) or free_field(key)
        source, text = (
            ("user", values[key]) if key in values else server_value(field, environ=os.environ)
        )
        documents.append({**_document(field, text, reveal=reveal), "source": source})
    if as_json:
        show_json({"settings": documents})
        return
    show_table(
        ("setting", "type", "value", "from", "skills", "description"),
        ([_cell(document, column) for column in _COLUMNS] for document in documents),
    )


_COLUMNS = ("key", "type", "value", "source", "skills", "description")


def _cell(document: dict[str, Any], column: str) -> str:
    if column == "value" and "value" not in document:
        return "set" if document["set"] else ""
    value = document[column]
    if isinstance(value, bool):
        return yes(value) or "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(_or_nothing(value))


def _or_nothing(value: object) -> object:
    return "" if value is None else value


def _show(opened: Opened, name: str, key: str, *, reveal: bool, as_json: bool) -> None:
    kept = opened.accounts.setting(name, key)
    if kept is None:
        raise OperatorError(f"{name} has no setting {key!r}")
    field = _field(opened, key, free=True)
    if as_json:
        show_json(_document(field, kept, reveal=reveal))
    else:
        click.echo(f"{field.key} is set" if field.secret and not reveal else kept)


def _tell(field: Any, text: str | None, sentence: str, *, as_json: bool) -> None:
    if as_json:
        show_json(_document(field, text, reveal=False))
    else:
        click.echo(sentence)


def _field(opened: Opened, key: str, *, free: bool) -> Any:
    """What is known about a setting; skills are asked unless anything will do."""
    from pytlas_wamp.assistant.settings_form import free_field  # noqa: PLC0415 - pytlas is slow

    cleaned = setting_key(key)
    declared = {} if free else _declared(opened)
    return declared.get(cleaned) or free_field(cleaned)


def _declared(opened: Opened) -> dict[str, Any]:
    from pytlas_wamp.assistant.settings_form import fields  # noqa: PLC0415 - the same
    from pytlas_wamp.cli.skills import load_shelf  # noqa: PLC0415 - it knows this module

    shelf = load_shelf(opened.config)
    loaded: Iterable[Any] = (skill for skill in shelf.skills if skill.loaded)
    return {field.key: field for field in fields(loaded, opened.config.language[:2])}


def _checked(field: Any, value: str) -> str:
    from pytlas_wamp.assistant.settings_form import parse_text  # noqa: PLC0415 - the same

    try:
        return parse_text(field, value)
    except ValueError as error:
        raise BadSetting(f"{field.key} {error}") from error


def _document(field: Any, text: str | None, *, reveal: bool) -> dict[str, Any]:
    """What the API tells about a setting; secrets only when they are asked for."""
    from pytlas_wamp.assistant.settings_form import setting_document  # noqa: PLC0415 - the same

    return setting_document(field, text, reveal=reveal)
