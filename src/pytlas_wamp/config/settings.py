"""The table of everything that can be set, and what each text must look like.

Reading follows `SETTINGS`, and the reference page (docs/reference/configuration.md) is tested
against it.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable
from configparser import ConfigParser
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final

import attrs
from attrs import frozen

from pytlas_wamp import local_time
from pytlas_wamp.limits import Limits

Parse = Callable[[str, Path], object]

OWN_SECTIONS: Final = ("web", "database", "server")
SHORTEST_SECRET: Final = 16
# HS256 keys shorter than the hash are weaker than the hash (RFC 7518 3.2).
GOOD_SECRET: Final = 32
# Later expiry dates than ten years from now are of no use, and overflow in clients.
LONGEST_LIFETIME: Final = 315_360_000


@frozen(kw_only=True)
class Setting:
    """One line of the table.

    Attributes:
      parse: takes the text and the directory that relative paths start from; raises ValueError
        with what "it must be".
      default: the text that stands for an absent value; None when `otherwise` says in prose what
        happens then.
      option: its name among the command line options, if it is one.
      private: True when no message may repeat the value.
    """

    section: str
    key: str
    parse: Parse
    meaning: str
    default: str | None = None
    otherwise: str = ""
    option: str | None = None
    private: bool = False

    @property
    def variable(self) -> str:
        """The environment variable, named as pytlas names it (`SECTION_KEY`)."""
        return f"{self.section}_{self.key}".upper()


def _items(
    valid: Callable[[str], object], expected: str, *, empty: bool = False
) -> Callable[[str, Path], tuple[str, ...]]:
    def parse(text: str, _base: Path) -> tuple[str, ...]:
        items = tuple(item.strip() for item in re.split(r"[,\n]", text) if item.strip())
        if not (items or empty) or not all(map(valid, items)):
            raise ValueError(expected)
        return items

    return parse


def _matching(pattern: str, expected: str) -> Parse:
    def parse(text: str, _base: Path) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(expected)
        return text

    return parse


def _number(kind: type[int | float], least: float, most: float = math.inf) -> Parse:
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


def _path(text: str, base: Path) -> Path:
    # SQLAlchemy ends the file name of a URL at the question mark.
    if not text or not text.isprintable() or "?" in text:
        raise ValueError("a path without control characters and question marks")
    try:
        return Path(os.path.normpath(base / Path(text).expanduser()))
    except RuntimeError:
        raise ValueError("a path whose ~ belongs to an existing user") from None


def _yes_or_no(text: str, _base: Path) -> bool:
    value = ConfigParser.BOOLEAN_STATES.get(text.strip().lower())
    if value is None:
        raise ValueError("yes or no")
    return value


def _zone(text: str, _base: Path) -> str:
    if local_time.find_zone(text) is None:
        raise ValueError("a time zone such as Europe/Paris")
    return text


def sqlite_url(path: Path) -> str:
    """Return the database URL of a file."""
    return f"sqlite:///{path.as_posix()}"


def _database_file(text: str, base: Path) -> str:
    return sqlite_url(_path(text, base))


def _database_url(text: str, base: Path) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_+]*://\S*", text):
        raise ValueError("a database URL such as sqlite:////var/lib/pytlas.sqlite3")
    relative = re.fullmatch(r"(sqlite[^:]*:///)(?!/|:memory:|file:)([^?]+)(.*)", text)
    if relative is None:
        return text
    # The daemon changes its directory; the file must not move with it.
    prefix, name, query = relative.groups()
    return f"{prefix}{_path(name, base).as_posix()}{query}"


def _bundled(text: str, base: Path) -> tuple[str, ...] | None:
    names = _skill_names(text, base)
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


def _anything(text: str, _base: Path) -> str:
    return text


_LANGUAGE: Final = r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*"
_languages: Final = _items(
    re.compile(_LANGUAGE).fullmatch,
    "language codes such as fr, en-US with commas between them",
    empty=True,
)
_origins: Final = _items(
    re.compile(r"\*|null|[A-Za-z][A-Za-z0-9+.-]*://[^/\s]+").fullmatch,
    "* or origins such as https://home.example.org (no path, no slash at the end)",
)
_proxies: Final = _items(
    _is_proxy,
    "addresses or networks such as 127.0.0.1, 10.0.0.0/8, or unix, with commas between them",
    empty=True,
)
_endpoints: Final = _items(_is_endpoint, "Twisted endpoints, such as tcp:8000:interface=127.0.0.1")
_skill_names: Final = _items(
    re.compile(r"[A-Za-z0-9_-]+").fullmatch,
    "all, none, or names of skills with commas between them",
)
_secret: Final = _matching(
    f"(?s:.{{{SHORTEST_SECRET},}})",
    f"at least {SHORTEST_SECRET} characters long ({GOOD_SECRET} or more are better)",
)
_lifetime: Final = _number(int, 60, LONGEST_LIFETIME)

_LIMIT_MEANINGS: Final = {
    "max_message_bytes": "Largest WebSocket message accepted.",
    "max_depth": "Deepest nesting of JSON accepted.",
    "auth_deadline_seconds": "Time a connection has to send a valid `authenticate`.",
    "max_held_frames": "Frames kept that arrive while the token is checked.",
    "max_queued_messages": "Messages of one conversation waiting for their turn.",
    "turn_deadline_seconds": "Time a skill has to finish its answer.",
    "ping_interval_seconds": "Time between two pings to a client.",
    "ping_timeout_seconds": "Time a client has to answer a ping.",
    "max_connections": "Connections open at the same time.",
    "max_http_body_bytes": "Largest body of an HTTP request accepted.",
    "max_skill_threads": "Skills that run at the same time, over all users.",
    "shutdown_grace_seconds": "Time running answers get to finish when the server stops.",
}


def _limit(attribute: attrs.Attribute[Any]) -> Setting:
    """Make the setting of one field of Limits; its bound is the one of the field's validator."""
    least = getattr(attribute.validator, "bound", 0)
    return Setting(
        section="server",
        key=attribute.name,
        parse=_number(int if isinstance(attribute.default, int) else float, least),
        default=str(attribute.default),
        meaning=_LIMIT_MEANINGS[attribute.name],
    )


