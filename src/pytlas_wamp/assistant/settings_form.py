"""A form for a user's settings, made of what the skills' metadata says about them.

pytlas keeps every setting as text, under the name of an environment variable, and a
skill reads it with the getter of the type it expects (`getint`, `getlist`, ...). Here
that text becomes a value of JSON and back, so that what a person enters is what the
skill's getter returns. Metadata is written by skill authors: whatever it holds, it
never raises.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from configparser import ConfigParser
from pathlib import PurePath
from typing import Any, Final, Literal, Protocol, get_origin

from attrs import evolve, frozen

from pytlas_wamp import compat
from pytlas_wamp.assistant.secret_settings import is_secret, is_secret_text

compat.import_pytlas()

from pytlas.settings import CONFIG, stringify, to_env_key  # noqa: E402 - after compat

SettingType = Literal["string", "integer", "number", "boolean", "list", "path"]
Source = Literal["environment", "file", "default"]
Json = str | int | float | bool | list[Any] | dict[str, Any] | None

# bool before int: it is a kind of int.
_TYPES: Final[tuple[tuple[type, SettingType], ...]] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (list, "list"),
    (PurePath, "path"),
)
# What other programs keep in a machine word, and Python prints without a limit of digits.
_LARGEST_INTEGER: Final = 2**63 - 1


class _Described(Protocol):
    """A skill, as far as its settings go."""

    @property
    def name(self) -> str:
        """Its package."""

    def meta(self, language: str) -> Any:
        """Its metadata."""


@frozen(kw_only=True)
class SettingField:
    """One field of the form.

    Args:
      key: as it is kept, such as `WEATHER_API_KEY`.
      section: as the skill names it; None for a setting that no skill declares.
      name: the same.
      type: what kind of value the skill reads; `path` is text for `getpath`.
      description: in the user's language, as far as the skill has one.
      secret: whether the value must never be shown again.
      skills: the packages that declare it.
    """

    key: str
    section: str | None = None
    name: str | None = None
    type: SettingType = "string"
    description: str = ""
    secret: bool = False
    skills: tuple[str, ...] = ()


def fields(skills: Iterable[_Described], language: str) -> list[SettingField]:
    """The fields for all settings that skills declare, in the order they declare them.

    What several skills declare is one field: the first one describes it, and where their
    types differ, it is a string.

    Args:
      skills: those that take part.
      language: of the descriptions, two letters.
    """
    found: dict[str, SettingField] = {}
    for skill in skills:
        for field in _declared(skill, language):
            known = found.get(field.key)
            found[field.key] = field if known is None else _merged(known, field)
    return list(found.values())


def free_field(key: str) -> SettingField:
    """The field of a setting that no skill declares; any text will do.

    Args:
      key: as it is kept, such as `WEATHER_API_KEY`.
    """
    return SettingField(key=key, secret=is_secret(key))


def to_text(field: SettingField | None, value: Json) -> str:
    """The text that is kept for a value, as pytlas itself would write it.

    Args:
      field: None stands for a free setting.
      value: of JSON.

    Raises:
      ValueError: it is not of the field's type; the text goes after the field's name, as
        in "must be a whole number, not a string". It never holds the value.
    """
    return _WRITERS[_type_of(field)](value)


def to_json(field: SettingField | None, text: str) -> Json:
    """The value that a kept text stands for, as the skill's getter would return it.

    Args:
      field: None stands for a free setting.
      text: one that cannot be read as the field's type is returned as it is.
    """
    try:
        return _READERS[_type_of(field)](text)
    except ValueError:
        return text


def setting_document(
    field: SettingField, text: str | None, *, reveal: bool = False
) -> dict[str, Any]:
    """What people are told about a setting, ready for JSON (spec 6.12).

    Args:
      field: describes it.
      text: the value that is kept or in force, None when there is none.
      reveal: whether the value is told even if it is secret, or holds a password.
    """
    secret = field.secret or (text is not None and is_secret_text(text))
    document = {
        "key": field.key,
        "section": field.section,
        "name": field.name,
        "type": field.type,
        "description": field.description,
        "secret": secret,
        "skills": list(field.skills),
        "set": text is not None,
    }
    if secret and not reveal:
        return document
    return {**document, "value": None if text is None else to_json(field, text)}


def parse_text(field: SettingField | None, text: str) -> str:
    """The text that is kept for what somebody typed.

    Args:
      field: None stands for a free setting.
      text: `yes` for a boolean, `one, two` for a list, and so on.

    Raises:
      ValueError: as `to_text`.
    """
    kind = _type_of(field)
    if kind in ("string", "path"):
        return text
    if kind == "list":
        return _list_text([item.strip() for item in text.split(",")] if text.strip() else [])
    try:
        value = _READERS[kind](text.strip())
    except ValueError:
        raise ValueError(_EXPECTED[kind]) from None
    return to_text(field, value)


def server_value(
    field: SettingField, *, environ: Mapping[str, str], store: Any = CONFIG
) -> tuple[Source, str | None]:
    """What a skill finds for a user who has not set the field, and where.

    Args:
      field: for a free one nothing is looked up, for its key may be any variable of the
        server's environment, such as that of a secret.
      environ: the environment of the server.
      store: pytlas' settings.

    Returns:
      the source and the text; None when there is none, and the skill uses its default.
    """
    if field.section is None or field.name is None:
        return "default", None
    if field.key in environ:
        return "environment", environ[field.key]
    config: ConfigParser = store.config
    text = config.get(field.section, field.name, fallback=None)
    return ("default", None) if text is None else ("file", text)


def _type_of(field: SettingField | None) -> SettingType:
    return "string" if field is None else field.type


# What skills declare


def _declared(skill: _Described, language: str) -> Iterator[SettingField]:
    try:
        settings = list(skill.meta(language).settings)
    except Exception:  # noqa: BLE001 - metadata may be anything
        return
    for setting in settings:
        try:
            yield _field_of(setting, skill.name)
        except Exception:  # noqa: BLE001, S112 - a setting may be anything as well
            continue


def _field_of(setting: Any, skill: str) -> SettingField:
    section, name = str(setting.section), str(setting.name)
    return SettingField(
        key=to_env_key(section, name),
        section=_whole(section),
        name=_whole(name),
        type=_kind_of(setting.type),
        description=_whole(str(setting.description or "")),
        secret=is_secret(name),
        skills=(skill,),
    )


def _kind_of(declared: Any) -> SettingType:
    kind = get_origin(declared) or declared
    if isinstance(kind, type):
        for known, name in _TYPES:
            if issubclass(kind, known):
                return name
    return "string"


def _whole(text: str) -> str:
    """Text without halves of characters: JSON in UTF-8 cannot hold them."""
    return text.encode(errors="replace").decode()


def _merged(known: SettingField, other: SettingField) -> SettingField:
    return evolve(
        known,
        type=known.type if known.type == other.type else "string",
        secret=known.secret or other.secret,
        skills=tuple(dict.fromkeys((*known.skills, *other.skills))),
    )


# Values of JSON and texts


def _string_text(value: Any) -> str:
    return value if isinstance(value, str) else _refuse("string", value)


def _integer_text(value: Any) -> str:
    whole = isinstance(value, float) and value.is_integer()
    if isinstance(value, bool) or not (isinstance(value, int) or whole):
        return _refuse("integer", value)
    if abs(value) > _LARGEST_INTEGER:
        raise ValueError(f"must be between -{_LARGEST_INTEGER} and {_LARGEST_INTEGER}")
    return stringify(int(value))


def _number_text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _refuse("number", value)
    try:
        finite = math.isfinite(value)
    except OverflowError:
        finite = False
    if not finite:
        raise ValueError("must be a finite number")
    return stringify(float(value))


def _boolean_text(value: Any) -> str:
    return stringify(value) if isinstance(value, bool) else _refuse("boolean", value)


def _list_text(value: Any) -> str:
    if not isinstance(value, list):
        return _refuse("list", value)
    for number, item in enumerate(value, 1):
        if not isinstance(item, str):
            raise ValueError(  # noqa: TRY004 - one kind of error for callers
                f"must be a list of strings; item {number} is {_called(item)}"
            )
        if not item:
            raise ValueError(f"must be a list without empty strings; item {number} is one")
        if "," in item:
            raise ValueError(f"must be a list of strings without commas; item {number} has one")
    return stringify(value)


def _refuse(kind: SettingType, value: Any) -> str:
    raise ValueError(f"{_EXPECTED[kind]}, not {_called(value)}")


def _called(value: Any) -> str:
    for kinds, name in _NAMES:
        if isinstance(value, kinds):
            return name
    return "an object"


def _read_boolean(text: str) -> bool:
    try:
        return ConfigParser.BOOLEAN_STATES[text.lower()]
    except KeyError:
        raise ValueError from None


def _read_number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number


def _read_list(text: str) -> Sequence[str]:
    return text.split(",") if text else []


_EXPECTED: Final[Mapping[SettingType, str]] = {
    "string": "must be a string",
    "path": "must be a string",
    "integer": "must be a whole number",
    "number": "must be a number",
    "boolean": "must be true or false",
    "list": "must be a list of strings",
}
_NAMES: Final[tuple[tuple[Any, str], ...]] = (
    (str, "a string"),
    (bool, "a boolean"),
    (int | float, "a number"),
    (list, "a list"),
    (type(None), "null"),
)
_WRITERS: Final[Mapping[SettingType, Any]] = {
    "string": _string_text,
    "path": _string_text,
    "integer": _integer_text,
    "number": _number_text,
    "boolean": _boolean_text,
    "list": _list_text,
}
_READERS: Final[Mapping[SettingType, Any]] = {
    "string": str,
    "path": str,
    "integer": int,
    "number": _read_number,
    "boolean": _read_boolean,
    "list": _read_list,
}
