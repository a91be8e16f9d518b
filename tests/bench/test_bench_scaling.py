"""What a cluster for many users needs."""

from __future__ import annotations

import pytest
from bench.scaling import PAGE, Assumed, Measured, Need, Part, measured, page, tables

KNOWN = Measured(
    gateway=Part(turn_us=100, visit_us=1_000, held_us=10, start_mib=100, user_kib=8),
    worker=Part(turn_us=400, visit_us=2_000, start_mib=200, user_kib=16),
    router=Part(turn_us=50, visit_us=0, start_mib=300),
    database=Part(turn_us=200, visit_us=500, start_mib=0),
    understanding_us=600,
    transactions=0.5,
    transactions_alone=3,
    wal_bytes=1024,
    frames=4,
    frame_bytes=256,
)


def _need(**assumed):
    # 864,000 people of whom each says ten things: 100 turns/s in the mean.
    defaults = {"users": 864_000, "turns_each": 10, "peak": 5, "turns_in_visit": 5}
    return Need(measured=KNOWN, assumed=Assumed(**{**defaults, "connected": 0.1, **assumed}))


class TestWhatHappens:
    def test_the_busiest_hour_counts(self):
        assert (_need().turns, _need().visits) == (500, 100)

    def test_conversations_stay_for_a_while(self):
        assert _need(idle_seconds=60).in_memory == 86_400 + 60 * 100


class TestCores:
    def test_who_is_connected_costs_a_gateway_something(self):
        assert _need().cores("gateway") == pytest.approx(0.05 + 0.1 + 0.864)

    def test_workers_understand_and_have_skills(self):
        assert _need().cores("worker") == pytest.approx(0.5 + 0.2)
        assert _need(skill_us=5_000).cores("worker") == pytest.approx(3.0 + 0.2)

    def test_processes_are_not_full_and_one_may_fail(self):
        assert _need(skill_us=5_000, busy=0.5).processes("worker") == 7 + 1
        assert _need().processes("router") == 1 + 1

    def test_a_gateway_has_so_many_connections(self):
        assert _need(connections=10_000).processes("gateway") == 9 + 1

    def test_a_database_has_a_stand_by(self):
        need = _need()
        nodes = sum(need.processes(name) for name in ("gateway", "worker", "router"))
        assert (need.database_cores, need.all_cores) == (1, nodes + 2)


class TestMemory:
    def test_processes_and_their_users_count(self):
        need = _need(connected=0, idle_seconds=0)
        assert need.gib("worker") == need.processes("worker") * 200 / 1024
        assert _need(connected=0, idle_seconds=1).gib("worker") - need.gib("worker") == (
            pytest.approx(100 * 16 / 1024**2)
        )

    def test_history_is_what_was_said_in_those_days(self):
        assert _need(history_days=1).kept_gib == pytest.approx(8_640_000 * 4 * 256 / 1024**3)


class TestMoney:
    def test_it_is_for_cores_memory_and_disks(self):
        free = {"core_hour": 0, "gib_hour": 0, "gib_month": 0}
        need = _need(**free)
        assert need.month == 0
        assert _need(**{**free, "core_hour": 1}).month == need.all_cores * 730
        assert _need(**{**free, "gib_month": 1}).month == pytest.approx(need.kept_gib)
        memory = sum(map(need.gib, ("gateway", "worker", "router"))) + need.database_gib
        assert _need(**{**free, "gib_hour": 1}).month == pytest.approx(memory * 730)


class TestThePage:
    def test_its_tables_are_what_the_script_makes_of_the_figures(self):
        text = PAGE.read_text(encoding="utf-8")
        assert page(text, measured()) == text

    def test_every_case_has_a_column(self):
        head = next(line for line in tables(KNOWN).splitlines() if "5 ms" in line)
        assert head == "|  | cheap skills | skills of 5 ms | 5 ms, a week of history |"
