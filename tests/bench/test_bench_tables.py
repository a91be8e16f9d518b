"""The benchmark's tables."""

from __future__ import annotations

from bench.figures import Spread
from bench.tables import shown, table, tables


def _turn(cpu_us, client_share=0.2):
    return {
        "cpu_us": cpu_us,
        "per_second": 1e6 / cpu_us,
        "p50_ms": 1.0,
        "p99_ms": 2.0,
        "client_share": client_share,
    }


class TestFigures:
    def test_a_range_is_told_where_there_is_one(self):
        assert shown(Spread(1234.5, 1000, 2000)) == "1,234 (1,000-2,000)"
        assert shown(Spread(1.25, 1.25, 1.25), 2) == "1.25"
        assert shown(None) == "-"

    def test_a_table_is_markdown(self):
        assert table(["a", "b"], [["1", "2"]]) == "| a | b |\n| --- | --- |\n| 1 | 2 |\n"


class TestTables:
    def test_servers_are_compared_with_ours_round_by_round(self):
        text = tables(
            {
                "turns 1000": {
                    "ours": [_turn(100), _turn(200)],
                    "aiohttp": [_turn(600), _turn(1200)],
                }
            }
        )
        assert "**Turns, 1,000 connections**" in text
        assert "| aiohttp, stock agent | 900 (600-1,200) | 6.00 | 1,250 (833-1,667) |" in text

    def test_a_server_that_failed_has_no_figure(self):
        text = tables({"slow": {"ours": [_turn(100)], "channels": [None]}})
        assert "| Channels + daphne, stock agent | - | - | - | - | - | - |" in text

    def test_memory_is_told_in_kib(self):
        text = tables({"memory": {"ours": [{"200": 1, "1000": 2, "bytes_each": 30_720.0}]}})
        assert "| pytlas-wamp | 30.0 |" in text

    def test_a_crowd_is_told_point_by_point(self):
        row = {
            "0": 2**20,
            "2000": 2**24,
            "bytes_each": 2_048,
            "bytes_each_gone": 512,
        }
        text = tables({"crowd": {"ours": [row]}})
        assert "| 2,000 users connected | 16 MiB |" in text
        assert "| each user who is gone | 0.5 KiB |" in text

    def test_few_intents_and_many_are_one_table(self):
        text = tables({"intents 30": {"ours": [_turn(100)]}, "intents 300": {"ours": [_turn(130)]}})
        assert "| server | CPU us per turn, 30 intents | 300 intents | times |" in text
        assert "| pytlas-wamp | 100 | 130 | 1.30 |" in text

    def test_learning_is_told_cold_and_warm(self):
        cold = {"seconds": 5.0, "cpu_seconds": 4.0, "turns": {"cpu_us": 500.0}}
        warm = {"seconds": 1.5, "cpu_seconds": 1.25}
        text = tables({"learning 30": {"cold": [cold], "warm": [warm]}})
        assert "| 30 | 5.0 (4.0) | 1.5 (1.2) | 500 |" in text
