"""Puts the server together, by hand, with constructor arguments.

Whoever wants to know which object knows which other one reads `build`. Nothing in
here decides anything about the protocol.
"""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import txaio
from attrs import define, field, frozen
from twisted.application.internet import TimerService
from twisted.application.service import IService, MultiService, Service
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from pytlas_wamp import __version__
from pytlas_wamp.accounts.accounts import Accounts
from pytlas_wamp.accounts.passwords import Passwords
from pytlas_wamp.accounts.sql import SqlAccountStore
from pytlas_wamp.accounts.tokens import Tokens
from pytlas_wamp.assistant.host import Host, Person
from pytlas_wamp.assistant.interpreters import Interpreters, find_interpreter
from pytlas_wamp.assistant.settings import hand_to_skills
from pytlas_wamp.assistant.skills import BUNDLED_DIRECTORY, SkillShelf
from pytlas_wamp.assistant.worker import ThreadWorkers
from pytlas_wamp.config import Config, prepare_data_dir
from pytlas_wamp.errors import ClientError, OperatorError
from pytlas_wamp.session.machine import Session
from pytlas_wamp.transport.changes import ChangeFeed
from pytlas_wamp.transport.connections import Connections
from pytlas_wamp.transport.documents import load_documents, spec_directory
from pytlas_wamp.transport.listeners import Listener
from pytlas_wamp.transport.performer import Link, Performer, Surroundings
from pytlas_wamp.transport.site import make_site
from pytlas_wamp.transport.websocket import AssistantFactory, AssistantResource
from pytlas_wamp.wire.messages import ServerInfo

_log = Logger()

# Logins wait for these; argon2 takes about 50 ms of a core each.
_ACCOUNT_THREADS = 4
# Finding out whether a sentence means cancel takes about a millisecond.
_URGENT_THREADS = 4
# One: pychatl has a single parser for all, which keeps its state in itself.
_TRAINING_THREADS = 1
# Calls that may wait for one of the threads above, before clients are told to come back.
_MAX_WAITING = 2_000
# A change made by the command line shows on a running server within about this time.
_CHANGE_INTERVAL_SECONDS = 0.5
# Revoked tokens that have expired take up room, and nothing else.
_CLEANING_INTERVAL_SECONDS = 3_600.0
# What clients are told to wait after a shutdown: a restart takes about this long.
_RETRY_AFTER_SECONDS = 2.0


@frozen(kw_only=True)
class Built:
    """The finished server, and what a start has to tell.

    Args:
      service: to be started.
      has_people: whether anybody has an account.
      shelf: the skills.
      created: files and folders that did not exist before.
    """

    service: IService
    has_people: bool
    shelf: SkillShelf
    created: tuple[Path, ...]


def open_accounts(config: Config, secret: str) -> tuple[Accounts, SqlAccountStore]:
    """Open the account database, bringing its tables up to date (blocks).

    Raises:
      OperatorError: when it cannot be used.
    """
    store = SqlAccountStore(config.database_url)
    tokens = Tokens(
        secret=secret,
        now=time.time,
        make_id=lambda: uuid4().hex,
        access_lifetime_seconds=config.access_lifetime_seconds,
        refresh_lifetime_seconds=config.refresh_lifetime_seconds,
    )
    return Accounts(store, Passwords(), tokens), store


def load_skills(config: Config) -> SkillShelf:
    """Give skills their settings and import them, ours first (blocks)."""
    hand_to_skills(config.skill_sections, config_file=config.config_file)
    shelf = SkillShelf()
    shelf.load(BUNDLED_DIRECTORY, bundled=True, only=config.bundled_skills)
    shelf.load(config.skills_dir)
    shelf.examine()
    return shelf


def make_secret() -> str:
    """A key for signing tokens."""
    return secrets.token_hex(32)


