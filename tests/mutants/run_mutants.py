"""Plants the bugs of mutants.toml one at a time, and fails unless the tests catch each.

Run by `tox -e mutants`, or alone: `python tests/mutants/run_mutants.py [WORD...]`
takes only the bugs whose name or file contains one of the words. A bug is planted
in a copy of src/, never in the tree itself.
"""

# ruff: noqa: T201 - a script that prints a table

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUGS = Path(__file__).with_name("mutants.toml")
PYTEST = ("-m", "pytest", "-x", "-q", "--no-header", "--tb=line")
PLUGINS = ("-p", "no:cacheprovider", "-p", "first_failure")
# A bug that makes a test wait for ever is badly planted: no failure was seen.
DEADLINE_SECONDS = 60

# The exit codes of pytest.
PASSED, FAILED = 0, 1


@dataclass(frozen=True)
class Mutant:
    """A planted bug: one replacement in one file, and the tests that should notice."""

    name: str
    file: str
    old: str
    new: str
    tests: list[str]

    def plant(self, source: Path) -> str | None:
        """Change the copy of the source; returns a sentence when that cannot be done."""
        path = source / self.file
        if not path.is_file():
            return f"there is no src/{self.file}"
        text = path.read_text(encoding="utf-8")
        if (count := text.count(self.old)) != 1:
            return f"the old text stands {count} times in src/{self.file}, not once"
        path.write_text(text.replace(self.old, self.new), encoding="utf-8")
        return None


def copy_source(folder: str) -> Path:
    """Copy src/ without compiled files, whose dates could hide a change."""
    copy = Path(folder) / "src"
    shutil.copytree(ROOT / "src", copy, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    return copy


def python(
    source: Path, *arguments: str, seconds: float = DEADLINE_SECONDS
) -> subprocess.CompletedProcess[str]:
    """Run Python so that the package comes from the copy, whatever is installed."""
    search_path = os.pathsep.join((str(source), str(BUGS.parent)))
    changes = {
        "PYTHONPATH": search_path,
        "PYTHONDONTWRITEBYTECODE": "1",
        "HYPOTHESIS_PROFILE": "gate",
    }
    return subprocess.run(  # noqa: S603 - our own commands
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, **changes},
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )


def is_imported_from(source: Path) -> bool:
    """Whether tests run against the copy: a run against the real tree would prove nothing."""
    found = python(source, "-c", "import pytlas_wamp; print(pytlas_wamp.__file__)").stdout
    return found.startswith(str(source))


def check_without_bugs(mutants: list[Mutant]) -> str | None:
    """Run every selection of tests without a bug; returns a sentence when one fails."""
    tests = sorted({test for mutant in mutants for test in mutant.tests})
    with tempfile.TemporaryDirectory() as folder:
        source = copy_source(folder)
        if not is_imported_from(source):
            return "pytlas_wamp is not imported from the copy; PYTHONPATH does not win"
        missing = [test for test in tests if not (ROOT / test.split("::")[0]).exists()]
        if missing:
            return f"these tests do not exist: {', '.join(missing)}"
        allowance = DEADLINE_SECONDS * len(tests)
        result = python(source, *PYTEST, *PLUGINS, *tests, seconds=allowance)
    if result.returncode == PASSED:
        return None
    return f"tests fail without a bug:\n{result.stdout}{result.stderr}"


def verdict(mutant: Mutant) -> str:
    """`caught`, or what is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        source = copy_source(folder)
        if not is_imported_from(source):
            return "NOT IMPORTED from the copy"
        if (problem := mutant.plant(source)) is not None:
            return f"NOT PLANTED: {problem}"
        try:
            code = python(source, *PYTEST, *PLUGINS, *mutant.tests).returncode
        except subprocess.TimeoutExpired:
            return f"NOT TESTED: no outcome within {DEADLINE_SECONDS} s"
    if code == FAILED:
        return "caught"
    return "SURVIVED" if code == PASSED else f"NOT TESTED: pytest ended with {code}"


def main(words: list[str]) -> int:
    """Print a table of the bugs and what became of them."""
    listed = tomllib.loads(BUGS.read_text(encoding="utf-8"))["mutant"]
    mutants = [
        mutant
        for mutant in (Mutant(**entry) for entry in listed)
        if not words or any(word in f"{mutant.name} {mutant.file}" for word in words)
    ]
    if not mutants:
        print("no bug of mutants.toml has such a name or file")
        return 1
    problem = check_without_bugs(mutants)
    if problem is not None:
        print(problem)
        return 1
    width = max(len(mutant.name) for mutant in mutants)
    wrong = 0
    for mutant in mutants:
        start = time.monotonic()
        outcome = verdict(mutant)
        wrong += outcome != "caught"
        print(f"{mutant.name:{width}}  {time.monotonic() - start:5.1f} s  {outcome}", flush=True)
    print(f"{len(mutants) - wrong} of {len(mutants)} planted bugs caught")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
