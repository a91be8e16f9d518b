"""protocol.md and README.md agree with the data beside them, and with themselves."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from spec_files import (
    PROTOCOL,
    README,
    SOURCES,
    SPEC,
    bodies,
    headings,
    json_blocks,
    openapi_validator,
    quoted,
    read_json,
    section_text,
    table_rows,
)

from pytlas_wamp.session.actions import State
from pytlas_wamp.session.inputs import INPUTS
from pytlas_wamp.wire.codes import Ending, ErrorCode
from pytlas_wamp.wire.messages import CLIENT_MESSAGES, SERVER_MESSAGES
from wire_schemas import VALIDATORS

NUMBERS = [number for number, _ in headings()]
TYPES = [cls.TYPE for cls in (*CLIENT_MESSAGES, *SERVER_MESSAGES)]
ERRORS = read_json("errors.json")
CITATION = re.compile(r"\bspec ([0-9]+(?:\.[0-9]+)?(?:, [0-9]+\.[0-9]+)*)")
REFERENCE = re.compile(r"(?<![\w./])([1-9]\.[1-9][0-9]?)(?!\w|\.[0-9])")
LINK = re.compile(r"\]\(([^)]+)\)")
CLIENT_LINES = 60


def cited_sections() -> dict[str, str]:
    """Every section that the code cites, with a file that does so."""
    return {
        number: path.name
        for path in sorted(SOURCES.rglob("*.py"))
        for found in CITATION.findall(path.read_text(encoding="utf-8"))
        for number in found.split(", ")
    }


class TestSections:
    def test_they_are_numbered_without_a_gap(self):
        chapters = [number for number in NUMBERS if "." not in number]
        counted = []
        for chapter in chapters:
            inner = [number for number in NUMBERS if number.startswith(f"{chapter}.")]
            counted += [chapter, *(f"{chapter}.{i + 1}" for i in range(len(inner)))]
        assert counted == NUMBERS

    def test_each_message_has_its_own_in_the_order_of_the_code(self):
        titles = [title for number, title in headings() if number.startswith("4.")]
        assert titles == ["Common rules", *TYPES]

    @pytest.mark.parametrize("kind", TYPES)
    def test_each_message_has_an_example_and_a_trap(self, kind):
        number = next(number for number, title in headings() if title == kind)
        text = section_text(number)
        assert f"```json {kind}\n" in text
        assert "**Trap.** " in text

    @pytest.mark.parametrize(("number", "file"), cited_sections().items())
    def test_those_that_the_code_cites_exist(self, number, file):
        assert number in NUMBERS, f"cited in {file}"

    @pytest.mark.parametrize(
        "name", ["protocol.md", "README.md", "CHANGELOG.md", "errors.json", "states.json"]
    )
    def test_those_that_the_contract_cites_exist(self, name):
        text = re.sub(r"```.*?```", "", (SPEC / name).read_text(encoding="utf-8"), flags=re.DOTALL)
        numbers = re.sub(r"version 1\.[0-9]|^## 1\.[0-9]", "", text, flags=re.MULTILINE)
        assert set(REFERENCE.findall(numbers)) - set(NUMBERS) == set()

    @pytest.mark.parametrize("kind", TYPES)
    def test_those_that_the_schemas_cite_exist(self, kind):
        cited = re.findall(r"\(([0-9]\.[0-9]+)\)", json.dumps(VALIDATORS[kind].schema))
        assert set(cited) - set(NUMBERS) == set()


class TestBlocks:
    @pytest.mark.parametrize(("name", "text"), json_blocks())
    def test_each_is_valid_by_the_schema_that_it_names(self, name, text):
        validator = VALIDATORS[name] if name in VALIDATORS else openapi_validator(name)
        assert [error.message for error in validator.iter_errors(json.loads(text))] == []

    def test_every_frame_and_every_body_is_shown_and_nothing_else(self):
        assert {name for name, _ in json_blocks()} == {*VALIDATORS, *bodies()}

    def test_no_block_hides_from_these_tests(self):
        fences = re.findall(r"^```(.*)$", PROTOCOL + README, re.MULTILINE)
        openings = fences[::2]
        assert len([o for o in openings if o.startswith("json ")]) == len(json_blocks())
        assert {o for o in openings if not o.startswith("json ")} == {"", "python"}


class TestTables:
    def test_states_are_those_of_the_code(self):
        names = [quoted(row[0])[0] for row in table_rows("3.1") if row[0].startswith("`")]
        assert names[: len(State)] == [state.value for state in State]

    def test_inputs_are_those_of_the_code(self):
        rows = [row for row in table_rows("3.1") if row[0].startswith("`")][len(State) :]
        explained = {name for row in rows for name in quoted(row[0])}
        assert explained == {cls.__name__ for cls in INPUTS if not hasattr(cls, "TYPE")}

    def test_error_codes_are_those_of_the_code(self):
        rows = [row for row in table_rows("7.1") if row[0].startswith("`")]
        listed = [(quoted(row[0])[0], row[1] == "yes") for row in rows]
        assert listed == [(code.value, code.retryable) for code in ErrorCode]

    def test_close_codes_are_those_of_the_code(self):
        rows = [row for row in table_rows("7.2") if row[0].isdigit()]
        listed = {(int(row[0]), reason) for row in rows for reason in quoted(row[1])}
        assert listed == {(ending.close_code, ending.reason) for ending in Ending}

    def test_problems_are_those_of_the_registry(self):
        rows = [row for row in table_rows("6.5") if row[0].isdigit()]
        listed = [(int(row[0]), quoted(row[1])[0]) for row in rows]
        assert listed == [(problem["status"], problem["code"]) for problem in ERRORS["problems"]]

    def test_limits_are_those_of_the_registry(self):
        rows = [row for row in table_rows("8") if row[0].startswith("`")]
        listed = {quoted(row[0])[0]: float(row[1]) for row in rows}
        published = read_json("limits.json")["limits"]
        assert listed == {limit["name"]: limit["default"] for limit in published}

    def test_endings_before_ready_are_those_of_the_registry(self):
        listed = {quoted(row[0])[0] for row in table_rows("3.2") if row[0].startswith("`")}
        assert listed == {
            close["reason"]
            for close in ERRORS["closes"]
            if close["code"] == 1000 and close["phase"] != "after ready"
        }


class TestReadme:
    @pytest.mark.parametrize(
        "path",
        [SPEC / name for name in ("README.md", "protocol.md", "CHANGELOG.md")]
        + sorted(SPEC.glob("*/README.md")),
        ids=lambda path: path.relative_to(SPEC).as_posix(),
    )
    def test_links_lead_somewhere(self, path: Path):
        targets = LINK.findall(path.read_text(encoding="utf-8"))
        assert [target for target in targets if not (path.parent / target).exists()] == []

    def test_every_file_of_the_contract_is_named(self):
        present = {path.name for path in SPEC.iterdir()} - {"README.md"}
        named = {target.rstrip("/").split("/")[0] for target in LINK.findall(README)}
        assert present - named == set()

    def test_the_client_is_short_and_compiles(self):
        (client,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
        compile(client, "README.md", "exec")
        assert len(client.splitlines()) <= CLIENT_LINES
