"""What people do with a small cluster, and what befalls it; then what must be true of it all.

The check knows nothing of gateways: it compares what each device got with the log in the
database, and counts what the log has of each message.
"""

from __future__ import annotations

from collections import Counter
from itertools import count

from attrs import Factory, define, field
from small_cluster import SmallDevice, SmallWorker, person, small_cluster

from pytlas_wamp.wire.codec import encode

USERS = 2
DEVICES = 4
GATEWAYS = 2
WORKERS = 3
# Long enough for leases to end, and for whoever waits to be told to begin anew.
HEALING_SECONDS = 45

visited: Counter[str] = Counter()


@define(eq=False)
class Sentence:
    """Something that a device has said, maybe more than once.

    Args:
      uid: names it in the log.
      text: unique, too.
      id: the client's, if it gave one.
      connections: the numbers of those on which it was said.
      refused: whether the device was told that it was not taken, or maybe not.
    """

    uid: int
    text: str
    id: str | None
    connections: set = Factory(set)
    refused: bool = False


@define(eq=False)
class Client:
    """A device, and who uses it."""

    story: Story
    device: SmallDevice
    gateway: int = 0
    is_on: bool = False
    connection: int = 0
    sentences: list = Factory(list)
    complained: int = 0

    def switch_on(self, gateway, *, resume=True):
        if not self.is_on:
            self.is_on, self.gateway = True, gateway
            self._connect(resume=resume)

    def _connect(self, *, resume=True):
        self.connection = next(self.story.connections)
        self.device.join(self.story.cluster.gateways[self.gateway].host, resume=resume)
        self._go_on(self.connection)

    def _go_on(self, connection):
        """Do what a client does when its connection is open, or failed."""
        if connection != self.connection or not self.is_on:
            return
        if self.device.joining:
            self.story.cluster.clock.callLater(0.05, self._go_on, connection)
        elif self.device.conversation is None:
            visited["a newcomer was sent away"] += 1
            self.story.cluster.clock.callLater(1.0, self._connect)
        else:
            for one in self.sentences:
                if one.id is not None and not one.refused and not self.story.is_done(one):
                    self._say(one)

    def moved(self, device):
        """The gateway wants this client to begin anew."""
        visited["begun anew"] += 1
        self._look_at_complaints()
        connection = self.connection

        def again():
            if self.is_on and connection == self.connection:
                device.leave()
                self._connect()

        self.story.cluster.clock.callLater(0.1, again)

    def switch_off(self):
        if self.is_on and self.device.conversation is not None:
            self.is_on = False
            self._look_at_complaints()
            self.device.leave()

    def say(self, *, with_id):
        if self.is_on and self.device.conversation is not None:
            uid = next(self.story.uids)
            one = Sentence(uid, f"sentence {uid}", f"id{uid}" if with_id else None)
            self.sentences.append(one)
            self._say(one)

    def say_again(self, pick):
        known = [one for one in self.sentences if one.id is not None]
        if known and self.is_on and self.device.conversation is not None:
            self._say(known[pick % len(known)])

    def cancel(self):
        if self.is_on and self.device.conversation is not None:
            self.device.conversation.cancel(f"cancel{next(self.story.uids)}")

    def _say(self, one):
        one.connections.add(self.connection)
        one.refused = False
        self.device.say(one.text, id_=one.id, uid=one.uid)
        self._look_at_complaints()

    def _look_at_complaints(self):
        fresh = self.device.complaints[self.complained :]
        self.complained = len(self.device.complaints)
        for error in fresh:
            for one in self.sentences:
                if one.id == error.re:
                    visited["refused"] += 1
                    one.refused = True