@define(kw_only=True)
class Pools:
    """The threads of the server, by what they must not wait for."""

    skills: ThreadWorkers
    urgent: ThreadWorkers
    accounts: ThreadWorkers
    training: ThreadWorkers

    @classmethod
    def make(cls, reactor: Any, max_skill_threads: int) -> Pools:
        """Pools that are not started yet."""

        def waiting(name: str, max_threads: int) -> ThreadWorkers:
            return ThreadWorkers(
                reactor, name=name, max_threads=max_threads, max_waiting=_MAX_WAITING
            )

        return cls(
            # No waiting here: a message that no thread can take is told so at once.
            skills=ThreadWorkers(reactor, name="skill", max_threads=max_skill_threads),
            urgent=waiting("urgent", _URGENT_THREADS),
            accounts=waiting("accounts", _ACCOUNT_THREADS),
            training=waiting("training", _TRAINING_THREADS),
        )

    @property
    def all(self) -> tuple[ThreadWorkers, ...]:
        """Every pool."""
        return (self.skills, self.urgent, self.accounts, self.training)


@define(kw_only=True, eq=False)
class People:
    """The accounts as the reactor's side asks for them: every call in a thread."""

    _accounts: Accounts
    _store: SqlAccountStore
    _workers: ThreadWorkers

    def check(self, token: str) -> Deferred[Any]:
        """Whose access token this is."""
        return self._workers.run(self._accounts.check, token)

    def find(self, user_id: int) -> Deferred[Person]:
        """What the assistant knows about a user; ClientError if disabled or gone."""
        return self._workers.run(self._in_worker_find, user_id)

    def last_change(self) -> Deferred[int]:
        """The number of the newest change."""
        return self._workers.run(self._store.last_change)

    def changes(self, after: int) -> Deferred[Any]:
        """What changed after a number."""
        return self._workers.run(self._store.changes, after)

    def languages(self) -> Deferred[set[str]]:
        """The two-letter languages people use."""
        return self._workers.run(
            lambda: {account.language[:2].lower() for account in self._store.all()}
        )

    def forget_expired(self) -> Deferred[None]:
        """Forget revoked tokens nobody accepts any more; never fails."""
        return self._workers.run(self._accounts.forget_expired).addErrback(
            lambda failure: _log.failure("could not clean up", failure=failure)
        )

    def _in_worker_find(self, user_id: int) -> Person:
        account = self._store.get(user_id)
        if account is None or not account.active:
            raise ClientError("account-disabled", "the account is disabled or deleted")
        return Person(
            id=account.id, language=account.language, settings=self._store.settings(user_id)
        )


@define(eq=False, slots=False, kw_only=True)
class AssistantService(Service):
    """Starts and stops everything that is no listening port.

    A stop says goodbye to clients, waits for running turns as long as the grace
    allows, and only then takes their threads away.
    """

    _pools: Pools
    _store: SqlAccountStore
    _connections: Connections
    _host: Host
    _interpreters: Interpreters
    _people: People
    _reactor: Any
    _language: str
    _grace_seconds: float
    healthy: bool = field(init=False, default=False)

    def startService(self) -> None:  # noqa: N802 - Twisted's name
        """Start the threads, and train what will be asked for first."""
        super().startService()
        for pool in self._pools.all:
            pool.start()
        self._people.languages().addCallback(self._train).addErrback(
            lambda failure: _log.failure("could not look up languages", failure=failure)
        )
        self.healthy = True

    def _train(self, languages: set[str]) -> None:
        for language in sorted({self._language[:2].lower(), *languages}):
            self._interpreters.get(language).addErrback(self._not_trained, language)

    def _not_trained(self, failure: Any, language: str) -> None:
        if isinstance(failure.value, OperatorError):
            why = failure.getErrorMessage()
            _log.error("no interpreter for {lang!r}: {why}", lang=language, why=why)
        else:
            _log.failure("no interpreter for {lang!r}", failure=failure, lang=language)

    def stopService(self) -> Deferred[Any]:  # noqa: N802 - Twisted's name
        """Stop in order; fires when all is done."""
        super().stopService()
        self.healthy = False
        self._connections.say_goodbye(_RETRY_AFTER_SECONDS)
        ended = self._idle_or_late()
        # The store closes only connections that no thread is using.
        ended.addCallback(lambda _: self._pools.accounts.when_idle())
        return ended.addCallback(lambda _: self._end())

    def _idle_or_late(self) -> Deferred[None]:
        """Fires when no turn runs any more, or when the grace is over."""
        ended: Deferred[None] = Deferred()
        late = self._reactor.callLater(self._grace_seconds, ended.callback, None)

        def idle(_: object) -> None:
            if late.active():
                late.cancel()
                ended.callback(None)

        self._host.when_idle().addCallback(idle)
        return ended

    def _end(self) -> None:
        for pool in self._pools.all:
            pool.stop()
        self._store.close()


