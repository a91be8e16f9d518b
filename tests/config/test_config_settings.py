"""What each setting accepts, how a refusal is said, and that the reference page says the same."""

from __future__ import annotations

import re
from pathlib import Path

import attrs
import pytest
from config_places import problems_of, read

from pytlas_wamp.config import SETTINGS
from pytlas_wamp.limits import Limits

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "configuration.md"

INVALID = [
    ("server", "max_depth", "many", "a whole number of at least 4"),
    ("server", "max_depth", "3", "a whole number of at least 4"),
    ("server", "max_depth", "", "a whole number of at least 4"),
    ("server", "auth_deadline_seconds", "soon", "a number of at least 0.1, such as 2.6"),
    ("server", "auth_deadline_seconds", "0.05", "a number of at least 0.1, such as 2.6"),
    ("server", "auth_deadline_seconds", "inf", "a number of at least 0.1, such as 2.6"),
    ("server", "auth_deadline_seconds", "nan", "a number of at least 0.1, such as 2.6"),
    (
        "server",
        "access_lifetime_seconds",
        "59",
        "a whole number of at least 60 and at most 315360000",
    ),
    (
        "server",
        "refresh_lifetime_seconds",
        "315360001",
        "a whole number of at least 60 and at most 315360000",
    ),
    *[
        ("server", "listen", value, "Twisted endpoints, such as tcp:8000:interface=127.0.0.1")
        for value in (
            *("", "8000", "localhost:8000", "127.0.0.1:8000", "tcp", "tcp:http", "tcp:65536"),
            *("haproxy:tcp:x", "tcp:8000,443"),
        )
    ],
    ("server", "bundled_skills", "", "all, none, or names of skills with commas between them"),
    ("server", "bundled_skills", "a b", "all, none, or names of skills with commas between them"),
    ("server", "token_leeway_seconds", "-1", "a whole number of at least 0 and at most 3600"),
    ("server", "skill_installation", "maybe", "yes or no"),
    *[
        (
            "server",
            "trusted_proxies",
            value,
            (
                "addresses or networks such as 127.0.0.1, 10.0.0.0/8, or unix, "
                "with commas between them"
            ),
        )
        for value in ("proxy.example", "10.0.0.1/8", "127.0.0.1 10.0.0.1")
    ],
    *[
        (
            "server",
            "skill_deadlines",
            value,
            "names of skills with their seconds, such as weather: 120, backup: 600",
        )
        for value in (
            *("weather", "weather: soon", "weather: 0.09", "weather: -1", "a b: 3"),
            *("weather: 1, weather: 2", "weather: 120 backup: 600", "weather: inf"),
        )
    ],
    ("server", "history", "90", "yes or no"),
    ("server", "metrics", "yes", "off, local or all"),
    ("server", "log_format", "JSON", "text or json"),
    ("server", "interpreter", "a b", "the name of an interpreter, such as statistical"),
    *[
        (
            "server",
            "allowed_origins",
            value,
            "* or origins such as https://home.example.org (no path, no slash at the end)",
        )
        for value in ("", "https://a.example/", "a.example")
    ],
    ("pytlas", "language", "french!", "a language code such as fr or en-US"),
    ("pytlas", "language", "fr,en", "a language code such as fr or en-US"),
    (
        "pytlas",
        "allowed_languages",
        "fr,e",
        "language codes such as fr, en-US with commas between them",
    ),
    ("pytlas", "lang", "f/r", "language codes such as fr, en-US with commas between them"),
    ("pytlas", "timezone", "Paris", "a time zone such as Europe/Paris"),
    ("pytlas", "timezone", "", "a time zone such as Europe/Paris"),
    ("pytlas", "skills_dir", "", "a path without control characters and question marks"),
    ("pytlas", "skills_dir", "a\tb", "a path without control characters and question marks"),
    ("pytlas", "cache_dir", "~nobody-of-that-name/a", "a path whose ~ belongs to an existing user"),
    ("database", "path", "a?b", "a path without control characters and question marks"),
]


