"""`/api/setup`: the very first account (spec 6.17)."""

from __future__ import annotations

from typing import Annotated

from attrs import evolve, field, frozen

from pytlas_wamp.accounts.model import BadName
from pytlas_wamp.transport.api.calls import Call
from pytlas_wamp.transport.api.doors import Access, Doors, Routes
from pytlas_wamp.transport.api.me import Password
from pytlas_wamp.transport.api.objects import ABSENT, Absent, Length
from pytlas_wamp.transport.api.people import naming_fields
from pytlas_wamp.transport.api.users import Name
from pytlas_wamp.transport.replies import Reply, json_reply
from pytlas_wamp.transport.setup import Setup


@frozen(kw_only=True)
class _FirstPerson:
    code: Annotated[str, Length(1, 64)] = field(repr=False)
    username: Name
    password: Password = field(repr=False)
    language: str | Absent = ABSENT


@frozen(kw_only=True)
class SetupEndpoints:
    """The functions behind `/api/setup`.

    Args:
      doors: let everybody in.
      setup: does it; blocks.
    """

    doors: Doors
    setup: Setup

    def routes(self) -> Routes:
        """Returns the path with what is there."""
        answers = {"GET": self._show, "POST": self._begin}
        return {"/api/setup": self.doors.blocking(Access.ANYBODY, answers, hashing=True)}

    def _show(self, _: Call) -> Reply:
        return json_reply({"needed": self.setup.needed()})

    def _begin(self, call: Call) -> Reply:
        person = call.read(_FirstPerson)
        with naming_fields(username=BadName):
            tokens = self.setup.begin(
                person.code,
                person.username,
                person.password,
                language=None if isinstance(person.language, Absent) else person.language,
                origin=call.origin,
            )
        reply = json_reply({"refresh": tokens.refresh, "access": tokens.access})
        return evolve(reply, status=201)
