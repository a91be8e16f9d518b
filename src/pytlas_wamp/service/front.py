"""What a server has that people connect to: HTTP, WebSockets, and the sessions on them."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import txaio
from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from pytlas_wamp import __version__
from pytlas_wamp.assistant import settings_form
from pytlas_wamp.assistant.breakers import BreakerStatus
from pytlas_wamp.errors import ClientError
from pytlas_wamp.service.foundation import Foundation
from pytlas_wamp.session.machine import Session
from pytlas_wamp.transport.addresses import Proxies
from pytlas_wamp.transport.api.history import History
from pytlas_wamp.transport.api.routes import PeopleEndpoints, ServerEndpoints
from pytlas_wamp.transport.changes import ChangeFeed
from pytlas_wamp.transport.connections import Connections
from pytlas_wamp.transport.documents import load_documents, spec_directory
from pytlas_wamp.transport.hosts import Host
from pytlas_wamp.transport.http import HttpSite
from pytlas_wamp.transport.metrics import ConnectionReadings
from pytlas_wamp.transport.performer import Link, Performer, Surroundings
from pytlas_wamp.transport.readiness import Readiness
from pytlas_wamp.transport.seats import Seats
from pytlas_wamp.transport.setup import Setup, make_code
from pytlas_wamp.transport.site import Watching, make_site
from pytlas_wamp.transport.takeover import AssistantResource
from pytlas_wamp.transport.web_client import load_web_client
from pytlas_wamp.transport.websocket import AssistantFactory
from pytlas_wamp.wire.messages import ServerInfo


@define(kw_only=True, eq=False)
class Front:
    """Everything that people and administrators reach.

    Args:
      base: what it is built on.
      host: has the conversations, or knows who has them.
      history: what was said.
      breakers: how each skill is that failed of late.
      healthy: whether the server serves.
      readiness: whether conversations can be had.
    """

    base: Foundation
    host: Host
    history: History
    breakers: Callable[[], Mapping[str, BreakerStatus]]
    healthy: Callable[[], bool]
    readiness: Readiness
    connections: Connections = field(init=False, factory=Connections)
    feed: ChangeFeed = field(init=False)
    setup: Setup = field(init=False)
    site: HttpSite = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Make each from the ones above it, the door to the outside last."""
        base = self.base
        self.feed = ChangeFeed(
            last_change=base.people.last_change,
            changes_since=base.people.changes,
            find_person=base.people.find,
            host=self.host,
            connections=self.connections,
            skills_changed=base.jobs.reload_soon,
        )
        self.setup = Setup(
            code=make_code(secrets.choice),
            ever_had_accounts=base.store.ever_had_accounts,
            accounts=base.accounts,
            throttle=base.throttle,
            language=base.config.language,
        )
        base.metrics.watch(ConnectionReadings(connections=self.connections.states))
        self.site = self._make_site()

    def _make_site(self) -> HttpSite:
        base, config = self.base, self.base.config
        return make_site(
            accounts=base.accounts,
            run=base.pools.accounts.run,
            run_hashing=base.pools.hashing.run,
            websocket=AssistantResource(
                self._make_websockets(), Proxies.of(config.trusted_proxies)
            ),
            spec=load_documents(spec_directory()),
            reactor=base.reactor,
            now=time.time,
            limits=config.limits,
            healthy=self.healthy,
            web=load_web_client(),
            allowed_origins=config.allowed_origins,
            trusted_proxies=config.trusted_proxies,
            changed=self.feed.look,
            people=PeopleEndpoints(
                language=config.language,
                declared=lambda language: settings_form.fields(base.shelf.skills, language),
                server_value=partial(settings_form.server_value, environ=os.environ),
                run_skills=base.pools.skills.run,
                history=self.history,
            ),
            watching=Watching(
                readiness=self.readiness,
                metrics=None if config.metrics == "off" else base.metrics,
                metrics_for_all=config.metrics == "all",
            ),
            further=self._make_endpoints().routes,
        )

    def _make_endpoints(self) -> ServerEndpoints:
        base = self.base
        return ServerEndpoints(
            setup=self.setup,
            jobs=base.jobs,
            shelf=base.shelf,
            folder=base.folder,
            may_install=base.config.skill_installation,
            run=base.pools.skills.run,
            database=base.store.database.kind,
            interpreter=base.config.interpreter,
            interpreters=base.interpreters.status,
            interpreter_of=base.interpreters.get,
            breakers=self.breakers,
            conversations=lambda: len(self.host.conversations),
            connections=lambda: len(self.connections),
            errors=base.errors,
            now=time.time,
        )

    def _make_websockets(self) -> AssistantFactory:
        reactor = self.base.reactor
        # Autobahn's timers would otherwise be on whatever reactor was imported first.
        txaio.config.loop = reactor
        limits = self.base.config.limits
        server = ServerInfo(name="pytlas-wamp", version=__version__)
        around = Surroundings(
            admit=self._admit,
            ended_count=lambda: self.connections.ended_count,
            has_ended=self.connections.has_ended,
            host=self.host,
            clock=reactor,
            now=time.time,
            limits=limits,
            seats=Seats(limits.max_connections_per_user),
            observe=self.base.metrics.happened,
        )

        def make_performer(link: Link, name: str) -> Performer:
            session = Session(limits=limits, server=server)
            return Performer(session=session, link=link, around=around, name=name)

        return AssistantFactory(
            make_performer=make_performer,
            connections=self.connections,
            limits=limits,
            allowed_origins=self.base.config.allowed_origins,
            reactor=reactor,
        )

    def _admit(self, token: str) -> Deferred[Any]:
        def count(failure: Failure) -> Failure:
            if isinstance(failure.value, ClientError):
                self.base.metrics.credentials_refused(failure.value.code)
            return failure

        return self.base.people.admit(token).addErrback(count)
