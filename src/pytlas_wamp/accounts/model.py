"""What an account is, and which names, languages and settings are accepted.

The rules stand here so that every store and every way in (HTTP, command line,
import) applies the same ones.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from attrs import frozen

from pytlas_wamp.errors import OperatorError

MAX_NAME_CHARACTERS = 150  # as the original's user table, so that every account can move over
MAX_SETTING_KEY_CHARACTERS = 128
MAX_SETTING_VALUE_CHARACTERS = 8192  # a certificate or a long token fits

ChangeKind = Literal["account", "settings", "token"]


class NameTaken(OperatorError):
    """Another account has this name, or one that differs only by case."""


class UnknownUser(OperatorError):
    """There is no such account."""


class BadName(OperatorError):
    """The name of a person cannot be used."""


class BadPassword(OperatorError):
    """The password is empty, too long, or not text."""


class BadSetting(OperatorError):
    """The key or the value of a setting cannot be used."""


class BadLanguage(OperatorError):
    """The language is not written like fr-FR."""


class StoreBroken(OperatorError):
    """The database cannot be used; the text names it and says what to do."""


@frozen(kw_only=True)
class Account:
    """A person who may sign in.

    Args:
      id: never given to somebody else later, also when the account is deleted.
      name: as typed, trimmed and in Unicode form NFKC.
      language: as typed, e.g. "fr-FR" or "fr_FR".
      active: whether the person may sign in.
      admin: whether the person may manage others.
    """

    id: int
    name: str
    language: str
    active: bool
    admin: bool


@frozen(kw_only=True)
class Change:
    """A write that a running server has to take notice of.

    Args:
      id: rises with every change; where to go on reading.
      user_id: whose account, settings or token; the account may be gone by now.
      kind: "account" (made, changed or deleted), "settings" or "token" (revoked).
      token_id: which token was revoked; None for the other kinds.
    """

    id: int
    user_id: int
    kind: ChangeKind
    token_id: str | None


def clean_name(name: str) -> str:
    """Returns a person's name as it is kept: NFKC, without spaces around.

    Raises:
      BadName: when it is empty, too long, or contains characters that nobody sees.
    """
    cleaned = unicodedata.normalize("NFKC", name).strip()
    if not cleaned:
        raise BadName("The name is empty: give it 1 to 150 characters.")
    if len(cleaned) > MAX_NAME_CHARACTERS:
        raise BadName(
            f"The name has {len(cleaned)} characters: it may have {MAX_NAME_CHARACTERS} at most."
        )
    if any(_is_unseen(character) for character in cleaned):
        raise BadName(
            f"The name {cleaned!r} contains control or invisible characters: leave them out."
        )
    return cleaned


def name_key(name: str) -> str:
    """Returns what two names have in common that are told apart by case or form only.

    This is toNFKC_Casefold of the Unicode standard (3.13), but for the invisible
    characters it drops, which `clean_name` refuses.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFD", name).casefold())
    return unicodedata.normalize("NFKC", folded.casefold())


def clean_language(language: str) -> str:
    """Returns the language as typed, without spaces around.

    Raises:
      BadLanguage: when it is not a two-letter language with an optional region.
    """
    cleaned = language.strip()
    if _LANGUAGE.fullmatch(cleaned) is None:
        raise BadLanguage(
            f"The language {_shown(cleaned)} is not valid: write it like fr-FR, fr_FR or fr."
        )
    return cleaned


def setting_key(key: str) -> str:
    """Returns the environment form of a setting's key: WEATHER_API_KEY for weather.api_key.

    It is the form under which pytlas looks a setting up; like pytlas, runs of
    other characters become a single underscore.

    Raises:
      BadSetting: when the key is empty, reserved, too long or begins with a digit.
    """
    cleaned = _NOT_IN_ENVIRONMENT.sub("_", key.strip()).upper()
    if not cleaned.strip("_"):
        raise BadSetting("The setting's key is empty: write it like weather.api_key.")
    if len(cleaned) > MAX_SETTING_KEY_CHARACTERS:
        raise BadSetting(
            f"The setting's key has {len(cleaned)} characters: "
            f"it may have {MAX_SETTING_KEY_CHARACTERS} at most."
        )
    if cleaned[0].isdigit():
        raise BadSetting(
            f"The setting's key {cleaned} begins with a digit: begin it with a letter."
        )
    if cleaned == _RESERVED_KEY:
        # Skills find the person's id under this name; the original let a setting replace it.
        raise BadSetting("The setting's key UID is reserved for the person's id: choose another.")
    return cleaned


def setting_value(value: str) -> str:
    """Returns the value of a setting unchanged when it can be kept.

    Raises:
      BadSetting: when it is too long, or not text that a database can hold.
    """
    if len(value) > MAX_SETTING_VALUE_CHARACTERS:
        raise BadSetting(
            f"The setting's value has {len(value)} characters: "
            f"it may have {MAX_SETTING_VALUE_CHARACTERS} at most."
        )
    if "\0" in value or _SURROGATE.search(value):
        raise BadSetting("The setting's value contains a NUL or half a character: leave it out.")
    return value


_LANGUAGE = re.compile(r"[A-Za-z]{2}(?:[-_](?:[A-Za-z]{2}|[0-9]{3}))?")
_NOT_IN_ENVIRONMENT = re.compile(r"[^0-9A-Za-z]+")
_RESERVED_KEY = "UID"
_SURROGATE = re.compile("[\ud800-\udfff]")

# Control, format (zero width, direction), half characters, line and paragraph separators:
# with them two names could look the same.
_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in _UNSEEN_CATEGORIES


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:40] + "…")  # noqa: PLR2004 - fits a line
