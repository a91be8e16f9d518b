"""Watches over the price of a turn: `make guard`.

Processor time of the hot paths, as multiples of a loop of plain Python that runs in between.
`guard.toml` has what they were when they were stored; only what is several times dearer fails,
as machines and Pythons differ.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from bench.frames import SENTENCE
from bench.tables import table

HERE: Final = Path(__file__).parent
STORED: Final = HERE / "guard.toml"
# Of each, the least is taken: whatever else the machine did made it more.
_REPEATS: Final = 7
_BATCH_SECONDS: Final = 0.015
_MICRO: Final = 1e6

Work = Callable[[], object]


@frozen(kw_only=True)
class Verdict:
    """What became of one hot path.

    Args:
      name: of it.
      micros: what it costs here, in microseconds.
      ratio: the same, in loops of plain Python.
      stored: the ratio that it had; None when it is new.
      margin: how many times as much it may have.
    """

    name: str
    micros: float
    ratio: float
    stored: float | None
    margin: float

    @property
    def times(self) -> float | None:
        """How many times as dear as it was."""
        return None if self.stored is None else self.ratio / self.stored

    @property
    def is_too_dear(self) -> bool:
        """Whether somebody should look at it."""
        return self.times is not None and self.times > self.margin

    def line(self) -> list[str]:
        """As a line of the table."""
        stored = "-" if self.stored is None else f"{self.stored:.3f}"
        times = "-" if self.times is None else f"{self.times:.2f}"
        mark = "TOO DEAR" if self.is_too_dear else ""
        return [self.name, f"{self.micros:.2f}", f"{self.ratio:.3f}", stored, times, mark]


def reference() -> object:
    """Some microseconds of what Python does all day: calls, dicts, text, JSON."""
    document: dict[str, object] = {}
    for number in range(20):
        document[f"key{number}"] = [number, str(number).upper(), None]
    return json.loads(json.dumps(document))


def measure(
    works: Mapping[str, Work], clock: Callable[[], float] = time.process_time
) -> dict[str, float]:
    """The least seconds that a call of each took, taking turns.

    Args:
      works: what is called, by name.
      clock: seconds of the processor that this process has used.
    """

    def batch(work: Work, calls: int) -> float:
        began = clock()
        for _ in range(calls):
            work()
        return (clock() - began) / calls

    def enough(work: Work) -> int:
        calls = 1
        while (each := batch(work, calls)) * calls < _BATCH_SECONDS / 4:
            calls *= 4
        return max(1, int(_BATCH_SECONDS / each))

    calls = {name: enough(work) for name, work in works.items()}
    least = dict.fromkeys(works, float("inf"))
    for _ in range(_REPEATS):
        for name, work in works.items():
            least[name] = min(least[name], batch(work, calls[name]))
    return least


def judge(
    seconds: Mapping[str, float], loop: float, stored: Mapping[str, float], margin: float
) -> list[Verdict]:
    """Compare with what is stored.

    Args:
      seconds: what each hot path takes.
      loop: what the loop takes.
      stored: ratios by name.
      margin: how many times as much is too much.
    """
    return [
        Verdict(
            name=name,
            micros=each * _MICRO,
            ratio=each / loop,
            stored=stored.get(name),
            margin=margin,
        )
        for name, each in seconds.items()
    ]


def written(verdicts: list[Verdict], margin: float) -> str:
    """The file that keeps what was measured."""
    lines = [
        "# What the hot paths cost, in runs of a loop of plain Python that is measured beside",
        "# them. Written by `make guard ARGS=--store`, to be done when something got faster.",
        "",
        "# More than so many times what stands here fails.",
        f"margin = {margin}",
        "",
        "[ratios]",
        *(f'"{one.name}" = {one.ratio:.4f}' for one in verdicts),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print, and fail if something is far too dear."""
    from bench.hot_paths import hot_paths  # noqa: PLC0415 - tests of the rest need no server

    parser = argparse.ArgumentParser(prog="python -m bench.guard", description=__doc__)
    parser.add_argument("--store", action="store_true", help="write down what is measured")
    given = parser.parse_args()
    known = tomllib.loads(STORED.read_text(encoding="utf-8"))
    seconds = measure({"": reference, **hot_paths(SENTENCE)})
    loop = seconds.pop("")
    verdicts = judge(seconds, loop, known["ratios"], known["margin"])
    head = ["hot path", "CPU us", "ratio", "stored", "times", ""]
    sys.stdout.write(table(head, [one.line() for one in verdicts]))
    if given.store:
        STORED.write_text(written(verdicts, known["margin"]), encoding="utf-8")
    elif dear := [one.name for one in verdicts if one.is_too_dear]:
        sys.exit(f"more than {known['margin']} times as dear as stored: {', '.join(dear)}")


if __name__ == "__main__":
    main()
