"""Real threads, held still by events: what crosses over, in what order, how many."""

from __future__ import annotations

import sys
import threading
from queue import Queue
from threading import Event, Thread, current_thread, main_thread

import pytest
from twisted.logger import capturedLogs

from pytlas_wamp.assistant import worker
from pytlas_wamp.assistant.worker import (
    TICK_SECONDS,
    Arrivals,
    Busy,
    ThreadWorkers,
    log_failed_threads,
    make_guard,
)

PATIENCE_SECONDS = 20.0


class Reactor:
    """Keeps what threads ask for until the test's own thread does it."""

    def __init__(self):
        self._calls = Queue()
        self.threads = set()
        self.wakes = 0
        self.now = 0.0
        self._later = []

    def callFromThread(self, function, *args, **kwargs):  # noqa: N802 - Twisted's name
        self.threads.add(current_thread())
        self.wakes += 1
        self._calls.put(lambda: function(*args, **kwargs))

    def callLater(self, seconds, function):  # noqa: N802 - Twisted's name
        if seconds == 0:
            self._calls.put(function)
        else:
            assert seconds == TICK_SECONDS
            self._later.append(function)

    def seconds(self):
        return self.now

    @property
    def is_ticking(self):
        return bool(self._later)

    def tick(self):
        later, self._later = self._later, []
        for function in later:
            function()

    def soon(self):
        """Do what is to be done at once."""
        while not self._calls.empty():
            self._calls.get()()

    def until(self, results, count):
        while len(results) < count:
            self._calls.get(timeout=PATIENCE_SECONDS)()


@pytest.fixture
def reactor():
    return Reactor()


@pytest.fixture
def make(reactor):
    made, arrivals = [], Arrivals(reactor)

    def make(**size):
        workers = ThreadWorkers(arrivals=arrivals, name="test", **size)
        workers.start()
        made.append(workers)
        return workers

    yield make
    for workers in made:
        workers.stop()


class Crowd:
    """Calls that have begun, and go on until they are let go."""

    def __init__(self, workers, reactor):
        self._workers = workers
        self._reactor = reactor
        self._go = Event()
        self._begun = Queue()
        self.results = []

    def send(self, count):
        for _ in range(count):
            self._workers.run(self._wait).addBoth(self._note)
        self._reactor.soon()

    def _note(self, result):
        self.results.append(getattr(result, "type", result))

    def _wait(self):
        self._begun.put(current_thread())
        return self._go.wait(PATIENCE_SECONDS)

    def begun(self, count):
        """The threads of so many that have begun."""
        return {self._begun.get(timeout=PATIENCE_SECONDS) for _ in range(count)}

    @property
    def is_waiting(self):
        return self._begun.empty()

    def let_go(self):
        self._go.set()


class TestRunning:
    def test_results_and_failures_come_back_to_our_thread(self, make, reactor):
        results, where = [], []
        workers = make(max_threads=2)

        def work(number):
            where.append(current_thread())
            return 10 // number

        for number in (5, 0):
            done = workers.run(work, number)
            done.addBoth(lambda result: results.append((result, current_thread())))
            reactor.until(results, len(results) + 1)
        assert [thread for _, thread in results] == [main_thread(), main_thread()]
        assert (results[0][0], results[1][0].type) == (2, ZeroDivisionError)
        assert all(thread.daemon and thread is not main_thread() for thread in where)
        assert workers.in_flight == 0

    def test_what_a_thread_causes_comes_in_order_and_before_its_result(self, make, reactor):
        seen, workers = [], make(max_threads=1)

        def work():
            for number in range(100):
                workers.call_from_thread(seen.append, number)
            return "result"

        workers.run(work).addCallback(seen.append)
        assert seen == []
        reactor.until(seen, 101)
        assert seen == [*range(100), "result"]
        assert main_thread() not in reactor.threads

    def test_the_reactor_is_woken_once_by_a_thread(self, make, reactor):
        seen, workers = [], make(max_threads=1)

        def work():
            for number in range(100):
                workers.call_from_thread(seen.append, number)

        workers.run(work).addCallback(seen.append)
        reactor.until(seen, 101)

        assert reactor.wakes == 1

    def test_what_a_thread_causes_is_seen_before_it_returns(self, make, reactor):
        seen, told, workers = [], Event(), make(max_threads=1)
        crowd = Crowd(workers, reactor)

        def work():
            workers.call_from_thread(seen.append, "soon")
            told.set()
            crowd._wait()

        workers.run(work).addCallback(seen.append)
        reactor.soon()
        assert told.wait(PATIENCE_SECONDS)
        assert (seen, reactor.wakes) == ([], 0)
        reactor.tick()
        assert seen == ["soon"]
        crowd.let_go()
        reactor.until(seen, 2)

    def test_beside_those_that_are_stuck_nothing_waits_for_the_reactor_to_look(self, make, reactor):
        results, workers = [], make(max_threads=8)
        crowd = Crowd(workers, reactor)
        crowd.send(2)
        crowd.begun(2)
        for _ in range(3):  # from then on they count as stuck
            reactor.tick()

        workers.run(lambda: "quick").addCallback(results.append)
        reactor.until(results, 1)

        assert (results, crowd.results) == (["quick"], [])
        crowd.let_go()
        reactor.until(crowd.results, 2)

    def test_what_comes_while_it_is_taken_is_taken_next(self, make, reactor):
        seen, workers = [], make(max_threads=1)

        def again():
            seen.append("first")
            workers.call_from_thread(seen.append, "second")

        workers.call_from_thread(again)
        reactor.until(seen, 1)
        assert seen == ["first"]
        reactor.until(seen, 2)
        assert seen == ["first", "second"]

    def test_one_that_fails_keeps_no_other_from_coming(self, make, reactor):
        seen, workers = [], make(max_threads=1)
        with capturedLogs() as events:
            workers.call_from_thread([].pop)
            workers.call_from_thread(seen.append, "next")
            reactor.until(seen, 1)

        assert [event["log_format"] for event in events] == ["what a thread had caused failed"]
        assert events[0]["log_failure"].type is IndexError

    def test_foreign_threads_come_the_same_way(self, make, reactor):
        seen, workers = [], make(max_threads=1)
        thread = Thread(target=lambda: workers.call_from_thread(seen.append, "x"))
        thread.start()
        thread.join(PATIENCE_SECONDS)
        assert seen == []
        reactor.until(seen, 1)
        assert seen == ["x"]


