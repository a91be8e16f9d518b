"""What was measured, as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from bench.figures import Spread, ratio
from bench.tables import shown, table

PARTS: Final = ("server", "gateway", "worker", "router", "database")
_KIB: Final = 1024
_MIB: Final = 1024 * 1024

Row = Mapping[str, Sequence[Any]]


def values(results: Sequence[Any], *path: str) -> list[float | None]:
    """One figure of each round; None of rounds that have none."""
    found: list[float | None] = []
    for one in results:
        for key in path:
            one = None if one is None else one.get(key)  # noqa: PLW2901 - down the path
        found.append(one)
    return found


def spread(results: Sequence[Any], *path: str) -> Spread | None:
    """A figure over all rounds that have it."""
    present = [value for value in values(results, *path) if value is not None]
    return Spread.of(present) if present else None


def others(results: Sequence[Any]) -> Spread | None:
    """How many cores were busy with something else."""
    found = [
        max(0.0, one["machine_share"] - one["server_share"] - one["client_share"])
        for one in results
        if one is not None
    ]
    return Spread.of(found) if found else None


def parts_in(row: Row) -> list[str]:
    """The parts that any server of a row has, in order."""
    there = {part for results in row.values() for one in results if one for part in _parts(one)}
    return [part for part in PARTS if part in there]


def _parts(one: Mapping[str, Any]) -> Mapping[str, Any]:
    return one.get("parts_us") or one.get("each") or {}


def cpu_table(row: Row, *, unit: str = "turn") -> str:
    """Processor time by part, and what came of it; the first server is what others are held to."""
    parts = parts_in(row)
    first = next(iter(row.values()))
    lines = []
    for label, results in row.items():
        middle = [spread(results, "parts_us", part) for part in parts]
        lines.append(
            [
                label,
                shown(spread(results, "cpu_us")),
                *("-" if one is None else f"{one.middle:,.0f}" for one in middle),
                shown(ratio(values(first, "cpu_us"), values(results, "cpu_us")), 2),
                shown(spread(results, "per_second")),
                shown(ratio(values(first, "per_second"), values(results, "per_second")), 2),
                shown(others(results), 1),
            ]
        )
    head = [
        *("server", f"CPU us per {unit}", *parts, "times the first", f"{unit}s/s"),
        *("times the first", "cores busy with something else"),
    ]
    return table(head, lines)


def memory_table(row: Row) -> str:
    """What each part holds at first, and for each connected user."""
    parts = parts_in(row)
    lines = []
    for label, (one, *_) in row.items():
        if one is None:
            continue
        line = [label]
        for part in parts:
            if part in one["start"]:
                start, each = one["start"][part] / _MIB, one["each"][part] / _KIB
                line.append(f"{start:,.0f} + {each:.1f}")
            else:
                line.append("-")
        lines.append(line)
    return table(["server", *(f"{part}: MiB + KiB per user" for part in parts)], lines)


def idle_table(row: Row) -> str:
    """What it costs to be there."""
    parts = parts_in(row)
    lines = [
        [label, *(_milli(spread(results, "parts_us", part)) for part in parts)]
        for label, results in row.items()
    ]
    return table(["server", *(f"{part}: ms per second" for part in parts)], lines)


def _milli(found: Spread | None) -> str:
    return "-" if found is None else f"{found.middle / 1000:.1f}"


def list_table(results: Sequence[Any]) -> str:
    """A line for each figure."""
    found = [one for one in results if one]
    lines = []
    for key in dict.fromkeys(key for one in found for key in one):
        given = [one[key] for one in found if key in one]
        digits = 0 if all(float(value).is_integer() for value in given) else 2
        lines.append([key, shown(Spread.of(given), digits)])
    return table(["what", "measured"], lines)


_TITLES: Final = {
    "echo": "100 connections, as fast as they can",
    "alone": "1 connection",
    "rate": "50 turns/s, 100 connections",
    "work": "A skill that takes 5 ms of a processor, 20 connections",
    "pause": "A skill that waits 200 ms, 96 connections, 16 threads for skills in each process",
    "connect": "From connecting to `ready`",
    "memory": "Memory at start, and of each connected user who has said something",
    "idle": "100 connections, nobody says anything",
}


def tables(results: Mapping[str, Row]) -> str:
    """All tables of a run."""
    writers: dict[str, Callable[[Row], str]] = {"memory": memory_table, "idle": idle_table}
    parts = []
    for name, row in results.items():
        group, _, kind = name.partition(" ")
        if group in ("leases", "costs"):
            for label, found in row.items():
                parts.append(f"**{group}: {kind}** ({label})\n\n{list_table(found)}")
            continue
        unit = "connection" if kind == "connect" else "turn"
        write = writers.get(kind, lambda row, unit=unit: cpu_table(row, unit=unit))  # type: ignore[misc]
        parts.append(f"**{_TITLES[kind]}** ({group})\n\n{write(row)}")
    return "\n".join(parts)
