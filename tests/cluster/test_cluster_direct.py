"""A bus over unix sockets, whose sockets are in memory here."""

from __future__ import annotations

import os
import struct

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError, ConnectError
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from inboxes import NotedInbox
from pytlas_wamp.cluster import parcels
from pytlas_wamp.cluster.bus import (
    ANSWER_SECONDS,
    MAX_BODY_BYTES,
    Refused,
    TooBig,
    Unanswered,
    Unreachable,
)
from pytlas_wamp.cluster.direct import DirectBus
from pytlas_wamp.errors import OperatorError

G, H, W = "g1-00000001", "h1-00000001", "w1-00000001"


class Pipe:
    """One end of a connection: a transport whose bytes wait until `pump` brings them over."""

    def __init__(self, reactor, protocol):
        self.reactor = reactor
        self.protocol = protocol
        self.other = None
        self.written = []
        self.is_closed = False
        self.is_stuck = False

    def write(self, data):
        assert not self.is_closed or not data
        self.written.append(data)

    def loseConnection(self):  # noqa: N802 - Twisted's name
        self.flush()
        self.abortConnection()

    def abortConnection(self):  # noqa: N802 - Twisted's name
        if not self.is_closed:
            self.is_closed = self.other.is_closed = True
            for end in (self, self.other):
                self.reactor.callLater(0, end.protocol.connectionLost)

    def flush(self):
        data, self.written = b"".join(self.written), []
        if data and not self.other.is_closed:
            self.other.protocol.dataReceived(data)
        return bool(data)


class SocketReactor(Clock):
    """A clock with unix sockets."""

    def __init__(self):
        super().__init__()
        self.listening = {}
        self.pipes = []
        self.modes = []

    def listenUNIX(self, address, factory, mode):  # noqa: N802 - Twisted's name
        if not os.path.isdir(os.path.dirname(address)):  # noqa: PTH112, PTH120 - as a kernel does
            raise CannotListenError(None, address, OSError(2, "No such file"))
        self.modes.append(mode)
        self.listening[address] = factory
        reactor = self

        class Port:
            def stopListening(self):  # noqa: N802 - Twisted's name
                del reactor.listening[address]

        return Port()

    def connectUNIX(self, address, factory, timeout):  # noqa: N802 - Twisted's name
        self.callLater(0, self._connect, address, factory)

    def _connect(self, address, factory):
        listener = self.listening.get(address)
        if listener is None:
            factory.clientConnectionFailed(None, Failure(ConnectError()))
            return
        ends = [Pipe(self, each.buildProtocol(None)) for each in (factory, listener)]
        ends[0].other, ends[1].other = ends[1], ends[0]
        self.pipes += ends
        for end in ends:
            end.protocol.transport = end
        for end in ends:
            end.protocol.connectionMade()

    def pump(self, seconds=0):
        """Lets time pass, and brings over what was written."""
        self.advance(seconds)
        while any(not end.is_stuck and end.flush() for end in self.pipes):
            self.advance(0)


@pytest.fixture
def reactor():
    return SocketReactor()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "bus"


@pytest.fixture
def make(reactor, folder):
    """Makes a node that is started: its bus and inbox."""

    def make(node_id, role):
        inbox = NotedInbox(answer={"by": node_id})
        bus = DirectBus(folder, node_id, role, reactor)
        bus.start(inbox)
        assert inbox.taken() == ["connected"]
        return bus, inbox

    return make


@pytest.fixture
def pair(make):
    """A gateway and a worker."""
    worker, gateway = make(W, "worker"), make(G, "gateway")
    return *gateway, *worker


def outcome(deferred):
    found = []
    deferred.addCallbacks(found.append, lambda failure: found.append(failure.value))
    return found


def kinds(found):
    return [type(each) for each in found]


