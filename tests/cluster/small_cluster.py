"""A whole cluster in memory: honest workers without skills, a database, gateways, devices.

The workers keep to docs/reference/cluster-protocol.md and are small: what is said is written, told
and answered, and after a moment thought about, answered and done. Whatever they write is
checked against the lease, as in the real database, so what a paused one believes does not matter.
"""

from __future__ import annotations

from collections import deque
from itertools import count

from attrs import Factory, define, field, frozen
from bus_in_memory import Network
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from pytlas_wamp.assistant.host import Person
from pytlas_wamp.cluster.bus import Refused
from pytlas_wamp.cluster.gateway import RemoteHost
from pytlas_wamp.cluster.placement import PROTOCOL, Placement
from pytlas_wamp.errors import OperatorError
from pytlas_wamp.journal.leases import Lease, Node, NodeStatus
from pytlas_wamp.wire.codec import decode_client, encode
from pytlas_wamp.wire.messages import Answer, AnswerData, Done, Error, Message, Said, Thinking

PROMISED_SECONDS = 3.0
TURN_SECONDS = 0.1
WRITE_SECONDS = 0.01
MAX_MISSED = 200


class DatabaseAway(OperatorError):
    """Nobody reaches the database."""


@frozen
class Entry:
    """A frame of the log; `uid` says which `say` of the test a `said` came from."""

    frame: object
    text: str
    uid: object = None


@define(eq=False)
class Database:
    """A `LeaseStore`, and the log of each user."""

    clock: Clock
    is_away: bool = False
    _nodes: dict = field(factory=dict)
    states: dict = field(factory=dict)
    leases: dict = field(factory=dict)
    logs: dict = field(factory=dict)
    asked: list = field(factory=list)

    def announce(self, node, *, seconds=PROMISED_SECONDS):
        self._check()
        self._nodes[node.id] = (node, self.clock.seconds() + seconds)
        return self.states.get(node.name, "active")

    def withdraw(self, node_id):
        self._nodes.pop(node_id, None)

    def living(self):
        self._check()
        return tuple(
            NodeStatus(
                node=node,
                state=self.states.get(node.name, "active"),
                alive=True,
                started_at=0.0,
                seen_at=0.0,
            )
            for node, until in self._nodes.values()
            if self._lives(until)
        )

    def lease(self, user_id):
        self._check()
        self.asked.append(user_id)
        if user_id not in self.leases:
            return None
        node_id, epoch = self.leases[user_id]
        return Lease(user_id=user_id, node_id=node_id, epoch=epoch, alive=self._is_alive(node_id))

    def claim(self, user_id, node_id, *, instead_of=0):
        self._check()
        owner, epoch = self.leases.get(user_id, (None, 0))
        if owner in (None, node_id) or epoch == instead_of or not self._is_alive(owner):
            self.leases[user_id] = (node_id, epoch + 1)
        return self.lease(user_id)

    def release(self, user_id, node_id, epoch):
        if self.leases.get(user_id) == (node_id, epoch):
            self.leases[user_id] = (None, epoch)

    def log(self, user_id):
        return self.logs.setdefault(user_id, [])

    def write(self, user_id, node_id, epoch, entries):
        """Whether it could be written; False when the lease is another's."""
        if self.is_away or self.leases.get(user_id) != (node_id, epoch):
            return False
        self.log(user_id).extend(entries)
        return True

    def erase(self, user_id):
        self._check()
        erased = self.log(user_id)
        self.logs[user_id] = [Entry(None, "") for _ in erased]
        return sum(one.text != "" for one in erased)

    def _is_alive(self, node_id):
        return node_id in self._nodes and self._lives(self._nodes[node_id][1])

    def _lives(self, until):
        return self.clock.seconds() < until

    def _check(self):
        if self.is_away:
            raise DatabaseAway("the database is away")


@define(eq=False)
class ClockWorkers:
    """Threads whose work takes a moment of the test's clock."""

    clock: Clock
    seconds: float = 0.002

    def run(self, function, *args, **kwargs):
        done = Deferred()

        def work():
            try:
                result = function(*args, **kwargs)
            except Exception:  # noqa: BLE001 - as a pool does
                result = Failure()
            done.callback(result)

        self.clock.callLater(self.seconds, work)
        return done


@define(eq=False)
class _Conversation:
    epoch: int
    remembered: dict = field(factory=dict)  # number of the said, by id
    running: int = 0


