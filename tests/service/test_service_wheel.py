"""What people install holds everything that runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from node_for_tests import write_node, write_web_client

pytestmark = pytest.mark.service

ROOT = Path(__file__).parents[2]
WEB = "pytlas_wamp/web"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy, so that the tree stays clean, with a small web client and traces of an older one."""
    copy = tmp_path_factory.mktemp("wheel") / "copy"
    copy.mkdir()
    for name in ("setup.py", "pyproject.toml", "MANIFEST.in", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", "node_modules", "web")
    for name in ("src", "spec", "build_backend"):
        shutil.copytree(ROOT / name, copy / name, ignore=ignored)
    sources = write_web_client(copy)
    (sources / "node_modules" / "other").mkdir(parents=True)
    (sources / "node_modules" / "other" / "index.js").touch()
    for place in ("pytlas_wamp/web/assets/old.js", "pytlas_wamp/spec/old.json"):
        old = copy / "build" / "lib" / place
        old.parent.mkdir(parents=True)
        old.touch()
    return copy


def build(checkout: Path, *command: str | Path) -> None:
    """Runs Python in the copy, with a Node.js that takes no time."""
    write_node(checkout.parent / "bin")
    path = f"{checkout.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    built = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, *map(str, command)],
        cwd=checkout,
        env={**os.environ, "PATH": path, "PYTLAS_WAMP_WEB": "require"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr


@pytest.fixture(scope="module")
def names(checkout):
    """The files of a wheel."""
    to = checkout.parent
    build(checkout, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q", "-w", to, ".")
    (wheel,) = to.glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


@pytest.fixture(scope="module")
def source_names(checkout, names):
    """The files of a source archive, made after a wheel."""
    call = "import sys; sys.path.insert(0, 'build_backend'); import pytlas_wamp_build as backend; "
    build(checkout, "-c", call + f"backend.build_sdist({str(checkout.parent)!r})")
    (archive,) = checkout.parent.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        return {name.partition("/")[2] for name in opened.getnames()}


def below(folder: str, pattern: str) -> set[str]:
    """Files of the repository, by their path in that folder."""
    found = (ROOT / folder).rglob(pattern)
    return {
        path.relative_to(ROOT / folder).as_posix()
        for path in found
        if path.is_file() and not {"__pycache__", "node_modules"} & set(path.parts)
    }


class TestWheel:
    def test_holds_the_contract(self, names):
        assert {f"pytlas_wamp/spec/{path}" for path in below("spec", "*.json")} <= names
        assert "pytlas_wamp/spec/protocol.md" in names

    def test_holds_the_plugin_and_nothing_that_hides_others(self, names):
        inside = {name for name in names if name.startswith("twisted/")}
        assert inside == {"twisted/plugins/pytlas_wamp_plugin.py"}

    def test_holds_all_modules(self, names):
        package = "src/pytlas_wamp"
        assert {f"pytlas_wamp/{path}" for path in below(package, "*.py")} <= names

    def test_holds_the_training_data_of_skills(self, names):
        chatl = below("src/pytlas_wamp", "*.chatl")
        assert len(chatl) > 10
        assert {f"pytlas_wamp/{path}" for path in chatl} <= names

    def test_says_that_it_is_typed(self, names):
        assert "pytlas_wamp/py.typed" in names

    def test_holds_the_web_client_as_it_is_built_now(self, names):
        web = {name for name in names if name.startswith(WEB)}
        assert web == {f"{WEB}/index.html", f"{WEB}/assets/chat-D4f6G8h0.js"}

    def test_holds_nothing_of_an_earlier_one(self, names):
        assert "pytlas_wamp/spec/old.json" not in names

    def test_holds_nothing_else(self, names):
        tops = {name.split("/")[0] for name in names}
        assert {top for top in tops if not top.endswith(".dist-info")} == {"pytlas_wamp", "twisted"}


class TestSourceArchive:
    def test_holds_all_that_a_wheel_is_made_of(self, source_names):
        assert {f"spec/{path}" for path in below("spec", "*.json")} <= source_names
        assert {f"build_backend/{path}" for path in below("build_backend", "*.py")} <= source_names
        assert {f"src/{path}" for path in below("src", "*.py")} <= source_names
        assert {"setup.py", "pyproject.toml", "README.md", "LICENSE"} <= source_names

    def test_holds_the_web_client_and_what_was_built_of_it(self, source_names):
        assert "clients/web/client/src/index.ts" in source_names
        assert {f"src/{WEB}/index.html", f"src/{WEB}/.built-from"} <= source_names

    def test_holds_nothing_of_others(self, source_names):
        assert not [name for name in source_names if "node_modules" in name]
