"""Puts a run of `make bench` into the documentation: `make bench-report`.

Takes the newest file of bench/results, or the one that is named, draws its plots, and writes
its tables into docs/explanation/performance.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl

mpl.use("svg")
# The same figures shall give the same file.
mpl.rcParams["svg.hashsalt"] = "pytlas-wamp"
mpl.rcParams["svg.fonttype"] = "none"

from matplotlib import pyplot as plt  # noqa: E402 - after its settings

from bench.contenders import CONTENDERS  # noqa: E402
from bench.figures import Spread  # noqa: E402
from bench.pages import replaced  # noqa: E402
from bench.tables import tables  # noqa: E402

HERE: Final = Path(__file__).parent
PAGE: Final = HERE.parent / "docs" / "explanation" / "performance.md"
PLOTS: Final = PAGE.parent / "performance"

_OURS, _OTHERS, _BARE = "#0b6e99", "#9aa5ad", "#d5dadd"

Rows = Mapping[str, Mapping[str, list[Any]]]


def _colour(name: str) -> str:
    if name.startswith("ours"):
        return _OURS
    return _OTHERS if CONTENDERS[name].has_agent else _BARE


def _middle(results: list[Any], key: str) -> Spread | None:
    values = [one[key] for one in results if one is not None]
    return Spread.of(values) if values else None


def _bars(rows: Rows, row: str, key: str, title: str, *, scale: float = 1.0) -> None:
    """One bar for each server, with the range of its rounds."""
    found = {name: _middle(results, key) for name, results in rows[row].items()}
    spreads = {name: spread for name, spread in found.items() if spread is not None}
    names = list(reversed(spreads))
    middles = [spreads[name].middle * scale for name in names]
    figure, axes = plt.subplots(figsize=(8, 0.6 + 0.42 * len(names)))
    axes.barh(
        [CONTENDERS[name].label for name in names],
        middles,
        color=[_colour(name) for name in names],
        xerr=[
            [(spreads[name].middle - spreads[name].lowest) * scale for name in names],
            [(spreads[name].highest - spreads[name].middle) * scale for name in names],
        ],
        error_kw={"elinewidth": 1, "ecolor": "#444444"},
    )
    for place, value in enumerate(middles):
        axes.annotate(
            f" {value:,.0f}" if value >= 10 else f" {value:.1f}",  # noqa: PLR2004 - two digits
            (0, place),
            va="center",
            color="black",
        )
    axes.set_title(title, loc="left", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    _keep(figure, row, key)


def _lines(rows: Rows) -> None:
    """Processor time of a turn by the number of connections."""
    counts = sorted(int(row.split()[1]) for row in rows if row.startswith("turns "))
    figure, axes = plt.subplots(figsize=(8, 4.2))
    for name in rows[f"turns {counts[0]}"]:
        spreads = {
            count: _middle(rows[f"turns {count}"].get(name, []), "cpu_us") for count in counts
        }
        points = {count: spread.middle for count, spread in spreads.items() if spread is not None}
        style = "--" if not CONTENDERS[name].has_agent else "-"
        axes.plot(
            list(points),
            list(points.values()),
            style,
            marker="o",
            label=CONTENDERS[name].label,
            **({"color": _OURS, "linewidth": 2.5} if name.startswith("ours") else {}),
        )
    axes.set(xscale="log", yscale="log", xlabel="connections")
    axes.set_xticks(counts, [f"{count:,}" for count in counts])
    axes.set_title("CPU us per turn", loc="left", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    _keep(figure, "turns", "cpu_us")


def _keep(figure: Any, row: str, key: str) -> None:
    PLOTS.mkdir(exist_ok=True)
    path = PLOTS / f"{row}-{key}.svg".replace(" ", "-").replace("_", "-")
    figure.savefig(path, bbox_inches="tight", metadata={"Date": None, "Creator": None})
    plt.close(figure)


def draw(rows: Rows) -> None:
    """All plots that these rows allow."""
    if sum(row.startswith("turns ") for row in rows) > 1:
        _lines(rows)
    if "memory" in rows:
        title = "KiB per connected user"
        _bars(rows, "memory", "bytes_each", title, scale=1 / 1024)
    if "slow" in rows:
        _bars(rows, "slow", "p99_ms", "p99 ms at 500 turns/s beside 200 slow skills")


def described(found: Mapping[str, Any]) -> str:
    """On what, when, and how it was measured."""
    versions = ", ".join(f"{name} {number}" for name, number in found["versions"].items())
    arguments = " ".join(found["arguments"])
    command = f'make bench ARGS="{arguments}"' if arguments else "make bench"
    return (
        f"`{command}`, {found['date']}, {found['seconds']} s. {found['processor']},"
        f" {found['cores']} cores, {found['system']}, Python {found['python']}; load average"
        f" before the run {found['load_before']}. {versions}.\n"
    )


def main() -> None:
    """Draw and write."""
    parser = argparse.ArgumentParser(prog="python -m bench.report", description=__doc__)
    parser.add_argument("results", nargs="?", type=Path, help="the newest by default")
    path = parser.parse_args().results or _newest()
    if path is None:
        sys.exit("there are no results yet: `make bench` makes them")
    found = json.loads(path.read_text(encoding="utf-8"))
    draw(found["rows"])
    text = f"{described(found)}\n{tables(found['rows'])}"
    PAGE.write_text(replaced(PAGE.read_text(encoding="utf-8"), text), encoding="utf-8")
    sys.stdout.write(f"{path} is in {PAGE}\n")


def _newest() -> Path | None:
    return max(
        (HERE / "results").glob("*.json"), key=lambda path: path.stat().st_mtime, default=None
    )


if __name__ == "__main__":
    main()
