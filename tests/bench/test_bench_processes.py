"""Reading what processes use."""

from __future__ import annotations

import os
import time

from bench.processes import CpuClock, cores, resident_bytes, tree


def _thread(folder, thread, nanoseconds):
    path = folder / "7" / "task" / str(thread)
    path.mkdir(parents=True, exist_ok=True)
    (path / "schedstat").write_text(f"{nanoseconds} 55 3\n")
    return path


class TestCpuClock:
    def test_it_is_the_sum_of_all_threads(self, tmp_path):
        _thread(tmp_path, 7, 1_000)
        _thread(tmp_path, 8, 200)
        assert CpuClock(7, tmp_path).read() == 1_200

    def test_a_thread_that_ended_is_not_forgotten(self, tmp_path):
        _thread(tmp_path, 7, 1_000)
        ended = _thread(tmp_path, 8, 200)
        clock = CpuClock(7, tmp_path)
        clock.read()
        (ended / "schedstat").unlink()
        ended.rmdir()
        _thread(tmp_path, 7, 1_500)
        assert clock.read() == 1_700

    def test_a_process_that_is_gone_has_what_it_had(self, tmp_path):
        assert CpuClock(7, tmp_path).read() == 0

    def test_it_counts_work_and_no_rest(self):
        clock = CpuClock(os.getpid())
        before, began = clock.read(), time.thread_time_ns()
        sum(range(5_000_000))
        assert clock.read() - before >= (time.thread_time_ns() - began) / 2


class TestProcesses:
    def test_a_process_is_in_its_own_tree(self):
        assert tree(os.getpid())[0] == os.getpid()

    def test_this_process_holds_some_memory(self):
        assert resident_bytes(os.getpid()) > 1_000_000

    def test_of_one_that_is_gone_nothing_is_held(self):
        assert resident_bytes(2**22 + 1) == 0

    def test_cores_are_those_that_we_may_use(self):
        assert set(cores()) <= os.sched_getaffinity(0)