class TestQuestions:
    def test_are_answered(self, pair, reactor):
        gateway, _, _, inbox = pair
        found = outcome(gateway.ask(W, "join", {"user": 1}))
        reactor.pump()

        assert inbox.taken() == [("asked", G, "join", {"user": 1})]
        assert found == [{"by": W}]

    def test_keep_their_order_and_share_a_connection(self, pair, reactor):
        gateway, _, _, inbox = pair
        for number in range(3):
            gateway.ask(W, "say", number)
        reactor.pump()
        gateway.ask(W, "say", 3)
        reactor.pump()

        assert [event[3] for event in inbox.taken()] == [0, 1, 2, 3]
        assert len(reactor.pipes) == 2

    def test_may_be_answered_later_and_in_another_order(self, pair, reactor):
        gateway, _, _, inbox = pair
        answers = [Deferred(), Deferred()]
        inbox.answer = lambda body: answers[body]
        found = [outcome(gateway.ask(W, "say", number)) for number in range(2)]
        reactor.pump()
        answers[1].callback("b")
        answers[0].callback("a")
        reactor.pump()

        assert found == [["a"], ["b"]]

    def test_may_be_refused(self, pair, reactor):
        gateway, _, _, inbox = pair
        inbox.answer = Refused("moved", "not here")
        found = outcome(gateway.ask(W, "join", {}))
        reactor.pump()

        assert kinds(found) == [Refused]
        assert found[0].code == "moved"

    def test_of_several_megabytes_arrive_in_pieces(self, pair, reactor):
        gateway, _, _, inbox = pair
        gateway.ask(W, "hello", None)
        reactor.pump()
        inbox.taken()
        found = outcome(gateway.ask(W, "say", b"x" * 100_000))
        end = reactor.pipes[0]
        data, end.written = b"".join(end.written), []
        for start in range(0, len(data), 1000):
            end.other.protocol.dataReceived(data[start : start + 1000])
        reactor.pump()

        assert inbox.taken() == [("asked", G, "say", b"x" * 100_000)]
        assert found == [{"by": W}]

    def test_arrive_byte_by_byte(self, pair, reactor):
        gateway, _, _, inbox = pair
        for number in range(3):
            gateway.ask(W, "say", number)
        reactor.advance(0)
        end = reactor.pipes[0]
        data, end.written = b"".join(end.written), []
        for byte in data:
            end.other.protocol.dataReceived(bytes([byte]))

        assert [event[3] for event in inbox.taken()] == [0, 1, 2]

    def test_that_are_too_big_are_not_sent(self, pair, reactor):
        assert kinds(outcome(pair[0].ask(W, "say", b"x" * MAX_BODY_BYTES))) == [TooBig]

    def test_to_nobody_are_unreachable(self, pair, reactor):
        gateway, inbox, _, _ = pair
        found = outcome(gateway.ask("x-00000001", "join", {}))
        reactor.pump()

        assert kinds(found) == [Unreachable]
        assert inbox.taken() == []
        again = outcome(gateway.ask("x-00000001", "join", {}))
        reactor.pump()
        assert kinds(again) == [Unreachable]

    def test_before_the_start_are_unreachable(self, folder, reactor):
        bus = DirectBus(folder, G, "gateway", reactor)
        assert kinds(outcome(bus.ask(W, "join", {}))) == [Unreachable]

    def test_that_nobody_answers_fail_in_time(self, pair, reactor):
        gateway, _, _, inbox = pair
        inbox.answer = Deferred()
        found = outcome(gateway.ask(W, "join", {}))
        for _ in range(int(ANSWER_SECONDS)):
            assert found == []
            reactor.pump(1)

        assert kinds(found) == [Unanswered]

    def test_an_answer_that_is_too_big_becomes_a_failure(self, pair, reactor):
        gateway, _, _, inbox = pair
        inbox.answer = b"x" * MAX_BODY_BYTES
        found = outcome(gateway.ask(W, "join", {}))
        reactor.pump()

        assert found[0].code == "failed"


class TestTelling:
    def test_goes_over_the_connection_of_the_gateway_in_order(self, pair, reactor):
        gateway, inbox, worker, _ = pair
        gateway.ask(W, "join", {})
        reactor.pump()
        for number in range(3):
            worker.tell(G, {"frames": [number]})
        reactor.pump()

        assert inbox.taken() == [("told", W, {"frames": [number]}) for number in range(3)]

    def test_is_lost_when_there_is_none(self, pair, reactor):
        _, inbox, worker, _ = pair
        worker.tell(G, 1)
        reactor.pump()

        assert inbox.taken() == []

    def test_may_be_too_big(self, pair):
        with pytest.raises(TooBig):
            pair[2].tell(G, b"x" * MAX_BODY_BYTES)


