"""Puts the server together, by hand, with constructor arguments.

Whoever wants to know which object knows which other one reads `Assembly`: each part
is made from the ones above it. Nothing in here decides anything about the protocol.
"""

from __future__ import annotations

import os
import secrets
import time
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import txaio
from attrs import define, field, frozen
from prometheus_client import CollectorRegistry
from twisted.application.internet import TimerService
from twisted.application.service import IService, MultiService
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from pytlas_wamp import __version__
from pytlas_wamp.accounts.accounts import Accounts
from pytlas_wamp.accounts.sql import SqlAccountStore
from pytlas_wamp.accounts.sql_journal import SqlJournalStore
from pytlas_wamp.accounts.throttle import Throttle
from pytlas_wamp.assistant import settings_form
from pytlas_wamp.assistant.breakers import Breakers, BreakerState
from pytlas_wamp.assistant.host import Host
from pytlas_wamp.assistant.interpreters import InterpreterFactory, Interpreters, find_interpreter
from pytlas_wamp.assistant.skills import SkillShelf
from pytlas_wamp.assistant.worker import make_guard
from pytlas_wamp.config import Config, DataDirectory, prepare_data_dir
from pytlas_wamp.errors import ClientError
from pytlas_wamp.service import memory
from pytlas_wamp.service.accounts import make_secret, open_accounts
from pytlas_wamp.service.journal import Journal
from pytlas_wamp.service.pools import Pools
from pytlas_wamp.service.running import AssistantService
from pytlas_wamp.service.signals import StopSignals
from pytlas_wamp.service.skills import load_skills
from pytlas_wamp.session.machine import Session
from pytlas_wamp.transport.addresses import Proxies
from pytlas_wamp.transport.api.history import History
from pytlas_wamp.transport.api.routes import PeopleEndpoints, ServerEndpoints
from pytlas_wamp.transport.changes import ChangeFeed
from pytlas_wamp.transport.connections import Connections
from pytlas_wamp.transport.documents import load_documents, spec_directory
from pytlas_wamp.transport.http import HttpSite
from pytlas_wamp.transport.jobs import Jobs
from pytlas_wamp.transport.listeners import Listener
from pytlas_wamp.transport.metrics import Metrics, Readings
from pytlas_wamp.transport.people import Admission, People
from pytlas_wamp.transport.performer import Link, Performer, Surroundings
from pytlas_wamp.transport.readiness import Readiness
from pytlas_wamp.transport.recent_errors import RecentErrors
from pytlas_wamp.transport.seats import Seats
from pytlas_wamp.transport.setup import Setup, make_code
from pytlas_wamp.transport.site import Watching, make_site
from pytlas_wamp.transport.skill_folder import SkillFolder
from pytlas_wamp.transport.skill_reload import SkillReload
from pytlas_wamp.transport.takeover import AssistantResource
from pytlas_wamp.transport.web_client import load_web_client
from pytlas_wamp.transport.websocket import AssistantFactory
from pytlas_wamp.wire.messages import ServerInfo

# A change made by the command line shows on a running server within about this time.
_CHANGE_INTERVAL_SECONDS = 0.5
# Revoked tokens that have expired take up room, and nothing else.
_CLEANING_INTERVAL_SECONDS = 3_600.0
# How often is looked for conversations that nobody uses, at the least.
_UNUSED_INTERVAL_SECONDS = 60.0


@frozen(kw_only=True)
class Built:
    """The finished server, and what a start has to tell.

    Args:
      service: to be started.
      setup_code: by which the first account is made over HTTP; None when it was made.
      has_people: whether anybody has an account.
      shelf: the skills.
      created: files and folders that did not exist before.
    """

    service: IService
    setup_code: str | None = field(repr=False)
    has_people: bool
    shelf: SkillShelf
    created: tuple[Path, ...]


def build(config: Config, *, reactor: Any) -> Built:
    """Make the whole server from its configuration (blocks for about a second).

    Raises:
      OperatorError: when something it needs is not as it must be.
    """
    parts = Assembly(config=config, reactor=reactor)
    setup_code = parts.setup.code.text if parts.setup.needed() else None
    has_people = parts.store.count() > 0
    # The daemon forks after this, and connections to a database must not be shared.
    parts.store.close()
    return Built(
        service=parts.service(),
        setup_code=setup_code,
        has_people=has_people,
        shelf=parts.shelf,
        created=parts.directory.created,
    )


