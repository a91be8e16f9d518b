"""Writes results into the page on scaling: `python -m bench.cluster.report RESULTS.json ...`.

Several results are taken together; of a row that is in two of them, the later one counts.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench.cluster.tables import spread, tables
from bench.pages import replaced
from bench.scaling import HERE, PAGE, PARTS, measured
from bench.scaling import page as scaled

BEGIN: Final = "<!-- measured by make bench-cluster, written by python -m bench.cluster.report -->"
END: Final = "<!-- end of what was measured -->"
FIGURES: Final = HERE / "scaling.toml"
_HEAD: Final = (
    "# What `python -m bench.scaling` reckons with, of a cluster of two workers: written by",
    "# `python -m bench.cluster.report`. docs/explanation/scaling.md says how it was measured.",
    "",
)
# docs/explanation/performance.md: a turn with the default interpreter, less one with ours.
_UNDERSTANDING_US: Final = 1450
_FRAME_BYTES: Final = "bytes of a frame in the table of frames and its indexes"
_KIB: Final = 1024
_MIB: Final = 1024 * 1024


def described(found: Mapping[str, Any]) -> str:
    """On what, when, and beside how much else it was measured."""
    # Where programs are on that machine is nobody's business.
    arguments = " ".join(Path(each).name for each in found["arguments"])
    loads = found["loads"]
    beside = f"load average {min(loads):g} to {max(loads):g}, {median(loads):g} mostly"
    return (
        f"- `python -m bench.cluster {arguments}`, {found['date']}, {found['seconds']} s."
        f" {found['processor']}, {found['cores']} cores, Python {found['python']}; {beside}."
    )


def rows_of(results: list[Mapping[str, Any]]) -> dict[str, Any]:
    """The rows of all of them."""
    rows: dict[str, Any] = {}
    for found in results:
        rows.update(found["rows"])
    return rows


def report(results: list[Mapping[str, Any]]) -> str:
    """All of it, as Markdown."""
    rows = rows_of(results)
    lines = [described(found) for found in results if found.get("loads")]
    return "\n".join(lines) + "\n\n" + tables(rows)


def figures(rows: Mapping[str, Any]) -> str:
    """What `bench.scaling` reckons with, of a cluster of two workers, as TOML."""
    label = "Crossbar, 2 workers"
    turns, visits, memory, writes, crowd = (
        [one for one in rows[row][label] if one is not None]
        for row in ("routed echo", "routed connect", "routed memory", "costs writes", "costs crowd")
    )

    def middle(found: list[Any], *path: str) -> float:
        spread_ = spread(found, *path)
        return 0.0 if spread_ is None else spread_.middle

    lines = [*_HEAD]
    for part in PARTS:
        held = max(0.0, middle(crowd, f"us per second of each, {part}"))
        count = 2 if part == "worker" else 1
        start = middle(memory, "start", part) / count / _MIB
        each = middle(memory, "each", part) / _KIB
        lines += [
            f"[{part}]",
            f"turn_us = {middle(turns, 'parts_us', part):.0f}",
            f"visit_us = {middle(visits, 'parts_us', part):.0f}",
            f"held_us = {held:.1f}",
            # The database's is said by the assumptions.
            f"start_mib = {0 if part == 'database' else start:.0f}",
            f"user_kib = {0 if part in ('router', 'database') else each:.1f}",
            "",
        ]
    lines += [
        "[all]",
        f"understanding_us = {_UNDERSTANDING_US}",
        f"transactions = {middle(writes, 'many at once: transactions'):.2f}",
        f"transactions_alone = {middle(writes, 'each by itself: transactions'):.2f}",
        f"wal_bytes = {middle(writes, 'many at once: bytes of WAL'):.0f}",
        f"frames = {middle(writes, 'many at once: rows inserted'):.2f}",
        f"frame_bytes = {middle(writes, _FRAME_BYTES):.0f}",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write."""
    parser = argparse.ArgumentParser(prog="python -m bench.cluster.report", description=__doc__)
    parser.add_argument("results", nargs="+", type=Path)
    paths: list[Path] = parser.parse_args().results
    results = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    page = PAGE.read_text(encoding="utf-8")
    text = replaced(page, report(results), begin=BEGIN, end=END)
    FIGURES.write_text(figures(rows_of(results)), encoding="utf-8")
    PAGE.write_text(scaled(text, measured()), encoding="utf-8")
    sys.stdout.write(f"{len(results)} results are in {PAGE}\n")


if __name__ == "__main__":
    main()
