"""A bus by way of a real Crossbar."""

from __future__ import annotations

import datetime as dt
import ipaddress
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from twisted.internet.defer import Deferred

from inboxes import NotedInbox
from pytlas_wamp.cluster.bus import MAX_BODY_BYTES, Refused, TooBig, Unanswered, Unreachable
from pytlas_wamp.cluster.identity import make_key, make_node_id
from pytlas_wamp.cluster.router import Router
from pytlas_wamp.cluster.wamp import WampBus
from pytlas_wamp.errors import OperatorError
from router_for_tests import Crossbar, configuration, free_port

pytestmark = pytest.mark.router


class Node:
    """A node at a router."""

    def __init__(self, run, reactor, url, name, key, role=None, router=None):
        self.run = run
        self.id = make_node_id(name)
        self.inbox = NotedInbox(answer={"by": name})
        role = role or ("gateway" if name.startswith("g") else "worker")
        self.bus = run(WampBus, url, self.id, role, key, reactor, router=router)

    def start(self):
        self.run(self.bus.start, self.inbox)
        assert self.inbox.taken() == ["connected"]
        return self

    def ask(self, node, what="say", body=None):
        return self.run(self.bus.ask, node.id, what, body)

    def tell(self, node, body):
        self.run(self.bus.tell, node.id, body)

    def break_connection(self):
        self.run(self.bus._attempt._socket.transport.abortConnection)


