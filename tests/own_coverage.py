"""Every module must be covered by its own tests, not by accident from elsewhere.

A plugin of pytest, at work with `--cov --own-coverage`, as `make test` has it: each
file of tests is a context of its own. (A context for each test, as pytest-cov offers,
makes the run half as long again.) The tests of
`pytlas_wamp/<package>/<module>.py` are those in `tests/<package>/` whose file is
named after the module: `test_<module>.py`, `test_<package>_<module>.py`, or with a
word behind it. Import-time lines count for everybody. While tests are looked for, and
while those run that are of no module or marked as `untraced`, nothing is measured. So what a
file of tests does while it is imported counts for nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from io import StringIO
from pathlib import Path

import coverage
import pytest

REQUIRED_PERCENT = 95.0
SOURCE = Path(__file__).parent.parent / "src" / "pytlas_wamp"
# What has no behaviour of its own, or is loaded by path where nothing can be measured.
EXEMPT = frozenset({"__init__.py", "env.py"})
# It binds Autobahn to asyncio, which all others want to have bound to Twisted.
_IMPORTED_BY_ITS_TESTS = frozenset({SOURCE / "chat" / "link.py"})

_MODELS = ("logins", "sql_journal", "sql_leases", "store")
# Tests of no module in particular, or that others make up for. Measuring makes Python two to
# three times as slow, and these are the slow ones.
_ABOUT_THE_WHOLE = (
    *(f"{name}/" for name in ("bundled_skills", "clients", "docs", "models", "spec", "web")),
    *(
        f"service/test_service_{name}.py"
        for name in (
            "crash",
            "daemon",
            "log_privacy",
            "management",
            "processes",
            "refusals",
            "wheel",
        )
    ),
    *(f"accounts/test_accounts_{name}_model.py" for name in _MODELS),
    "transcripts/",
    "understanding/builtins/test_builtin_parser_tables.py",
)


def is_measured(test_file: str) -> bool:
    """Whether the tests of a file are those of a module, so that what they reach counts.

    Args:
      test_file: below the repository, as contexts name it.
    """
    inside = test_file.removeprefix("tests/")
    if inside.startswith(_ABOUT_THE_WHOLE) or inside.endswith("_properties.py"):
        return False
    return any(pattern.match(test_file) for pattern in _names_of_own_tests())


@cache
def _names_of_own_tests() -> list[re.Pattern[str]]:
    return [re.compile(contexts_of(module)[0]) for module in own_modules()]


def own_modules() -> Iterator[Path]:
    """The modules that must have tests of their own."""
    for path in sorted(SOURCE.rglob("*.py")):
        inside = path.relative_to(SOURCE)
        if path.name not in EXEMPT and not {"bundled_skills", "versions"} & set(inside.parts):
            yield path


def _name_of(module: Path) -> str:
    return ".".join(module.relative_to(SOURCE.parent).with_suffix("").parts)


def contexts_of(module: Path) -> list[str]:
    """Patterns of the contexts that count for a module: its tests, and importing it."""
    package = "/".join(module.relative_to(SOURCE).parent.parts)
    folder = f"tests/{package}/" if package else "tests/"
    return [rf"^{re.escape(folder)}test_(\w+_)?{module.stem}(_\w+)?\.py$", r"^$"]


class OwnCoverage:
    """Measures at the end of the run, and fails it when a module falls short."""

    def __init__(self) -> None:
        self.short: list[str] = []
        self.count = 0
        self._context: str | None = ""
        self._paused: list[coverage.Coverage] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        if coverage.Coverage.current() is not None:
            for module in own_modules():
                if module not in _IMPORTED_BY_ITS_TESTS:
                    import_module(_name_of(module))
            self._pause()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        file = item.nodeid.partition("::")[0]
        context = file if is_measured(file) and not item.get_closest_marker("untraced") else None
        if context == self._context:
            return
        self._context = context
        while self._paused:
            self._paused.pop().start()
        measuring = coverage.Coverage.current()
        if context is None:
            self._pause()
        elif measuring is not None:
            measuring.switch_context(context)

    def _pause(self) -> None:
        # Under xdist there are two, and where one stops the one below it goes on.
        while (measuring := coverage.Coverage.current()) is not None:
            measuring.stop()
            self._paused.append(measuring)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if hasattr(session.config, "workerinput"):
            # One of several processes: the one that they report to looks at it all.
            return
        data = coverage.Coverage()
        data.load()
        for module in own_modules():
            percent = data.report(
                morfs=[str(module)], contexts=contexts_of(module), file=StringIO()
            )
            self.count += 1
            if percent < REQUIRED_PERCENT:
                name = module.relative_to(SOURCE.parent)
                self.short.append(f"{name}: {percent:.0f} % by its own tests")
        if self.short and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("coverage of each module by its own tests")
        terminalreporter.write_line(
            f"{self.count - len(self.short)} of {self.count} modules have"
            f" {REQUIRED_PERCENT:.0f} % or more"
        )
        for line in self.short:
            terminalreporter.write_line(line, red=True)