class TestBounds:
    def test_one_too_many_is_busy_at_once(self, make, reactor):
        opened, results = Event(), []
        workers = make(max_threads=1, max_waiting=1)
        for _ in range(2):
            workers.run(opened.wait).addBoth(results.append)
        refused = []
        workers.run(opened.wait).addErrback(refused.append)
        assert refused[0].type is Busy
        opened.set()
        reactor.until(results, 2)
        assert workers.in_flight == 0
        workers.run(lambda: "room again").addBoth(results.append)
        reactor.until(results, 3)
        assert results == [True, True, "room again"]

    def test_who_waits_too_long_is_told_busy(self, make, reactor):
        workers = make(max_threads=1, max_waiting=9, patience_seconds=3.0)
        patient, late = Crowd(workers, reactor), Crowd(workers, reactor)
        patient.send(1)
        patient.begun(1)
        late.send(1)
        reactor.now = 3.0
        reactor.tick()
        assert late.results == []
        reactor.now = 3.1
        reactor.tick()
        assert (late.results, workers.in_flight) == ([Busy], 1)

        patient.let_go()
        reactor.until(patient.results, 1)
        after = Crowd(workers, reactor)
        after.send(1)
        after.begun(1)
        assert late.is_waiting
        after.let_go()
        reactor.until(after.results, 1)

    def test_who_waits_without_end_is_not(self, make, reactor):
        workers = make(max_threads=1, max_waiting=1)
        crowd = Crowd(workers, reactor)
        crowd.send(2)
        crowd.begun(1)
        reactor.now = 1e9
        reactor.tick()
        crowd.let_go()
        reactor.until(crowd.results, 2)
        assert crowd.results == [True, True]

    def test_not_all_are_told_busy_in_one_tick(self, make, reactor):
        workers = make(max_threads=1, max_waiting=300, patience_seconds=1.0)
        first, late = Crowd(workers, reactor), Crowd(workers, reactor)
        first.send(1)
        first.begun(1)
        late.send(250)
        reactor.now = 2.0
        told = []
        for _ in range(4):
            reactor.tick()
            told.append(len(late.results))
        assert told == [100, 200, 250, 250]
        first.let_go()
        reactor.until(first.results, 1)

    def test_what_came_before_the_start_runs_then(self, reactor):
        workers = ThreadWorkers(arrivals=Arrivals(reactor), name="test", max_threads=1)
        crowd = Crowd(workers, reactor)
        crowd.send(1)
        reactor.tick()
        assert crowd.is_waiting
        workers.start()
        crowd.begun(1)
        crowd.let_go()
        reactor.until(crowd.results, 1)
        workers.stop()


