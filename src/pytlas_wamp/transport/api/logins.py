"""Where people are signed in, and how it ends (spec 6.11): `/api/me/logins`, and of others."""

from __future__ import annotations

from typing import Annotated, Any, Final

from attrs import evolve, frozen

from pytlas_wamp.accounts.accounts import Accounts
from pytlas_wamp.accounts.model import Login
from pytlas_wamp.transport.api.calls import Call
from pytlas_wamp.transport.api.doors import Access, Doors, Routes
from pytlas_wamp.transport.api.objects import Shown, invalid
from pytlas_wamp.transport.api.people import naming_fields, person_of
from pytlas_wamp.transport.api.person_documents import login_document
from pytlas_wamp.transport.replies import Reply, json_reply, no_content

MAX_CLIENT_CHARACTERS: Final = 200  # of what a login is called

_CURRENT: Final = "current"


@frozen(kw_only=True)
class NewDevice:
    """The body of POST /api/me/logins."""

    name: Annotated[str, Shown(1, MAX_CLIENT_CHARACTERS)]


@frozen(kw_only=True)
class Logins:
    """The functions behind the addresses that end with `/logins` or a login's id.

    Args:
      doors: lets people in.
      accounts: keeps the logins; blocks.
    """

    doors: Doors
    accounts: Accounts

    def routes(self) -> Routes:
        """Returns each path with what it does."""
        everyone = {"GET": self._list, "DELETE": self._end_all}
        one = {"DELETE": self._end}
        door = self.doors.blocking
        return {
            "/api/me/logins": door(Access.PERSON, {**everyone, "POST": self._add_device}),
            "/api/me/logins/{login}": door(Access.PERSON, one),
            "/api/users/{id}/logins": door(Access.HIDDEN, everyone),
            "/api/users/{id}/logins/{login}": door(Access.HIDDEN, one),
        }

    def _list(self, call: Call) -> Reply:
        logins = self.accounts.logins(person_of(call, self.accounts).id)
        return json_reply({"logins": [_document(one, call) for one in logins]})

    def _add_device(self, call: Call) -> Reply:
        device = call.read(NewDevice)
        with naming_fields():
            login, token = self.accounts.add_device(
                call.caller.id, device.name, call.origin, by=call.granted
            )
        return evolve(json_reply({"login": _document(login, call), "token": token}), status=201)

    def _end_all(self, call: Call) -> Reply:
        person = person_of(call, self.accounts)
        self.accounts.end_logins(person.id, keep=_kept(call), by=_admin(call))
        return no_content()

    def _end(self, call: Call) -> Reply:
        person = person_of(call, self.accounts)
        self.accounts.end_login(person.id, call.parameters["login"], by=_admin(call))
        return no_content()


def _admin(call: Call) -> int | None:
    return call.caller.id if "id" in call.parameters else None


def _kept(call: Call) -> str | None:
    keep = call.query("keep")
    if keep is None:
        return None
    if keep != _CURRENT:
        raise invalid("keep", f"has to be {_CURRENT}, or to be left out")
    return call.granted.login_id


def _document(login: Login, call: Call) -> dict[str, Any]:
    return {**login_document(login), "current": login.id == call.granted.login_id}