@define(eq=False)
class SmallWorker:
    """A worker; its seats are (gateway, user)."""

    name: str
    clock: Clock
    database: Database
    network: Network
    languages: frozenset = frozenset()
    protocol: int = PROTOCOL
    suffix: int = 0
    id: str = ""
    bus: object = None
    dead: bool = False
    paused: bool = False
    draining: bool = False
    lose_tellings: int = 0
    refuse: deque = Factory(deque)  # the next questions: with a code, or answered so
    conversations: dict = Factory(dict)
    seats: dict = Factory(dict)  # epoch by (gateway, user)

    def start(self):
        self.suffix += 1
        self.id = f"{self.name}-{self.suffix:08x}"
        self.dead = self.paused = self.draining = False
        self.conversations, self.seats = {}, {}
        self.bus = self.network.bus(self.id)
        self.bus.start(self)
        self.announce()

    def announce(self):
        if self.dead or self.paused or self.database.is_away:
            return
        node = Node(
            id=self.id,
            name=self.name,
            role="worker",
            host="here",
            address="",
            protocol=self.protocol,
            version="1",
            languages=self.languages,
            conversations=len(self.conversations),
        )
        state = self.database.announce(node)
        self.draining = state == "draining"
        if self.draining:
            self._drain()

    def kill(self):
        self.dead = True
        self.network.kill(self.id)

    def pause(self):
        self.paused = True
        self.network.pause(self.id)

    def resume(self):
        self.paused = False
        self.network.resume(self.id)

    def _drain(self):
        for user, conversation in tuple(self.conversations.items()):
            if not conversation.running:
                self.database.release(user, self.id, conversation.epoch)
                self._gone(user)

    # The Inbox

    def asked(self, sender, what, body):
        if self.refuse:
            code = self.refuse.popleft()
            if isinstance(code, dict):
                return code
            if code is not None:
                raise Refused(code, "as the test wants it")
        return getattr(self, f"_{what}")(sender, **body)

    def told(self, sender, body):
        raise AssertionError("nobody tells workers")

    def connected(self):
        pass

    def disconnected(self):
        self.seats.clear()

    def left(self, node):
        self.seats = {seat: epoch for seat, epoch in self.seats.items() if seat[0] != node}

    # Questions

    def _join(self, sender, user, after, instead_of):
        conversation = self.conversations.get(user)
        if conversation is None and self.draining:
            raise Refused("draining", "it drains")
        joined = Deferred()

        def join():
            try:
                joined.callback(self._sit_down(sender, user, after, instead_of))
            except Refused as refusal:
                joined.errback(refusal)
            except DatabaseAway:
                joined.errback(Refused("unavailable", "the database is away"))

        self._later(WRITE_SECONDS, join)
        return joined

    def _sit_down(self, sender, user, after, instead_of):
        conversation = self.conversations.get(user)
        if conversation is None:
            lease = self.database.claim(user, self.id, instead_of=instead_of)
            if lease.node_id != self.id:
                raise Refused("held", "another has it")
            conversation = self._begin(user, lease.epoch)
        self.seats[sender, user] = conversation.epoch
        entries = self.database.log(user)
        missed = None
        if after is not None and len(entries) - MAX_MISSED <= after <= len(entries):
            missed = [one.text for one in entries[after:]]
        return {
            "epoch": conversation.epoch,
            "language": "en",
            "seq": len(entries),
            "context": None,
            "ask": None,
            "missed": missed,
        }

    def _begin(self, user, epoch):
        conversation = self.conversations[user] = _Conversation(epoch)
        open_turns = {}
        for one in self.database.log(user):
            if isinstance(one.frame, Said):
                open_turns[one.frame.seq] = one.frame
                if one.frame.id is not None:
                    conversation.remembered[one.frame.id] = one.frame.seq
            elif isinstance(one.frame, Done):
                open_turns.pop(next(iter(open_turns), None), None)
        for said in open_turns.values():
            text = {"message": "interrupted", "code": "interrupted", "retryable": True}
            self._write(user, epoch, [(Error, {**text, "re": said.id})])
            self._write(user, epoch, [(Done, {"require_input": False, "re": said.id})])
        return conversation

    def _say(self, sender, user, epoch, device, message):
        conversation = self._seated(sender, user, epoch)
        said = decode_client(message, max_depth=32)
        if said.message == "busy":
            return {"frames": [[_error("busy", said.id), False]]}
        known = conversation.remembered.get(said.id)
        if known is not None:
            return {"frames": [[text, True] for text in self._about(user, known, said.id)]}
        taken = Deferred()
        self._later(WRITE_SECONDS, lambda: self._accept(taken, sender, user, epoch, device, said))
        return taken

    def _accept(self, taken, sender, user, epoch, device, said):
        conversation = self.conversations.get(user)
        if conversation is None or conversation.epoch != epoch:
            taken.errback(Refused("moved", "it is not here"))
            return
        known = conversation.remembered.get(said.id)
        if known is not None:
            taken.callback({"frames": [[t, True] for t in self._about(user, known, said.id)]})
            return
        fields = {"message": said.message, "id": said.id}
        uid = (said.meta or {}).get("uid")
        if not self._write(user, epoch, [(Said, fields)], who=(sender, device), uid=uid):
            taken.errback(Refused("moved", "it is not here"))
            return
        if said.id is not None:
            conversation.remembered[said.id] = len(self.database.log(user))
        conversation.running += 1
        # Those who are told may know before who said it has an answer.
        self._later(WRITE_SECONDS, lambda: taken.callback({"frames": []}))
        self._later(TURN_SECONDS, lambda: self._run(user, epoch, said))

    def _run(self, user, epoch, said):
        data = AnswerData(text=f"you said {said.message}", raw_text=None, cards=None)
        self._write(
            user, epoch, [(Thinking, {"re": said.id}), (Answer, {"data": data, "re": said.id})]
        )
        self._write(user, epoch, [(Done, {"require_input": False, "re": said.id})])
        conversation = self.conversations.get(user)
        if conversation is not None and conversation.epoch == epoch:
            conversation.running -= 1

    def _cancel(self, sender, user, epoch, id):  # noqa: A002 - the protocol's name
        self._seated(sender, user, epoch)
        self._write(user, epoch, [(Done, {"require_input": False, "re": id})])
        return {}

    def _leave(self, sender, user, epoch):
        if self.seats.get((sender, user)) == epoch:
            del self.seats[sender, user]
        return {}

    def _forget(self, sender, user, epoch):
        conversation = self.conversations.get(user)
        if conversation is None or conversation.epoch != epoch:
            raise Refused("moved", "it is not here")
        return {"deleted": self.database.erase(user)}

    def _seated(self, sender, user, epoch):
        if user not in self.conversations or self.seats.get((sender, user)) != epoch:
            raise Refused("moved", "it is not here")
        return self.conversations[user]

    def _about(self, user, seq, id_):
        return [
            one.text
            for one in self.database.log(user)[seq - 1 :]
            if one.frame is not None
            and (one.frame.seq == seq or getattr(one.frame, "re", None) == id_)
        ]

    # The log

    def _write(self, user, epoch, frames, who=(None, None), uid=None):
        log = self.database.log(user)
        entries = []
        for kind, fields in frames:
            frame = kind(seq=len(log) + len(entries) + 1, **fields)
            entries.append(Entry(frame, encode(frame), uid))
        if not self.database.write(user, self.id, epoch, entries):
            if not self.database.is_away:
                self._gone(user)
            return False
        rows = [(user, epoch, one.text) for one in entries]
        for gateway, seated in tuple(self.seats):
            if seated == user:
                device = who[1] if gateway == who[0] else None
                self._tell(gateway, {"frames": [[*row, device] for row in rows]})
        return True

    def _gone(self, user):
        """Have it no more: fenced, or handed over."""
        conversation = self.conversations.pop(user, None)
        for gateway, seated in tuple(self.seats):
            if seated == user and conversation is not None:
                del self.seats[gateway, user]
                self._tell(gateway, {"moved": [[user, conversation.epoch]]})

    def _tell(self, gateway, body):
        if self.lose_tellings:
            self.lose_tellings -= 1
        else:
            self.bus.tell(gateway, body)

    def _later(self, seconds, step):
        """Do something after a while; a process that stands still does it when it goes on."""
        born = self.suffix

        def do():
            if self.dead or self.suffix != born:
                return
            if self.paused:
                self.clock.callLater(0.05, do)
            else:
                step()

        self.clock.callLater(seconds, do)


