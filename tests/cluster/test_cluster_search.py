"""When it is looked for an owner, how often, and how many at once."""

from __future__ import annotations

from attrs import Factory, define, field
from twisted.internet.defer import Deferred, DeferredSemaphore
from twisted.internet.task import Clock

from pytlas_wamp.cluster.placement import Choice, NoWorker
from pytlas_wamp.cluster.search import CALM_SECONDS, RETRY_SECONDS, Search, Surroundings

W1 = Choice(node="w-00000001")


@define(eq=False)
class Way:
    """As much of a bus as is looked at."""

    is_connected: bool = True


@define(eq=False)
class Finding:
    """As much of a placement."""

    asked: list = Factory(list)

    def find(self, user_id, language, *, avoid=()):
        self.asked.append((user_id, language, sorted(avoid), Deferred()))
        return self.asked[-1][3]


@define(eq=False)
class Ground:
    clock: Clock = Factory(Clock)
    bus: Way = Factory(Way)
    placement: Finding = Factory(Finding)
    turnstile: DeferredSemaphore = Factory(lambda: DeferredSemaphore(1))
    language: object = "en"
    urgent: bool = True
    waited: int = 0
    found: list = Factory(list)
    failures: int = 0
    search: Search = field()

    @search.default
    def _make(self):
        around = Surroundings(
            bus=self.bus,
            placement=self.placement,
            clock=self.clock,
            turnstile=self.turnstile,
            next_number=int,
            max_waiting=1,
            ended=print,
            is_closed=bool,
        )
        return Search(
            user_id=1,
            around=around,
            begins=lambda: self.language,
            waits=self._wait,
            is_urgent=lambda: self.urgent,
            found=self.found.append,
            failed=self._fail,
        )

    def _wait(self):
        self.waited += 1

    def _fail(self):
        self.failures += 1

    def answer(self, answer=W1):
        self.placement.asked[-1][3].callback(answer)


class TestLooking:
    def test_the_database_is_asked_unless_it_is_known(self):
        at = Ground()
        at.search.avoid.add("w2-00000001")
        at.search.look()
        at.answer()
        at.search.look(Choice(node="other"))
        assert at.placement.asked[0][:3] == (1, "en", ["w2-00000001"])
        assert at.found == [W1, Choice(node="other")]

    def test_nobody_is_asked_when_nobody_wants_to_know(self):
        at = Ground(language=None)
        at.search.look(W1)
        assert at.found == []

    def test_that_nobody_was_found_is_told_and_those_who_did_not_want_it_are_asked_again(self):
        at = Ground()
        at.search.avoid.add("w2-00000001")
        at.search.look()
        at.placement.asked[-1][3].errback(NoWorker("nobody is there"))
        assert (at.failures, at.search.trouble, at.search.avoid) == (1, "nobody is there", set())

    def test_an_answer_that_counts_no_more_is_none(self):
        at = Ground()
        at.search.look()
        at.search.over()
        at.answer()
        at.search.look()
        at.search.over()
        at.placement.asked[-1][3].errback(NoWorker("nobody is there"))
        assert (at.found, at.failures) == ([], 0)

    def test_cut_off_it_looks_each_second_whether_it_still_is(self):
        at = Ground(bus=Way(is_connected=False))
        at.search.look(W1)
        at.clock.advance(1)
        assert (at.waited, at.found, at.search.is_waiting) == (2, [], True)
        at.bus.is_connected = True
        at.clock.advance(1)
        assert (at.found, at.search.is_waiting) == ([W1], False)


class TestRetrying:
    def test_at_once_and_then_ever_later(self):
        at = Ground()
        times = []
        for seconds in (*RETRY_SECONDS, RETRY_SECONDS[-1]):
            at.search.retry(W1)
            if seconds:
                assert at.search.is_waiting
                at.clock.advance(seconds - 0.001)
            times.append(len(at.found))
            at.clock.advance(0.002)
        assert times == [1, 1, 2, 3, 4, 5, 6, 7]
        assert len(at.found) == len(RETRY_SECONDS) + 1

    def test_after_some_calm_at_once_again(self):
        at = Ground()
        at.search.retry(W1)
        at.clock.advance(CALM_SECONDS + 1)
        at.search.retry(W1)
        assert len(at.found) == 2

    def test_it_can_be_stopped(self):
        at = Ground()
        at.search.retry(W1)
        at.search.retry(W1)
        at.search.stop()
        at.clock.advance(10)
        assert (len(at.found), at.search.is_waiting) == (1, False)


class TestTurnstile:
    def test_those_for_whom_nobody_waits_go_one_after_the_other(self):
        at = Ground(urgent=False)
        at.turnstile.acquire()
        at.search.look(W1)
        assert at.found == []
        at.turnstile.release()
        assert at.found == [W1]
        assert at.turnstile.tokens == 0
        at.search.over()
        at.search.over()
        assert at.turnstile.tokens == 1

    def test_somebody_waits_from_now_on(self):
        at = Ground(urgent=False)
        at.turnstile.acquire()
        at.search.look(W1)
        at.search.hurry()
        assert at.found == [W1]
        at.search.over()
        at.search.hurry()
        assert at.turnstile.tokens == 0

    def test_who_is_waited_for_passes_by(self):
        at = Ground()
        at.turnstile.acquire()
        at.search.look(W1)
        assert at.found == [W1]
