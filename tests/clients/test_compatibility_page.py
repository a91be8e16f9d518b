"""The page about the original server names tests that exist, and accounts for every scenario."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "compatibility.md").read_text(encoding="utf-8")
SCENARIOS = 291

# `test_x` in `tests/y.py`
TESTS = sorted(set(re.findall(r"`(test_\w+)` in `(tests/[\w/.]+)`", PAGE)))
TRANSCRIPTS = sorted(set(re.findall(r"`([\w-]+)` \(transcript\)", PAGE)))
# | number | scenario | outcome | why |
ROWS = re.findall(
    r"^\| (\d+) \| .+ \| (same|different|does not apply) \| (.*) \|$", PAGE, re.MULTILINE
)
DIFFERENCES = set(re.findall(r"^\| (\d+) \|(?: [^|]+ \|){4}$", PAGE, re.MULTILINE))
REASONS = set(re.findall(r"^\| ([a-z]) \| [^|]+ \|$", PAGE, re.MULTILINE))


class TestEvidence:
    def test_there_is_some(self):
        assert len(TESTS) > 50
        assert len(TRANSCRIPTS) > 10

    @pytest.mark.parametrize(("name", "file"), TESTS)
    def test_every_test_exists(self, name, file):
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8")

    @pytest.mark.parametrize("name", TRANSCRIPTS)
    def test_every_transcript_exists(self, name):
        assert (ROOT / "spec" / "transcripts" / f"{name}.json").is_file()


class TestScenarios:
    def test_every_one_is_accounted_for_once(self):
        assert [int(number) for number, _, _ in ROWS] == list(range(1, SCENARIOS + 1))

    def test_each_has_the_reasons_that_its_outcome_needs(self):
        for number, outcome, why in ROWS:
            given = set(why.split(", ")) if why.strip() else set()
            known = {"same": set(), "different": DIFFERENCES, "does not apply": REASONS}[outcome]
            assert (given <= known, bool(given)) == (True, outcome != "same"), number

    @pytest.mark.parametrize(
        ("title", "outcome"),
        [
            ("same", "same"),
            ("different, on purpose", "different"),
            ("does not apply", "does not apply"),
        ],
    )
    def test_the_totals_are_those_of_the_table(self, title, outcome):
        counted = sum(found == outcome for _, found, _ in ROWS)
        assert f"| {title} | {counted} |" in PAGE
