"""pytlas on the Pythons of today, with nothing left changed."""

from __future__ import annotations

import collections
import subprocess
import sys

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
