"""What every server is built on, whatever its role: the database, skills, threads, jobs."""

from __future__ import annotations

import os
import time
from typing import Any
from uuid import uuid4

from attrs import define, field
from prometheus_client import CollectorRegistry

from pytlas_wamp.accounts.accounts import Accounts
from pytlas_wamp.accounts.sql import SqlAccountStore
from pytlas_wamp.accounts.throttle import Throttle
from pytlas_wamp.assistant.interpreters import InterpreterFactory, Interpreters, find_interpreter
from pytlas_wamp.assistant.skills import SkillShelf
from pytlas_wamp.config import Config, DataDirectory, prepare_data_dir
from pytlas_wamp.service.accounts import make_secret, open_accounts
from pytlas_wamp.service.pools import Pools
from pytlas_wamp.service.skills import load_skills
from pytlas_wamp.transport.jobs import Jobs
from pytlas_wamp.transport.metrics import Metrics
from pytlas_wamp.transport.people import People
from pytlas_wamp.transport.readiness import Readiness
from pytlas_wamp.transport.recent_errors import RecentErrors
from pytlas_wamp.transport.skill_folder import SkillFolder
from pytlas_wamp.transport.skill_reload import SkillReload


@define(kw_only=True, eq=False)
class Foundation:
    """Parts that do not depend on the role, made in this order (blocks).

    Args:
      config: what the operator wants.
      reactor: on which the server will run.

    Raises:
      OperatorError: when something it needs is not as it must be.
    """

    config: Config = field(repr=False)
    reactor: Any
    find: InterpreterFactory = field(init=False)
    directory: DataDirectory = field(init=False)
    throttle: Throttle = field(init=False, factory=Throttle)
    accounts: Accounts = field(init=False)
    store: SqlAccountStore = field(init=False)
    shelf: SkillShelf = field(init=False)
    pools: Pools = field(init=False)
    people: People = field(init=False)
    interpreters: Interpreters = field(init=False)
    metrics: Metrics = field(init=False)
    folder: SkillFolder = field(init=False)
    jobs: Jobs = field(init=False)
    errors: RecentErrors = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Make what may fail first."""
        self.find = find_interpreter(self.config.interpreter)
        self.directory = prepare_data_dir(self.config, make_secret=make_secret)
        self.accounts, self.store = open_accounts(
            self.config, self.directory.secret, throttle=self.throttle
        )
        self.shelf = load_skills(self.config)
        self.pools = Pools.make(self.reactor, self.config.limits)
        self.people = People(accounts=self.accounts, store=self.store, workers=self.pools.accounts)
        self.interpreters = Interpreters(
            factory=self.find,
            cache_directory=self.config.cache_dir / self.config.interpreter,
            workers=self.pools.training,
            packages=self.shelf.packages,
            gaps=self.shelf.gaps,
            now=time.time,
        )
        self.metrics = Metrics(registry=CollectorRegistry(), skills=self.skill_names)
        self.folder = SkillFolder(directory=self.config.skills_dir, environ=os.environ)
        self.jobs = self._make_jobs()
        self.errors = RecentErrors((self.directory.secret, self.config.database_url))

    def skill_names(self) -> frozenset[str]:
        """Those that are loaded."""
        return frozenset(skill.name for skill in self.shelf.skills if skill.loaded)

    def make_readiness(self, **needs: Any) -> Readiness:
        """What answers at /readyz.

        Args:
          needs: what else must be there beside the database, as `Readiness` takes it.
        """
        return Readiness(ask_database=self.people.last_change, clock=self.reactor, **needs)

    def _make_jobs(self) -> Jobs:
        # It imports what skills have, so it must not make those wait who sign in.
        reload = SkillReload(
            shelf=self.shelf, renew=self.interpreters.renew, run=self.pools.skills.run
        )
        return Jobs(
            reactor=self.reactor,
            now=time.time,
            make_id=lambda: uuid4().hex,
            sources=self.folder,
            reload=reload,
        )
