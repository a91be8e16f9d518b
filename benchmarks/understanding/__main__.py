"""Prints how well and how fast the interpreters understand: `python benchmarks/understanding`.

Every row is measured over fixed seeds, three draws where chance has a part, and shows
mean, lowest and highest. The rows can be named, to print only these.
"""

from __future__ import annotations

import argparse
import os
import sys

# Sums that several threads share come out differently from run to run.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from rows import ROWS, Row


def main() -> None:
    """Measure, and print a Markdown table row by row."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="*", help=f"of {', '.join(ROWS)}; all by default")
    wanted = parser.parse_args().rows or list(ROWS)
    unknown = [name for name in wanted if name not in ROWS]
    if unknown:
        parser.error(f"there is no row {unknown[0]!r}; there are {', '.join(ROWS)}")
    _print(Row(what="", goal="goal", patterns="`patterns`", statistical="`statistical`"))
    sys.stdout.write("|---|---|---|---|\n")
    for name in wanted:
        for row in ROWS[name]():
            _print(row)


def _print(row: Row) -> None:
    cells = (row.what, row.goal, row.patterns, row.statistical)
    sys.stdout.write(f"| {' | '.join(cells)} |\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
