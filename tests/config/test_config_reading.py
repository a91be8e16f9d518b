"""Where settings come from, which goes before which, and what is said of mistakes."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import attrs
import platformdirs
import pytest
from config_places import ORIGINAL, SECRET, problems_of, read

from pytlas_wamp.config import SETTINGS, ClusterConfig, Config, read_config, server_secrets_in
from pytlas_wamp.errors import ConfigError
from pytlas_wamp.limits import Limits


class TestDefaults:
    def test_nothing_set_gives_every_default(self, place):
        data = place / "data"

        assert read(place) == Config(
            data_dir=data,
            config_file=None,
            listen=("tcp:8000:interface=127.0.0.1",),
            skills_dir=data / "skills",
            cache_dir=data / "cache",
            bundled_skills=None,
            language="en",
            allowed_languages=(),
            interpreter="statistical",
            database_url=f"sqlite:///{data}/pytlas.sqlite3",
            secret=None,
            access_lifetime_seconds=604_800,
            refresh_lifetime_seconds=2_592_000,
            device_lifetime_seconds=315_360_000,
            token_leeway_seconds=30,
            skill_installation=False,
            trusted_proxies=(),
            allowed_origins=("*",),
            skill_deadlines={},
            history=True,
            metrics="local",
            log_format="text",
            limits=Limits(),
            skill_sections={
                "pytlas": {
                    "skills_dir": str(data / "skills"),
                    "cache_dir": str(data / "cache"),
                    "language": "en",
                    "allowed_languages": "",
                }
            },
            cluster=ClusterConfig(key=data / "cluster.key"),
            warnings=(),
        )

    def test_the_data_directory_is_the_users(self, place):
        config = read_config(config_file=None, options={}, environ={})

        assert config.data_dir == platformdirs.user_data_path("pytlas-wamp", appauthor=False)

    def test_reading_creates_nothing(self, place):
        read(place, options={"data_dir": str(place / "new")})

        assert not (place / "new").exists()
        assert list((place / "data").iterdir()) == []

    def test_a_repr_shows_no_secrets(self, place):
        text = f"[web]\nsecret={SECRET}\n[server]\ndatabase=pg://u:pass@h/d\n[mail]\nkey=hidden\n"

        shown = repr(read(place, text))

        assert not [word for word in (SECRET, "pass", "hidden") if word in shown]


class TestOriginalFile:
    def test_it_reads_unchanged(self, place):
        config = read(place, ORIGINAL)

        assert config.database_url == f"sqlite:///{place}/etc/db.sqlite"
        assert config.skills_dir == place / "pytlas" / "example" / "skills"
        assert config.cache_dir == place / "pytlas" / "example" / "cache"
        assert (config.language, config.allowed_languages) == ("fr", ("fr", "en"))

    def test_its_secret_is_what_the_original_reads(self, place):
        original = configparser.ConfigParser()
        original.read_string(ORIGINAL)

        assert read(place, ORIGINAL).secret == original.get("web", "secret")
        assert read(place, ORIGINAL).secret.endswith(r"59y%+$0\=")

    def test_only_the_missing_skills_directory_is_worth_a_warning(self, place):
        (place / "pytlas" / "example" / "skills").mkdir(parents=True)

        assert read(place, ORIGINAL).warnings == ()

    def test_skills_see_no_section_of_the_server(self, place):
        text = f"{ORIGINAL}[server]\nmax_depth=8\n[weather]\nkey=42%%\n"

        sections = read(place, text).skill_sections

        assert {name: dict(values) for name, values in sections.items()} == {
            "pytlas": {
                "skills_dir": f"{place}/pytlas/example/skills",
                "cache_dir": f"{place}/pytlas/example/cache",
                "language": "fr",
                "allowed_languages": "fr,en",
                "lang": "fr,en",
            },
            "weather": {"key": "42%"},
        }

    def test_skills_see_the_time_zone_that_is_in_use(self, place):
        text = "[pytlas]\ntimezone = Europe/Paris\n"
        used = read(place, text, environ={"PYTLAS_TIMEZONE": "Asia/Tokyo"}).skill_sections
        assert used["pytlas"]["timezone"] == "Asia/Tokyo"


class TestPrecedence:
    def test_the_command_line_goes_before_the_environment(self, place):
        config = read(
            place,
            "[server]\ninterpreter=file\n",
            options={"interpreter": "line"},
            environ={"SERVER_INTERPRETER": "environment"},
        )

        assert config.interpreter == "line"

    def test_the_environment_goes_before_the_file(self, place):
        text = "[server]\ninterpreter=file\n"

        assert read(place, text, environ={"SERVER_INTERPRETER": "e"}).interpreter == "e"

    def test_the_file_goes_before_the_default(self, place):
        assert read(place, "[server]\ninterpreter=file\n").interpreter == "file"

    def test_empty_variables_and_options_count_as_absent(self, place):
        options = {"interpreter": None, "listen": [], "skills_dir": ""}

        config = read(place, options=options, environ={"SERVER_MAX_DEPTH": "", "WEB_SECRET": ""})

        assert config == read(place)

    @pytest.mark.parametrize("name", [field.name for field in attrs.fields(Limits)])
    def test_every_limit_is_set_under_its_own_name(self, place, name):
        value = getattr(Limits(), name) + 1
        expected = attrs.evolve(Limits(), **{name: value})

        assert read(place, f"[server]\n{name} = {value}\n").limits == expected
        assert read(place, environ={f"SERVER_{name.upper()}": str(value)}).limits == expected

    def test_values_of_the_environment_are_not_interpolated(self, place):
        secret = "%(x)s %% and quite some more %"

        assert read(place, environ={"WEB_SECRET": secret}).secret == secret

    def test_the_data_directory_comes_from_all_three_places(self, place):
        file = place / "etc" / "pytlas.ini"
        file.write_text("[server]\ndata_dir = ../file\n")
        environ = {"SERVER_DATA_DIR": "env"}

        def data_dir(options, environ):
            return read_config(config_file=file, options=options, environ=environ).data_dir

        assert data_dir({}, {}) == place / "file"
        assert data_dir({}, environ) == place / "cwd" / "env"
        assert data_dir({"data_dir": Path("line")}, environ) == place / "cwd" / "line"


class TestFile:
    def test_the_one_in_the_data_directory_is_found(self, place):
        file = place / "data" / "pytlas.ini"
        file.write_text("[pytlas]\nlanguage = fr\nskills_dir = mine\n")

        config = read(place)

        assert (config.config_file, config.language) == (file, "fr")
        assert config.skills_dir == place / "data" / "mine"

    def test_the_environment_says_where_it_is_found(self, place):
        (place / "data" / "pytlas.ini").write_text("[pytlas]\nlanguage = fr\n")

        config = read_config(
            config_file=None, options={}, environ={"SERVER_DATA_DIR": str(place / "data")}
        )

        assert config.language == "fr"

    def test_the_current_directory_is_not_searched(self, place):
        (place / "cwd" / "pytlas.ini").write_text("[pytlas]\nlanguage = fr\n")

        assert read(place).config_file is None

    def test_a_relative_name_becomes_absolute(self, place):
        (place / "cwd" / "my.ini").write_text("")

        config = read_config(config_file=Path("my.ini"), options={}, environ={})

        assert config.config_file == place / "cwd" / "my.ini"

    def test_a_byte_order_mark_is_accepted(self, place):
        assert read(place, b"\xef\xbb\xbf[pytlas]\nlanguage = fr\n").language == "fr"

    def test_a_named_file_must_exist(self, place):
        with pytest.raises(ConfigError) as caught:
            read_config(config_file=place / "none.ini", options={}, environ={})

        assert caught.value.problems == (
            f"The configuration file {place}/none.ini does not exist; --config names a file",
        )

    def test_a_directory_cannot_be_read(self, place):
        with pytest.raises(ConfigError) as caught:
            read_config(config_file=place, options={}, environ={})

        assert caught.value.problems == (
            f"The configuration file {place} cannot be read: Is a directory",
        )

    def test_an_impossible_name_cannot_be_read(self, place):
        with pytest.raises(ConfigError, match="cannot be read: embedded null"):
            read_config(config_file=Path("a\0b"), options={}, environ={})

    def test_another_encoding_is_refused_with_its_line(self, place):
        assert problems_of(place, b"[a]\nb = \xe9\n") == (
            f"{place}/etc/pytlas.ini, line 2: is not UTF-8; save the file in that encoding",
        )

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("key = 1\n", "line 1: stands before the first section"),
            ("[a]\nb = 1\nb = 2\n", "line 3: sets [a] b a second time"),
            ("[a]\n[b]\n[a]\n", "line 3: begins [a] a second time"),
            ("[a]\nnonsense\n", "line 2: is neither a [section], nor a key = value"),
        ],
    )
    def test_bad_syntax_is_refused_with_its_line(self, place, text, sentence):
        (problem,) = problems_of(place, text)

        assert problem.startswith(f"{place}/etc/pytlas.ini, {sentence}")

    def test_every_bad_line_is_named_and_none_repeated(self, place):
        problems = problems_of(place, "[web]\nsecret hushhush\n[server]\nother hushhush\n")

        assert [re.search(r"line (\d+)", problem)[1] for problem in problems] == ["2", "4"]
        assert "hush" not in " ".join(problems)

    @pytest.mark.parametrize("value", ["50% off", "%(nothing)s", "%(key)s"])
    def test_a_bad_reference_is_refused_without_its_value(self, place, value):
        assert problems_of(place, f"[shop]\nkey = {value}\n") == (
            (
                f"[shop] key: the value from {place}/etc/pytlas.ini has a % that is "
                "not a reference; write %% for a percent sign, "
                "or %(key)s for the value of another key"
            ),
        )

    def test_defaults_serve_every_section(self, place):
        text = "[DEFAULT]\nroot = /srv\n[server]\n[pytlas]\nskills_dir = %(root)s/skills\n"

        assert read(place, text).skills_dir == Path("/srv/skills")

    @pytest.mark.parametrize(("key", "section"), [("secret", "web"), ("database", "server")])
    def test_defaults_may_hold_nothing_private(self, place, key, section):
        assert problems_of(place, f"[DEFAULT]\n{key} = sqlite://0123456789\n") == (
            (
                f"[DEFAULT] {key}: skills can read what stands in [DEFAULT] of "
                f"{place}/etc/pytlas.ini; move it to [{section}]"
            ),
        )

    @pytest.mark.parametrize("name", ["Web", " server", "DATABASE", "Pytlas"])
    def test_a_section_in_other_letters_is_refused(self, place, name):
        assert problems_of(place, f"[{name}]\nkey = 1\n") == (
            f"[{name}] in {place}/etc/pytlas.ini is not a section; write [{name.strip().lower()}]",
        )

    @pytest.mark.parametrize(
        ("key", "hint"),
        [
            ("max_dept", "did you mean max_depth?"),
            ("secret", "it belongs to [web]"),
            ("xyzzy", "the settings of [server] are data_dir, listen, bundled_skills, "),
        ],
    )
    def test_an_unknown_key_of_the_server_is_refused(self, place, key, hint):
        (problem,) = problems_of(place, f"[server]\n{key} = {SECRET}\n")

        assert problem.startswith(
            f"[server] {key} in {place}/etc/pytlas.ini is not a setting; {hint}"
        )
        assert SECRET not in problem


class TestProblems:
    def test_all_problems_come_at_once_from_all_places(self, place):
        text = "[server]\nmax_depth = x\ntypo_here = 1\n[pytlas]\nlanguage = ?\n[a]\nb = %\n"

        problems = problems_of(
            place, text, options={"listen": ["80"]}, environ={"SERVER_MAX_CONNECTIONS": "0"}
        )

        assert [problem.split(" from ")[0].split(" in ")[0] for problem in problems] == [
            "[a] b: the value",
            "[server] typo_here",
            "[server] listen: '80'",
            "[server] max_depth: 'x'",
            "[server] max_connections: '0'",
            "[pytlas] language: '?'",
        ]
        assert "from --listen is" in problems[2]
        assert "from the environment variable SERVER_MAX_CONNECTIONS is" in problems[4]

    def test_of_one_setting_each_bad_value_is_reported(self, place):
        assert len(problems_of(place, "[server]\nlisten = 1\n", options={"listen": ["2"]})) == 2

    def test_bad_syntax_hides_no_problem_of_other_places(self, place):
        assert len(problems_of(place, "oops\n", options={"listen": ["80"]})) == 2


class TestWarnings:
    @pytest.mark.parametrize(
        ("text", "warning"),
        [
            (
                "[web]\nsecret = 0123456789abcdef\n",
                "[web] secret has 16 characters; 32 or more are better",
            ),
            (
                "[web]\nallowed_host = home\n",
                "[web] allowed_host has no effect; [server] allowed_origins limits who may connect",
            ),
            (
                "[server]\nrefresh_lifetime_seconds = 60\n",
                "[server] refresh_lifetime_seconds is shorter than access_lifetime_seconds",
            ),
            (
                "[server]\nmax_outbound_bytes = 2048\nmax_resumed_bytes = 2049\n",
                (
                    "[server] max_resumed_bytes is above max_outbound_bytes: whoever missed that "
                    "much is closed as a slow reader on every return"
                ),
            ),
            (
                "[pytlas]\nlanguage = de\nlang = fr\n",
                "[pytlas] language: de is not one of allowed_languages",
            ),
            (
                "[pytlas]\nskills_dir = none\n",
                "[pytlas] skills_dir: {etc}/none is not a directory; no skills are there",
            ),
            (
                "[web]\nsecert = 1\n",
                "[web] secert in {etc}/pytlas.ini is not a setting; did you mean secret?",
            ),
            (
                "[database]\nxyz = 1\n",
                (
                    "[database] xyz in {etc}/pytlas.ini is not a setting; "
                    "the settings of [database] are path"
                ),
            ),
        ],
    )
    def test_what_is_odd_but_works(self, place, text, warning):
        assert read(place, text).warnings == (warning.format(etc=place / "etc"),)

    @pytest.mark.parametrize(
        "text",
        [
            f"[web]\nsecret = {SECRET}\n",
            "[pytlas]\nlanguage = fr-FR\nlang = de,fr\n",
            "[any skill]\nany key = 1\n",
        ],
    )
    def test_what_is_not_odd(self, place, text):
        assert read(place, text).warnings == ()

    def test_a_mistyped_variable(self, place):
        environ = {"SERVER_AUTH_DEADLNE_SECONDS": "1", "SERVER_PORT": "80", "SERVER_LISTEN": "a:"}

        assert read(place, environ=environ).warnings == (
            (
                "The environment variable SERVER_AUTH_DEADLNE_SECONDS is not a setting; "
                "did you mean SERVER_AUTH_DEADLINE_SECONDS?"
            ),
        )


class TestServerSecretsIn:
    def test_it_names_the_servers_own_sections_only(self):
        names = ("WEB_SECRET", "PATH", "DATABASE_PATH", "PYTLAS_LANG", "SERVER_X", "WEBSITE_KEY")

        assert server_secrets_in(dict.fromkeys(names, "x")) == [
            "WEB_SECRET",
            "DATABASE_PATH",
            "SERVER_X",
        ]

    def test_it_names_the_variable_of_every_setting_skills_may_not_see(self):
        environ = {setting.variable: "x" for setting in SETTINGS}

        assert server_secrets_in(environ) == [
            setting.variable for setting in SETTINGS if setting.section != "pytlas"
        ]
