"""Options of the daemon, and what its start tells."""

from __future__ import annotations

import os
import shutil
import sys
import threading

import pytest
from twisted.application.service import MultiService
from twisted.internet.testing import MemoryReactorClock
from twisted.logger import capturedLogs, formatEvent, globalLogPublisher
from twisted.plugin import getPlugins
from twisted.python.usage import Options as UsageOptions
from twisted.python.usage import UsageError

import pytlas_wamp.service.assembly
from pytlas_wamp import tap
from pytlas_wamp.assistant.skills import Skill, SkillShelf
from pytlas_wamp.config import read_config
from pytlas_wamp.errors import ConfigError, OperatorError
from pytlas_wamp.service.assembly import Built
from pytlas_wamp.service.discretion import Discretion
from pytlas_wamp.service.json_log import JsonLines, JsonLogged


def options(*words):
    parsed = tap.Options()
    parsed.parseOptions([str(word) for word in words])
    return parsed


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    """That of somebody who has set nothing."""
    for name in [
        name for name in os.environ if name.startswith(("SERVER_", "WEB_", "PYTLAS_", "CLUSTER_"))
    ]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    yield
    globalLogPublisher.removeObserver(Discretion())


@pytest.fixture
def config(tmp_path):
    return read_config(config_file=None, options={"data_dir": str(tmp_path / "data")}, environ={})


class TestOptions:
    def test_go_before_the_file_and_the_environment(self, tmp_path, monkeypatch):
        monkeypatch.setenv("SERVER_INTERPRETER", "from-environment")
        monkeypatch.setenv("PYTLAS_LANGUAGE", "fr")
        config = options(
            "--data-dir", tmp_path / "data", "--skills-dir", tmp_path / "skills",
            "--database", "sqlite:////tmp/x.db", "--interpreter", "from-options",
            "--listen", "tcp:1", "-l", "tcp:2",
        ).read()  # fmt: skip
        assert config.data_dir == tmp_path / "data"
        assert config.skills_dir == tmp_path / "skills"
        assert config.database_url == "sqlite:////tmp/x.db"
        assert config.interpreter == "from-options"
        assert config.listen == ("tcp:1", "tcp:2")
        assert config.language == "fr"

    def test_say_what_it_is_in_a_cluster(self):
        cluster = options(
            "--role", "worker", "--name", "kitchen", "--database", "postgresql://db/x",
            "--router", "ws://one/ws", "--router", "ws://two/ws",
        ).read().cluster  # fmt: skip
        assert (cluster.role, cluster.name) == ("worker", "kitchen")
        assert cluster.routers == ("ws://one/ws", "ws://two/ws")
        assert options("--processes", "3").read().cluster.processes == 3

    def test_may_all_be_left_out(self):
        config = options().read()
        assert config.listen == ("tcp:8000:interface=127.0.0.1",)
        assert config.interpreter == "statistical"

    def test_name_the_file(self, tmp_path):
        file = tmp_path / "other.ini"
        file.write_text("[server]\nlisten = tcp:7\n")
        assert options("--config", file).read().listen == ("tcp:7",)

    def test_unknown_ones_are_refused(self):
        with pytest.raises(UsageError):
            options("--colour", "blue")

    def test_are_explained(self):
        shown = str(tap.Options())
        for word in ("--listen=", "--data-dir=", "--config=", "tcp:8000:interface=127.0.0.1"):
            assert word in shown


class TestPlugin:
    def test_names_this_module(self):
        from twisted.application.service import IServiceMaker  # noqa: PLC0415

        (plugin,) = [one for one in getPlugins(IServiceMaker) if one.tapname == "pytlas"]
        assert plugin.module == "pytlas_wamp.tap"
        assert plugin.options is tap.Options


