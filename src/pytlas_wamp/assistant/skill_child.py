"""Adds, updates and removes skills with pytlas' SkillsManager: `python -m` this, as a process.

See `skill_sources.command` for the arguments. Every line of its output is a step, or what
git and pip say; it ends with 1 when anything failed.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TextIO

from attrs import frozen

from pytlas_wamp import compat
from pytlas_wamp.assistant.skill_sources import Source, check_installed, check_source
from pytlas_wamp.errors import OperatorError

compat.import_pytlas()

from pytlas.supporting import manager  # noqa: E402 - after compat

_log = logging.getLogger(__name__)


def main(arguments: Sequence[str], out: TextIO) -> int:
    """Do what is asked for.

    Args:
      arguments: as `skill_sources.command` gives them, behind the module.
      out: takes a line for each step.

    Returns:
      0, or 1 when something failed.
    """
    asked = _parser().parse_args(arguments)
    with _lines_of_log(out), _shown_programs(out):
        work = _Work(directory=asked.directory.absolute(), allow_local=asked.allow_local)
        step: Callable[[str], bool] = getattr(work, asked.kind)
        names = asked.names or (work.all_from_git() if asked.kind == "update" else [])
        failed = [name for name in names if not _succeeds(step, name)]
        return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="skill_child")
    parser.add_argument("--allow-local", action="store_true")
    parser.add_argument("kind", choices=["add", "update", "remove"])
    parser.add_argument("directory", type=Path)
    parser.add_argument("names", nargs="*")
    return parser


def _succeeds(step: Callable[[str], bool], name: str) -> bool:
    try:
        return step(name)
    except OperatorError as error:
        _log.error("%s", error)
    except OSError as error:
        what = f"{error.filename}: {error.strerror}" if error.filename else error
        _log.error("Could not %s %r: %s", step.__name__, name, what)
    return False


@frozen(kw_only=True)
class _Work:
    """The three things that can be done to a folder of skills."""

    directory: Path
    allow_local: bool

    def add(self, name: str) -> bool:
        """Fetch a skill; one that is there already is updated."""
        source = check_source(name, allow_local=self.allow_local)
        if (self.directory / source.folder).exists():
            _log.info("%s is there already, so it is updated", source.folder)
            return self.update(source.folder)
        self.directory.mkdir(parents=True, exist_ok=True)
        # Nobody shall import a skill that is half there. Hidden folders are no skills.
        with tempfile.TemporaryDirectory(prefix=".new-", dir=self.directory) as draft:
            return self._fetch(source, draft)

    def _fetch(self, source: Source, draft: str) -> bool:
        # The address is complete; pytlas would put that of GitHub before some.
        _, failed = manager.SkillsManager(draft, default_git_url="").install(source.url)
        if failed:
            return False
        fetched = Path(draft, source.folder)
        if not (fetched / "__init__.py").is_file():
            _log.error("%s holds no skill: it has no __init__.py at its root", source.url)
            return False
        fetched.rename(self.directory / source.folder)
        return True

    def update(self, name: str) -> bool:
        """Fetch the newest version of a skill; the one before stays if that fails."""
        folder = check_installed(name, self.directory)
        before = self._version(folder)
        _, failed = manager.SkillsManager(str(self.directory)).update(folder)
        if failed and before is not None and self._version(folder) != before:
            _log.info("%s goes back to the version before", folder)
            self._git(folder, "reset", "--keep", before)
        return not failed

    def remove(self, name: str) -> bool:
        """Delete a skill."""
        folder = check_installed(name, self.directory)
        _, failed = manager.SkillsManager(str(self.directory)).uninstall(folder)
        return not failed

    def all_from_git(self) -> list[str]:
        """The folders of skills that can be updated."""
        found = self.directory.glob("*/.git")
        return sorted(path.parent.name for path in found if not path.parent.name.startswith("."))

    def _version(self, folder: str) -> str | None:
        answer = self._git(folder, "rev-parse", "--verify", "--quiet", "HEAD")
        return answer.stdout.strip() or None

    def _git(self, folder: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own words, and what git said
            ["git", *arguments],  # noqa: S607 - wherever it is installed
            cwd=self.directory / folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


@contextmanager
def _lines_of_log(out: TextIO) -> Iterator[None]:
    """Show what pytlas logs, a line each."""
    root, shown = logging.getLogger(), logging.StreamHandler(out)
    before = root.level
    root.addHandler(shown)
    root.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.setLevel(before)
        root.removeHandler(shown)


@contextmanager
def _shown_programs(out: TextIO) -> Iterator[None]:
    """Show what git and pip say while they run: pytlas keeps it to itself."""

    def check_output(command: Sequence[str], *, cwd: str | None = None, **_: Any) -> bytes:
        _run(command, cwd, out)
        return b""

    before = manager.subprocess
    manager.subprocess = SimpleNamespace(
        CalledProcessError=subprocess.CalledProcessError,
        STDOUT=subprocess.STDOUT,
        check_output=check_output,
    )
    try:
        yield
    finally:
        manager.subprocess = before


def _run(command: Sequence[str], cwd: str | None, out: TextIO) -> None:
    # The pip on the PATH may be that of another Python.
    program = [sys.executable, "-m", "pip"] if command[0] == "pip" else [command[0]]
    with (
        subprocess.Popen(  # noqa: S603 - what pytlas runs, with a source that was checked
            [*program, *command[1:]],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as process
    ):
        assert process.stdout is not None  # noqa: S101 - it was asked for
        try:
            for line in process.stdout:
                out.write(line)
                out.flush()
        except BaseException:
            process.kill()
            raise
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, [*command])


def _end(_signal: int, _frame: object) -> None:
    # As an exception, so that what was begun is tidied up.
    sys.exit(1)


if __name__ == "__main__":
    # So that whoever began this can end git and pip with it.
    with suppress(PermissionError):  # it leads a group already
        os.setsid()
    signal.signal(signal.SIGTERM, _end)
    sys.exit(main(sys.argv[1:], sys.stdout))
