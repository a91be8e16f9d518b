"""The table of everything that can be set; what each text must look like is in `values`.

Reading follows `SETTINGS`, and the reference page (docs/reference/configuration.md) is tested
against it.
"""

from __future__ import annotations

from typing import Any, Final

import attrs
from attrs import frozen

from pytlas_wamp.config.cluster import KEY_FILE_NAME, MOST_PROCESSES
from pytlas_wamp.config.limit_meanings import LIMIT_MEANINGS
from pytlas_wamp.config.values import (
    LANGUAGE,
    LONGEST_LIFETIME,
    Parse,
    matching,
    number,
    parse_anything,
    parse_bundled,
    parse_database_file,
    parse_database_url,
    parse_endpoints,
    parse_languages,
    parse_lifetime,
    parse_origins,
    parse_path,
    parse_proxies,
    parse_routers,
    parse_secret,
    parse_skill_deadlines,
    parse_two_letters,
    parse_yes_or_no,
    parse_zone,
)
from pytlas_wamp.limits import Limits

OWN_SECTIONS: Final = ("web", "database", "server", "cluster")


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


def _limit(attribute: attrs.Attribute[Any]) -> Setting:
    """Make the setting of one field of Limits; its bound is the one of the field's validator."""
    least = getattr(attribute.validator, "bound", 0)
    return Setting(
        section="server",
        key=attribute.name,
        parse=number(int if isinstance(attribute.default, int) else float, least),
        default=str(attribute.default),
        meaning=LIMIT_MEANINGS[attribute.name],
    )


