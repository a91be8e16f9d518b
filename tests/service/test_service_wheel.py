"""What people install holds everything that runs."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.service

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    """The files of a wheel, built from a copy so that the tree stays clean."""
    folder = tmp_path_factory.mktemp("wheel")
    copy = folder / "copy"
    copy.mkdir()
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", "node_modules")
    for name in ("src", "spec"):
        shutil.copytree(ROOT / name, copy / name, ignore=ignored)
    command = ("-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q", "-w", folder, copy)
    built = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, *map(str, command)], capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


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

    def test_holds_nothing_else(self, names):
        tops = {name.split("/")[0] for name in names}
        assert {top for top in tops if not top.endswith(".dist-info")} == {"pytlas_wamp", "twisted"}
