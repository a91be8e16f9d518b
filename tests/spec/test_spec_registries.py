"""States, codes and limits of the contract are those of the code."""

from __future__ import annotations

from attrs import asdict
from spec_files import read_json

from pytlas_wamp.limits import Limits
from pytlas_wamp.session.table import describe
from pytlas_wamp.wire.codes import Ending, ErrorCode


class TestStates:
    def test_they_are_the_table_cell_by_cell(self):
        assert read_json("states.json")["states"] == describe()


class TestErrors:
    def test_codes_are_those_of_the_code(self):
        published = [(e["code"], e["retryable"]) for e in read_json("errors.json")["errors"]]
        assert published == [(code.value, code.retryable) for code in ErrorCode]

    def test_closes_are_those_of_the_code(self):
        published = [(c["code"], c["reason"]) for c in read_json("errors.json")["closes"]]
        assert published == [(ending.close_code, ending.reason) for ending in Ending]

    def test_every_close_says_in_which_phase_it_happens(self):
        phases = {close["phase"] for close in read_json("errors.json")["closes"]}
        assert phases == {"before ready", "after ready", "any"}

    def test_everything_says_when_it_happens(self):
        registry = read_json("errors.json")
        entries = [*registry["errors"], *registry["closes"], *registry["problems"]]
        assert [entry for entry in entries if not entry["when"].endswith(".")] == []

    def test_no_problem_is_listed_twice(self):
        codes = [problem["code"] for problem in read_json("errors.json")["problems"]]
        assert len(set(codes)) == len(codes)


class TestLimits:
    def test_they_are_those_of_the_code_with_the_same_defaults(self):
        published = {
            limit["name"]: limit["default"] for limit in read_json("limits.json")["limits"]
        }
        assert published == asdict(Limits())

    def test_each_is_listed_once(self):
        names = [limit["name"] for limit in read_json("limits.json")["limits"]]
        assert len(set(names)) == len(names)