class TestInvalidValues:
    @pytest.mark.parametrize(("section", "key", "value", "expected"), INVALID)
    def test_the_sentence_has_section_key_value_and_what_is_valid(
        self, place, section, key, value, expected
    ):
        assert problems_of(place, f"[{section}]\n{key} = {value}\n") == (
            (
                f"[{section}] {key}: {value!a} from {place}/etc/pytlas.ini is not valid; "
                f"it must be {expected}"
            ),
        )

    @pytest.mark.parametrize("field", attrs.fields(Limits), ids=lambda field: field.name)
    def test_every_limit_is_bounded_as_its_validator_says(self, place, field):
        bound = field.validator.bound

        assert read(place, f"[server]\n{field.name} = {bound}\n")
        (problem,) = problems_of(place, f"[server]\n{field.name} = {bound - 1}\n")
        assert f"number of at least {bound}" in problem

    def test_a_bad_data_directory_is_reported_once(self, place):
        assert problems_of(place, options={"data_dir": "a\0b"}) == (
            (
                r"[server] data_dir: 'a\x00b' from --data-dir is not valid; "
                "it must be a path without control characters and question marks"
            ),
        )

    def test_a_long_value_is_cut(self, place):
        (problem,) = problems_of(place, f"[server]\nmax_depth = {'x' * 1000}\n")

        assert f"'{'x' * 80}...' from" in problem

    def test_a_short_secret_is_refused_and_not_shown(self, place):
        assert problems_of(place, "[web]\nsecret = hush-hush-hush1\n") == (
            (
                f"[web] secret: the value from {place}/etc/pytlas.ini is not valid; "
                "it must be at least 16 characters long (32 or more are better)"
            ),
        )

    def test_a_secret_of_several_lines_is_long_enough_together(self, place):
        secret = "01234567\n89abcdef"

        assert read(place, environ={"WEB_SECRET": secret}).secret == secret

    @pytest.mark.parametrize("value", ["", "hush.db", "hush:/x", "a://hush hush"])
    def test_a_database_that_is_no_url_is_refused_and_not_shown(self, place, value):
        assert problems_of(place, f"[server]\ndatabase = {value}\n") == (
            (
                f"[server] database: the value from {place}/etc/pytlas.ini is not valid; "
                "it must be a database URL such as sqlite:////var/lib/pytlas.sqlite3"
            ),
        )


class TestSkillDeadlines:
    def test_each_skill_has_its_own(self, place):
        config = read(place, "[server]\nskill_deadlines = weather: 120, my.back-up_1:0.1,\n")

        assert config.skill_deadlines == {"weather": 120.0, "my.back-up_1": 0.1}

    def test_they_may_stand_one_a_line(self, place):
        config = read(place, "[server]\nskill_deadlines =\n  weather: 120\n  backup: 600.5\n")

        assert config.skill_deadlines == {"weather": 120.0, "backup": 600.5}

    def test_nobody_changes_them(self, place):
        with pytest.raises(TypeError):
            read(place).skill_deadlines["weather"] = 1


class TestHistoryMetricsAndLog:
    def test_they_are_what_the_file_says(self, place):
        config = read(place, "[server]\nhistory = no\nmetrics = all\nlog_format = json\n")

        assert (config.history, config.metrics, config.log_format) == (False, "all", "json")

    def test_all_problems_are_reported_at_once(self, place):
        text = "[server]\nhistory = 7\nmetrics = 7\nlog_format = 7\nskill_deadlines = 7\n"

        keys = [problem.split()[1] for problem in problems_of(place, f"{text}history_days = 0\n")]

        assert keys == [
            *("skill_deadlines:", "history:", "metrics:", "log_format:", "history_days:"),
        ]


