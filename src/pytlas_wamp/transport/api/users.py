"""`/api/users`: how administrators manage people (spec 6.14)."""

from __future__ import annotations

from typing import Annotated

from attrs import evolve, field, frozen

from pytlas_wamp.accounts.accounts import Accounts
from pytlas_wamp.accounts.model import Account
from pytlas_wamp.transport.api.calls import Call
from pytlas_wamp.transport.api.doors import Access, Doors, Routes
from pytlas_wamp.transport.api.me import DisplayName, Password
from pytlas_wamp.transport.api.objects import ABSENT, Absent, Shown, present
from pytlas_wamp.transport.api.people import naming_fields, person_of
from pytlas_wamp.transport.api.person_documents import user_document
from pytlas_wamp.transport.api.preconditions import etag
from pytlas_wamp.transport.replies import Reply, created, json_reply, no_content

Name = Annotated[str, Shown(1, 150)]


@frozen(kw_only=True)
class NewUser:
    """The body of POST /api/users."""

    name: Name
    password: Password = field(repr=False)
    display_name: DisplayName = ""
    language: str | Absent = ABSENT
    admin: bool = False


@frozen(kw_only=True)
class UserPatch:
    """The body of PATCH /api/users/{id}."""

    name: Name | Absent = ABSENT
    display_name: DisplayName | Absent = ABSENT
    language: str | Absent = ABSENT
    active: bool | Absent = ABSENT
    admin: bool | Absent = ABSENT
    password: Password | Absent = field(default=ABSENT, repr=False)


@frozen(kw_only=True)
class Users:
    """The functions behind `/api/users` and `/api/users/{id}`.

    Args:
      doors: lets administrators in.
      accounts: keeps the people; blocks.
      language: of people for whom none was given.
    """

    doors: Doors
    accounts: Accounts
    language: str

    def routes(self) -> Routes:
        """Returns each path with what it does."""
        one = {"GET": self._show, "PATCH": self._change, "DELETE": self._delete}
        return {
            "/api/users": self.doors.blocking(
                Access.ADMIN, {"GET": self._list, "POST": self._create}
            ),
            "/api/users/{id}": self.doors.blocking(Access.HIDDEN, one),
        }

    def _list(self, _: Call) -> Reply:
        return json_reply({"users": [user_document(one) for one in self.accounts.people()]})

    def _create(self, call: Call) -> Reply:
        new = call.read(NewUser)
        with naming_fields():
            account = self.accounts.create(
                new.name,
                new.password,
                display_name=new.display_name,
                language=self.language if isinstance(new.language, Absent) else new.language,
                admin=new.admin,
                by=call.caller.id,
            )
        reply = created(user_document(account), f"/api/users/{account.id}")
        return evolve(reply, headers={**reply.headers, "ETag": etag("a", account.revision)})

    def _show(self, call: Call) -> Reply:
        return _user(person_of(call, self.accounts))

    def _change(self, call: Call) -> Reply:
        account = person_of(call, self.accounts)
        patch = call.read(UserPatch)
        with naming_fields():
            changed = self.accounts.change(
                account.id,
                if_revision=call.expected("a", account.revision),
                guard_admin=True,
                by=call.caller.id,
                **present(patch),
            )
        return _user(changed)

    def _delete(self, call: Call) -> Reply:
        account = person_of(call, self.accounts)
        self.accounts.remove(
            account.id,
            if_revision=call.expected("a", account.revision),
            guard_admin=True,
            by=call.caller.id,
        )
        return no_content()


def _user(account: Account) -> Reply:
    return evolve(json_reply(user_document(account)), headers={"ETag": etag("a", account.revision)})
