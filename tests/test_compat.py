"""pytlas on the Pythons of today, with nothing left changed."""

from __future__ import annotations

import collections
import importlib
import subprocess
import sys
from types import ModuleType

import pytest

from pytlas_wamp import compat


class TestImportingPytlas:
    def test_a_fresh_process_can_import_it_and_sees_no_warning(self):
        code = (
            "import collections, sys, warnings\n"
            "before = list(warnings.filters)\n"
            "from pytlas_wamp import compat\n"
            "assert {'pytlas', 'pychatl'} <= set(sys.modules)\n"
            "assert not hasattr(collections, 'Mapping')\n"
            "assert warnings.filters == before\n"
        )
        process = subprocess.run(  # noqa: S603 - our own code
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
        assert (process.returncode, process.stdout, process.stderr) == (0, "", "")

    def test_a_second_time_does_nothing(self):
        compat.import_pytlas()
        assert not hasattr(collections, "Mapping")

    def test_nothing_stays_changed_when_it_fails(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "pychatl", None)
        with pytest.raises(ImportError):
            compat.import_pytlas()
        assert not hasattr(collections, "Mapping")

    def test_what_another_package_put_there_is_left_alone(self, monkeypatch):
        theirs = object()
        monkeypatch.setattr(collections, "Mapping", theirs, raising=False)
        compat.import_pytlas()
        assert collections.Mapping is theirs


class TestPkgResources:
    @pytest.fixture
    def missing(self, monkeypatch):
        """As with setuptools 82 and later."""
        monkeypatch.setitem(sys.modules, "pkg_resources", None)

    def test_a_process_without_it_can_import_all_of_pytlas(self):
        code = (
            "import sys\n"
            "sys.modules['pkg_resources'] = None\n"
            "from pytlas_wamp import compat\n"
            "from pytlas.supporting import SkillsManager\n"
            "from markdown import markdown\n"
            "assert markdown('*x*') == '<p><em>x</em></p>'\n"
            "assert sys.modules['pkg_resources'] is None\n"
            "SkillsManager('nowhere').get()\n"
        )
        process = subprocess.run(  # noqa: S603 - our own code
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
        assert (process.stderr, process.returncode) == ("", 0)

    @pytest.mark.parametrize("behind", ["", "\n", "  # or newer\n"])
    def test_it_reads_requirements(self, missing, behind):
        with compat.pkg_resources_for_pytlas():
            parse = importlib.import_module("pkg_resources").Requirement.parse
            found = parse(f"pytlas~=5.0{behind}")
        assert (found.project_name, found.specs) == ("pytlas", [("~=", "5.0")])

    def test_what_is_no_requirement_is_told(self):
        with pytest.raises(ValueError, match="Expected"):
            compat.Requirement.parse("~=5.0")

    def test_it_finds_entry_points(self, missing):
        with compat.pkg_resources_for_pytlas():
            find = importlib.import_module("pkg_resources").iter_entry_points
            names = {entry.name for entry in find("pytlas_wamp.interpreters")}
            [one] = find("pytlas_wamp.interpreters", "patterns")
        assert "patterns" in names
        assert one.name == "patterns"

    def test_nothing_stays(self, missing):
        with compat.pkg_resources_for_pytlas():
            pass
        assert sys.modules["pkg_resources"] is None

    def test_nothing_stays_where_nothing_was(self, monkeypatch):
        monkeypatch.delitem(sys.modules, "pkg_resources", raising=False)
        with compat.pkg_resources_for_pytlas():
            pass
        assert "pkg_resources" not in sys.modules

    def test_what_was_there_is_there_again(self, monkeypatch):
        theirs = ModuleType("pkg_resources")
        monkeypatch.setitem(sys.modules, "pkg_resources", theirs)
        with compat.pkg_resources_for_pytlas():
            assert sys.modules["pkg_resources"] is not theirs
        assert sys.modules["pkg_resources"] is theirs