SETTINGS: Final[tuple[Setting, ...]] = (
    Setting(
        section="server",
        key="data_dir",
        parse=_path,
        otherwise="the user's data directory of the system",
        meaning="Where the database, the secret, the skills and caches are.",
        option="data_dir",
    ),
    Setting(
        section="server",
        key="listen",
        parse=_endpoints,
        default="tcp:8000:interface=127.0.0.1",
        meaning="Twisted endpoints to listen on, one a line or with commas between them.",
        option="listen",
    ),
    Setting(
        section="server",
        key="bundled_skills",
        parse=_bundled,
        default="all",
        meaning="Skills of the package that are loaded: `all`, `none`, or their names.",
    ),
    Setting(
        section="server",
        key="interpreter",
        parse=_matching(r"[A-Za-z0-9_.-]+", "the name of an interpreter, such as statistical"),
        default="statistical",
        meaning="What understands sentences: a name in the group `pytlas_wamp.interpreters`.",
        option="interpreter",
    ),
    Setting(
        section="server",
        key="database",
        parse=_database_url,
        otherwise="`pytlas.sqlite3` in the data directory",
        meaning="SQLAlchemy URL of the database.",
        option="database",
        private=True,
    ),
    Setting(
        section="server",
        key="access_lifetime_seconds",
        parse=_lifetime,
        default="604800",
        meaning="How long an access token is valid; pytlas-mobile never renews its token.",
    ),
    Setting(
        section="server",
        key="refresh_lifetime_seconds",
        parse=_lifetime,
        default="2592000",
        meaning="How long a refresh token is valid.",
    ),
    Setting(
        section="server",
        key="device_lifetime_seconds",
        parse=_lifetime,
        default=str(LONGEST_LIFETIME),
        meaning="How long a device token is valid, such as that of a satellite in the kitchen.",
    ),
    Setting(
        section="server",
        key="token_leeway_seconds",
        parse=_number(int, 0, 3_600),
        default="30",
        meaning="How long after its end a token is still accepted: clocks differ.",
    ),
    Setting(
        section="server",
        key="skill_installation",
        parse=_yes_or_no,
        default="no",
        meaning="Whether administrators may add and remove skills over HTTP: these run code here.",
    ),
    Setting(
        section="server",
        key="trusted_proxies",
        parse=_proxies,
        default="",
        otherwise="none",
        meaning="Proxies whose `X-Forwarded-For` is believed: addresses, networks, `unix`.",
    ),
    Setting(
        section="server",
        key="allowed_origins",
        parse=_origins,
        default="*",
        meaning="Web pages that may use the server (CORS and the WebSocket's Origin).",
    ),
    *(_limit(attribute) for attribute in attrs.fields(Limits)),
    Setting(
        section="web",
        key="secret",
        parse=_secret,
        otherwise="generated, in `secret` in the data directory",
        meaning="Key that signs tokens.",
        private=True,
    ),
    Setting(
        section="web",
        key="debug",
        parse=_anything,
        otherwise="not used",
        meaning="Accepted for files of pytlas-server; has no effect.",
    ),
    Setting(
        section="web",
        key="allowed_host",
        parse=_anything,
        otherwise="not used",
        meaning="Accepted for files of pytlas-server; has no effect, see `allowed_origins`.",
    ),
    Setting(
        section="database",
        key="path",
        parse=_database_file,
        otherwise="see `database` in `[server]`",
        meaning="SQLite file, as in files of pytlas-server; `database` goes before it.",
    ),
    Setting(
        section="pytlas",
        key="skills_dir",
        parse=_path,
        otherwise="`skills` in the data directory",
        meaning="Folder of your own skills.",
        option="skills_dir",
    ),
    Setting(
        section="pytlas",
        key="cache_dir",
        parse=_path,
        otherwise="`cache` in the data directory",
        meaning="Where interpreters keep what they learnt.",
    ),
    Setting(
        section="pytlas",
        key="language",
        parse=_matching(_LANGUAGE, "a language code such as fr or en-US"),
        otherwise="first of `lang` or `allowed_languages`, else `en`",
        meaning="Language of accounts that have none of their own.",
    ),
    Setting(
        section="pytlas",
        key="allowed_languages",
        parse=_languages,
        otherwise="`lang`, else all",
        meaning="Languages that skills are loaded for.",
    ),
    Setting(
        section="pytlas",
        key="lang",
        parse=_languages,
        otherwise="not set",
        meaning="As in files of pytlas-server: stands for the two settings above.",
    ),
    Setting(
        section="pytlas",
        key="timezone",
        parse=_zone,
        otherwise="that of the machine",
        meaning='Time zone in which "tomorrow at five" is understood; people may have their own.',
    ),
)
BY_KEY: Final = {setting.key: setting for setting in SETTINGS}
