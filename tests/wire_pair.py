"""A real server and real clients on one line in memory: no sockets, no sleeps.

`Wire` puts the server together as service.py does: the site with the WebSocket
behind it, accounts on SQLite in memory, the assistant of the transcripts. Time is a
`Clock`, threads are those of a `Stage`. Every frame a client sees is checked against
the published schemas before a test sees it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import jwt
import txaio
from argon2 import PasswordHasher
from attrs import Factory, define, field
from autobahn.twisted.websocket import WebSocketClientFactory
from twisted.internet.address import IPv4Address
from twisted.internet.task import Clock
from twisted.logger import LogLevel, formatEvent, globalLogPublisher
from twisted.test.iosim import FakeTransport, IOPump

from pytlas_wamp.accounts.accounts import Accounts
from pytlas_wamp.accounts.model import Login
from pytlas_wamp.accounts.passwords import Passwords
from pytlas_wamp.accounts.sql import SqlAccountStore
from pytlas_wamp.accounts.sql_journal import SqlJournalStore
from pytlas_wamp.accounts.tokens import Tokens
from pytlas_wamp.assistant.deadlines import Deadline
from pytlas_wamp.assistant.host import Host
from pytlas_wamp.assistant.write_behind import WriteBehind
from pytlas_wamp.limits import Limits
from pytlas_wamp.session.machine import Session
from pytlas_wamp.transport.addresses import Proxies
from pytlas_wamp.transport.changes import ChangeFeed
from pytlas_wamp.transport.connections import Connections
from pytlas_wamp.transport.documents import load_documents
from pytlas_wamp.transport.people import People
from pytlas_wamp.transport.performer import Performer, Surroundings
from pytlas_wamp.transport.seats import Seats
from pytlas_wamp.transport.site import make_site
from pytlas_wamp.transport.takeover import AssistantResource
from pytlas_wamp.transport.websocket import AssistantFactory
from pytlas_wamp.wire.messages import ServerInfo
from transcript_assistant import installed
from wire_devices import Bytes, Client, Device, RawDevice, ServerEnd
from wire_stage import OneInterpreterEach, Pool, Stage

NOON = 1_800_000_000  # seconds since the epoch
CHEAP = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}
SECRET = "0123456789abcdef0123456789abcdef"
SPEC = load_documents(Path(__file__).parents[1] / "spec")
CLIENT = IPv4Address("TCP", "127.0.0.1", 31_337)
URL = "ws://localhost/ws/assistant/"


@define(kw_only=True, eq=False)
class Wire:
    """The server and everything around it; see the module."""

    limits: Limits = Factory(Limits)
    leeway_seconds: int = 0
    allowed_origins: tuple[str, ...] = ("*",)
    trusted_proxies: tuple[str, ...] = ()
    peer: Any = CLIENT
    clock: Clock = Factory(Clock)
    stage: Stage = Factory(Stage)
    answer_pings: bool = True
    skills: Pool = field(init=False)
    urgent: Pool = field(init=False)
    checks: Pool = field(init=False)
    store: SqlAccountStore = field(init=False)
    accounts: Accounts = field(init=False)
    tokens: Tokens = field(init=False)
    interpreters: OneInterpreterEach = field(init=False, factory=OneInterpreterEach)
    host: Host = field(init=False)
    connections: Connections = field(init=False)
    feed: ChangeFeed = field(init=False)
    factory: AssistantFactory = field(init=False)
    site: Any = field(init=False)
    healthy: bool = field(init=False, default=True)
    skill_news: list[int] = field(init=False, factory=list)
    devices: list[Device] = field(init=False, factory=list)
    log: list[dict[str, Any]] = field(init=False, factory=list)

    def __attrs_post_init__(self) -> None:
        """Put everything together."""
        # Autobahn makes timers when its factories are made.
        txaio.config.loop = self.clock
        self.store = SqlAccountStore("sqlite://")
        self.tokens = self.make_tokens(leeway_seconds=self.leeway_seconds)
        hasher = Passwords(PasswordHasher(**CHEAP))
        self.accounts = Accounts(self.store, hasher, self.tokens)
        self.start()

    def start(self) -> None:
        """Start a server on what is in the database."""
        self.skills = self.stage.pool(self.limits.max_skill_threads)
        self.urgent = self.stage.pool()
        self.checks = self.stage.pool()
        self.connections = Connections()
        self.host = Host(
            interpreters=self.interpreters,
            workers=self.skills,
            urgent=self.urgent,
            clock=self.clock,
            limits=self.limits,
            now=self.now,
            writer=WriteBehind(
                store=SqlJournalStore(self.store.database),
                workers=self.stage.pool(),
                clock=self.clock,
                max_unwritten=self.limits.max_unwritten_frames,
            ),
        )
        people = People(accounts=self.accounts, store=self.store, workers=self.checks)
        around = Surroundings(
            admit=people.admit,
            ended_count=lambda: self.connections.ended_count,
            has_ended=self.connections.has_ended,
            host=self.host,
            clock=self.clock,
            now=self.now,
            limits=self.limits,
            seats=Seats(self.limits.max_connections_per_user),
        )
        self.feed = ChangeFeed(
            last_change=people.last_change,
            changes_since=people.changes,
            find_person=people.find,
            host=self.host,
            connections=self.connections,
            skills_changed=lambda: self.skill_news.append(self.store.last_change()),
        )
        self._make_site(around)

    def _make_site(self, around: Surroundings) -> None:
        server = ServerInfo(name="pytlas-wamp", version="0.1.0")

        def make_performer(link: Any, name: str) -> Performer:
            session = Session(limits=self.limits, server=server)
            return Performer(session=session, link=link, around=around, name=name)

        self.factory = AssistantFactory(
            make_performer=make_performer,
            connections=self.connections,
            limits=self.limits,
            allowed_origins=self.allowed_origins,
            reactor=self.clock,
        )
        self.site = make_site(
            accounts=self.accounts,
            run=self.checks.run,
            websocket=AssistantResource(self.factory, Proxies.of(self.trusted_proxies)),
            spec=SPEC,
            reactor=self.clock,
            now=self.now,
            limits=self.limits,
            healthy=lambda: self.healthy,
            allowed_origins=self.allowed_origins,
        )

    def now(self) -> float:
        return NOON + self.clock.seconds()

    def make_tokens(self, **changes: Any) -> Tokens:
        """What issues tokens, here or elsewhere."""
        numbers = count(1)
        values = {
            "secret": SECRET,
            "now": self.now,
            "make_id": lambda: f"{next(numbers):032x}",
            "access_lifetime_seconds": 604_800,
            "refresh_lifetime_seconds": 2_592_000,
            "keys": self.store.keys,
            **changes,
        }
        return Tokens(**values)

    # People

    def add_user(self, name: str, language: str = "en-US") -> int:
        """An account that is older than logins: the tokens of these tests have none."""
        user_id = self.accounts.create(name, "secret of " + name, language=language).id
        return self.store.change(user_id, plain_tokens=True).id

    def token(self, user_id: int = 1) -> str:
        """A fresh access token."""
        return self.tokens.issue(user_id).access

    def jwt(
        self, user_id: int = 1, *, key: str = SECRET, algorithm: str = "HS256", **claims
    ) -> str:
        """A token as the test wants it."""
        payload = {
            "token_type": "access",
            "exp": int(self.now()) + 60,
            "jti": "f" * 32,
            "user_id": user_id,
            **claims,
        }
        return jwt.encode(payload, key if algorithm != "none" else "", algorithm=algorithm)

    # Devices

    def dial(self, **options: Any) -> Device:
        """Open a WebSocket with a real client."""
        device = Device(self)
        factory = WebSocketClientFactory(URL, reactor=self.clock, **options)
        factory.protocol = Client
        device.client = factory.buildProtocol(None)
        device.client.device = device
        return self._connect(device)

    def dial_raw(self, *parts: bytes) -> RawDevice:
        """Open a TCP connection and write these bytes, one part after the other."""
        device = RawDevice(self)
        device.client = Bytes()
        device.client.device = device
        self._connect(device)
        device.write(*parts)
        return device

    def _connect(self, device: Device) -> Any:
        server = self.site.buildProtocol(None)
        near, far = IPv4Address("TCP", "127.0.0.1", 8_000), self.peer
        ends = [
            ServerEnd(server, isServer=True, hostAddress=near, peerAddress=far),
            FakeTransport(device.client, isServer=False, hostAddress=far, peerAddress=near),
        ]
        ends[0].device = device
        server.makeConnection(ends[0])
        device.client.makeConnection(ends[1])
        device.pump = IOPump(device.client, server, ends[1], ends[0], debug=False, clock=self.clock)
        self.devices.append(device)
        self.settle()
        return device

    def ready(self, user_id: int = 1, **more: object) -> Device:
        """A device that has seen `ready` and whatever came with it."""
        device = self.dial().authenticate(self.token(user_id), **more)
        assert device.take()[0]["type"] == "ready"
        return device

    def signed_in(self, name: str = "alice") -> Device:
        """A device that is ready and has a login of its own, a second younger than others."""
        self.advance(1)
        device = self.dial().authenticate(self.accounts.sign_in(name, "secret of " + name).access)
        assert device.take()[0]["type"] == "ready"
        return device

    def logins(self, user_id: int = 1) -> list[Login]:
        """Those of a user, newest first."""
        return self.store.logins(user_id)

    # What happens

    def settle(self) -> None:
        """Go on until nothing moves: bytes, threads, calls into the reactor's thread."""
        moved = True
        while moved:
            moved = self.stage.work()
            for device in self.devices:
                moved = device.flush() or moved

    def advance(self, seconds: float) -> None:
        """Let time pass, a quarter of a second at a time, so that pings are answered."""
        steps = int(seconds * 4)
        for _ in range(steps):
            self.clock.advance(0.25)
            self.settle()
        self.clock.advance(seconds - steps / 4)
        self.settle()

    def look(self) -> None:
        """What the daemon does twice a second: look at what another process changed."""
        self.feed.look()
        self.settle()

    def release(self, skill: str) -> None:
        """Let the skills `slow` or `later` go on that wait."""
        self.stage.gates.release(skill)
        self.settle()

    def stop(self, retry_after: float = 2.0) -> None:
        """What the daemon does when it is told to stop, see service/running.py."""
        self.connections.say_goodbye(retry_after)
        self.host.close()
        late = self.clock.callLater(self.limits.shutdown_grace_seconds, self._cut)

        def idle(_: object) -> None:
            if late.active():
                late.cancel()
                self._cut()

        self.host.when_idle().addCallback(idle)
        self.settle()

    def _cut(self) -> None:
        self.host.interrupt()
        self.connections.close()

    def kill(self) -> None:
        """End the server as `kill -9` does: nothing is said, and nothing more is written."""
        self.stage.kill()
        for call in tuple(self.clock.getDelayedCalls()):
            call.cancel()
        for device in self.devices:
            device.cut()
        self.devices.clear()

    def faults(self) -> list[str]:
        """What was logged as an error since the last time, one line each."""
        bad = [event for event in self.log if event["log_level"] >= LogLevel.error]
        self.log.clear()
        return [f"{formatEvent(event)} {event.get('log_failure', '')!s:.200}" for event in bad]

    def end(self) -> None:
        """End everything; nothing may be left behind."""
        self.stage.let_all_go()
        self.settle()
        for device in self.devices:
            device.vanish()
        self.release("slow")
        self.release("later")
        self.clock.advance(3)  # the time Autobahn grants for the answer to a close
        self.settle()
        # The call of a conversation's last deadline stays for the next turn, for a minute at most.
        calls = self.clock.getDelayedCalls()
        owners = [getattr(call.func, "__self__", call) for call in calls]
        assert [one for one in owners if not isinstance(one, Deadline)] == []
        assert len(self.connections) == 0
        assert self.factory.countConnections == 0
        assert [one.device_count for one in self.host.conversations if one.device_count] == []
        self.store.close()


@contextmanager
def wire(monkeypatch: Any, **options: Any) -> Iterator[Wire]:
    """A wire with its skills, and a check that nothing is left and no fault of ours was logged."""
    monkeypatch.setattr(txaio.config, "loop", None, raising=False)
    one = Wire(**options)
    globalLogPublisher.addObserver(one.log.append)
    try:
        with installed(one.stage.skills()):
            yield one
            one.end()
    finally:
        one.release("slow")
        globalLogPublisher.removeObserver(one.log.append)
    assert one.faults() == []
