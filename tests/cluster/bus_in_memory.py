"""A `Bus` between nodes of one process, whose time is a twisted `Clock`: for unit tests.

    network = Network(clock)
    gateway, worker = network.bus("g-00000001"), network.bus("w-00000001")
    gateway.start(inbox); worker.start(other_inbox); clock.advance(0)

Nothing arrives before the clock advances (`advance(0)` is enough), each way between two nodes
keeps its order, and what cannot be sent in CBOR fails here as it would there.

What can go wrong:
- `kill(id)`: the process is gone at once (kill -9). What it had sent still arrives; then those
  that asked it, or were asked by it, learn that it left. Nothing that its bus is asked to do
  has any effect, and its Deferreds never fire.
- `pause(id)` and `resume(id)`: the process stands still (SIGSTOP). What is sent to it piles up.
  After `notice_seconds` the others learn that it left. When it goes on it first gets what
  had piled up until then, and, if it had been noticed, `disconnected` and `connected`.
  Its own timers, which are the test's clock, do not stand still; what it sends waits.
- `cut(*ids)` and `mend(*ids)`: a cable is out, that of all nodes when none is named. As with a
  pause, but the node itself also learns after `notice_seconds` that it is alone; what was
  on the way when that was noticed is lost, and what was sent before a quick mend is not.
- `break_router()` and `restore_router()`: everybody is alone at once, nobody has left. Who is
  not back `return_seconds` after oneself, or has not asked again, has left.
- `seconds`: how long each message is on its way from now on.
"""

from __future__ import annotations

from collections import deque

from attrs import Factory, define, field
from twisted.internet.defer import Deferred, fail, succeed

from pytlas_wamp.cluster import parcels
from pytlas_wamp.cluster.bus import ANSWER_SECONDS, Unanswered, Unreachable


@define(eq=False)
class _Place:
    """A node, as the network knows it."""

    bus: MemoryBus
    alive: bool = True
    paused: bool = False
    is_cut: bool = False
    noticed: bool = False
    notice: object = None
    doubtful: dict = field(factory=dict)  # pairs of before it was alone


@define(eq=False)
class _Way:
    """From one node to another: what is under way, in order."""

    # When it arrives, what to do then, and whether it is the router's own news.
    waiting: deque = field(factory=deque)


