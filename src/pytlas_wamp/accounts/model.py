"""What an account is, and which names, languages and settings are accepted.

The rules stand here so that every store and every way in (HTTP, command line,
import) applies the same ones.
"""

from __future__ import annotations

import re
import unicodedata
from typing import ClassVar, Literal

from attrs import field, frozen

from pytlas_wamp.errors import OperatorError

MAX_NAME_CHARACTERS = 150  # as the original's user table, so that every account can move over
# A name may be typed longer than it is kept, as NFKC makes one character of up to four (alpha
# with three marks is U+1F82), but of no more. What is longer is refused before it is brought
# into a form: that takes time by the square of the length, for marks, and holds all threads up.
MAX_TYPED_NAME_CHARACTERS = 4 * MAX_NAME_CHARACTERS
MAX_SETTING_KEY_CHARACTERS = 128
# Of other characters than letters and digits, any number in a row becomes one; nobody types more.
MAX_TYPED_SETTING_KEY_CHARACTERS = 4 * MAX_SETTING_KEY_CHARACTERS
MAX_SETTING_VALUE_CHARACTERS = 8192  # a certificate or a long token fits

ChangeKind = Literal["account", "settings", "token", "login", "logins", "keys", "skills"]
LoginKind = Literal["password", "device"]
KeyPurpose = Literal["own", "imported"]

CONFIGURED_KEY = "configured"  # stands in the list of keys for the secret of the configuration


class NameTaken(OperatorError):
    """Another account has this name, or one that it could be mistaken for."""

    code: ClassVar = "name-taken"


class UnknownUser(OperatorError):
    """There is no such account."""

    code: ClassVar = "not-found"


class UnknownLogin(OperatorError):
    """There is no such login, or it is somebody else's."""

    code: ClassVar = "not-found"


class BadName(OperatorError):
    """The name of a person cannot be used."""

    code: ClassVar = "invalid-request"


class BadDisplayName(BadName):
    """What a person wants to be called cannot be shown."""


class BadPassword(OperatorError):
    """The password is empty, too long, or not text."""

    code: ClassVar = "invalid-request"


class WeakPassword(BadPassword):
    """The password is one that others would guess; the text says why."""

    code: ClassVar = "weak-password"


class BadSetting(OperatorError):
    """The key or the value of a setting cannot be used."""

    code: ClassVar = "invalid-request"


class BadLanguage(OperatorError):
    """The language is not written like fr-FR."""

    code: ClassVar = "invalid-request"


class Outdated(OperatorError):
    """Somebody else wrote since what this write is based on was read."""

    code: ClassVar = "precondition-failed"


class LastAdmin(OperatorError):
    """Nobody would be left who may manage others."""

    code: ClassVar = "last-admin"


class TooManyDevices(OperatorError):
    """A person has as many devices as there may be."""

    code: ClassVar = "invalid-request"


