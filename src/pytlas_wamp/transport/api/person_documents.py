"""What is told of people and their logins, over HTTP and on the command line alike."""

from __future__ import annotations

from typing import Any

from pytlas_wamp.accounts.model import Account, Login
from pytlas_wamp.transport.api.times import written_time


def me_document(account: Account) -> dict[str, Any]:
    """Returns what people are told about themselves (spec 6.10)."""
    return {
        "id": account.id,
        "name": account.name,
        "display_name": account.display_name,
        "language": account.language,
        "admin": account.admin,
        "created_at": written_time(account.created_at),
    }


def user_document(account: Account) -> dict[str, Any]:
    """Returns what administrators are told about a person (spec 6.14)."""
    return {
        **me_document(account),
        "active": account.active,
        "original": account.original_id is not None,
    }


def login_document(login: Login) -> dict[str, Any]:
    """Returns what people are told about one of their logins (spec 6.11)."""
    return {
        "id": login.id,
        "kind": login.kind,
        "client": login.client,
        "created_at": written_time(login.created_at),
        "seen_at": written_time(login.seen_at),
        "address": login.address,
        "expires_at": written_time(login.expires_at),
    }