class TestListen:
    @pytest.mark.parametrize(
        "endpoint",
        [
            "tcp:8000",
            "tcp:0",
            "tcp:port=8000:interface=0.0.0.0",
            "tcp:interface=0.0.0.0:port=8000",
            r"tcp6:8000:interface=\:\:1",
            "ssl:443:privateKey=key.pem",
            "unix:/run/pytlas.sock",
            "systemd:domain=INET:index=0",
            "haproxy:tcp:8000",
            "stdio:",
            "onion:80",
        ],
    )
    def test_endpoints_of_any_kind_are_accepted(self, place, endpoint):
        assert read(place, f"[server]\nlisten = {endpoint}\n").listen == (endpoint,)

    def test_the_command_line_repeats_it(self, place):
        assert read(place, options={"listen": ["tcp:1", "tcp:2"]}).listen == ("tcp:1", "tcp:2")

    def test_the_file_has_one_a_line(self, place):
        assert read(place, "[server]\nlisten =\n  tcp:1\n  tcp:2,tcp:3\n").listen == (
            "tcp:1",
            "tcp:2",
            "tcp:3",
        )


class TestLists:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [("all", None), ("none", ()), ("clock", ("clock",)), ("a, b,", ("a", "b"))],
    )
    def test_bundled_skills(self, place, value, expected):
        assert read(place, f"[server]\nbundled_skills = {value}\n").bundled_skills == expected

    def test_origins(self, place):
        value = "https://a.example, http://localhost:3000, null"

        assert read(place, environ={"SERVER_ALLOWED_ORIGINS": value}).allowed_origins == (
            "https://a.example",
            "http://localhost:3000",
            "null",
        )

    def test_trusted_proxies(self, place):
        value = "127.0.0.1, 10.0.0.0/8, ::1, unix"

        assert read(place, f"[server]\ntrusted_proxies = {value}\n").trusted_proxies == (
            "127.0.0.1",
            "10.0.0.0/8",
            "::1",
            "unix",
        )


class TestSkillInstallation:
    @pytest.mark.parametrize(("text", "expected"), [("yes", True), ("On", True), ("false", False)])
    def test_it_is_yes_or_no(self, place, text, expected):
        config = read(place, environ={"SERVER_SKILL_INSTALLATION": text})

        assert config.skill_installation is expected


class TestDatabase:
    @pytest.mark.parametrize(
        ("text", "options", "environ", "expected"),
        [
            ("[database]\npath=a.db\n", {}, {}, "sqlite:///{etc}/a.db"),
            ("[database]\npath=/a.db\n", {}, {}, "sqlite:////a.db"),
            ("[database]\npath=a.db\n[server]\ndatabase=x://y\n", {}, {}, "x://y"),
            ("[server]\ndatabase=x://y\n", {}, {"DATABASE_PATH": "e.db"}, "sqlite:///{cwd}/e.db"),
            ("", {}, {"DATABASE_PATH": "e.db", "SERVER_DATABASE": "x://y"}, "x://y"),
            ("", {"database": "x://line"}, {"SERVER_DATABASE": "x://y"}, "x://line"),
            ("[server]\ndatabase=sqlite:///a.db?x=1\n", {}, {}, "sqlite:///{etc}/a.db?x=1"),
            ("[server]\ndatabase=sqlite+pysqlite:///a\n", {}, {}, "sqlite+pysqlite:///{etc}/a"),
            ("", {"database": "sqlite:///a.db"}, {}, "sqlite:///{cwd}/a.db"),
            ("", {"database": "sqlite:////a.db"}, {}, "sqlite:////a.db"),
            ("", {"database": "sqlite:///:memory:"}, {}, "sqlite:///:memory:"),
            ("", {"database": "sqlite://"}, {}, "sqlite://"),
        ],
    )
    def test_its_url(self, place, text, options, environ, expected):
        config = read(place, text, options=options, environ=environ)

        assert config.database_url == expected.format(etc=place / "etc", cwd=place / "cwd")


