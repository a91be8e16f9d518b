"""Settings as forms, made of what skills declare (spec 6.12).

They are behind `/api/me/settings` and `/api/users/{id}/settings`. A secret is
written and deleted, but never told; what is the server's own is told to
administrators only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from attrs import evolve, frozen

from pytlas_wamp.accounts.accounts import Accounts
from pytlas_wamp.accounts.model import (
    MAX_SETTING_KEY_CHARACTERS,
    Account,
    BadSetting,
    setting_key,
    setting_value,
)
from pytlas_wamp.assistant.settings_form import SettingField, free_field, setting_document, to_text
from pytlas_wamp.errors import ClientError
from pytlas_wamp.transport.api.calls import Call
from pytlas_wamp.transport.api.doors import Access, Doors, Routes
from pytlas_wamp.transport.api.objects import invalid
from pytlas_wamp.transport.api.people import person_of
from pytlas_wamp.transport.api.preconditions import etag
from pytlas_wamp.transport.replies import Reply, json_reply, no_content

# The command line is more generous; an address is written by programs.
_KEY = re.compile(r"_*[A-Za-z][0-9A-Za-z_.-]*")
_KIND: Final = "s"
# What may be told to people: what they have set, and that nobody has set anything.
_PUBLIC: Final = frozenset({"user", "default"})


@frozen(kw_only=True)
class SettingsPatch:
    """The body of PATCH /api/me/settings."""

    settings: dict[str, Any]


@frozen(kw_only=True)
class SettingValue:
    """The body of PUT /api/me/settings/{key}."""

    value: Any


@frozen(kw_only=True)
class Settings:
    """The functions behind the addresses that end with `/settings` or a setting's key.

    Args:
      doors: lets people in.
      accounts: keeps what people have set; blocks.
      declared: the fields of all skills, described in a language of two letters; blocks.
      server_value: where a skill finds a value that the user has not set, and which; blocks.
    """

    doors: Doors
    accounts: Accounts
    declared: Callable[[str], Sequence[SettingField]]
    server_value: Callable[[SettingField], tuple[str, str | None]]

    def routes(self) -> Routes:
        """Returns each path with what it does."""
        form = {"GET": self._list, "PATCH": self._change}
        one = {"GET": self._show, "PUT": self._set, "DELETE": self._unset}
        door = self.doors.blocking
        return {
            "/api/me/settings": door(Access.PERSON, form),
            "/api/me/settings/{key}": door(Access.PERSON, one),
            "/api/users/{id}/settings": door(Access.HIDDEN, form),
            "/api/users/{id}/settings/{key}": door(Access.HIDDEN, one),
        }

    def _list(self, call: Call) -> Reply:
        person = person_of(call, self.accounts)
        return self._form(call, person.id, person.settings_revision)

    def _change(self, call: Call) -> Reply:
        person = person_of(call, self.accounts)
        given = call.read(SettingsPatch).settings
        known = self._fields(call)
        texts: dict[str, str | None] = {}
        for name, value in given.items():
            place = f"settings.{name}"
            key = _key(name, place)
            if key in texts:
                raise invalid(place, f"is there twice, as {key}: send it once")
            texts[key] = None if value is None else _text(known.get(key), value, place)
        return self._form(call, person.id, self._write(call, person, texts))

    def _show(self, call: Call) -> Reply:
        key = _key(call.parameters["key"], "key")
        person = person_of(call, self.accounts)
        values, known = self.accounts.settings_of(person.id), self._fields(call)
        if key not in values and key not in known:
            raise _not_set(key)
        return self._one(call, known, key, values.get(key), person.settings_revision)

    def _set(self, call: Call) -> Reply:
        key = _key(call.parameters["key"], "key")
        person, known = person_of(call, self.accounts), self._fields(call)
        text = _text(known.get(key), call.read(SettingValue).value, "value")
        return self._one(call, known, key, text, self._write(call, person, {key: text}))

    def _unset(self, call: Call) -> Reply:
        key = _key(call.parameters["key"], "key")
        person = person_of(call, self.accounts)
        if key not in self.accounts.settings_of(person.id):
            raise _not_set(key)
        self._write(call, person, {key: None})
        return no_content()

    def _write(self, call: Call, person: Account, texts: Mapping[str, str | None]) -> int:
        expected = call.expected(_KIND, person.settings_revision)
        admin = call.caller.id if "id" in call.parameters else None
        return self.accounts.change_settings(person.id, texts, if_revision=expected, by=admin)

    def _fields(self, call: Call) -> dict[str, SettingField]:
        return {field.key: field for field in self.declared(call.caller.language[:2].lower())}

    def _form(self, call: Call, user_id: int, revision: int) -> Reply:
        # The revision is older than the values or as old: a write that came between them is
        # then refused, rather than lost.
        values, known = self.accounts.settings_of(user_id), self._fields(call)
        shown = [
            self._document(call, known.get(key) or free_field(key), values.get(key))
            for key in sorted({*known, *values})
        ]
        return _tagged({"settings": shown}, revision)

    def _one(
        self,
        call: Call,
        known: Mapping[str, SettingField],
        key: str,
        text: str | None,
        revision: int,
    ) -> Reply:
        document = self._document(call, known.get(key) or free_field(key), text)
        return _tagged(document, revision)

    def _document(self, call: Call, field: SettingField, text: str | None) -> dict[str, Any]:
        source, present = ("user", text) if text is not None else self.server_value(field)
        document = {**setting_document(field, present), "source": source}
        if not call.caller.admin and source not in _PUBLIC:
            document.pop("value", None)
        return document


def _key(name: str, place: str) -> str:
    if _KEY.fullmatch(name) is None or len(name) > MAX_SETTING_KEY_CHARACTERS:
        raise invalid(
            place,
            f"has to be a key such as weather.api_key or WEATHER_API_KEY, "
            f"of {MAX_SETTING_KEY_CHARACTERS} characters at most",
        )
    try:
        return setting_key(name)
    except BadSetting as error:
        raise ClientError(error.code, str(error), field=place) from error


def _text(field: SettingField | None, value: Any, place: str) -> str:
    try:
        return setting_value(to_text(field, value))
    except ValueError as error:
        raise invalid(place, str(error)) from None
    except BadSetting as error:
        raise ClientError(error.code, str(error), field=place) from error


def _not_set(key: str) -> ClientError:
    return ClientError("not-found", f"There is no setting {key}.")


def _tagged(document: Mapping[str, Any], revision: int) -> Reply:
    return evolve(json_reply(document), headers={"ETag": etag(_KIND, revision)})