@define(eq=False)
class Network:
    """What the nodes of a test are connected by.

    Args:
      clock: a twisted `Clock`.
      seconds: how long a message is on its way.
      notice_seconds: after how long it is noticed that a node is silent.
      return_seconds: how long a node that was alone waits for the others to come back.
    """

    clock: object
    seconds: float = 0.0
    notice_seconds: float = 4.0
    return_seconds: float = 5.0
    router_is_up: bool = True
    _places: dict = field(factory=dict)
    _ways: dict = field(factory=dict)
    _pairs: dict = field(factory=dict)  # pairs (who asked, who was asked), in order

    def bus(self, node_id):
        """Makes a node, which has still to be started, and returns its bus."""
        assert node_id not in self._places, f"{node_id} is there already"
        self._places[node_id] = _Place(MemoryBus(self, node_id))
        return self._places[node_id].bus

    def kill(self, node_id):
        place = self._places[node_id]
        place.alive = False
        for (_, to), way in self._ways.items():
            if to == node_id:
                way.waiting.clear()
        if place.is_cut:
            self._watch_for_silence(place)
        else:
            self._stop_noticing(place)
            self._leave(node_id)

    def pause(self, node_id):
        place = self._places[node_id]
        place.paused = True
        self._watch_for_silence(place)

    def resume(self, node_id):
        self._places[node_id].paused = False
        self._back(self._places[node_id])

    def cut(self, *node_ids):
        for node_id in node_ids or tuple(self._places):
            place = self._places[node_id]
            place.is_cut = True
            self._watch_for_silence(place)

    def mend(self, *node_ids):
        for node_id in node_ids or tuple(self._places):
            self._places[node_id].is_cut = False
            self._back(self._places[node_id])

    def break_router(self):
        self.router_is_up = False
        self._ways.clear()
        for place in tuple(self._places.values()):
            self._alone(place)

    def restore_router(self):
        self.router_is_up = True
        for place in tuple(self._places.values()):
            if self._can_connect(place):
                self._later(place.bus._connect)

    def joined(self, place):
        """A node is there, for the first time or again."""
        for other in self._places.values():
            for pair in [each for each in other.doubtful if self._both_connected(each)]:
                # Who had asked goes on to watch, at once.
                if pair[0] == other.bus.node_id:
                    self._pairs[pair] = True
        if place.doubtful:
            self.clock.callLater(self.return_seconds, self._settle, place)

    # From here on: for the buses.

    def _can_connect(self, place):
        silent = place.paused or place.is_cut
        return self.router_is_up and place.alive and place.bus.inbox is not None and not silent

    def _present(self, node_id):
        """Whether a router would know this node."""
        place = self._places.get(node_id)
        return (
            place is not None
            and place.alive
            and place.bus.inbox is not None
            and not place.noticed
            and (place.bus.is_connected or place.paused or place.is_cut)
        )

    def _reaches(self, one, other):
        return (one, other) in self._pairs or (other, one) in self._pairs

    def _both_connected(self, pair):
        return all(self._places[each].bus.is_connected for each in pair)

    def _settle(self, place):
        """Whoever has not come back by now has left."""
        if not place.alive or not place.bus.is_connected:
            return
        gone = [pair for pair in place.doubtful if pair not in self._pairs]
        place.doubtful.clear()
        for asker, asked in gone:
            place.bus._left(asked if asker == place.bus.node_id else asker)

    def _later(self, call, *args):
        self.clock.callLater(0, call, *args)

    def _send(self, sender, to, what, *args, by_router=False):
        """Puts a call of the other bus on its way."""
        way = self._ways.setdefault((sender, to), _Way())
        way.waiting.append((self.clock.seconds() + self.seconds, what, args, by_router))
        self.clock.callLater(self.seconds, self._pump, sender, to)

    def _pump(self, sender, to):
        way = self._ways.get((sender, to))
        start, end = self._places[sender], self._places[to]
        held_back = start.is_cut or (start.paused and start.alive)
        while way and way.waiting and way.waiting[0][0] <= self.clock.seconds():
            if not end.alive:
                way.waiting.clear()
            elif end.is_cut or end.paused or (held_back and not way.waiting[0][3]):
                return
            else:
                _, what, args, _ = way.waiting.popleft()
                what(*args)

    def _pump_all(self, node_id):
        for sender, to in tuple(self._ways):
            if node_id in (sender, to):
                self._pump(sender, to)

    def _watch_for_silence(self, place):
        if place.notice is None and not place.noticed and place.bus.inbox is not None:
            place.notice = self.clock.callLater(self.notice_seconds, self._notice, place)

    def _stop_noticing(self, place):
        if place.notice is not None and place.notice.active():
            place.notice.cancel()
        place.notice = None

    def _notice(self, place):
        """The router, and the node itself unless it stands still, finds that nothing comes."""
        place.notice, place.noticed = None, True
        node_id = place.bus.node_id
        for (sender, to), way in self._ways.items():
            # What a paused process has in its socket it will read.
            if sender == node_id or (to == node_id and not place.paused):
                way.waiting.clear()
        self._leave(node_id)
        if not place.paused:
            self._alone(place)

    def _back(self, place):
        if place.paused or place.is_cut:
            return
        self._stop_noticing(place)
        self._pump_all(place.bus.node_id)
        if place.noticed:
            self._later(self._return, place)

    def _return(self, place):
        place.noticed = False
        self._alone(place)
        if self._can_connect(place):
            self._later(place.bus._connect)

    def _leave(self, node_id):
        """Tells those that have to do with a node that it is gone, after what it had sent."""
        for pair in tuple(self._pairs):
            if node_id not in pair:
                continue
            self._pairs.pop(pair)
            other = pair[0] if pair[1] == node_id else pair[1]
            if self._places[other].alive:
                left = self._places[other].bus._left
                self._send(node_id, other, left, node_id, by_router=True)
                self._places[node_id].doubtful[pair] = True

    def _alone(self, place):
        if place.alive and place.bus.is_connected:
            for pair in [pair for pair in self._pairs if place.bus.node_id in pair]:
                self._pairs.pop(pair)
                for node_id in pair:
                    self._places[node_id].doubtful[pair] = True
            place.bus._disconnect()