class TestMakeService:
    @pytest.fixture
    def build(self, monkeypatch):
        """What stands for `service.build`: does, or raises, what the test says."""
        asked = []

        def make(outcome):
            def build(config, *, reactor):
                asked.append((config, reactor, dict(os.environ)))
                if isinstance(outcome, Exception):
                    raise outcome
                return outcome

            monkeypatch.setattr(pytlas_wamp.service.assembly, "build", build)
            return asked

        return make

    @staticmethod
    def built(**changes):
        values = {"service": MultiService(), "setup_code": None, "has_people": True}
        return Built(**{**values, "shelf": SkillShelf(), "created": (), **changes})

    def test_makes_the_service_and_says_what_people_need(self, build, tmp_path, capsys):
        built = self.built(created=(tmp_path / "secret",))
        reactor = MemoryReactorClock()
        asked = build(built)
        assert tap.makeService(options("-d", tmp_path), reactor) is built.service
        assert asked[0][:2] == (options("-d", tmp_path).read(), reactor)
        lines = capsys.readouterr().out.splitlines()
        assert lines[:2] == [
            f"pytlas-wamp: data is kept in {tmp_path}",
            f"pytlas-wamp: created {tmp_path / 'secret'}",
        ]

    def test_has_nothing_logged_that_people_say(self, build, tmp_path):
        self.after_start(build, tmp_path)
        assert Discretion() in globalLogPublisher._observers

    def test_takes_the_reactor_that_runs_when_given_none(self, build, tmp_path):
        from twisted.internet import reactor  # noqa: PLC0415 - must not be imported before

        asked = build(self.built())
        tap.makeService(options("-d", tmp_path))
        assert asked[0][1] is reactor

    def test_skills_find_no_secrets_in_the_environment(self, build, tmp_path, monkeypatch):
        """Fault 15 of the original: they could read the key that signs tokens."""
        secret = "0123456789abcdef0123456789abcdef"
        monkeypatch.setenv("WEB_SECRET", secret)
        monkeypatch.setenv("WEATHER_API_KEY", "of the weather skill")
        ((config, _, environ),) = self.after_start(build, tmp_path)
        assert config.secret == secret
        assert secret not in environ.values()
        assert environ["WEATHER_API_KEY"] == "of the weather skill"

    def after_start(self, build, tmp_path):
        asked = build(self.built())
        tap.makeService(options("-d", tmp_path), MemoryReactorClock())
        return asked

    def test_warnings_are_shown(self, build, tmp_path, monkeypatch, capsys):
        monkeypatch.setenv("SERVER_LISTN", "tcp:1")
        self.after_start(build, tmp_path)
        first = capsys.readouterr().out.splitlines()[0]
        assert first.startswith("pytlas-wamp: warning: ")
        assert "SERVER_LISTN" in first

    def test_broken_skills_are_shown(self, build, tmp_path, capsys):
        broken = Skill(name="sad", directory=tmp_path, bundled=False, problems=("it is sad",))
        build(self.built(shelf=SkillShelf(skills=[broken])))
        tap.makeService(options("-d", tmp_path), MemoryReactorClock())
        assert "pytlas-wamp: skill sad: it is sad" in capsys.readouterr().out.splitlines()

    @pytest.mark.parametrize(
        ("error", "text"),
        [
            (OperatorError("the disk is full"), "pytlas-wamp: the disk is full"),
            (ConfigError(["one", "two"]), "pytlas-wamp: one\npytlas-wamp: two"),
        ],
    )
    def test_what_is_wrong_ends_the_process_with_a_line_each(self, build, tmp_path, error, text):
        build(error)
        with pytest.raises(SystemExit) as caught:
            tap.makeService(options("-d", tmp_path), MemoryReactorClock())
        assert caught.value.code == text
        assert caught.value.__suppress_context__


class TestJsonLog:
    @pytest.fixture(autouse=True)
    def built(self, monkeypatch):
        """A server that logs in JSON, and a log as if nobody had begun to write it."""
        built = TestMakeService.built()
        monkeypatch.setattr(pytlas_wamp.service.assembly, "build", lambda *_, **__: built)
        monkeypatch.setenv("SERVER_LOG_FORMAT", "json")
        return built

    def test_is_set_up_for_the_program_that_runs_the_server(self, tmp_path, built):
        runner = UsageOptions()
        runner["fileLogObserverFactory"] = None
        given = options("-d", tmp_path)
        given.parent = runner
        assert tap.makeService(given, MemoryReactorClock()) is built.service
        assert runner["fileLogObserverFactory"] is JsonLines

    def test_is_what_else_would_be_printed(self, tmp_path, capsys):
        with capturedLogs() as events:
            service = tap.makeService(options("-d", tmp_path), MemoryReactorClock())
        assert isinstance(service, JsonLogged)
        assert capsys.readouterr().out == ""
        assert formatEvent(events[0]) == f"data is kept in {tmp_path}"