SETTINGS: Final[tuple[Setting, ...]] = (
    Setting(
        section="server",
        key="data_dir",
        parse=parse_path,
        otherwise="the user's data directory of the system",
        meaning="Where the database, the secret, the skills and caches are.",
        option="data_dir",
    ),
    Setting(
        section="server",
        key="listen",
        parse=parse_endpoints,
        default="tcp:8000:interface=127.0.0.1",
        meaning="Twisted endpoints to listen on, one a line or with commas between them.",
        option="listen",
    ),
    Setting(
        section="server",
        key="bundled_skills",
        parse=parse_bundled,
        default="all",
        meaning="Skills of the package that are loaded: `all`, `none`, or their names.",
    ),
    Setting(
        section="server",
        key="interpreter",
        parse=matching(r"[A-Za-z0-9_.-]+", "the name of an interpreter, such as statistical"),
        default="statistical",
        meaning="What understands sentences: a name in the group `pytlas_wamp.interpreters`.",
        option="interpreter",
    ),
    Setting(
        section="server",
        key="database",
        parse=parse_database_url,
        otherwise="`pytlas.sqlite3` in the data directory",
        meaning="SQLAlchemy URL of the database.",
        option="database",
        private=True,
    ),
    Setting(
        section="server",
        key="access_lifetime_seconds",
        parse=parse_lifetime,
        default="604800",
        meaning="How long an access token is valid; pytlas-mobile never renews its token.",
    ),
    Setting(
        section="server",
        key="refresh_lifetime_seconds",
        parse=parse_lifetime,
        default="2592000",
        meaning="How long a refresh token is valid.",
    ),
    Setting(
        section="server",
        key="device_lifetime_seconds",
        parse=parse_lifetime,
        default=str(LONGEST_LIFETIME),
        meaning="How long a device token is valid, such as that of a satellite in the kitchen.",
    ),
    Setting(
        section="server",
        key="token_leeway_seconds",
        parse=number(int, 0, 3_600),
        default="30",
        meaning="How long after its end a token is still accepted: clocks differ.",
    ),
    Setting(
        section="server",
        key="skill_installation",
        parse=parse_yes_or_no,
        default="no",
        meaning="Whether administrators may add and remove skills over HTTP: these run code here.",
    ),
    Setting(
        section="server",
        key="trusted_proxies",
        parse=parse_proxies,
        default="",
        otherwise="none",
        meaning="Proxies whose `X-Forwarded-For` is believed: addresses, networks, `unix`.",
    ),
    Setting(
        section="server",
        key="allowed_origins",
        parse=parse_origins,
        default="*",
        meaning="Web pages that may use the server (CORS and the WebSocket's Origin).",
    ),
    Setting(
        section="server",
        key="skill_deadlines",
        parse=parse_skill_deadlines,
        default="",
        otherwise="none",
        meaning="Skills with a deadline of their own, in seconds: `weather: 120, backup: 600`.",
    ),
    Setting(
        section="server",
        key="history",
        parse=parse_yes_or_no,
        default="yes",
        meaning="Whether people can read what was said; `no` keeps only what resuming needs.",
    ),
    Setting(
        section="server",
        key="metrics",
        parse=matching("off|local|all", "off, local or all"),
        default="local",
        meaning="Who may read `/metrics`: nobody, this machine (not through a proxy), or anybody.",
    ),
    Setting(
        section="server",
        key="log_format",
        parse=matching("text|json", "text or json"),
        default="text",
        meaning="How the log is written: lines for people, or one JSON object a line.",
    ),
    *(_limit(attribute) for attribute in attrs.fields(Limits)),
    Setting(
        section="web",
        key="secret",
        parse=parse_secret,
        otherwise="generated, in `secret` in the data directory",
        meaning="Key that signs tokens.",
        private=True,
    ),
    Setting(
        section="web",
        key="debug",
        parse=parse_anything,
        otherwise="not used",
        meaning="Accepted for files of pytlas-server; has no effect.",
    ),
    Setting(
        section="web",
        key="allowed_host",
        parse=parse_anything,
        otherwise="not used",
        meaning="Accepted for files of pytlas-server; has no effect, see `allowed_origins`.",
    ),
    Setting(
        section="database",
        key="path",
        parse=parse_database_file,
        otherwise="see `database` in `[server]`",
        meaning="SQLite file, as in files of pytlas-server; `database` goes before it.",
    ),
    Setting(
        section="pytlas",
        key="skills_dir",
        parse=parse_path,
        otherwise="`skills` in the data directory",
        meaning="Folder of your own skills.",
        option="skills_dir",
    ),
    Setting(
        section="pytlas",
        key="cache_dir",
        parse=parse_path,
        otherwise="`cache` in the data directory",
        meaning="Where interpreters keep what they learnt.",
    ),
    Setting(
        section="pytlas",
        key="language",
        parse=matching(LANGUAGE, "a language code such as fr or en-US"),
        otherwise="first of `lang` or `allowed_languages`, else `en`",
        meaning="Language of accounts that have none of their own.",
    ),
    Setting(
        section="pytlas",
        key="allowed_languages",
        parse=parse_languages,
        otherwise="`lang`, else all",
        meaning="Languages that skills are loaded for.",
    ),
    Setting(
        section="pytlas",
        key="lang",
        parse=parse_languages,
        otherwise="not set",
        meaning="As in files of pytlas-server: stands for the two settings above.",
    ),
    Setting(
        section="pytlas",
        key="timezone",
        parse=parse_zone,
        otherwise="that of the machine",
        meaning='Time zone in which "tomorrow at five" is understood; people may have their own.',
    ),
    Setting(
        section="cluster",
        key="role",
        parse=matching("all|gateway|worker", "all, gateway or worker"),
        default="all",
        meaning="What this process does: everything, connections, or conversations.",
        option="role",
    ),
    Setting(
        section="cluster",
        key="name",
        parse=matching(
            "[a-z][a-z0-9_]{0,31}",
            "at most 32 of a-z, 0-9 and _, a letter first, such as kitchen",
        ),
        otherwise="none",
        meaning="What the other nodes call this one; no two may have the same.",
        option="name",
    ),
    Setting(
        section="cluster",
        key="routers",
        parse=parse_routers,
        default="",
        otherwise="none",
        meaning="WebSocket URLs of the routers between the nodes, the same on each of them.",
        option="router",
    ),
    Setting(
        section="cluster",
        key="key",
        parse=parse_path,
        otherwise=f"`{KEY_FILE_NAME}` in the data directory",
        meaning="File with the private key of this node.",
    ),
    Setting(
        section="cluster",
        key="languages",
        parse=parse_two_letters,
        default="",
        otherwise="all",
        meaning="Languages that a worker serves, as two-letter codes.",
    ),
    Setting(
        section="cluster",
        key="processes",
        parse=number(int, 0, MOST_PROCESSES),
        default="0",
        meaning="How many processes of this machine have the conversations; 0: this one.",
        option="processes",
    ),
)
BY_KEY: Final = {setting.key: setting for setting in SETTINGS}
