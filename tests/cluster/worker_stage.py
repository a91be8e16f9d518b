"""A worker with real conversations on a stage where nothing moves by itself.

stage = WorkerStage()
joined = stage.ask(ONE, "join", user=1, after=None, instead_of=0)
stage.ask(ONE, "say", user=1, epoch=joined["epoch"], device=7, message='{"message": "echo"}')
stage.told(ONE)  # the bodies that the gateway was told since
"""

from __future__ import annotations

import json

import pytest
from bus_in_memory import Network
from twisted.internet.defer import Deferred, fail, maybeDeferred, succeed
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from frames import check_frame, short
from inboxes import NotedInbox
from journal_memory import MemoryJournal
from leases_memory import MemoryLeases
from pytlas_wamp.assistant.host import Host, Person
from pytlas_wamp.assistant.ownership import LeasedOwnership
from pytlas_wamp.assistant.write_behind import WriteBehind
from pytlas_wamp.cluster.bus import Refused
from pytlas_wamp.cluster.draining import Draining
from pytlas_wamp.cluster.seats import Seats
from pytlas_wamp.cluster.tellings import Tellings
from pytlas_wamp.cluster.worker_desk import WorkerDesk
from pytlas_wamp.errors import ClientError
from pytlas_wamp.journal.leases import Node
from pytlas_wamp.limits import Limits
from skills_for_tests import all_skills, make_interpreter
from transcript_assistant import Gates, installed
from workers_for_tests import Arrivals, ManualWorkers, settle

ONE, TWO = "front-00000001", "front-00000002"
COOK = "cook-00000001"
OTHER = "other-00000001"


@pytest.fixture
def gates():
    """Lets `slow` and `later` go on; all skills are installed meanwhile."""
    gates = Gates()
    with installed(all_skills(gates), package="testing"):
        yield gates
        gates.release("slow")


class Languages:
    """Interpreters, at once."""

    def __init__(self):
        self.broken = None

    def get(self, language):
        return succeed(make_interpreter(language)) if self.broken is None else fail(self.broken)