@define(kw_only=True, eq=False)
class Assembly:
    """All parts of one server, made in this order (blocks).

    Args:
      config: what the operator wants.
      reactor: on which it will run.

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
    journal: Journal = field(init=False)
    breakers: Breakers = field(init=False)
    metrics: Metrics = field(init=False)
    host: Host = field(init=False)
    connections: Connections = field(init=False, factory=Connections)
    folder: SkillFolder = field(init=False)
    jobs: Jobs = field(init=False)
    errors: RecentErrors = field(init=False)
    feed: ChangeFeed = field(init=False)
    setup: Setup = field(init=False)
    running: AssistantService = field(init=False)
    site: HttpSite = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Make what may fail first, and the door to the outside last."""
        self.find = find_interpreter(self.config.interpreter)
        self.directory = prepare_data_dir(self.config, make_secret=make_secret)
        self.accounts, self.store = open_accounts(
            self.config, self.directory.secret, throttle=self.throttle
        )
        self.shelf = load_skills(self.config)
        self.pools = Pools.make(self.reactor, self.config.limits)
        self.people = People(accounts=self.accounts, store=self.store, workers=self.pools.accounts)
        self._make_assistant()
        self._make_management()
        self.running = self._make_running()
        self.site = self._make_site()

    def _make_assistant(self) -> None:
        self.interpreters = Interpreters(
            factory=self.find,
            cache_directory=self.config.cache_dir / self.config.interpreter,
            workers=self.pools.training,
            packages=self.shelf.packages,
            gaps=self.shelf.gaps,
            now=time.time,
        )
        limits = self.config.limits
        self.journal = Journal(
            store=SqlJournalStore(self.store.database),
            workers=self.pools.journal,
            accounts=self.pools.accounts,
            clock=self.reactor,
            now=time.time,
            config=self.config,
        )
        self.breakers = Breakers(
            now=self.reactor.seconds,
            guard=make_guard(),
            failures=limits.breaker_failures,
            seconds=limits.breaker_seconds,
        )
        self.metrics = Metrics(registry=CollectorRegistry(), skills=self._skill_names)
        self.host = Host(
            interpreters=self.interpreters,
            workers=self.pools.skills,
            urgent=self.pools.urgent,
            clock=self.reactor,
            limits=limits,
            now=time.time,
            writer=self.journal.writer,
            breakers=self.breakers,
            skill_deadlines=self.config.skill_deadlines,
            observe=self.metrics.turn_ended,
        )
        self.journal.forget = self.host.forget_history
        self.metrics.watch(self._readings())

    def _skill_names(self) -> frozenset[str]:
        return frozenset(skill.name for skill in self.shelf.skills if skill.loaded)

    def _readings(self) -> Readings:
        writer, slots = self.journal.writer, self.host.slots
        return Readings(
            connections=self.connections.states,
            conversations=lambda: len(self.host.conversations),
            queued=lambda: sum(one.waiting for one in self.host.conversations),
            threads=lambda: slots.running,
            abandoned=lambda: slots.abandoned,
            unwritten=lambda: writer.unwritten,
            lag_seconds=lambda: writer.lag_seconds,
            write_failures=lambda: self.journal.write_failures,
            open_breakers=lambda: [
                skill
                for skill, status in self.breakers.status().items()
                if status.state is not BreakerState.CLOSED
            ],
            skills=self._skill_names,
        )

    def _make_management(self) -> None:
        self.folder = SkillFolder(directory=self.config.skills_dir, environ=os.environ)
        # It imports what skills have, so it must not make those wait who sign in.
        reload = SkillReload(
            shelf=self.shelf, renew=self.interpreters.renew, run=self.pools.skills.run
        )
        self.jobs = Jobs(
            reactor=self.reactor,
            now=time.time,
            make_id=lambda: uuid4().hex,
            sources=self.folder,
            reload=reload,
        )
        self.errors = RecentErrors((self.directory.secret, self.config.database_url))
        self.feed = ChangeFeed(
            last_change=self.people.last_change,
            changes_since=self.people.changes,
            find_person=self.people.find,
            host=self.host,
            connections=self.connections,
            skills_changed=self.jobs.reload_soon,
        )
        self.setup = Setup(
            code=make_code(secrets.choice),
            ever_had_accounts=self.store.ever_had_accounts,
            accounts=self.accounts,
            throttle=self.throttle,
            language=self.config.language,
        )

    def _make_running(self) -> AssistantService:
        return AssistantService(
            pools=self.pools,
            store=self.store,
            connections=self.connections,
            host=self.host,
            interpreters=self.interpreters,
            people=self.people,
            jobs=self.jobs,
            errors=self.errors,
            reactor=self.reactor,
            language=self.config.language,
            grace_seconds=self.config.limits.shutdown_grace_seconds,
        )

    def _make_site(self) -> HttpSite:
        config = self.config
        return make_site(
            accounts=self.accounts,
            run=self.pools.accounts.run,
            run_hashing=self.pools.hashing.run,
            websocket=AssistantResource(
                self._make_websockets(), Proxies.of(config.trusted_proxies)
            ),
            spec=load_documents(spec_directory()),
            reactor=self.reactor,
            now=time.time,
            limits=config.limits,
            healthy=lambda: self.running.healthy,
            web=load_web_client(),
            allowed_origins=config.allowed_origins,
            trusted_proxies=config.trusted_proxies,
            changed=self.feed.look,
            people=PeopleEndpoints(
                language=config.language,
                declared=lambda language: settings_form.fields(self.shelf.skills, language),
                server_value=partial(settings_form.server_value, environ=os.environ),
                run_skills=self.pools.skills.run,
                history=History(
                    log=self.journal.store, erase=self.journal.erase, kept=config.history
                ),
            ),
            watching=Watching(
                readiness=self._make_readiness(),
                metrics=None if config.metrics == "off" else self.metrics,
                metrics_for_all=config.metrics == "all",
            ),
            further=self._make_endpoints().routes,
        )

    def _make_readiness(self) -> Readiness:
        return Readiness(
            serving=lambda: self.running.healthy,
            ask_database=self.people.last_change,
            log_failures=lambda: self.journal.writer.failures,
            has_learnt=lambda: self.running.has_learnt,
            language=self.config.language[:2].lower(),
            clock=self.reactor,
        )

    def _make_endpoints(self) -> ServerEndpoints:
        return ServerEndpoints(
            setup=self.setup,
            jobs=self.jobs,
            shelf=self.shelf,
            folder=self.folder,
            may_install=self.config.skill_installation,
            run=self.pools.skills.run,
            database=self.store.database.kind,
            interpreter=self.config.interpreter,
            interpreters=self.interpreters.status,
            interpreter_of=self.interpreters.get,
            breakers=self.breakers.status,
            conversations=lambda: len(self.host.conversations),
            connections=lambda: len(self.connections),
            errors=self.errors,
            now=time.time,
        )

    def _make_websockets(self) -> AssistantFactory:
        # Autobahn's timers would otherwise be on whatever reactor was imported first.
        txaio.config.loop = self.reactor
        limits = self.config.limits
        server = ServerInfo(name="pytlas-wamp", version=__version__)
        around = Surroundings(
            admit=self._admit,
            ended_count=lambda: self.connections.ended_count,
            has_ended=self.connections.has_ended,
            host=self.host,
            clock=self.reactor,
            now=time.time,
            limits=limits,
            seats=Seats(limits.max_connections_per_user),
            observe=self.metrics.happened,
        )

        def make_performer(link: Link, name: str) -> Performer:
            session = Session(limits=limits, server=server)
            return Performer(session=session, link=link, around=around, name=name)

        return AssistantFactory(
            make_performer=make_performer,
            connections=self.connections,
            limits=limits,
            allowed_origins=self.config.allowed_origins,
            reactor=self.reactor,
        )

    def _admit(self, token: str) -> Deferred[Admission]:
        def count(failure: Failure) -> Failure:
            if isinstance(failure.value, ClientError):
                self.metrics.credentials_refused(failure.value.code)
            return failure

        return self.people.admit(token).addErrback(count)

    def _give_memory_back(self) -> Deferred[Any]:
        # All accounts may be busy with something else; there is a next time.
        return self.pools.accounts.run(memory.give_back).addErrback(lambda _: None)

    def service(self) -> IService:
        """One service; the last child is stopped first, so ports close before all else."""
        whole = MultiService()
        StopSignals(self.reactor).setServiceParent(whole)
        self.running.setServiceParent(whole)
        idle_seconds = self.config.limits.conversation_idle_seconds
        for seconds, task in (
            (_CHANGE_INTERVAL_SECONDS, self.feed.look),
            (_CLEANING_INTERVAL_SECONDS, self.people.forget_expired),
            (_CLEANING_INTERVAL_SECONDS, self.journal.trim),
            (min(_UNUSED_INTERVAL_SECONDS, idle_seconds / 2), self.host.put_away_unused),
            (memory.INTERVAL_SECONDS, self._give_memory_back),
        ):
            timer = TimerService(seconds, task)
            timer.clock = self.reactor
            timer.setServiceParent(whole)
        for endpoint in self.config.listen:
            listener = Listener(description=endpoint, factory=self.site, reactor=self.reactor)
            listener.setServiceParent(whole)
        return IService(whole)
