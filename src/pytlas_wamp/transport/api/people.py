"""The people the API is about: who is meant by an address, and what is wrong (spec 6.9)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from pytlas_wamp.accounts.accounts import Accounts
from pytlas_wamp.accounts.model import (
    Account,
    BadDisplayName,
    BadLanguage,
    BadName,
    BadPassword,
    NameTaken,
)
from pytlas_wamp.errors import ClientError
from pytlas_wamp.transport.api.calls import Call
from pytlas_wamp.transport.api.doors import nothing_here

_ID = re.compile(r"[1-9][0-9]{0,18}")
_LAST_ID: Final = 2**63 - 1  # what a database holds

_Bad = BadName | NameTaken | BadLanguage | BadPassword

# Which field of a request each of these is about, unless it is said otherwise.
_FIELDS: Final[tuple[tuple[type[_Bad], str], ...]] = (
    (BadDisplayName, "display_name"),
    (BadName, "name"),
    (NameTaken, "name"),
    (BadLanguage, "language"),
    (BadPassword, "password"),
)


def person_of(call: Call, accounts: Accounts) -> Account:
    """Returns whom an address is about: the id in it, or the caller (blocks).

    Raises:
      UnknownUser, ClientError: there is nobody with this id.
    """
    if "id" not in call.parameters:
        return call.caller
    text = call.parameters["id"]
    if _ID.fullmatch(text) is None or int(text) > _LAST_ID:
        raise nothing_here()
    return accounts.user(int(text))


@contextmanager
def naming_fields(**others: type[_Bad]) -> Iterator[None]:
    """Makes what is wrong with an account a refusal that names the field of the request.

    Args:
      others: errors by field, before those that are always known (`name`, `password`...).
    """
    try:
        yield
    except (BadName, NameTaken, BadLanguage, BadPassword) as error:
        known = (*((kind, field) for field, kind in others.items()), *_FIELDS)
        field = next(field for kind, field in known if isinstance(error, kind))
        raise ClientError(error.code, str(error), field=field) from error
