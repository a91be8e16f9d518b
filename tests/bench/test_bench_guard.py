"""What the guard over the hot paths says of figures."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from itertools import count

from bench.guard import STORED, judge, measure, written


def _verdict(seconds, stored):
    return judge({"decode": seconds}, 1e-5, stored, 2.0)[0]


class TestVerdicts:
    def test_up_to_the_margin_all_is_well(self):
        verdict = _verdict(2e-5, {"decode": 1.0})
        assert (verdict.ratio, verdict.times, verdict.is_too_dear) == (2.0, 2.0, False)

    def test_beyond_it_somebody_should_look(self):
        verdict = _verdict(2.1e-5, {"decode": 1.0})
        assert verdict.is_too_dear
        assert verdict.line() == ["decode", "21.00", "2.100", "1.000", "2.10", "TOO DEAR"]

    def test_what_is_not_stored_yet_cannot_be_too_dear(self):
        verdict = _verdict(5.0, {})
        assert not verdict.is_too_dear
        assert verdict.line()[3:] == ["-", "-", ""]


class TestStoring:
    def test_what_is_written_is_what_is_read(self):
        text = written([_verdict(1.5e-5, {})], 2.0)
        assert tomllib.loads(text) == {"margin": 2.0, "ratios": {"decode": 1.5}}


class Machine:
    """A clock that goes on by what is done; the machine is disturbed now and then."""

    def __init__(self):
        self.now = 0.0
        self._calls = count()

    def work(self, seconds):
        def do():
            self.now += seconds * (3 if next(self._calls) % 50 == 0 else 1)

        return do


class TestMeasuring:
    def test_disturbances_do_not_count(self):
        machine = Machine()
        works = {"short": machine.work(0.0004), "long": machine.work(0.002)}
        seconds = measure(works, lambda: machine.now)
        assert {name: round(each, 6) for name, each in seconds.items()} == {
            "short": 0.0004,
            "long": 0.002,
        }


class TestHotPaths:
    def test_each_can_be_done_again_and_again_and_is_stored(self):
        # In another process: it imports a skill, which others would see.
        program = (
            "from bench.hot_paths import hot_paths\n"
            "for name, work in hot_paths('It is 12 degrees.').items():\n"
            "    work(), work(), print(name)\n"
        )
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-c", program],
            cwd=STORED.parents[1],
            capture_output=True,
            text=True,
            check=False,
        )
        stored = tomllib.loads(STORED.read_text(encoding="utf-8"))
        assert (done.stdout.splitlines(), done.stderr) == (list(stored["ratios"]), "")