@define(eq=False)
class Story:
    """A small cluster, and all that happens in it."""

    cluster: object = Factory(lambda: small_cluster(WORKERS, GATEWAYS))
    clients: list = field()
    uids: object = Factory(lambda: count(1))
    connections: object = Factory(lambda: count(1))

    @clients.default
    def _make_clients(self):
        clients = []
        for number in range(DEVICES):
            device = SmallDevice(f"d{number}", person(1 + number % USERS))
            client = Client(self, device)
            device.on_moved = client.moved
            clients.append(client)
        return clients

    def worker(self, number):
        return self.cluster.workers[f"w{number}"]

    def is_done(self, one):
        """Whether the log has an outcome of it."""
        return any(
            getattr(entry.frame, "re", None) == one.id and entry.frame.TYPE == "done"
            for log in self.cluster.database.logs.values()
            for entry in log
        )

    def pass_time(self, seconds):
        self.cluster.pass_time(seconds)
        self._look_around()

    def _look_around(self):
        for client in self.clients:
            client._look_at_complaints()
        for gateway in self.cluster.gateways:
            for conversation in gateway.host.conversations:
                visited[f"state {conversation.state}"] += 1

    def kill(self, number):
        worker = self.worker(number)
        if not worker.dead:
            for gateway in self.cluster.gateways:
                for one in gateway.host.conversations:
                    if one.owner == worker.id and any(
                        saying.is_out for saying in one._errands.sayings
                    ):
                        visited["killed while something was said"] += 1
                    if one.owner == worker.id and any(
                        saying.is_told for saying in one._errands.sayings
                    ):
                        visited["told before it was answered"] += 1
            worker.kill()

    def lose_owner(self, client, how):
        """Have the worker gone that has the conversation of somebody."""
        for number in range(WORKERS):
            worker = self.worker(number)
            if client.device.person.id in worker.conversations and not worker.dead:
                if how == "kill":
                    self.kill(number)
                elif how == "cut":
                    self.cluster.network.cut(worker.id)
                elif not worker.paused:
                    worker.pause()

    def lose_tellings(self, client, times):
        """Have what the owner of somebody's conversation tells next get lost."""
        for worker in self.cluster.workers.values():
            if client.device.person.id in worker.conversations:
                worker.lose_tellings = times

    def mend(self):
        """Put all cables back, and have whoever was alone connect again."""
        self.cluster.network.mend()
        self.cluster.network.restore_router()

    def heal(self):
        """Put everything right, and let everybody who is there catch up."""
        cluster = self.cluster
        cluster.database.is_away = False
        cluster.database.states.clear()
        self.mend()
        for worker in cluster.workers.values():
            worker.lose_tellings = 0
            if worker.dead:
                worker.start()
            elif worker.paused:
                worker.resume()
        self.pass_time(HEALING_SECONDS)
        for client in self.clients:
            # What was lost last is only missed when something comes behind it.
            client.say(with_id=True)
        self.pass_time(HEALING_SECONDS)

    # What must be true

    def check(self):
        for client in self.clients:
            self._check_device(client)
            for one in client.sentences:
                self._check_sentence(client, one)
        for gateway in self.cluster.gateways:
            for conversation in gateway.host.conversations:
                assert conversation.is_settled, f"{gateway.name} has something to do for ever"
        on = {(client.gateway, client.device.person.id) for client in self.clients if client.is_on}
        found = {
            (number, one.user_id)
            for number, gateway in enumerate(self.cluster.gateways)
            for one in gateway.host.conversations
        }
        assert found == on, "conversations that nobody takes part in, or the other way round"

    def _check_device(self, client):
        device = client.device
        log = self.cluster.database.log(device.person.id)
        assert [entry.frame.seq for entry in log] == list(range(1, len(log) + 1))
        if not client.is_on:
            return
        assert device.conversation is not None, f"{device.name} never got in"
        assert device.seqs == sorted(set(device.seqs)), f"{device.name} got something twice"
        own = {one.uid: one for one in client.sentences}
        due = []
        for entry in log[device.start :]:
            one = own.get(entry.uid)
            if one is None:
                due.append(entry.text)
            elif one.connections != {client.connection}:
                # It was said before this device had come back: it may know it or not.
                due.append(entry.text if entry.frame in device.seen else None)
        assert [encode(frame) for frame in device.seen] == [text for text in due if text]
        for frame in device.repeated:
            assert encode(frame) == log[frame.seq - 1].text

    def _check_sentence(self, client, one):
        log = self.cluster.database.log(client.device.person.id)
        times = sum(entry.uid == one.uid for entry in log)
        assert times <= 1, f"{one.text} was taken {times} times"
        if not times and client.is_on:
            assert one.refused, f"{one.text} was lost"


def tour():
    """Go where chance comes rarely: everything is checked there as well."""
    for seconds in (0.005, 0.015, 0.05):
        story = Story()
        for client in story.clients:
            client.switch_on(0)
        story.pass_time(0.5)
        first = story.clients[0]
        for with_id in (True, False):
            first.say(with_id=with_id)
        story.pass_time(seconds)
        story.lose_owner(first, "kill")
        story.pass_time(1)
        story.lose_tellings(first, 2)
        first.say(with_id=True)
        story.pass_time(1)
        story.cluster.database.states["w0"] = "draining"
        story.pass_time(3)
        story.cluster.database.states["w0"] = "active"
        story.cluster.database.states["w1"] = "draining"
        story.pass_time(3)
        story.heal()
        story.check()


def watch_workers():
    """Note what workers see; returns what ends that."""
    told, join, say = SmallWorker._tell, SmallWorker._join, SmallWorker._say
    said = set()

    def noted_tell(self, gateway, body):
        visited["moved" if "moved" in body else "told"] += 1
        if self.lose_tellings:
            visited["a telling was lost"] += 1
        told(self, gateway, body)

    def noted_join(self, sender, user, after, instead_of):
        if self.seats.get((sender, user)) is not None and after is not None:
            visited["a gap was joined over"] += 1
        if instead_of:
            visited["taken over"] += 1
        return join(self, sender, user, after, instead_of)

    def noted_say(self, sender, user, epoch, device, message):
        what = (sender, user, device, message)
        if what in said:
            visited["said again"] += 1
        said.add(what)
        return say(self, sender, user, epoch, device, message)

    SmallWorker._tell, SmallWorker._join, SmallWorker._say = noted_tell, noted_join, noted_say

    def end():
        SmallWorker._tell, SmallWorker._join, SmallWorker._say = told, join, say

    return end
