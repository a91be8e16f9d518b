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

from bench.cluster.tables import tables
from bench.pages import replaced
from bench.scaling import PAGE

BEGIN: Final = "<!-- measured by make bench-cluster, written by python -m bench.cluster.report -->"
END: Final = "<!-- end of what was measured -->"


def described(found: Mapping[str, Any]) -> str:
    """On what, when, and beside how much else it was measured."""
    arguments = " ".join(found["arguments"])
    loads = found["loads"]
    beside = f"load average {min(loads):g} to {max(loads):g}, {median(loads):g} mostly"
    return (
        f"- `python -m bench.cluster {arguments}`, {found['date']}, {found['seconds']} s."
        f" {found['processor']}, {found['cores']} cores, Python {found['python']}; {beside}."
    )


def report(results: list[Mapping[str, Any]]) -> str:
    """All of it, as Markdown."""
    rows: dict[str, Any] = {}
    for found in results:
        rows.update(found["rows"])
    lines = [described(found) for found in results if found.get("loads")]
    return "\n".join(lines) + "\n\n" + tables(rows)


def main() -> None:
    """Write."""
    parser = argparse.ArgumentParser(prog="python -m bench.cluster.report", description=__doc__)
    parser.add_argument("results", nargs="+", type=Path)
    paths: list[Path] = parser.parse_args().results
    results = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    page = PAGE.read_text(encoding="utf-8")
    text = replaced(page, report(results), begin=BEGIN, end=END)
    PAGE.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{len(results)} results are in {PAGE}\n")


if __name__ == "__main__":
    main()
