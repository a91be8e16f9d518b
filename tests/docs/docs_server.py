"""A real server for the examples, and programs that talk to it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

from attrs import define, field

BIN = Path(sys.executable).parent
# Far beyond what anything takes; a test that gets here has failed.
PATIENCE_SECONDS = 30


def environment(home):
    """That of this process, without what would configure the server."""
    ours = ("WEB_", "SERVER_", "DATABASE_", "PYTLAS_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "HOME": str(home), "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"}


@define(eq=False)
class Program:
    """A running program and what it prints.

    Args:
      process: itself.
      lines: standard output and standard error so far.
    """

    process: subprocess.Popen
    lines: list = field(factory=list)
    _news: threading.Condition = field(factory=threading.Condition)
    _ended: bool = False

    @classmethod
    def start(cls, home, *command, **more):
        """Start a command without a terminal of its own."""
        program = cls(
            subprocess.Popen(  # noqa: S603 - ours
                [str(word) for word in command],
                env={**environment(home), **more},
                cwd=home,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                # Without a terminal, passwords are read from standard input.
                start_new_session=True,
            )
        )
        threading.Thread(target=program._read, daemon=True).start()
        return program

    def _read(self):
        for line in self.process.stdout:
            with self._news:
                self.lines.append(line.rstrip("\n"))
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def wait_for(self, pattern, after=0):
        """The first line from number `after` on in which a pattern is found."""

        def found():
            matches = (re.search(pattern, line) for line in self.lines[after:])
            return next((match for match in matches if match), None)

        with self._news:
            self._news.wait_for(lambda: found() or self._ended, PATIENCE_SECONDS)
        assert found(), f"no {pattern!r} in\n" + "\n".join(self.lines)
        return found()

    def say(self, line, expected):
        """Write a line, and wait for one that is printed after it."""
        before = len(self.lines)
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        self.wait_for(expected, before)

    def end(self):
        """End it; its exit code."""
        self.process.stdin.close()
        self.process.terminate()
        code = self.process.wait(PATIENCE_SECONDS)
        with self._news:
            self._news.wait_for(lambda: self._ended, PATIENCE_SECONDS)
        self.process.stdout.close()
        return code
