"""Requests and answers that the documentation shows are those of the contract."""

from __future__ import annotations

import json
import re

import pytest
from docs_pages import DOCS, anchors, generator, name
from docs_requests import OPENAPI, complaints, operation, requests, resolved, success

SPOKEN = re.compile(r"`(GET|PUT|POST|PATCH|DELETE) (/api/[^`?]*)`")
WITH_BODY = re.compile(r"`(PUT|POST|PATCH) (/api/[^`?]*)` with `(\{[^`]*\})`")
OPERATIONS = [(method.upper(), path) for path, item in OPENAPI["paths"].items() for method in item]
REQUESTS = list(requests())


class TestRequests:
    def test_there_are_some(self):
        pages = {each.page for each in REQUESTS}
        assert len(pages) > 4

    @pytest.mark.parametrize("each", REQUESTS, ids=str)
    def test_the_address_has_this_method(self, each):
        assert operation(each.method, each.path)["operationId"]

    @pytest.mark.parametrize("each", REQUESTS, ids=str)
    def test_a_token_is_shown_where_one_is_needed(self, each):
        assert each.token == bool(operation(each.method, each.path).get("security"))

    @pytest.mark.parametrize("each", REQUESTS, ids=str)
    def test_the_body_is_valid(self, each):
        expected = operation(each.method, each.path).get("requestBody")

        assert (each.body is None) == (expected is None)
        assert expected is None or complaints(resolved(expected)["content"], each.body) == []

    @pytest.mark.parametrize("each", [r for r in REQUESTS if r.answer], ids=str)
    def test_the_answer_is_valid(self, each):
        content = success(operation(each.method, each.path))["content"]

        assert complaints(content, json.loads(each.answer)) == []


@pytest.mark.parametrize("page", sorted(DOCS.glob("how-to/*.md")), ids=name)
def test_addresses_that_are_spoken_of_have_these_methods(page):
    spoken = SPOKEN.findall(page.read_text(encoding="utf-8"))

    assert all(operation(method, path)["operationId"] for method, path in spoken)


@pytest.mark.parametrize("page", sorted(DOCS.glob("how-to/*.md")), ids=name)
def test_bodies_that_are_spoken_of_are_valid(page):
    for method, path, body in WITH_BODY.findall(page.read_text(encoding="utf-8")):
        content = resolved(operation(method, path)["requestBody"])["content"]

        assert complaints(content, json.loads(body)) == []


class TestReference:
    @pytest.mark.parametrize(("method", "path"), OPERATIONS)
    def test_every_operation_has_its_section(self, method, path):
        page = DOCS / "reference/http-api.md"

        assert generator().anchor(f"{method} {path}") in anchors(page)

    @pytest.mark.parametrize(("method", "path"), OPERATIONS)
    def test_who_may_use_it_stands_in_it(self, method, path):
        text = (DOCS / "reference/http-api.md").read_text(encoding="utf-8")
        section = text.split(f"### `{method} {path}`\n")[1].split("\n### ")[0]

        assert generator().WHO[operation(method, path)["x-who"]] in section