class TestPaths:
    def test_those_of_the_environment_start_from_the_current_directory(self, place):
        config = read(place, "", environ={"PYTLAS_SKILLS_DIR": "s", "PYTLAS_CACHE_DIR": "../c"})

        assert (config.skills_dir, config.cache_dir) == (place / "cwd" / "s", place / "c")

    def test_those_of_the_command_line_too(self, place):
        assert read(place, "", options={"skills_dir": "s"}).skills_dir == place / "cwd" / "s"

    def test_a_tilde_is_the_home_directory(self, place):
        text = "[pytlas]\nskills_dir = ~/skills\n"

        assert read(place, text).skills_dir == place / "home" / "skills"


class TestLanguages:
    @pytest.mark.parametrize(
        ("text", "environ", "expected"),
        [
            ("language = fr", {}, ("fr", ())),
            ("language = pt_BR", {}, ("pt_BR", ())),
            ("lang = fr,en", {}, ("fr", ("fr", "en"))),
            ("lang = fr,en\nlanguage = en", {}, ("en", ("fr", "en"))),
            ("lang = fr,en\nallowed_languages = de", {}, ("fr", ("de",))),
            ("allowed_languages = de, en", {}, ("de", ("de", "en"))),
            ("allowed_languages =\nlang =", {}, ("en", ())),
            ("language = de\nallowed_languages = de", {"PYTLAS_LANG": "fr"}, ("fr", ("fr",))),
            ("lang = de", {"PYTLAS_LANGUAGE": "fr"}, ("fr", ("de",))),
        ],
    )
    def test_both_spellings(self, place, text, environ, expected):
        config = read(place, f"[pytlas]\n{text}\n", environ=environ)

        assert (config.language, config.allowed_languages) == expected


def rows(page: str) -> dict[tuple[str, str], str]:
    """Return the rows of the page's tables by section and key."""
    section, found = "", {}
    for line in page.splitlines():
        if heading := re.fullmatch(r"## `\[(\w+)\]`", line):
            section = heading[1]
        elif row := re.match(r"\| `(\w+)` \|", line):
            found[section, row[1]] = line
    return found


class TestReferencePage:
    page = PAGE.read_text(encoding="utf-8")

    def test_it_has_the_settings_of_the_table_and_no_others(self):
        assert set(rows(self.page)) == {(one.section, one.key) for one in SETTINGS}

    @pytest.mark.parametrize("setting", SETTINGS, ids=lambda one: f"{one.section}.{one.key}")
    def test_every_row_says_default_and_meaning(self, setting):
        cells = rows(self.page)[setting.section, setting.key].strip("| ").split("|")

        assert cells[1].strip() == (
            f"`{setting.default}`" if setting.default else setting.otherwise
        )
        assert cells[-1].strip() == setting.meaning

    @pytest.mark.parametrize("field", attrs.fields(Limits), ids=lambda field: field.name)
    def test_every_limit_has_its_row_with_default_and_bound(self, field):
        row = rows(self.page)["server", field.name]

        assert row.startswith(f"| `{field.name}` | `{field.default}` | {field.validator.bound} |")

    def test_options_are_named(self):
        named = {
            one.option: f"`--{one.option.replace('_', '-')}`" for one in SETTINGS if one.option
        }

        assert sorted(named) == [
            "data_dir",
            "database",
            "interpreter",
            "listen",
            "name",
            "processes",
            "role",
            "router",
            "skills_dir",
        ]
        for setting in SETTINGS:
            row = rows(self.page)[setting.section, setting.key]
            assert (named.get(setting.option, "`--") in row) == (setting.option is not None)

    def test_every_default_is_valid_as_a_value(self, tmp_path):
        assert all(one.parse(one.default, tmp_path) != "" for one in SETTINGS if one.default)

    def test_its_example_works(self, place):
        example = re.search(r"```ini\n(.*?)```", self.page, re.DOTALL)[1]

        config = read(place, example)

        assert config.secret == "change-me-this-is-only-an-example-of-a-secret"
        assert config.skill_sections["weather"]["api_key"] == "what-the-skill-wants"