class TestLeaving:
    @pytest.fixture
    def joined(self, pair, reactor):
        pair[0].ask(W, "join", {})
        reactor.pump()
        for inbox in (pair[1], pair[3]):
            inbox.taken()
        return pair

    def test_a_worker_that_is_gone_answers_nothing_any_more(self, joined, reactor):
        gateway, inbox, _, worker_inbox = joined
        worker_inbox.answer = Deferred()
        found = outcome(gateway.ask(W, "say", {}))
        reactor.pump()
        reactor.pipes[1].abortConnection()
        reactor.pump()

        assert kinds(found) == [Unanswered]
        assert inbox.taken() == [("left", W)]

    def test_its_late_answers_are_lost(self, joined, reactor):
        gateway, _, _, worker_inbox = joined
        later = worker_inbox.answer = Deferred()
        outcome(gateway.ask(W, "say", {}))
        reactor.pump()
        reactor.pipes[0].abortConnection()
        reactor.pump()
        later.callback(1)
        reactor.pump()

    def test_a_gateway_that_is_gone_has_left(self, joined, reactor):
        reactor.pipes[0].abortConnection()
        reactor.pump()

        assert joined[3].taken() == [("left", G)]

    def test_one_that_connects_anew_before_that_has_not(self, joined, reactor, folder, make):
        _, _, worker, inbox = joined
        again = DirectBus(folder, G, "gateway", reactor)
        again_inbox = NotedInbox()
        again.start(again_inbox)
        again.ask(W, "join", {})
        reactor.pump()
        assert inbox.taken() == [("asked", G, "join", {})]
        reactor.pipes[0].abortConnection()
        reactor.pump()
        assert inbox.taken() == []
        worker.tell(G, 1)
        reactor.pump()

        assert again_inbox.taken() == ["connected", ("told", W, 1)]

    def test_a_stop_is_noticed_by_the_others(self, joined, reactor):
        gateway, inbox, worker, worker_inbox = joined
        worker_inbox.answer = Deferred()
        found = outcome(gateway.ask(W, "say", {}))
        reactor.pump()
        worker_inbox.taken()
        stopped = outcome(worker.stop())
        reactor.pump()

        assert stopped == [None]
        assert inbox.taken() == [("left", W)]
        assert worker_inbox.taken() == []
        assert kinds(found) == [Unanswered]
        assert not worker.is_connected
        assert reactor.listening == {}
        outcome(gateway.stop())
        assert reactor.getDelayedCalls() == []

    def test_a_stop_fails_what_waits(self, joined, reactor):
        gateway, inbox, _, worker_inbox = joined
        worker_inbox.answer = Deferred()
        found = outcome(gateway.ask(W, "say", {}))
        reactor.pump()
        outcome(gateway.stop())

        assert kinds(found) == [Unanswered]
        assert inbox.taken() == []

    def test_a_stop_while_connecting_leaves_nothing(self, pair, reactor):
        gateway, _, _, inbox = pair
        found = outcome(gateway.ask(W, "say", {}))
        outcome(gateway.stop())
        reactor.pump()

        assert kinds(found) == [Unanswered]
        assert inbox.taken() == []
        assert all(end.is_closed for end in reactor.pipes)

    def test_a_stop_while_there_is_nobody_to_connect_with(self, pair, reactor):
        outcome(pair[0].ask("x-00000001", "say", {}))
        outcome(pair[0].stop())
        reactor.pump()


class TestSilence:
    def test_idle_connections_stay(self, pair, reactor):
        pair[0].ask(W, "join", {})
        for _ in range(20):
            reactor.pump(1)

        assert not reactor.pipes[0].is_closed
        assert ("left", W) not in pair[1].taken()

    def test_who_stands_still_has_left(self, pair, reactor):
        gateway, inbox, _, _ = pair
        gateway.ask(W, "join", {})
        reactor.pump()
        for end in reactor.pipes:
            end.is_stuck = True
        found = outcome(gateway.ask(W, "say", {}))
        for _ in range(4):
            reactor.pump(1)
            assert found == []
        reactor.pump(1)

        assert kinds(found) == [Unanswered]
        assert inbox.taken() == [("left", W)]

    def test_who_comes_too_late_to_listen_does_not_complain(self, pair, reactor):
        gateway, inbox, _, _ = pair
        gateway.ask(W, "join", {})
        reactor.pump()
        # One long turn of the reactor, in which all is late, and nothing was read.
        for _ in range(3):
            reactor.rightNow += 6
            reactor.pump()

        assert inbox.taken() == []

    def test_who_connects_and_does_not_say_who_it_is_is_cut_off(self, pair, reactor, folder):
        gateway, _, _, inbox = pair
        gateway.ask(W, "join", {})
        reactor.advance(0)
        reactor.pipes[0].written.clear()
        for end in reactor.pipes:
            end.is_stuck = True
        for _ in range(6):
            reactor.pump(1)

        assert reactor.pipes[0].is_closed
        assert inbox.taken() == []

    def test_a_connection_that_is_never_made_is_given_up(self, pair, reactor):
        reactor.connectUNIX = lambda *_, **__: None
        found = outcome(pair[0].ask(W, "join", {}))
        for _ in range(10):
            reactor.pump(1)

        assert kinds(found) == [Unanswered]


