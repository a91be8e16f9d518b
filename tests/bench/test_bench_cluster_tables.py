"""Tables of servers that are several processes."""

from __future__ import annotations

from bench.cluster.report import report
from bench.cluster.tables import cpu_table, list_table, memory_table, others, tables


def _turns(per_second, busy=2.0, **parts):
    return {
        "cpu_us": sum(parts.values()),
        "parts_us": parts,
        "per_second": per_second,
        "machine_share": busy,
        "server_share": 1.0,
        "client_share": 0.25,
    }


ROW = {
    "one process": [_turns(1_000, server=200), _turns(500, server=400)],
    "Crossbar": [
        _turns(800, gateway=300, router=100),
        None,
    ],
}


class TestProcessorTime:
    def test_each_part_has_a_column_in_one_order(self):
        head = cpu_table(ROW).splitlines()[0]
        assert head.startswith("| server | CPU us per turn | server | gateway | router | times")

    def test_a_server_is_held_to_the_first_one_of_the_same_round(self):
        _, _, first, second = cpu_table(ROW).splitlines()
        assert first.startswith("| one process | 300 (200-400) | 300 | - | - | 1.00 | 750 (500-")
        assert second == "| Crossbar | 400 | - | 300 | 100 | 2.00 | 800 | 0.80 | 0.8 |"

    def test_what_others_did_is_what_neither_server_nor_client_has(self):
        assert others([_turns(1, busy=1.75, server=1), None]).middle == 0.5
        assert others([_turns(1, busy=0.5, server=1)]).middle == 0.0
        assert others([None]) is None


class TestMemory:
    def test_it_is_for_all_processes_of_a_part_and_for_each_user(self):
        row = {"Crossbar": [{"start": {"worker": 2**20}, "each": {"worker": 2048}}], "none": [None]}
        assert memory_table(row).splitlines()[2:] == ["| Crossbar | 1 + 2.0 |"]


class TestLists:
    def test_rounds_are_put_together(self):
        assert list_table([{"a": 1}, None, {"a": 3.5}]).splitlines()[2:] == [
            "| a | 2.25 (1.00-3.50) |"
        ]


class TestTables:
    def test_every_row_has_a_title(self):
        text = tables({"routed echo": ROW, "leases claim": {"Crossbar": [{"ms": 2}]}})
        assert text.startswith("**100 connections, as fast as they can** (routed)")
        assert "**leases: claim** (Crossbar)\n\n| what | measured |" in text

    def test_a_report_says_beside_how_much_else_it_was_measured(self):
        found = {
            "arguments": ["--rounds", "2", "--crossbar", "/some/where/crossbar"],
            "date": "today",
            "seconds": 7,
            "cores": 2,
            "processor": "P",
            "python": "3",
            "loads": [1.0, 9.0, 2.0],
            "rows": {"routed echo": ROW},
        }
        later = {**found, "loads": [], "rows": {"routed echo": {"one process": [None]}}}
        text = report([found, later])
        assert "--rounds 2 --crossbar crossbar`, today" in text
        assert "load average 1 to 9, 2 mostly" in text
        assert "Crossbar" not in text