def _make_certificate(folder):
    """Makes one that vouches for itself, for this machine."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "router")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def eventually(find, seconds=10):
    """Returns what is found as soon as it is true."""
    deadline = time.monotonic() + seconds
    while not (found := find()):
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.02)
    return found


@pytest.fixture
def node(run, reactor, router, keys):
    """Makes nodes that are started, and stops them."""
    made = []

    def make(name, *, at=router):
        made.append(Node(run, reactor, at.url, name, keys[name]))
        return made[-1].start()

    yield make
    for each in made:
        run(each.bus.stop)


class TestTalking:
    def test_a_question_is_answered(self, node):
        worker, gateway = node("w1"), node("g1")

        assert gateway.ask(worker, "join", {"user": 1, "after": None}) == {"by": "w1"}
        assert worker.inbox.taken() == [("asked", gateway.id, "join", {"user": 1, "after": None})]

    def test_or_refused(self, node):
        worker, gateway = node("w1"), node("g1")
        worker.inbox.answer = Refused("moved", "not here")

        with pytest.raises(Refused) as raised:
            gateway.ask(worker)
        assert (raised.value.code, raised.value.text) == ("moved", "not here")

    def test_what_an_exception_says_stays_there(self, node):
        worker, gateway = node("w1"), node("g1")
        worker.inbox.answer = KeyError("the secret path")

        with pytest.raises(Refused) as raised:
            gateway.ask(worker)
        assert raised.value.code == "failed"
        assert "secret" not in str(raised.value)

    def test_what_is_told_arrives_in_order(self, node):
        worker, gateway = node("w1"), node("g1")
        for number in range(100):
            worker.tell(gateway, {"frames": [number]})
        eventually(lambda: len(gateway.inbox.events) == 100)

        assert [event[2]["frames"] for event in gateway.inbox.taken()] == [[n] for n in range(100)]

    def test_as_much_as_may_be_sent_arrives(self, node):
        worker, gateway = node("w1"), node("g1")
        body = b"x" * (MAX_BODY_BYTES - 5)
        worker.inbox.answer = lambda body: body[: MAX_BODY_BYTES - 100]

        assert len(gateway.ask(worker, body=body)) == MAX_BODY_BYTES - 100
        with pytest.raises(TooBig):
            gateway.ask(worker, body=body + b"x")

    def test_nobody_is_unreachable(self, node):
        worker = node("w1")
        worker.id = "w1-00000000"
        with pytest.raises(Unreachable):
            node("g1").ask(worker)


class TestLeaving:
    def test_of_a_worker_ends_what_it_was_asked(self, node, run):
        worker, gateway = node("w1"), node("g1")
        worker.inbox.answer = Deferred()
        found = []
        run(lambda: gateway.bus.ask(worker.id, "say", None).addErrback(found.append) and None)
        eventually(lambda: worker.inbox.events)
        worker.break_connection()
        eventually(lambda: ("left", worker.id) in gateway.inbox.events, 5)

        assert [failure.type for failure in found] == [Unanswered]

    def test_in_order_is_noticed_as_well(self, node, run):
        worker, gateway = node("w1"), node("g1")
        gateway.ask(worker)
        run(worker.bus.stop)

        eventually(lambda: ("left", worker.id) in gateway.inbox.events, 5)

    def test_of_a_gateway_is_told_to_the_worker(self, node, run):
        worker, gateway = node("w1"), node("g1")
        gateway.ask(worker)
        run(gateway.bus.stop)

        eventually(lambda: ("left", gateway.id) in worker.inbox.events, 5)

    def test_who_comes_back_goes_on(self, node):
        worker, gateway = node("w1"), node("g1")
        gateway.ask(worker)
        gateway.inbox.taken()
        for each in (gateway, worker):
            each.break_connection()
            eventually(lambda each=each: "connected" in each.inbox.events)
        worker.inbox.taken()

        assert gateway.ask(worker) == {"by": "w1"}
        worker.tell(gateway, 1)
        eventually(lambda: ("told", worker.id, 1) in gateway.inbox.events)

    def test_who_comes_back_before_the_router_has_noticed_is_let_in(
        self, node, run, reactor, router, keys
    ):
        worker, gateway = node("w1"), node("g1")
        gateway.ask(worker)
        again = Node(run, reactor, router.url, "w1", keys["w1"])
        run(setattr, again.bus, "_node_id", worker.id)
        again.inbox.answer = "again"
        again.start()
        assert gateway.ask(worker) == "again"
        gateway.inbox.taken()
        run(worker.bus.stop)
        eventually(lambda: ("left", worker.id) in gateway.inbox.events)

        assert gateway.ask(worker) == "again"
        eventually(lambda: gateway.bus.reaches(worker.id))
        run(again.bus.stop)


class TestRights:
    def refusal(self, run, reactor, router, name, key, role=None):
        stranger = Node(run, reactor, router.url, name, key, role)
        with pytest.raises(OperatorError) as raised:
            run(stranger.bus.start, stranger.inbox)
        run(stranger.bus.stop)
        assert stranger.inbox.taken() == []
        return str(raised.value)

    def test_a_wrong_key_is_refused(self, run, reactor, router):
        key = make_key()
        text = self.refusal(run, reactor, router, "w1", key)

        assert "does not let 'w1' in" in text
        assert key.public in text

    def test_an_unknown_name_is_refused(self, run, reactor, router, keys):
        assert "'w7'" in self.refusal(run, reactor, router, "w7", keys["w1"])

    def test_a_gateway_is_no_worker(self, run, reactor, router, keys):
        text = self.refusal(run, reactor, router, "g1", keys["g1"], "worker")
        assert "register what begins with 'pytlas.worker.g1.'" in text

    def test_a_worker_is_no_gateway(self, run, reactor, router, keys):
        text = self.refusal(run, reactor, router, "w1", keys["w1"], "gateway")
        assert "subscribe to what begins with 'pytlas.gateway.w1.'" in text

    def test_a_worker_does_not_ask(self, node):
        one, other = node("w1"), node("w2")
        with pytest.raises(Unreachable):
            one.ask(other)

    def test_a_worker_is_not_another(self, node, run):
        worker, gateway = node("w1"), node("g1")
        gateway.ask(worker)
        worker.run(setattr, worker.bus, "_node_id", "w2-00000000")
        gateway.inbox.taken()
        worker.tell(gateway, "forged")
        worker.run(setattr, worker.bus, "_node_id", worker.id)
        worker.tell(gateway, "mine")
        eventually(lambda: gateway.inbox.events)

        assert gateway.inbox.taken() == [("told", worker.id, "mine")]


class TestRouters:
    @pytest.mark.parametrize(
        "auth", [{}, {"anonymous": {"type": "static", "role": "anybody"}}], ids=["no auth", "any"]
    )
    def test_that_let_anybody_in_are_refused(self, run, reactor, keys, nodes, auth):
        port = free_port()
        if auth:
            known = configuration(port, nodes)["workers"][0]["transports"][0]["auth"]
            auth = {**known, **auth}
        settings = configuration(port, nodes, auth=auth)
        settings["workers"][0]["realms"][0]["roles"].append({"name": "anybody", "permissions": []})
        crossbar = Crossbar(settings, port)
        try:
            crossbar.start()
            gateway = Node(run, reactor, crossbar.url, "g1", keys["g1"])
            with pytest.raises(OperatorError) as raised:
                run(gateway.bus.start, gateway.inbox)
            run(gateway.bus.stop)
        finally:
            crossbar.stop()

        assert "`cryptosign`" in str(raised.value)
        assert gateway.inbox.taken() == []

    def test_with_a_certificate_have_to_be_trusted(self, run, reactor, keys, nodes, tmp_path):
        _make_certificate(tmp_path)
        port = free_port()
        crossbar = Crossbar(configuration(port, nodes, tls=tmp_path), port, scheme="wss")
        try:
            crossbar.start()
            stranger = Node(run, reactor, crossbar.url, "g1", keys["g1"])
            with pytest.raises(OperatorError, match="is not trusted"):
                run(stranger.bus.start, stranger.inbox)
            run(stranger.bus.stop)
            router = Router.at(crossbar.url, tmp_path / "cert.pem")
            gateway = Node(run, reactor, crossbar.url, "g1", keys["g1"], router=router)
            gateway.start()
            run(gateway.bus.stop)
        finally:
            crossbar.stop()

    def test_that_are_killed_are_waited_for(self, node, run, nodes):
        port = free_port()
        crossbar = Crossbar(configuration(port, nodes), port)
        try:
            crossbar.start()
            worker, gateway = node("w1", at=crossbar), node("g1", at=crossbar)
            gateway.ask(worker)
            worker.inbox.taken()
            crossbar.kill()
            for each in (worker, gateway):
                eventually(lambda each=each: each.inbox.events)
                assert each.inbox.taken() == ["disconnected"]
            with pytest.raises(Unreachable):
                gateway.ask(worker)
            crossbar.start()
            for each in (worker, gateway):
                eventually(lambda each=each: each.inbox.events, 15)
                assert each.inbox.taken() == ["connected"]

            eventually(lambda: gateway.bus.reaches(worker.id))
            assert gateway.ask(worker) == {"by": "w1"}
            eventually(lambda: worker.bus.reaches(gateway.id))
            assert gateway.inbox.taken() == []
        finally:
            for each in ("worker", "gateway"):
                if each in locals():
                    run(locals()[each].bus.stop)
            crossbar.stop()