class TestNonsense:
    @pytest.fixture
    def line(self, pair, reactor):
        """A connection on which the gateway has not said who it is."""
        pair[0].ask(W, "join", {})
        reactor.advance(0)
        reactor.pipes[0].written.clear()
        return reactor.pipes[0]

    @pytest.mark.parametrize(
        "data",
        [
            struct.pack(">I", MAX_BODY_BYTES * 2),
            struct.pack(">I", 1) + b"\xff",
            *(
                struct.pack(">I", len(parcel)) + parcel
                for parcel in map(
                    parcels.packed,
                    [None, "nobody", [1, "join", {}], [1], [1, {"ok": 1}], {"a": 1}],
                )
            ),
        ],
    )
    def test_ends_the_connection(self, line, reactor, pair, data):
        line.write(data)
        reactor.pump()

        assert line.is_closed
        assert pair[3].taken() == []

    def test_of_a_worker_too(self, pair, reactor):
        pair[0].ask(W, "join", {})
        reactor.pump()
        parcel = parcels.packed("x1-00000001")
        reactor.pipes[1].write(struct.pack(">I", len(parcel)) + parcel)
        reactor.pump()

        assert reactor.pipes[0].is_closed
        assert pair[1].taken() == [("left", W)]


class TestPlaces:
    def test_are_for_the_own_account_alone(self, make, folder, reactor):
        make(W, "worker")

        assert folder.stat().st_mode & 0o777 == 0o700
        assert list(reactor.listening) == [str(folder / f"{W}.sock")]
        assert reactor.modes == [0o600]

    def test_that_others_may_enter_are_refused(self, folder, reactor):
        folder.mkdir()
        folder.chmod(0o750)
        found = outcome(DirectBus(folder, G, "gateway", reactor).start(NotedInbox()))

        assert kinds(found) == [OperatorError]
        assert f"`chmod 700 {folder}` ends that" in str(found[0])

    def test_that_are_no_folder_are_refused(self, folder, reactor, tmp_path):
        (tmp_path / "real").mkdir(mode=0o700)
        folder.symlink_to(tmp_path / "real")
        found = outcome(DirectBus(folder, G, "gateway", reactor).start(NotedInbox()))

        assert "has to be a folder of the account that runs this" in str(found[0])

    def test_that_cannot_be_made_are_refused(self, tmp_path, reactor):
        (tmp_path / "file").write_text("")
        bus = DirectBus(tmp_path / "file" / "bus", G, "gateway", reactor)
        found = outcome(bus.start(NotedInbox()))

        assert "cannot be made: Not a directory" in str(found[0])

    def test_whose_path_is_too_long_are_refused(self, tmp_path, reactor):
        found = outcome(DirectBus(tmp_path / ("x" * 100), W, "worker", reactor).start(NotedInbox()))

        assert "is too long for a socket: it may have 107 bytes" in str(found[0])

    def test_that_cannot_be_listened_at_are_refused(self, folder, reactor, monkeypatch):
        def refuse(address, *_, **__):
            raise CannotListenError(None, address, OSError(98, "Address in use"))

        monkeypatch.setattr(reactor, "listenUNIX", refuse)
        found = outcome(DirectBus(folder, W, "worker", reactor).start(NotedInbox()))

        assert kinds(found) == [OperatorError]

    def test_of_earlier_starts_are_cleaned_up(self, make, folder):
        folder.mkdir(mode=0o700)
        for name in ("w1-0badcafe", "w10-0badcafe", "w-0badcafe"):
            (folder / f"{name}.sock").touch()
        make(W, "worker")

        assert sorted(path.name for path in folder.iterdir()) == [
            "w-0badcafe.sock",
            "w10-0badcafe.sock",
        ]

    def test_a_stop_before_anything_else_is_fine(self, make):
        bus, _ = make(H, "gateway")
        assert outcome(bus.stop()) == [None]
