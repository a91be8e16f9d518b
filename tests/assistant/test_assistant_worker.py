"""Real threads, held still by events: what crosses over, in what order, how many."""

from __future__ import annotations

import sys
import threading
from queue import Queue
from threading import Event, Thread, current_thread, main_thread

import pytest
from twisted.logger import capturedLogs

from pytlas_wamp.assistant.worker import Busy, ThreadWorkers, log_failed_threads, make_guard

PATIENCE_SECONDS = 20.0


class Reactor:
    """Keeps what threads ask for until the test's own thread does it."""

    def __init__(self):
        self._calls = Queue()
        self.threads = set()

    def callFromThread(self, function, *args, **kwargs):  # noqa: N802 - Twisted's name
        self.threads.add(current_thread())
        self._calls.put(lambda: function(*args, **kwargs))

    def until(self, results, count):
        while len(results) < count:
            self._calls.get(timeout=PATIENCE_SECONDS)()


@pytest.fixture
def reactor():
    return Reactor()


@pytest.fixture
def make(reactor):
    made = []

    def make(**size):
        workers = ThreadWorkers(reactor, name="test", **size)
        workers.start()
        made.append(workers)
        return workers

    yield make
    for workers in made:
        if not workers._pool.joined:
            workers.stop()


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

    def test_so_many_run_at_the_same_time(self, make, reactor):
        inside, opened, results = Queue(), Event(), []
        workers = make(max_threads=3)

        def work():
            inside.put(current_thread())
            opened.wait()

        for _ in range(3):
            workers.run(work).addBoth(results.append)
        threads = {inside.get(timeout=PATIENCE_SECONDS) for _ in range(3)}
        assert len(threads) == 3
        opened.set()
        reactor.until(results, 3)


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
        results, go = [], Event()
        workers = make(max_threads=2)
        for _ in range(2):
            workers.run(go.wait, PATIENCE_SECONDS).addCallback(results.append)
        idle = workers.when_idle()
        go.set()
        reactor.until(results, 1)
        assert not idle.called
        reactor.until(results, 2)
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