class SetupDone(OperatorError):
    """There is or was an account, so that the first one cannot be made any more."""

    code: ClassVar = "setup-done"


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
      display_name: how the person wants to be called; empty when not said.
      created_at: seconds since the epoch; None when it was not written down.
      revision: rises with every write to the account itself, not to its settings.
      settings_revision: rises with every write to the settings.
      plain_tokens: whether tokens are good that belong to no login (older ones, and
        those of the original server). Nobody has such who was added here; whose token it
        is that the original gave to somebody with the same id is then no question.
      original_id: the id the person had in the original server, if they came from there.
    """

    id: int
    name: str
    language: str
    active: bool
    admin: bool
    display_name: str = ""
    created_at: int | None = None
    revision: int = 1
    settings_revision: int = 1
    plain_tokens: bool = True
    original_id: int | None = None


@frozen(kw_only=True)
class Login:
    """Somebody's having signed in once, somewhere; ends as a whole.

    Args:
      id: 1 to 64 characters, of this login only.
      user_id: whose.
      kind: "password" (a pair of tokens that are refreshed) or "device" (one long token).
      client: what signed in, as it called itself; may be empty.
      created_at: seconds since the epoch, as the next two.
      seen_at: when it was last used, to the minute or so.
      expires_at: when it ends by itself.
      address: where it was last used from; None when unknown.
      refresh_id: the id of its only good refresh token; None when it has none.
    """

    id: str
    user_id: int
    kind: LoginKind
    client: str
    created_at: int
    seen_at: int
    address: str | None
    refresh_id: str | None
    expires_at: int


@frozen(kw_only=True)
class LoginBounds:
    """How many logins a person may have, so that no program fills the database (spec 6.11).

    Args:
      passwords: of kind "password". Nobody has this many phones and browsers, but a script
        that signs in every minute, and never refreshes, would have 43,000 in a month. With
        one more the one ends that was unseen for longest.
      devices: of kind "device". A house has fewer, and as each was set up by hand, none
        ends for another: one more is refused.
    """

    passwords: int = 200
    devices: int = 100


@frozen(kw_only=True)
class SigningKey:
    """What tokens are signed with, or were.

    Args:
      kid: its name, as in the header of the tokens.
      secret: None for the one that stands in the configuration.
      purpose: "own", or "imported" from the original server (which only verifies).
      created_at: seconds since the epoch; the newest own one without an end signs.
      expires_at: from when on its tokens are refused; None for no end.
    """

    kid: str
    secret: str | None = field(repr=False)
    purpose: KeyPurpose
    created_at: int
    expires_at: int | None


@frozen(kw_only=True)
class Change:
    """A write that a running server has to take notice of.

    Args:
      id: rises with every change; where to go on reading.
      user_id: whose account, settings, token or logins (the account may be gone by now);
        0 for the kinds "keys" and "skills".
      kind: "account" (made, changed or deleted), "settings", "token" (revoked), "login"
        (ended), "logins" (all ended but one, with every token that belongs to no login),
        "keys" (signing keys) or "skills".
      token_id: which token was revoked; which login ended (None: every token that belongs
        to no login); of "logins" the one that goes on (None: none); None for other kinds.
    """

    id: int
    user_id: int
    kind: ChangeKind
    token_id: str | None


def clean_name(name: str) -> str:
    """Returns a person's name as it is kept: NFKC, without spaces around (spec 6.14).

    Raises:
      BadName: when it is empty, too long, or contains characters that nobody sees.
    """
    typed = name.strip()
    if len(typed) > MAX_TYPED_NAME_CHARACTERS:
        raise BadName(_too_long("name", len(typed), MAX_NAME_CHARACTERS))
    cleaned = unicodedata.normalize("NFKC", typed).strip()
    if not cleaned:
        raise BadName("The name is empty: give it 1 to 150 characters.")
    if len(cleaned) > MAX_NAME_CHARACTERS:
        raise BadName(_too_long("name", len(cleaned), MAX_NAME_CHARACTERS))
    if any(_is_unseen(character) for character in cleaned):
        raise BadName(
            f"The name {cleaned!r} contains control or invisible characters: leave them out."
        )
    return cleaned


def name_key(name: str) -> str:
    """Returns what two names have in common that are told apart by case or form only.

    This is toNFKC_Casefold of the Unicode standard (3.13), but for the invisible
    characters it drops, which `clean_name` refuses. What is beyond the longest name that
    anybody can type does not count.
    """
    typed = unicodedata.normalize("NFD", name[:MAX_TYPED_NAME_CHARACTERS])
    folded = unicodedata.normalize("NFKC", typed.casefold())
    return unicodedata.normalize("NFKC", folded.casefold())


def clean_display_name(name: str) -> str:
    """Returns how a person wants to be called as it is kept: NFC, without spaces around.

    Unlike other names it may be empty, and others may have the same (spec 6.10).

    Raises:
      BadDisplayName: when it is too long, or contains characters that nobody sees.
    """
    typed = name.strip()
    if len(typed) > MAX_TYPED_NAME_CHARACTERS:
        raise BadDisplayName(_too_long("display name", len(typed), MAX_NAME_CHARACTERS))
    cleaned = unicodedata.normalize("NFC", typed).strip()
    if len(cleaned) > MAX_NAME_CHARACTERS:
        raise BadDisplayName(_too_long("display name", len(cleaned), MAX_NAME_CHARACTERS))
    if any(_is_unseen(character) for character in cleaned):
        raise BadDisplayName(
            f"The display name {_shown(cleaned)} contains control or invisible characters: "
            "leave them out."
        )
    return cleaned


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
    typed = key.strip()
    if len(typed) > MAX_TYPED_SETTING_KEY_CHARACTERS:
        raise BadSetting(_too_long("setting's key", len(typed), MAX_SETTING_KEY_CHARACTERS))
    cleaned = _NOT_IN_ENVIRONMENT.sub("_", typed).upper()
    if not cleaned.strip("_"):
        raise BadSetting("The setting's key is empty: write it like weather.api_key.")
    if len(cleaned) > MAX_SETTING_KEY_CHARACTERS:
        raise BadSetting(_too_long("setting's key", len(cleaned), MAX_SETTING_KEY_CHARACTERS))
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


# Not assigned yet, but set aside for one of format.
_UNSEEN_TO_BE = "\u2065"


def _is_unseen(character: str) -> bool:
    # spec/openapi.yaml names those of them that a pattern can (Name, DisplayName).
    return unicodedata.category(character) in _UNSEEN_CATEGORIES or character == _UNSEEN_TO_BE


def _too_long(what: str, characters: int, most: int) -> str:
    return f"The {what} has {characters} characters: it may have {most} at most."


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:40] + "…")  # noqa: PLR2004 - fits a line
