"""The addresses of the API, put together from what is behind them (spec 6.9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import evolve, frozen
from twisted.internet.defer import Deferred

from pytlas_wamp.accounts.accounts import Accounts
from pytlas_wamp.assistant.breakers import BreakerStatus
from pytlas_wamp.assistant.settings_form import SettingField
from pytlas_wamp.transport.api.doors import Doors, Routes, Run
from pytlas_wamp.transport.api.history import History, HistoryEndpoints
from pytlas_wamp.transport.api.jobs import JobEndpoints
from pytlas_wamp.transport.api.logins import Logins
from pytlas_wamp.transport.api.me import Me
from pytlas_wamp.transport.api.settings import Settings
from pytlas_wamp.transport.api.setup import SetupEndpoints
from pytlas_wamp.transport.api.skills import Shelf, SkillEndpoints
from pytlas_wamp.transport.api.status import Database, InterpreterStatus, StatusEndpoints
from pytlas_wamp.transport.api.try_out import TryOutEndpoints
from pytlas_wamp.transport.api.users import Users
from pytlas_wamp.transport.jobs import Jobs
from pytlas_wamp.transport.recent_errors import RecentErrors
from pytlas_wamp.transport.setup import Setup
from pytlas_wamp.transport.skill_folder import SkillFolder


@frozen(kw_only=True)
class PeopleEndpoints:
    """What is known about people beside their accounts, and thereby all addresses of people.

    Args:
      language: of people that are added without one.
      declared: the settings of all skills, described in a language of two letters; blocks.
      server_value: where a setting comes from that a person has not set; blocks.
      run_skills: as `Doors.run`, for what may be code of skills; None for the same one.
      history: what was said; None for a server that has no such address.
    """

    language: str = "en-US"
    declared: Callable[[str], Sequence[SettingField]] = lambda _: ()
    server_value: Callable[[SettingField], tuple[str, str | None]] = lambda _: ("default", None)
    run_skills: Run | None = None
    history: History | None = None

    def routes(self, doors: Doors, accounts: Accounts) -> Routes:
        """Returns each path with what it does.

        Args:
          doors: let people in, and administrators.
          accounts: keeps the people; blocks.
        """
        # What skills say of their settings is their code: if it never returns, people must
        # still be able to sign in.
        settings = Settings(
            doors=evolve(doors, run=self.run_skills or doors.run),
            accounts=accounts,
            declared=self.declared,
            server_value=self.server_value,
        )
        return {
            **Me(doors=doors, accounts=accounts).routes(),
            **Logins(doors=doors, accounts=accounts).routes(),
            **settings.routes(),
            **Users(doors=doors, accounts=accounts, language=self.language).routes(),
            **self._history(doors),
        }

    def _history(self, doors: Doors) -> Routes:
        if self.history is None:
            return {}
        return HistoryEndpoints(doors=doors, history=self.history).routes()


@frozen(kw_only=True)
class ServerEndpoints:
    """What is behind the addresses about the server itself (see the classes of each).

    Args:
      setup: makes the first account.
      jobs: change the folder of skills.
      shelf: the skills.
      folder: that of the user's skills.
      may_install: whether the operator allows to change that folder over HTTP.
      run: calls what skills say of themselves, which is their code and may block.
      database: which kind of database is in use.
      interpreter: the name of what understands sentences.
      interpreters: returns how each language in use is.
      interpreter_of: fires with the interpreter of a language, when it has learnt.
      breakers: returns how each skill is that failed of late.
      conversations: returns how many there are.
      connections: returns how many are open.
      errors: the last ones.
      now: returns seconds since the epoch; the server has started when it is asked first.
    """

    setup: Setup
    jobs: Jobs
    shelf: Shelf
    folder: SkillFolder
    may_install: bool
    run: Run
    database: Database
    interpreter: str
    interpreters: Callable[[], Sequence[InterpreterStatus]]
    interpreter_of: Callable[[str], Deferred[Any]]
    conversations: Callable[[], int]
    connections: Callable[[], int]
    errors: RecentErrors
    now: Callable[[], float]
    breakers: Callable[[], Mapping[str, BreakerStatus]] = dict

    def routes(self, doors: Doors) -> Routes:
        """Returns each path with what it does.

        Args:
          doors: let people in, administrators, and the operator.
        """
        return {
            **SetupEndpoints(doors=doors, setup=self.setup).routes(),
            **self._skills(doors).routes(),
            **JobEndpoints(doors=doors, jobs=self.jobs).routes(),
            **self._status(doors).routes(),
            **self._try_out(doors).routes(),
        }

    def _skills(self, doors: Doors) -> SkillEndpoints:
        return SkillEndpoints(
            doors=doors,
            jobs=self.jobs,
            shelf=self.shelf,
            interpreters=self.interpreters,
            folder=self.folder,
            may_install=self.may_install,
            run=self.run,
        )

    def _status(self, doors: Doors) -> StatusEndpoints:
        return StatusEndpoints(
            doors=doors,
            database=self.database,
            interpreter=self.interpreter,
            started_at=self.now(),
            now=self.now,
            interpreters=self.interpreters,
            breakers=self.breakers,
            conversations=self.conversations,
            connections=self.connections,
            errors=self.errors,
        )

    def _try_out(self, doors: Doors) -> TryOutEndpoints:
        return TryOutEndpoints(
            doors=doors, shelf=self.shelf, interpreter=self.interpreter_of, run=self.run
        )
