"""Reading what processes use."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from bench.processes import CpuClock, busy_seconds, cores, resident_bytes, tree


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

    def test_what_a_process_has_started_counts_if_wanted(self):
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
            assert child.pid in tree(os.getpid())
            whole, alone = CpuClock(os.getpid()), CpuClock(os.getpid(), children=False)
            # The child has loaded Python.
            assert whole.read() > alone.read()
            child.communicate(b"\n")


class TestMachines:
    def test_waiting_is_not_being_busy(self, tmp_path):
        ticks = os.sysconf("SC_CLK_TCK")
        (tmp_path / "stat").write_text(
            f"cpu  {ticks} 0 {2 * ticks} 99 77 0 0 {ticks} 0 0\ncpu0 1\n"
        )
        assert busy_seconds(tmp_path) == 4.0

    def test_it_only_grows(self):
        assert busy_seconds() <= busy_seconds()


class TestProcesses:
    def test_a_process_is_in_its_own_tree(self):
        assert tree(os.getpid())[0] == os.getpid()

    def test_this_process_holds_some_memory(self):
        assert resident_bytes(os.getpid()) > 1_000_000

    def test_of_one_that_is_gone_nothing_is_held(self):
        assert resident_bytes(2**22 + 1) == 0

    def test_cores_are_those_that_we_may_use(self):
        assert set(cores()) <= os.sched_getaffinity(0)