class TestGrowing:
    def test_two_work_side_by_side_while_they_get_on(self, make, reactor):
        workers = make(max_threads=9)
        crowd = Crowd(workers, reactor)
        crowd.send(5)
        crowd.begun(2)
        reactor.tick()
        assert crowd.is_waiting
        crowd.let_go()
        reactor.until(crowd.results, 5)

    def test_so_many_run_at_the_same_time_and_no_more(self, make, reactor):
        workers = make(max_threads=7, max_waiting=2)
        crowd = Crowd(workers, reactor)
        crowd.send(9)
        threads = crowd.begun(2)
        # They count as stuck after two ticks; when all do, there may be many more of the kind.
        for more in (0, 4, 0, 1, 0, 0):
            reactor.tick()
            threads |= crowd.begun(more)
        assert (len(threads), crowd.is_waiting) == (7, True)
        crowd.let_go()
        reactor.until(crowd.results, 9)
        assert crowd.results == [True] * 9

    def test_a_quick_one_does_not_wait_for_stuck_ones(self, make, reactor):
        workers, results = make(max_threads=9), []
        crowd = Crowd(workers, reactor)
        crowd.send(2)
        crowd.begun(2)
        workers.run(lambda: "quick").addCallback(results.append)
        reactor.tick()
        reactor.tick()
        reactor.until(results, 1)
        crowd.let_go()
        reactor.until(crowd.results, 2)

    def test_idle_threads_are_too_many_after_a_while(self, make, reactor):
        workers = make(max_threads=20)
        crowd = Crowd(workers, reactor)
        crowd.send(16)
        threads = crowd.begun(2)
        while len(threads) < 16:
            reactor.tick()
            reactor.tick()
            threads |= crowd.begun(min(2 + len(threads), 16 - len(threads)))
        crowd.let_go()
        reactor.until(crowd.results, 16)
        while reactor.is_ticking:
            reactor.tick()
        assert len(workers._strands) == 4

    def test_nothing_ticks_when_nothing_is_done(self, make, reactor):
        workers, results = make(max_threads=2), []
        assert not reactor.is_ticking
        workers.run(lambda: "done").addCallback(results.append)
        assert reactor.is_ticking
        reactor.until(results, 1)
        reactor.tick()
        assert not reactor.is_ticking


class TestNoThreads:
    """The system may have none for us at times."""

    @pytest.fixture
    def system(self, monkeypatch):
        class System:
            has_threads = False

        class Scarce(Thread):
            def start(self):
                if not System.has_threads:
                    raise RuntimeError("can't start new thread")
                super().start()

        monkeypatch.setattr(worker, "Thread", Scarce)
        return System

    def test_is_tried_again(self, make, reactor, system):
        workers, results = make(max_threads=1), []
        with capturedLogs() as events:
            workers.run(lambda: "done").addCallback(results.append)
            reactor.soon()
            reactor.tick()
        assert {event["log_format"] for event in events} == {"no thread can be started"}
        assert results == []

        system.has_threads = True
        reactor.tick()
        reactor.until(results, 1)
        assert results == ["done"]

    def test_whatever_fails_the_ticks_go_on(self, make, reactor, monkeypatch):
        workers = make(max_threads=1)
        crowd = Crowd(workers, reactor)
        crowd.send(1)
        crowd.begun(1)

        def fail():
            raise OSError

        with monkeypatch.context() as patch:
            patch.setattr(ThreadWorkers, "tend", lambda _: fail())
            with pytest.raises(OSError):  # noqa: PT011 - as above
                reactor.tick()
        assert reactor.is_ticking
        crowd.let_go()
        reactor.until(crowd.results, 1)


class TestStopping:
    def test_idle_threads_end(self, make, reactor):
        workers, results = make(max_threads=1), []
        workers.run(current_thread).addBoth(results.append)
        reactor.until(results, 1)
        workers.stop()
        assert not results[0].is_alive()

    def test_a_stuck_thread_does_not_hold_it_up(self, make, reactor):
        workers, inside, opened, results = make(max_threads=1), Queue(), Event(), []

        def stuck():
            inside.put(current_thread())
            opened.wait()

        workers.run(stuck).addBoth(results.append)
        reactor.soon()
        thread = inside.get(timeout=PATIENCE_SECONDS)
        workers.stop()
        assert thread.is_alive()
        assert thread.daemon
        opened.set()
        reactor.until(results, 1)


class TestWhenIdle:
    def test_it_is_told_at_once_when_nothing_runs(self, make):
        assert make(max_threads=1).when_idle().called

    def test_it_is_told_as_soon_as_the_last_call_came_back(self, make, reactor):
        workers = make(max_threads=2)
        first, second = Crowd(workers, reactor), Crowd(workers, reactor)
        first.send(1)
        second.send(1)
        idle = workers.when_idle()
        first.let_go()
        reactor.until(first.results, 1)
        assert not idle.called
        second.let_go()
        reactor.until(second.results, 1)
        assert idle.called


class TestGuard:
    def test_its_holder_may_take_it_again_and_others_may_not(self):
        guard, taken = make_guard(), []
        with guard, guard:
            thread = Thread(target=lambda: taken.append(guard.acquire(blocking=False)))
            thread.start()
            thread.join(PATIENCE_SECONDS)
        assert taken == [False]


class TestThreadsOfSkills:
    @pytest.fixture
    def hooked(self, monkeypatch):
        monkeypatch.setattr(threading, "excepthook", threading.excepthook)
        log_failed_threads()

    def run(self, function):
        with capturedLogs() as events:
            thread = Thread(target=function)
            thread.start()
            thread.join(PATIENCE_SECONDS)
        return events

    def test_that_fail_are_logged(self, hooked):
        def fail():
            raise ValueError("no")

        (event,) = self.run(fail)

        assert event["log_format"] == "a thread of a skill failed"
        assert event["log_failure"].type is ValueError

    def test_that_leave_are_not(self, hooked):
        assert self.run(lambda: sys.exit(1)) == []
