"""What makes a start impossible: one clear line each, and an exit code that tells."""

from __future__ import annotations

import socket

import pytest

pytestmark = pytest.mark.service

# It comes before the port is taken.
GREETING = ("data is kept", "created", "nobody has", "or over HTTP", "talk to", "and talk", "    ")


def refusal(daemon) -> str:
    """The one line that a daemon ends with."""
    code = daemon.wait()
    assert code == 1, daemon.output()
    assert "Traceback" not in daemon.output()
    (line,) = [line for line in said(daemon) if not line.startswith(GREETING)]
    return line


def said(daemon) -> list[str]:
    """What it has told people; once the log is open, its prefix stands before."""
    parts = (line.partition("pytlas-wamp: ") for line in daemon.lines)
    return [line for _, found, line in parts if found]


@pytest.fixture
def taken():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


class TestRefusals:
    def test_a_taken_port(self, start, taken):
        line = refusal(start(listen=f"tcp:{taken}:interface=127.0.0.1"))
        assert f"cannot listen on tcp:{taken}" in line
        assert "in use" in line

    def test_a_data_directory_that_cannot_be_made(self, start, tmp_path):
        (tmp_path / "data").write_text("in the way")
        assert str(tmp_path / "data") in refusal(start())

    def test_a_corrupt_database(self, start, tmp_path):
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "pytlas.sqlite3").write_bytes(b"no database" * 1_000)
        assert "pytlas.sqlite3" in refusal(start())

    def test_an_ini_that_is_none(self, start, tmp_path):
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "pytlas.ini").write_text("[server\n")
        assert "pytlas.ini" in refusal(start())

    def test_an_ini_with_wrong_values_tells_all_of_them(self, start, tmp_path):
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "pytlas.ini").write_text(
            "[server]\nmax_depth = deep\nmax_connections = -1\n"
        )
        daemon = start()
        assert daemon.wait() == 1
        assert "Traceback" not in daemon.output()
        lines = said(daemon)
        assert len(lines) == 2
        assert "max_depth" in lines[0]
        assert "max_connections" in lines[1]

    def test_an_interpreter_that_is_not_there(self, start):
        line = refusal(start("--interpreter", "crystal-ball"))
        assert "'crystal-ball'" in line
        assert "patterns" in line

    def test_an_endpoint_that_is_none(self, start):
        assert "'nonsense:8000'" in refusal(start(listen="nonsense:8000"))
