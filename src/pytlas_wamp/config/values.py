"""What the text of each setting must look like, and what it is read as.

A parser takes the text and the directory that relative paths start from; it raises ValueError
with what "it must be".
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Mapping
from configparser import ConfigParser
from ipaddress import ip_network
from pathlib import Path
from types import MappingProxyType
from typing import Final

from pytlas_wamp import local_time

Parse = Callable[[str, Path], object]

SHORTEST_SECRET: Final = 16
# HS256 keys shorter than the hash are weaker than the hash (RFC 7518 3.2).
GOOD_SECRET: Final = 32
# As for `turn_deadline_seconds`: less is no deadline but a refusal.
SHORTEST_DEADLINE: Final = 0.1
# Later expiry dates than ten years from now are of no use, and overflow in clients.
LONGEST_LIFETIME: Final = 315_360_000


def _listed(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in re.split(r"[,\n]", text) if item.strip())


def items_of(
    valid: Callable[[str], object], expected: str, *, empty: bool = False
) -> Callable[[str, Path], tuple[str, ...]]:
    """Read items with commas or line breaks between them; none only if `empty`."""

    def parse(text: str, _base: Path) -> tuple[str, ...]:
        items = _listed(text)
        if not (items or empty) or not all(map(valid, items)):
            raise ValueError(expected)
        return items

    return parse


def matching(pattern: str, expected: str) -> Parse:
    """Read a text that matches a pattern as a whole."""

    def parse(text: str, _base: Path) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(expected)
        return text

    return parse


def number(kind: type[int | float], least: float, most: float = math.inf) -> Parse:
    """Read a number within bounds."""
    expected = f"a number of at least {least}, such as {least + 2.5}"
    if kind is int:
        expected = f"a whole number of at least {least}"
    if most != math.inf:
        expected += f" and at most {most}"

    def parse(text: str, _base: Path) -> float:
        try:
            value = kind(text)
        except ValueError:
            raise ValueError(expected) from None
        if not least <= value <= most or value == math.inf:
            raise ValueError(expected)
        return value

    return parse


def parse_path(text: str, base: Path) -> Path:
    """Read a path; a relative one starts from `base`."""
    # SQLAlchemy ends the file name of a URL at the question mark.
    if not text or not text.isprintable() or "?" in text:
        raise ValueError("a path without control characters and question marks")
    try:
        return Path(os.path.normpath(base / Path(text).expanduser()))
    except RuntimeError:
        raise ValueError("a path whose ~ belongs to an existing user") from None


def parse_yes_or_no(text: str, _base: Path) -> bool:
    """Read yes or no, in any of the words of configparser."""
    value = ConfigParser.BOOLEAN_STATES.get(text.strip().lower())
    if value is None:
        raise ValueError("yes or no")
    return value


def parse_zone(text: str, _base: Path) -> str:
    """Read the name of a time zone."""
    if local_time.find_zone(text) is None:
        raise ValueError("a time zone such as Europe/Paris")
    return text


def sqlite_url(path: Path) -> str:
    """Return the database URL of a file."""
    return f"sqlite:///{path.as_posix()}"


def parse_database_file(text: str, base: Path) -> str:
    """Read the path of an SQLite file as the URL of a database."""
    return sqlite_url(parse_path(text, base))


def parse_database_url(text: str, base: Path) -> str:
    """Read the URL of a database; a relative file starts from `base`."""
    if not re.fullmatch(r"[a-z][a-z0-9_+]*://\S*", text):
        raise ValueError("a database URL such as sqlite:////var/lib/pytlas.sqlite3")
    relative = re.fullmatch(r"(sqlite[^:]*:///)(?!/|:memory:|file:)([^?]+)(.*)", text)
    if relative is None:
        return text
    # The daemon changes its directory; the file must not move with it.
    prefix, name, query = relative.groups()
    return f"{prefix}{parse_path(name, base).as_posix()}{query}"


def parse_skill_deadlines(text: str, _base: Path) -> Mapping[str, float]:
    """Read names of skills with seconds, each skill once."""
    expected = "names of skills with their seconds, such as weather: 120, backup: 600"
    deadlines: dict[str, float] = {}
    for item in _listed(text):
        found = re.fullmatch(r"([A-Za-z0-9_.-]+)\s*:\s*([0-9]+(?:\.[0-9]+)?)", item)
        if found is None or found[1] in deadlines or float(found[2]) < SHORTEST_DEADLINE:
            raise ValueError(expected)
        deadlines[found[1]] = float(found[2])
    return MappingProxyType(deadlines)


def parse_bundled(text: str, base: Path) -> tuple[str, ...] | None:
    """Read which of the bundled skills are loaded; None stands for all."""
    names = parse_skill_names(text, base)
    if names == ("all",):
        return None
    return () if names == ("none",) else names


def _is_endpoint(text: str) -> bool:
    # Plugins add kinds of endpoints, hence only the shape; the kinds that people type by hand
    # are looked at more closely, and so is the address that they type instead.
    kind, colon, rest = text.removeprefix("haproxy:").partition(":")
    if not colon or kind == "localhost" or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", kind):
        return False
    if kind not in {"tcp", "tcp6", "ssl"}:
        return True
    port = re.match(r"(?:port=)?([0-9]{1,5})(?::|$)", rest)
    return "port=" in rest if port is None else int(port[1]) <= 65_535  # noqa: PLR2004 - TCP's


def _is_proxy(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return text == "unix"
    return True


def parse_anything(text: str, _base: Path) -> str:
    """Take every text as it is."""
    return text


LANGUAGE: Final = r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*"
parse_languages: Final = items_of(
    re.compile(LANGUAGE).fullmatch,
    "language codes such as fr, en-US with commas between them",
    empty=True,
)
parse_origins: Final = items_of(
    re.compile(r"\*|null|[A-Za-z][A-Za-z0-9+.-]*://[^/\s]+").fullmatch,
    "* or origins such as https://home.example.org (no path, no slash at the end)",
)
parse_proxies: Final = items_of(
    _is_proxy,
    "addresses or networks such as 127.0.0.1, 10.0.0.0/8, or unix, with commas between them",
    empty=True,
)
parse_endpoints: Final = items_of(
    _is_endpoint, "Twisted endpoints, such as tcp:8000:interface=127.0.0.1"
)
parse_skill_names: Final = items_of(
    re.compile(r"[A-Za-z0-9_-]+").fullmatch,
    "all, none, or names of skills with commas between them",
)
parse_routers: Final = items_of(
    re.compile(r"wss?://[^\s/]+(/\S*)?").fullmatch,
    "WebSocket URLs such as wss://router.example.org/ws, with commas between them",
    empty=True,
)
parse_two_letters: Final = items_of(
    re.compile("[a-z]{2}").fullmatch,
    "two-letter codes of languages such as fr, en with commas between them",
    empty=True,
)
parse_secret: Final = matching(
    f"(?s:.{{{SHORTEST_SECRET},}})",
    f"at least {SHORTEST_SECRET} characters long ({GOOD_SECRET} or more are better)",
)
parse_lifetime: Final = number(int, 60, LONGEST_LIFETIME)