class WorkerStage:
    """A worker, and gateways that ask it what the test wants.

    Args:
      languages: that the worker serves; none for all.
      at_once: how many conversations it gives back side by side.
      node_id: its id.
      beside: another one, with which it shares time, threads and database; that has gateways.
      limits: those that are not at their default.
    """

    def __init__(self, *, languages=(), at_once=16, node_id=COOK, beside=None, **limits):
        self.node_id = node_id
        if beside is None:
            self.clock = Clock()
            self.network = Network(self.clock)
            self.arrivals = Arrivals()
            self.skills, self.urgent, self.disk = (ManualWorkers(self.arrivals) for _ in range(3))
            self.leases = MemoryLeases(clock=self.clock.seconds)
            self.journal = MemoryJournal(node_id=node_id, leases=self.leases.held)
        else:
            self.clock, self.network, self.leases = beside.clock, beside.network, beside.leases
            self.arrivals, self.journal = beside.arrivals, beside.journal.of_node(node_id)
            self.skills, self.urgent, self.disk = beside.skills, beside.urgent, beside.disk
        self.writer = WriteBehind(
            store=self.journal, workers=self.disk, clock=self.clock, max_unwritten=100
        )
        self.interpreters = Languages()
        self.host = Host(
            interpreters=self.interpreters,
            workers=self.skills,
            urgent=self.urgent,
            clock=self.clock,
            limits=Limits(**limits),
            now=lambda: 1_000.0,
            writer=self.writer,
            ownership=LeasedOwnership(store=self.leases, node_id=node_id, workers=self.disk),
        )
        self.languages = {}
        self.finding = None
        self.finding_fails = None
        self.bus = self.network.bus(node_id)
        self.tellings = Tellings(bus=self.bus, clock=self.clock)
        self.seats = Seats(self.tellings)
        self.draining = Draining(host=self.host, clock=self.clock, at_once=at_once)
        self.desk = WorkerDesk(
            host=self.host,
            seats=self.seats,
            find_person=self.find,
            erase=self.erase,
            takes=self.draining.takes,
            languages=frozenset(languages),
        )
        self.bus.start(self.desk)
        self.leases.announce(node_of(node_id), seconds=1_000)
        if beside is None:
            self._have_gateways()
        self.settle()

    def _have_gateways(self):
        self.leases.announce(node_of(OTHER), seconds=1_000)
        self.inboxes = {gateway: NotedInbox() for gateway in (ONE, TWO)}
        self.gateways = {gateway: self.network.bus(gateway) for gateway in (ONE, TWO)}
        for gateway, inbox in self.inboxes.items():
            self.gateways[gateway].start(inbox)

    def find(self, user_id):
        """What is stored about a user; a Deferred of the test's when it waits."""
        if self.finding is not None:
            self.finding.append(Deferred())
            return self.finding[-1].addCallback(lambda _: self._person(user_id))
        if self.finding_fails:
            return fail(self.finding_fails)
        return maybeDeferred(self._person, user_id)

    def _person(self, user_id):
        language = self.languages.get(user_id, "en-US")
        if language is None:
            raise ClientError("account-disabled", "the account is disabled or deleted")
        return Person(id=user_id, language=language, settings={})

    def erase(self, user_id):
        return self.writer.ask(self.journal.erase, user_id)

    # What gateways do

    def put(self, gateway, what, **body):
        """Ask; nothing moves yet. Returns where the answer, or the `BusError`, will be."""
        outcome = []
        answered = self.gateways[gateway].ask(COOK, what, body)
        answered.addBoth(
            lambda value: outcome.append(value.value if isinstance(value, Failure) else value)
        )
        return outcome

    def ask(self, gateway, what, **body):
        """Ask, and have everything move that can; the answer, or the code of the refusal."""
        outcome = self.put(gateway, what, **body)
        self.settle()
        assert outcome, f"{what} was not answered"
        return outcome[0].code if isinstance(outcome[0], Refused) else outcome[0]

    def join(self, gateway=ONE, user=1, after=None, instead_of=0):
        return self.ask(gateway, "join", user=user, after=after, instead_of=instead_of)

    def say(self, text, gateway=ONE, user=1, epoch=1, device=7, **fields):
        return self.ask(gateway, "say", **said(text, user, epoch, device, **fields))

    def put_say(self, text, gateway=ONE, user=1, epoch=1, device=7, **fields):
        return self.put(gateway, "say", **said(text, user, epoch, device, **fields))

    def cancel(self, gateway=ONE, user=1, epoch=1, id_=None):
        return self.ask(gateway, "cancel", user=user, epoch=epoch, id=id_)

    def leave(self, gateway=ONE, user=1, epoch=1):
        return self.ask(gateway, "leave", user=user, epoch=epoch)

    # What gateways have got

    def told(self, gateway=ONE):
        """The bodies that a gateway was told since the last time."""
        return [event[2] for event in self.inboxes[gateway].taken() if event[0] == "told"]

    def frames(self, gateway=ONE):
        """What it was told: (user, epoch, the frame in a few words, device)."""
        return [
            (user, epoch, short(check_frame(text)), device)
            for body in self.told(gateway)
            for user, epoch, text, device in body.get("frames", ())
        ]

    def look(self, gateway=ONE):
        """The frames that it was told, in a few words."""
        return [frame for _, _, frame, _ in self.frames(gateway)]

    def moved(self, gateway=ONE):
        """What it was told that moved."""
        return [tuple(one) for body in self.told(gateway) for one in body.get("moved", ())]

    # Time

    def settle(self, *, disk=True):
        """Run what can run; skills at a gate stay there, and maybe what waits for the disk."""
        pools = [self.urgent, self.skills, *([self.disk] if disk else [])]
        while True:
            settle(self.arrivals, *pools)
            due = [c for c in self.clock.getDelayedCalls() if c.getTime() <= self.clock.seconds()]
            if not due and not len(self.arrivals):
                return
            self.clock.advance(0)

    def advance(self, seconds, step=0.05):
        """Let time pass, and everything run that can."""
        for _ in range(round(seconds / step)):
            self.clock.advance(step)
            self.settle()


def said(text, user, epoch, device, **fields):
    """The body of a `say`."""
    message = json.dumps({"message": text, **fields})
    return {"user": user, "epoch": epoch, "device": device, "message": message}


def node_of(node_id):
    """A worker."""
    name = node_id.partition("-")[0]
    return Node(
        id=node_id, name=name, role="worker", host="here", address="", protocol=1, version="1"
    )
