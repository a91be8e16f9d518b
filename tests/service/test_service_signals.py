"""The signals that end the server, with a reactor that only says what it was told."""

from __future__ import annotations

import signal

import pytest
from attrs import Factory, define
from twisted.logger import capturedLogs, formatEvent

from pytlas_wamp.service.signals import StopSignals

BOTH = [signal.SIGTERM, signal.SIGINT]


@define(eq=False, slots=False)
class FakeReactor:
    """Has handlers as Twisted's reactors have, and is stopped like them: once."""

    hooks: list = Factory(list)
    calls: list = Factory(list)
    remembered: int | None = None
    stopped: bool = False

    def callWhenRunning(self, function):  # noqa: N802 - Twisted's name
        self.hooks.append(function)

    def callFromThread(self, function, *args):  # noqa: N802 - Twisted's name
        self.calls.append(lambda: function(*args))

    def sigTerm(self, number, frame):  # noqa: N802 - Twisted's name
        self.remembered = number

    sigInt = sigTerm  # noqa: N815 - Twisted's name

    def run(self):
        """Listen to signals, and do what was to be done then."""
        for number in BOTH:
            signal.signal(number, self.sigTerm)
        for hook in self.hooks:
            hook()

    def go_on(self):
        calls, self.calls = self.calls, []
        for call in calls:
            call()

    def stop(self):
        assert not self.stopped
        self.stopped = True


@pytest.fixture
def reactor():
    before = {number: signal.getsignal(number) for number in BOTH}
    yield FakeReactor()
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def service(reactor):
    one = StopSignals(reactor)
    one.startService()
    return one


@pytest.mark.usefixtures("service")
class TestStopSignals:
    @pytest.mark.parametrize("number", BOTH)
    def test_stop_the_reactor_and_leave_no_mark(self, reactor, number):
        reactor.run()
        signal.raise_signal(number)
        assert not reactor.stopped
        with capturedLogs() as logs:
            reactor.go_on()
        assert reactor.stopped
        assert reactor.remembered is None
        assert [formatEvent(one) for one in logs] == [f"received {number.name}, shutting down"]

    def test_stop_it_once(self, reactor):
        reactor.run()
        for number in BOTH:
            signal.raise_signal(number)
        reactor.go_on()
        signal.raise_signal(signal.SIGTERM)
        reactor.go_on()
        assert reactor.stopped

    def test_are_left_alone_before_the_reactor_runs(self, reactor):
        assert [signal.getsignal(number) for number in BOTH] != [reactor.sigTerm] * 2
        assert len(reactor.hooks) == 1

    def test_are_left_to_whoever_has_taken_them_before(self, reactor):
        reactor.run()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        reactor.hooks[0]()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
