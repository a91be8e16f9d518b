"""What was measured, as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from bench.contenders import CONTENDERS
from bench.figures import Spread, ratio

_KIB: Final = 1024


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A table of Markdown."""
    rows = [head, ["---"] * len(head), *lines]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def shown(spread: Spread | None, digits: int = 0) -> str:
    """A figure with its range."""
    if spread is None:
        return "-"
    middle, lowest, highest = (
        f"{value:,.{digits}f}" for value in (spread.middle, spread.lowest, spread.highest)
    )
    return middle if lowest == highest else f"{middle} ({lowest}-{highest})"


def _values(results: Sequence[Any], key: str) -> list[float | None]:
    return [None if one is None else one[key] for one in results]


def _spread(results: Sequence[Any], key: str) -> Spread | None:
    values = [value for value in _values(results, key) if value is not None]
    return Spread.of(values) if values else None


def _turns(title: str, row: Mapping[str, Sequence[Any]]) -> str:
    ours = _values(row.get("ours", ()), "cpu_us")
    lines = [
        [
            CONTENDERS[name].label,
            shown(_spread(results, "cpu_us")),
            shown(ratio(ours, _values(results, "cpu_us")), 2),
            shown(_spread(results, "per_second")),
            shown(_spread(results, "p50_ms"), 1),
            shown(_spread(results, "p99_ms"), 1),
            shown(_spread(results, "client_share"), 2),
        ]
        for name, results in row.items()
    ]
    head = (
        *("server", "CPU us per turn", "times ours", "turns/s"),
        *("p50 ms", "p99 ms", "client's share of its core"),
    )
    return f"**{title}**\n\n{table(head, lines)}"


def _connect(row: Mapping[str, Sequence[Any]]) -> str:
    ours = _values(row.get("ours", ()), "cpu_us")
    lines = [
        [
            CONTENDERS[name].label,
            shown(_spread(results, "cpu_us")),
            shown(ratio(ours, _values(results, "cpu_us")), 2),
            shown(_spread(results, "per_second")),
        ]
        for name, results in row.items()
    ]
    head = ("server", "CPU us", "times ours", "per second")
    return f"**From connecting to `ready`, token given**\n\n{table(head, lines)}"


def _memory(row: Mapping[str, Sequence[Any]]) -> str:
    lines = [
        [CONTENDERS[name].label, f"{one['bytes_each'] / _KIB:,.1f}"]
        for name, results in row.items()
        for one in results
        if one is not None
    ]
    title = "**Memory per connected user, who has said something**"
    return f"{title}\n\n{table(('server', 'KiB'), lines)}"


def _crowd(row: Mapping[str, Sequence[Any]]) -> str:
    (one,) = row["ours"]
    lines = [
        [f"{int(count):,} users connected", f"{value / _KIB / _KIB:,.0f} MiB"]
        for count, value in one.items()
        if not count.startswith("bytes")
    ]
    lines.append(["each connected user", f"{one['bytes_each'] / _KIB:.1f} KiB"])
    lines.append(["each user who is gone", f"{one['bytes_each_gone'] / _KIB:.1f} KiB"])
    return f"**pytlas-wamp with a crowd**\n\n{table(('', 'memory'), lines)}"


def _start(row: Mapping[str, Sequence[Any]]) -> str:
    lines = [
        [
            CONTENDERS[name].label,
            shown(_spread(results, "seconds"), 2),
            shown(_spread(results, "cpu_seconds"), 2),
        ]
        for name, results in row.items()
    ]
    return f"**Start**\n\n{table(('server', 'seconds', 'CPU seconds'), lines)}"


def _intents(rows: Mapping[str, Mapping[str, Sequence[Any]]]) -> str:
    few, many = sorted(rows, key=int)
    lines = [
        [
            CONTENDERS[name].label,
            shown(_spread(rows[few][name], "cpu_us")),
            shown(_spread(rows[many][name], "cpu_us")),
            shown(
                ratio(_values(rows[few][name], "cpu_us"), _values(rows[many][name], "cpu_us")), 2
            ),
        ]
        for name in rows[few]
    ]
    head = ("server", f"CPU us per turn, {few} intents", f"{many} intents", "times")
    return f"**More intents**\n\n{table(head, lines)}"


def _learning(rows: Mapping[str, Mapping[str, Sequence[Any]]]) -> str:
    lines = []
    for count in sorted(rows, key=int):
        (cold,), (warm,) = rows[count]["cold"], rows[count]["warm"]
        lines.append(
            [
                count,
                f"{cold['seconds']:.1f} ({cold['cpu_seconds']:.1f})",
                f"{warm['seconds']:.1f} ({warm['cpu_seconds']:.1f})",
                f"{cold['turns']['cpu_us']:.0f}",
            ]
        )
    head = (
        *("intents", "s to ready, learning (CPU)", "s to ready, learnt before (CPU)"),
        "CPU us per turn",
    )
    return f"**pytlas-wamp with its default interpreter**\n\n{table(head, lines)}"


_SIMPLE: Final[Mapping[str, Callable[[Any], str]]] = {
    "memory": _memory,
    "connect": _connect,
    "crowd": _crowd,
    "start": _start,
}
_TITLES: Final = {
    "rate": "500 turns/s, 100 connections",
    "slow": "500 turns/s, 100 connections, while 200 others sit in skills that take 2 s",
}


def tables(results: Mapping[str, Mapping[str, Sequence[Any]]]) -> str:
    """All tables of a run."""
    parts, groups = [], dict[str, dict[str, Any]]()
    for row, found in results.items():
        kind, _, count = row.partition(" ")
        if kind == "turns":
            people = "1 connection" if count == "1" else f"{int(count):,} connections"
            parts.append(_turns(f"Turns, {people}", found))
        elif count:
            groups.setdefault(kind, {})[count] = found
        elif row in _TITLES:
            parts.append(_turns(_TITLES[row], found))
        else:
            parts.append(_SIMPLE[row](found))
    if len(groups.get("intents", ())) > 1:
        parts.append(_intents(groups["intents"]))
    if groups.get("learning"):
        parts.append(_learning(groups["learning"]))
    return "\n".join(parts)
