"""A place to read settings in, for the tests in this folder."""

from __future__ import annotations

import pytest


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A current directory that is neither the data directory nor the one of the file."""
    for name in ("cwd", "etc", "home", "data"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path
