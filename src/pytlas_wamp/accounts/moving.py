"""Moves people over from the original server (docs/how-to/move-from-pytlas-server.md).

It adds what is missing here.

What was moved once is not touched again, so that the move can be repeated as often as
needed: people who joined the original meanwhile, and their settings, come over then.
"""

from __future__ import annotations

import hashlib
import unicodedata
from itertools import count
from typing import TYPE_CHECKING, Final, Literal

from attrs import frozen

from pytlas_wamp.accounts.lookalikes import name_skeleton
from pytlas_wamp.accounts.model import (
    MAX_NAME_CHARACTERS,
    BadLanguage,
    BadName,
    BadSetting,
    NameTaken,
    SigningKey,
    clean_language,
    name_key,
    setting_key,
    setting_value,
)
from pytlas_wamp.accounts.original import presentable
from pytlas_wamp.accounts.passwords import is_imported
from pytlas_wamp.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pytlas_wamp.accounts.model import Account
    from pytlas_wamp.accounts.original import OriginalPerson
    from pytlas_wamp.accounts.store import AccountStore

Outcome = Literal["added", "already here", "left out"]

# Stands for a password that nobody can type, as in Django; it is the hash of nothing.
NO_PASSWORD: Final = "!"  # noqa: S105 - the absence of one

ORIGINAL_KEY: Final = "pytlas-server"

# Who knows a token can try shorter ones until one fits.
SHORTEST_ORIGINAL_SECRET: Final = 16

# SHA-256 of the secrets that stand in what anybody can download of pytlas-server: in its
# pytlas.ini, in its older settings.py, and in its docker-compose.yml.
_PUBLISHED_SECRETS: Final = frozenset(
    {
        "7348f7bc5df7e30649e62dac47d58f9f51bce0b9868bed0f10a92b9fabaf88c3",
        "84a9de9d3c63c5bc4dae5cb16cfca211e7b5438bbac77e26991d2a5553804295",
        "ceaf54449fed4300901efc4de4709200a035d3107b9174ea91ee8738f2deb137",
    }
)

_SECONDS_PER_DAY = 86_400
_LAST_ORIGINAL_ID = 2**31 - 1  # Django's ids go so far; further ones would use ours up


class BadSecret(OperatorError):
    """The secret of the original must not be used."""


@frozen(kw_only=True)
class Moved:
    """What became of a person.

    Args:
      original_id: their id in the original.
      original_name: their name there.
      outcome: "added", "already here" or "left out".
      account: theirs here, unless they were left out.
      settings_added: the keys of the settings that came with this move.
      notes: sentences on what is different here, or could not be moved.
      suggestion: a name that could be used here, when theirs cannot.
      complete: whether all that they had is here.
    """

    original_id: int
    original_name: str
    outcome: Outcome
    account: Account | None = None
    settings_added: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    suggestion: str | None = None
    complete: bool = True


def move_people(
    store: AccountStore,
    people: Iterable[OriginalPerson],
    *,
    language: str,
    names: Mapping[str, str],
) -> Iterator[Moved]:
    """Adds those who are not here yet, and settings that are missing; yields what it did.

    Each person is complete or not begun when something fails in between (but for
    settings, which the next move adds).

    Args:
      store: where they come to.
      people: as `read_original` returns them.
      language: for those whose own cannot be read.
      names: new names by original ones, for those whose own cannot be used here.

    Raises:
      StoreBroken: when the store fails; those moved before are here.
    """
    for person in people:
        account = store.find_original(person.id)
        if account is None:
            yield _add(store, person, language, names.get(person.name, person.name))
        elif _is_same(account, person):
            yield _complete(store, person, account)
        else:
            yield _left_out(
                person,
                f"{account.name!r} here came from another pytlas-server with the same id: "
                "move these people to a server of their own.",
            )


def _is_same(account: Account, person: OriginalPerson) -> bool:
    """Whether they are one person, who may have another name here by now."""
    if account.created_at is not None and person.created_at is not None:
        return account.created_at == person.created_at
    return name_key(account.name) == name_key(person.name)


def _add(store: AccountStore, person: OriginalPerson, language: str, name: str) -> Moved:
    password_hash, notes, complete = _usable_hash(person)
    spoken, language_notes = _spoken(person, language)
    try:
        account = store.add(
            name,
            password_hash,
            language=spoken,
            admin=person.admin,
            display_name=person.display_name,
            active=person.active,
            created_at=person.created_at,
            original_id=person.id,
            user_id=person.id if person.id <= _LAST_ORIGINAL_ID else None,
        )
    except (BadName, NameTaken) as error:
        return _left_out(person, str(error), suggestion=_suggested(store, name, person.id))
    if account.name != person.name:
        notes.append(f"is named {account.name!r} here")
    if account.id != person.id:
        notes.append(f"has the id {account.id} here: {person.id} was given before")
    values, setting_notes = _settings(person)
    if values:
        store.change_settings(account.id, dict(values))
    return Moved(
        original_id=person.id,
        original_name=person.name,
        outcome="added",
        account=account,
        settings_added=tuple(sorted(values)),
        notes=(*notes, *language_notes, *setting_notes),
        complete=complete and not setting_notes,
    )