class TestGreeting:
    def test_with_an_account_shows_where_to_talk(self, config):
        lines = tap.greeting(config, [], broken=[], setup_code=None, has_people=True)
        assert lines[0] == f"data is kept in {config.data_dir}"
        page, terminal = lines[1:]
        assert page == "talk to your assistant in a browser, at http://127.0.0.1:8000"
        assert terminal.endswith("pytlas-wamp chat http://127.0.0.1:8000")

    def test_without_one_shows_how_to_make_one(self, config):
        lines = tap.greeting(
            config,
            [config.data_dir],
            broken=["x: y"],
            setup_code="k7mp-x3qd-9rtw",
            has_people=False,
        )
        assert lines[1:3] == [f"created {config.data_dir}", "skill x: y"]
        assert lines[3].endswith("create the first one in a browser, at http://127.0.0.1:8000,")
        assert lines[4] == "    with the setup code k7mp-x3qd-9rtw, or in another terminal:"
        assert lines[5].endswith(f"pytlas-wamp --data-dir {config.data_dir} user add NAME --admin")
        assert lines[7].endswith("pytlas-wamp chat http://127.0.0.1:8000")

    def test_without_one_and_without_an_address_it_is_made_over_http(self, tmp_path):
        config = options("-d", tmp_path, "--listen", "unix:/run/pytlas").read()
        lines = tap.greeting(config, [], broken=[], setup_code="k7mp-x3qd-9rtw", has_people=False)
        assert lines[1].endswith("create the first one over HTTP (POST /api/setup),")

    def test_without_one_any_more_shows_how_to_make_one_but_no_code(self, config):
        lines = tap.greeting(config, [], broken=[], setup_code=None, has_people=False)
        assert lines[1] == "nobody has an account any more; create one in another terminal:"
        assert lines[2].endswith("user add NAME --admin")
        assert lines[3].startswith("talk to your assistant ")

    def test_without_an_address_nothing_is_promised(self, tmp_path):
        config = options("-d", tmp_path, "--listen", "unix:/run/pytlas").read()
        assert tap.greeting(config, [], broken=[], setup_code=None, has_people=True) == [
            f"data is kept in {config.data_dir}"
        ]

    PLACE = ("--name", "kitchen", "--database", "postgresql://db/x")
    ROUTERS = ("--router", "ws://one/ws", "--router", "ws://two/ws")

    def test_a_worker_is_nobody_to_talk_to(self, tmp_path):
        config = options(
            *("-d", tmp_path, "--role", "worker", "--listen", "tcp:9000"),
            *(*self.PLACE, *self.ROUTERS),
        ).read()
        assert tap.greeting(config, [], broken=["x: y"], setup_code=None, has_people=False) == [
            f"data is kept in {tmp_path}",
            "skill x: y",
            "this is worker kitchen, by way of ws://one/ws, ws://two/ws",
            "it tells how it is at http://127.0.0.1:9000/readyz",
        ]

    def test_a_gateway_is(self, tmp_path):
        config = options("-d", tmp_path, "--role", "gateway", *self.PLACE, *self.ROUTERS).read()
        lines = tap.greeting(config, [], broken=[], setup_code=None, has_people=True)
        assert lines[1:3] == [
            "this is gateway kitchen, by way of ws://one/ws, ws://two/ws",
            "talk to your assistant in a browser, at http://127.0.0.1:8000",
        ]

    def test_processes_are_counted(self, tmp_path):
        config = options("-d", tmp_path, "--processes", "3").read()
        lines = tap.greeting(config, [], broken=[], setup_code=None, has_people=True)
        assert lines[1] == "conversations are in processes of their own: 3"

    def test_where_nothing_was_chosen_the_command_needs_no_options(self):
        config = options().read()
        assert tap._command(config, "user", "add", "NAME").endswith("pytlas-wamp user add NAME")

    def test_with_another_file_the_command_names_it(self, tmp_path):
        file = tmp_path / "my pytlas.ini"
        file.write_text("[server]\nlisten = tcp:7\n")
        config = options("--config", file, "-d", tmp_path / "data").read()
        assert tap._command(config, "user", "list").endswith(
            f"pytlas-wamp --data-dir {tmp_path / 'data'} --config '{file}' user list"
        )

    def test_with_the_file_in_the_data_directory_it_does_not(self, tmp_path):
        (tmp_path / "pytlas.ini").write_text("[server]\nlisten = tcp:7\n")
        config = options("-d", tmp_path).read()
        assert tap._command(config, "user", "list").endswith(f"--data-dir {tmp_path} user list")

    def test_a_tool_that_is_on_the_path_is_named_shortly(self, config, monkeypatch):
        monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
        assert tap._command(config, "chat") == "pytlas-wamp chat"

    def test_one_that_is_not_is_named_with_its_folder(self, config, monkeypatch, tmp_path):
        monkeypatch.setattr(shutil, "which", lambda name: None)
        monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
        assert tap._command(config, "chat") == "pytlas-wamp chat"
        (tmp_path / "pytlas-wamp").touch()
        assert tap._command(config, "chat") == f"{tmp_path / 'pytlas-wamp'} chat"