@define(eq=False)
class MemoryBus:
    """A `Bus`; made by `Network.bus`.

    Args:
      asked: what was asked from here: (node, question, body).
      told: what was told from here: (node, body).
    """

    network: Network
    node_id: str
    inbox: object = None
    is_connected: bool = False
    asked: list = Factory(list)
    told: list = Factory(list)
    _waiting: dict = Factory(dict)  # (node, Deferred) by the number of the question
    _number: int = 0
    _started: object = None
    _connected_at: float = 0

    def start(self, inbox):
        self.inbox = inbox
        self._started = Deferred()
        if self.network._can_connect(self.network._places[self.node_id]):
            self.network._later(self._connect)
        return self._started

    def stop(self):
        if self._is_alive():
            self.network._leave(self.node_id)
            self.is_connected = False
            self._give_up(None)
            self.network._places[self.node_id].alive = False
        return succeed(None)

    def ask(self, node, what, body, *, key=0):
        self.asked.append((node, what, body))
        if not self._is_alive():
            return Deferred()
        if not self.is_connected:
            return fail(Unreachable("we are cut off"))
        try:
            parcel = parcels.packed(body)
        except parcels.TooBig as error:
            return fail(error)
        self._number += 1
        number = self._number
        answered = Deferred()
        self._waiting[number] = (node, answered)
        if not self.network._present(node):
            self.network._later(self._fail, number, Unreachable(f"there is no {node}"))
        else:
            self.network._pairs[self.node_id, node] = True
            other = self.network._places[node].bus
            self.network._send(self.node_id, node, other._ask, self.node_id, number, what, parcel)
        late = self.network.clock.callLater(
            ANSWER_SECONDS, self._fail, number, Unanswered(f"no answer of {node} in time")
        )
        answered.addBoth(_without, late)
        return answered

    def tell(self, node, body, *, key=0):
        parcel = parcels.packed(body)
        self.told.append((node, body))
        if self._is_alive() and self.is_connected and self.network._present(node):
            other = self.network._places[node].bus
            self.network._send(self.node_id, node, other._tell, self.node_id, parcel)

    def watch(self, node):
        """Have to do with a node, as after a question."""
        if self._is_alive() and self.is_connected:
            if self.network._present(node):
                self.network._pairs[self.node_id, node] = True
            elif self.network.clock.seconds() < self._connected_at + self.network.return_seconds:
                self.network.clock.callLater(0.5, self.watch, node)
            else:
                self.network._later(self.inbox.left, node)

    def reaches(self, node):
        """Whether it is known that a node is there."""
        return self.is_connected and self.network._reaches(self.node_id, node)

    def _is_alive(self):
        return self.network._places[self.node_id].alive

    def _connect(self):
        if self._is_alive() and not self.is_connected and self.network.router_is_up:
            self.is_connected = True
            self._connected_at = self.network.clock.seconds()
            self.network.joined(self.network._places[self.node_id])
            self.inbox.connected()
            if not self._started.called:
                self._started.callback(None)

    def _disconnect(self):
        self.is_connected = False
        self._give_up(None)
        self.inbox.disconnected()

    def _give_up(self, node):
        """Fails what is not answered yet: of one node, or all."""
        for number, (asked, _) in tuple(self._waiting.items()):
            if node is None or asked == node:
                self._fail(number, Unanswered("the way was lost"))

    def _fail(self, number, error):
        if self._is_alive() and number in self._waiting:
            self._waiting.pop(number)[1].errback(error)

    def _left(self, node):
        self._give_up(node)
        self.inbox.left(node)

    def _ask(self, sender, number, what, parcel):
        def give(document):
            if self._is_alive() and self.is_connected:
                back = self.network._places[sender].bus
                answer = parcels.packed_answer(document)
                self.network._send(self.node_id, sender, back._answer, number, answer)

        parcels.answer(self.inbox, sender, what, parcels.opened(parcel), give)

    def _answer(self, number, parcel):
        if number in self._waiting:
            answered = self._waiting.pop(number)[1]
            try:
                answered.callback(parcels.answer_in(parcels.opened(parcel)))
            except parcels.BusError as error:
                answered.errback(error)

    def _tell(self, sender, parcel):
        parcels.tell(self.inbox, sender, parcels.opened(parcel))


def _without(result, call):
    if call.active():
        call.cancel()
    return result