def _complete(store: AccountStore, person: OriginalPerson, account: Account) -> Moved:
    values, notes = _settings(person)
    present = store.settings(account.id)
    missing = {key: value for key, value in values.items() if key not in present}
    if missing:
        store.change_settings(account.id, dict(missing))
    without_password = store.password_hash(account.id) == NO_PASSWORD
    waiting = ["has no password yet: give them one"] if without_password else []
    named = [f"is named {account.name!r} here"] if account.name != person.name else []
    return Moved(
        original_id=person.id,
        original_name=person.name,
        outcome="already here",
        account=account,
        settings_added=tuple(sorted(missing)),
        notes=(*named, *waiting, *notes),
        complete=not notes,
    )


def _left_out(person: OriginalPerson, why: str, *, suggestion: str | None = None) -> Moved:
    return Moved(
        original_id=person.id,
        original_name=person.name,
        outcome="left out",
        notes=(why,),
        suggestion=suggestion,
        complete=False,
    )


def _usable_hash(person: OriginalPerson) -> tuple[str, list[str], bool]:
    """The hash to keep, what is to be said about it, and whether nothing is lost."""
    if is_imported(person.password_hash):
        return person.password_hash, [], True
    if person.password_hash[:1] in {"", "!"}:
        return NO_PASSWORD, ["had no password there, and has none here: give them one"], True
    kind = person.password_hash.partition("$")[0][:40]
    why = f"the password is kept in a way that is not known here ({kind!r})"
    return NO_PASSWORD, [f"{why}: give them a new one"], False


def _spoken(person: OriginalPerson, otherwise: str) -> tuple[str, list[str]]:
    try:
        return clean_language(person.language), []
    except BadLanguage:
        had = f"the language {person.language!r}" if person.language.strip() else "no language"
        return otherwise, [f"had {had} there, and speaks {otherwise} here"]


def _settings(person: OriginalPerson) -> tuple[dict[str, str], list[str]]:
    """The settings by key, and what is to be said about those that are left out."""
    chosen: dict[str, tuple[str, str]] = {}
    notes: list[str] = []
    for name, value in person.settings:
        try:
            key, kept = setting_key(name), setting_value(value)
        except BadSetting as error:
            notes.append(f"the setting {name!r} is left out: {error}")
            continue
        known = chosen.get(key, (name, kept))
        # Skills of the original found a setting under its exact key only.
        winner = known if known[0] == key != name else (name, kept)
        if known[0] != name and known[1] != kept:
            notes.append(
                f"the settings {known[0]!r} and {name!r} are both {key} here: "
                f"the value of {winner[0]!r} is kept"
            )
        chosen[key] = winner
    return {key: value for key, (_, value) in chosen.items()}, notes


def _suggested(store: AccountStore, name: str, original_id: int) -> str:
    """A name that is accepted and free here, as like the wanted one as can be."""
    taken = {same for one in store.all() for same in (name_key(one.name), name_skeleton(one.name))}
    plain = presentable(unicodedata.normalize("NFKC", name))
    base = plain[: MAX_NAME_CHARACTERS - len("-1000000")].strip() or f"user{original_id}"
    candidates = (base if number == 1 else f"{base}-{number}" for number in count(1))
    return next(one for one in candidates if taken.isdisjoint({name_key(one), name_skeleton(one)}))


# The secret of the original


def take_secret(store: AccountStore, secret: str, *, now: float, days: int) -> bool:
    """Accepts the original's tokens from now on, for some days; False when it does already.

    Args:
      store: where the key comes to.
      secret: with which the original signs.
      now: seconds since the epoch.
      days: how long; the original's tokens are good for seven.

    Raises:
      BadSecret: when tokens signed with it prove nothing.
    """
    check_secret(secret)
    present = store.keys()
    if any(key.secret == secret for key in present):
        return False
    kids = {key.kid for key in present}
    kid, number = ORIGINAL_KEY, 1
    while kid in kids:
        number += 1
        kid = f"{ORIGINAL_KEY}-{number}"
    return store.add_key(
        SigningKey(
            kid=kid,
            secret=secret,
            purpose="imported",
            created_at=int(now),
            expires_at=int(now) + days * _SECONDS_PER_DAY,
        )
    )


def check_secret(secret: str) -> None:
    """Refuses a secret that others know or can find out; raises BadSecret."""
    digest = hashlib.sha256(secret.encode(errors="surrogateescape")).hexdigest()
    if digest in _PUBLISHED_SECRETS:
        raise BadSecret(
            "This is the secret that everybody can download with pytlas-server, so anybody could "
            "sign in as anybody with it: move without it, and let people sign in again."
        )
    if len(secret) < SHORTEST_ORIGINAL_SECRET:
        raise BadSecret(
            f"The secret has {len(secret)} characters, which can be guessed: one of at least "
            f"{SHORTEST_ORIGINAL_SECRET} is accepted. Move without it, and let people sign in "
            "again."
        )