def _error(code, id_):
    return encode(Error(code=code, message=code, retryable=True, re=id_))


@define(eq=False)
class SmallDevice:
    """A client: keeps what it got; joins again when it is told to, as clients do."""

    name: str
    person: Person
    last: object = None
    conversation: object = None
    seen: list = Factory(list)  # of this connection: frames that were delivered
    start: int = 0
    repeated: list = Factory(list)
    complaints: list = Factory(list)
    times_moved: int = 0
    failures: list = Factory(list)
    on_moved: object = None
    joining: bool = False

    def join(self, host, *, resume=True):
        self.joining = True
        after = self.last if resume else None
        host.join(self.person, self, after).addCallbacks(
            self._joined, self._not_joined, callbackArgs=(after,)
        )

    def _joined(self, joined, after):
        self.joining = False
        self.conversation, presence = joined
        self.seen = []
        if presence.missed is None:
            self.start = presence.seq
        else:
            self.start = after
            self.seen = list(presence.missed)
        self.last = presence.seq

    def _not_joined(self, failure):
        self.joining = False
        self.failures.append(failure.value)

    def deliver(self, frame):
        assert self.conversation is not None, "a frame before it has joined"
        if getattr(frame, "seq", None) is None:
            self.complaints.append(frame)
        else:
            self.seen.append(frame)
            self.last = max(self.last, frame.seq)

    def repeat(self, frame):
        self.repeated.append(frame)

    def overhear(self, frame, speaker):
        raise AssertionError("gateways have no seats in gateways")

    def moved(self):
        self.times_moved += 1
        if self.on_moved is not None:
            self.on_moved(self)

    def say(self, text, *, id_=None, uid=None):
        meta = None if uid is None else {"uid": uid}
        self.conversation.say(self, Message(message=text, id=id_, meta=meta))

    def leave(self):
        conversation, self.conversation = self.conversation, None
        conversation.detach(self)

    @property
    def seqs(self):
        return [frame.seq for frame in self.seen]


