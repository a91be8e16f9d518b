"""`/api/me`: what people see and change of their own account (spec 6.10)."""

from __future__ import annotations

from typing import Annotated

from attrs import evolve, field, frozen

from pytlas_wamp.accounts.accounts import Accounts
from pytlas_wamp.accounts.model import Account, BadPassword
from pytlas_wamp.accounts.passwords import MAX_PASSWORD_CHARACTERS
from pytlas_wamp.transport.api.calls import Call
from pytlas_wamp.transport.api.doors import Access, Doors, Routes
from pytlas_wamp.transport.api.objects import ABSENT, Absent, Length, Shown, present
from pytlas_wamp.transport.api.people import naming_fields
from pytlas_wamp.transport.api.person_documents import me_document
from pytlas_wamp.transport.api.preconditions import etag
from pytlas_wamp.transport.replies import Reply, json_reply, no_content

DisplayName = Annotated[str, Shown(0, 150)]
Password = Annotated[str, Length(1, MAX_PASSWORD_CHARACTERS)]


@frozen(kw_only=True)
class MePatch:
    """The body of PATCH /api/me."""

    display_name: DisplayName | Absent = ABSENT
    language: str | Absent = ABSENT


@frozen(kw_only=True)
class PasswordChange:
    """The body of POST /api/me/password."""

    old: Password = field(repr=False)
    new: Password = field(repr=False)


@frozen(kw_only=True)
class Me:
    """The functions behind `/api/me` and `/api/me/password`.

    Args:
      doors: lets people in.
      accounts: keeps them; blocks.
    """

    doors: Doors
    accounts: Accounts

    def routes(self) -> Routes:
        """Returns each path with what it does."""
        return {
            "/api/me": self.doors.blocking(
                Access.PERSON, {"GET": self._show, "PATCH": self._change}
            ),
            "/api/me/password": self.doors.blocking(
                Access.PERSON, {"POST": self._change_password}, hashing=True
            ),
        }

    def _show(self, call: Call) -> Reply:
        return _me(call.caller)

    def _change(self, call: Call) -> Reply:
        patch = call.read(MePatch)
        with naming_fields():
            changed = self.accounts.change(
                call.caller.id,
                if_revision=call.expected("a", call.caller.revision),
                **present(patch),
            )
        return _me(changed)

    def _change_password(self, call: Call) -> Reply:
        change = call.read(PasswordChange)
        with naming_fields(new=BadPassword):
            self.accounts.change_own_password(
                call.caller, change.old, change.new, call.origin, keep=call.granted.login_id
            )
        return no_content()


def _me(account: Account) -> Reply:
    return evolve(json_reply(me_document(account)), headers={"ETag": etag("a", account.revision)})