def build(config: Config, *, reactor: Any) -> Built:
    """Make the whole server from its configuration (blocks for about a second).

    Raises:
      OperatorError: when something it needs is not as it must be.
    """
    find = find_interpreter(config.interpreter)
    directory = prepare_data_dir(config, make_secret=make_secret)
    accounts, store = open_accounts(config, directory.secret)
    shelf = load_skills(config)

    pools = Pools.make(reactor, config.limits.max_skill_threads)
    people = People(accounts=accounts, store=store, workers=pools.accounts)
    interpreters = Interpreters(
        factory=find,
        cache_directory=config.cache_dir / config.interpreter,
        workers=pools.training,
        packages=shelf.packages,
        gaps=shelf.gaps,
    )
    host = Host(
        interpreters=interpreters,
        workers=pools.skills,
        urgent=pools.urgent,
        clock=reactor,
        limits=config.limits,
    )
    connections = Connections()
    service = AssistantService(
        pools=pools,
        store=store,
        connections=connections,
        host=host,
        interpreters=interpreters,
        people=people,
        reactor=reactor,
        language=config.language,
        grace_seconds=config.limits.shutdown_grace_seconds,
    )
    feed = ChangeFeed(
        last_change=people.last_change,
        changes_since=people.changes,
        find_person=people.find,
        host=host,
        connections=connections,
    )
    site = make_site(
        accounts=accounts,
        run=pools.accounts.run,
        websocket=AssistantResource(
            _websockets(config, people=people, host=host, connections=connections, reactor=reactor)
        ),
        spec=load_documents(spec_directory()),
        reactor=reactor,
        now=time.time,
        limits=config.limits,
        healthy=lambda: service.healthy,
        allowed_origins=config.allowed_origins,
    )
    has_people = bool(accounts.people())
    # The daemon forks after this, and connections to a database must not be shared.
    store.close()
    return Built(
        service=_together(service, people, feed, site, config=config, reactor=reactor),
        has_people=has_people,
        shelf=shelf,
        created=directory.created,
    )


def _websockets(
    config: Config, *, people: People, host: Host, connections: Connections, reactor: Any
) -> AssistantFactory:
    # Autobahn's timers would otherwise be on whatever reactor was imported first.
    txaio.config.loop = reactor
    server = ServerInfo(name="pytlas-wamp", version=__version__)
    around = Surroundings(
        check_token=people.check,
        find_person=people.find,
        host=host,
        clock=reactor,
        now=time.time,
        max_depth=config.limits.max_depth,
    )

    def make_performer(link: Link, name: str) -> Performer:
        session = Session(limits=config.limits, server=server)
        return Performer(session=session, link=link, around=around, name=name)

    return AssistantFactory(
        make_performer=make_performer,
        connections=connections,
        limits=config.limits,
        allowed_origins=config.allowed_origins,
        reactor=reactor,
    )


def _together(
    service: AssistantService,
    people: People,
    feed: ChangeFeed,
    site: Any,
    *,
    config: Config,
    reactor: Any,
) -> IService:
    """One service; the last child is stopped first, so ports close before all else."""
    whole = MultiService()
    service.setServiceParent(whole)
    for seconds, task in (
        (_CHANGE_INTERVAL_SECONDS, feed.look),
        (_CLEANING_INTERVAL_SECONDS, people.forget_expired),
    ):
        timer = TimerService(seconds, task)
        timer.clock = reactor
        timer.setServiceParent(whole)
    for endpoint in config.listen:
        listener = Listener(description=endpoint, factory=site, reactor=reactor)
        listener.setServiceParent(whole)
    return IService(whole)