@define(eq=False)
class SmallGateway:
    name: str
    host: RemoteHost
    placement: Placement
    bus: object


@define(eq=False)
class SmallCluster:
    """Gateways and workers that run on one clock."""

    clock: Clock = Factory(Clock)
    network: Network = field()
    database: Database = field()
    workers: dict = Factory(dict)
    gateways: list = Factory(list)
    _numbers: object = Factory(count)

    @network.default
    def _make_network(self):
        return Network(self.clock, seconds=0.001)

    @database.default
    def _make_database(self):
        return Database(self.clock)

    def add_worker(self, name, **kwargs):
        worker = SmallWorker(name, self.clock, self.database, self.network, **kwargs)
        self.workers[name] = worker
        worker.start()
        return worker

    def add_gateway(self, name, **kwargs):
        bus = self.network.bus(f"{name}-00000001")
        threads = ClockWorkers(self.clock)
        placement = Placement(store=self.database, workers=threads, now=self.clock.seconds)
        host = RemoteHost(
            bus=bus,
            placement=placement,
            clock=self.clock,
            workers=threads,
            erase_frames=self.database.erase,
            **{"max_waiting": 32, **kwargs},
        )
        bus.start(host)
        gateway = SmallGateway(name, host, placement, bus)
        self.gateways.append(gateway)
        placement.refresh()
        if len(self.gateways) == 1:
            self.clock.callLater(1.0, self._each_second)
        return gateway

    def _each_second(self):
        for worker in self.workers.values():
            worker.announce()
        for gateway in self.gateways:
            gateway.placement.refresh()
        self.clock.callLater(1.0, self._each_second)

    def pass_time(self, seconds=0.5):
        end = self.clock.seconds() + seconds
        while self.clock.calls and self.clock.calls[0].getTime() <= end:
            self.clock.advance(max(0.0, self.clock.calls[0].getTime() - self.clock.seconds()))
        self.clock.advance(max(0.0, end - self.clock.seconds()))

    def worker_of(self, user_id):
        owner = self.database.leases[user_id][0]
        return next(one for one in self.workers.values() if one.id == owner)


def person(user_id=1, language="en"):
    return Person(id=user_id, language=language, settings={})


def small_cluster(workers=2, gateways=1):
    """Returns one that has started, and its first gateway's host."""
    cluster = SmallCluster()
    for number in range(workers):
        cluster.add_worker(f"w{number}")
    for number in range(gateways):
        cluster.add_gateway(f"g{number}")
    cluster.pass_time(0.1)
    return cluster
