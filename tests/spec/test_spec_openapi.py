"""openapi.yaml describes every address, who may use it, and everything that can come back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from spec_files import (
    PROTOCOL,
    headings,
    openapi_validator,
    read_json,
    references,
    resolve,
    section_text,
)

from contract_yaml import read_yaml

OPENAPI = read_yaml("openapi.yaml")
COMPONENTS = OPENAPI["components"]
PROBLEMS = {problem["code"]: problem for problem in read_json("errors.json")["problems"]}
CODE = "/spec/errors.json#"
FORMS = {"application/json", "application/x-www-form-urlencoded", "multipart/form-data"}
EXPECTED = [
    "post /api/token anyone",
    "post /api/token/refresh anyone",
    "post /api/token/verify anyone",
    "post /api/token/revoke anyone",
    "get /api/me person",
    "patch /api/me person",
    "post /api/me/password person",
    "get /api/me/logins person",
    "post /api/me/logins person",
    "delete /api/me/logins person",
    "delete /api/me/logins/{login} person",
    "get /api/me/settings person",
    "patch /api/me/settings person",
    "get /api/me/settings/{key} person",
    "put /api/me/settings/{key} person",
    "delete /api/me/settings/{key} person",
    "get /api/me/history person",
    "delete /api/me/history person",
    "get /api/skills person",
    "post /api/skills administrator",
    "post /api/skills/reload administrator",
    "delete /api/skills/{name} administrator",
    "post /api/skills/{name}/update administrator",
    "get /api/jobs administrator",
    "get /api/jobs/{id} administrator",
    "get /api/users administrator",
    "post /api/users administrator",
    "get /api/users/{id} administrator",
    "patch /api/users/{id} administrator",
    "delete /api/users/{id} administrator",
    "get /api/users/{id}/logins administrator",
    "delete /api/users/{id}/logins administrator",
    "delete /api/users/{id}/logins/{login} administrator",
    "get /api/users/{id}/settings administrator",
    "patch /api/users/{id}/settings administrator",
    "get /api/users/{id}/settings/{key} administrator",
    "put /api/users/{id}/settings/{key} administrator",
    "delete /api/users/{id}/settings/{key} administrator",
    "get /api/status administrator",
    "post /api/understand administrator",
    "get /api/setup anyone",
    "post /api/setup anyone",
    "get /ws/assistant/ anyone",
    "get /healthz anyone",
    "get /readyz anyone",
    "get /metrics anyone",
    "get /spec/ anyone",
    "get /spec/{file} anyone",
]
# Those of the original server, whose clients send forms and fields of their own.
TOKENS = ("getToken", "refreshToken", "verifyToken", "revokeToken")
EXPRESSION = re.compile(r"\$(?:request\.path\.(?P<path>\w+)|response\.(?:body#/.+|header\.\w+))")


def resolved(value: Any) -> Any:
    """What stands behind a `$ref`, or the value itself."""
    return resolve(OPENAPI, value["$ref"]) if "$ref" in value else value


def operations() -> dict[str, dict[str, Any]]:
    """Every operation by its id, with its address and method."""
    return {
        operation["operationId"]: {"path": path, "method": method, **operation}
        for path, item in OPENAPI["paths"].items()
        for method, operation in item.items()
    }


OPERATIONS = operations()
WHO = {name: operation["x-who"] for name, operation in OPERATIONS.items()}
SECURED = [name for name, who in WHO.items() if who != "anyone"]
WRITING = [name for name, operation in OPERATIONS.items() if "requestBody" in operation]

every_operation = pytest.mark.parametrize("name", OPERATIONS)
every_secured_operation = pytest.mark.parametrize("name", SECURED)


def media(document: Any) -> Iterator[tuple[str, Any]]:
    """Component and example of every media type of openapi.yaml."""
    if isinstance(document, dict):
        if "$ref" in document.get("schema", {}):
            for example in document.get("examples", {}).values():
                yield document["schema"]["$ref"].rsplit("/", 1)[1], example["value"]
        for value in document.values():
            yield from media(value)


def codes(name: str, status: str) -> set[str]:
    """The codes of the problems that an operation shows for a status."""
    answer = resolved(OPERATIONS[name]["responses"].get(status, {}))
    content = answer.get("content", {}).get("application/problem+json", {})
    return set(content.get("examples", {}))


def parameters(name: str) -> dict[str, dict[str, Any]]:
    """The parameters of an operation by name."""
    found = [resolved(each) for each in OPERATIONS[name].get("parameters", [])]
    return {each["name"]: each for each in found}


def body(name: str) -> dict[str, Any]:
    """The body that an operation takes."""
    return resolved(OPERATIONS[name]["requestBody"])


def shape(name: str) -> str:
    """The component that describes the body that an operation takes."""
    return body(name)["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]


def links() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Operation, name and content of every link."""
    for name, operation in OPERATIONS.items():
        for answer in operation["responses"].values():
            for link, target in resolved(answer).get("links", {}).items():
                yield name, link, target


class TestDocument:
    @pytest.mark.parametrize("reference", sorted(set(references(OPENAPI))))
    def test_references_lead_somewhere(self, reference):
        assert isinstance(resolve(OPENAPI, reference), dict)

    @pytest.mark.parametrize("kind", COMPONENTS)
    def test_every_component_is_used(self, kind):
        used = {reference.removeprefix("#/components/") for reference in references(OPENAPI)}
        used |= {"securitySchemes/bearer"}
        assert {f"{kind}/{name}" for name in COMPONENTS[kind]} - used == set()

    @pytest.mark.parametrize("name", COMPONENTS["schemas"])
    def test_components_are_json_schema_2020_12(self, name):
        Draft202012Validator.check_schema(COMPONENTS["schemas"][name])

    @pytest.mark.parametrize(("name", "value"), list(media(OPENAPI)))
    def test_examples_are_valid(self, name, value):
        assert [error.message for error in openapi_validator(name).iter_errors(value)] == []

    @pytest.mark.parametrize("name", COMPONENTS["schemas"])
    def test_examples_of_schemas_are_valid(self, name):
        examples = COMPONENTS["schemas"][name].get("examples", [])
        assert [each for each in examples if not openapi_validator(name).is_valid(each)] == []

    @pytest.mark.parametrize("name", [n for n in COMPONENTS["parameters"] if n != "Keep"])
    def test_examples_of_parameters_are_valid(self, name):
        schema = resolved(COMPONENTS["parameters"][name]["schema"])
        assert schema["examples"]
        assert all(Draft202012Validator(schema).is_valid(each) for each in schema["examples"])

    def test_the_version_is_that_of_the_prose(self):
        title = re.match(r"# .*version ([0-9.]+)\n", PROTOCOL)
        assert OPENAPI["info"]["version"] == f"{title[1]}.0"
        assert read_yaml("asyncapi.yaml")["info"]["version"] == f"{title[1]}.0"

    def test_the_prose_shows_the_same_version_as_the_status(self):
        value = next(v for name, v in media(OPENAPI) if name == "Status")
        assert OPENAPI["info"]["version"] == f"{value['protocol']}.0"


class TestOperations:
    def test_they_are_these(self):
        keys = ("method", "path", "x-who")
        assert [" ".join(o[key] for key in keys) for o in OPERATIONS.values()] == EXPECTED

    @every_operation
    def test_each_points_to_a_section_that_names_its_address(self, name):
        section = OPERATIONS[name]["x-section"]
        assert section in dict(headings())
        address = re.sub(r"/(\{\w+\})?$", "", OPERATIONS[name]["path"])
        assert address in section_text(section)

    @every_operation
    def test_each_says_in_a_sentence_what_it_does(self, name):
        assert OPERATIONS[name]["summary"].endswith(".")

    @every_operation
    def test_the_names_in_the_address_are_its_parameters(self, name):
        named = set(re.findall(r"\{(\w+)\}", OPERATIONS[name]["path"]))
        assert {p["name"] for p in parameters(name).values() if p["in"] == "path"} == named

    @every_operation
    def test_each_can_fail_as_every_other(self, name):
        needed = {"405", "500", "503"} if OPERATIONS[name]["path"].startswith("/api/") else set()
        assert needed - set(OPERATIONS[name]["responses"]) == set()

    @every_operation
    def test_every_problem_stands_under_its_status(self, name):
        for status in OPERATIONS[name]["responses"]:
            assert {PROBLEMS[code]["status"] for code in codes(name, status)} <= {int(status)}

    @every_operation
    def test_every_refusal_shows_a_problem(self, name):
        refusals = [status for status in OPERATIONS[name]["responses"] if status >= "400"]
        assert [status for status in refusals if not codes(name, status)] == []


class TestAccess:
    @every_operation
    def test_whoever_has_to_be_known_shows_a_token(self, name):
        expected = [] if WHO[name] == "anyone" else [{"bearer": []}]
        assert OPERATIONS[name].get("security", OPENAPI["security"]) == expected

    @every_secured_operation
    def test_whoever_shows_none_gets_401(self, name):
        assert "token-missing" in codes(name, "401")

    @every_secured_operation
    def test_every_token_that_is_not_accepted_has_its_code(self, name):
        tokens = {"token-invalid", "token-expired", "token-revoked", "account-disabled"}
        assert codes(name, "401") == {*tokens, "token-missing"}

    @pytest.mark.parametrize("name", [name for name, who in WHO.items() if who == "administrator"])
    def test_others_are_refused_where_administrators_are_let_in(self, name):
        hidden = OPERATIONS[name]["path"].startswith("/api/users/{id}")
        # Who was one when the request came, but not when it was done, is told so.
        writes = OPERATIONS[name]["method"] != "get"
        assert ("not-found" in codes(name, "404")) or not hidden
        assert ("forbidden" in codes(name, "403")) is (writes or not hidden)

    def test_only_administrators_are_told_that_they_are_none(self):
        told = {name for name in OPERATIONS if "forbidden" in codes(name, "403")}
        # Metrics know no persons: it is the address that may not ask.
        assert {WHO[name] for name in told - {"getMetrics"}} == {"administrator"}


class TestBodies:
    @pytest.mark.parametrize("name", TOKENS)
    def test_those_of_tokens_are_json_and_forms(self, name):
        assert set(body(name)["content"]) == FORMS

    @pytest.mark.parametrize("name", sorted({*WRITING} - {*TOKENS}))
    def test_the_others_are_json_without_unknown_fields(self, name):
        assert set(body(name)["content"]) == {"application/json"}
        assert COMPONENTS["schemas"][shape(name)]["additionalProperties"] is False

    @pytest.mark.parametrize("name", WRITING)
    def test_each_can_be_refused(self, name):
        assert {"400", "413", "415"} <= set(OPERATIONS[name]["responses"])
        assert {"malformed-json", "invalid-request"} == codes(name, "400")

    @every_operation
    def test_a_new_password_can_be_too_weak(self, name):
        schema = COMPONENTS["schemas"][shape(name)] if name in WRITING else {}
        new = {"$ref": "#/components/schemas/NewPassword"} in schema.get("properties", {}).values()
        assert ("weak-password" in codes(name, "422")) == new

    def test_answers_are_open(self):
        schemas = COMPONENTS["schemas"].items()
        closed = {name for name, schema in schemas if schema.get("additionalProperties") is False}
        assert closed == {shape(name) for name in {*WRITING} - {*TOKENS}}


class TestVersions:
    @every_operation
    def test_what_takes_if_match_can_be_outdated(self, name):
        assert ("If-Match" in parameters(name)) == ("precondition-failed" in codes(name, "412"))

    @pytest.mark.parametrize(
        "name", [name for name in OPERATIONS if "If-Match" in parameters(name)]
    )
    def test_what_takes_if_match_can_be_read_with_an_etag(self, name):
        same = (each for each in OPERATIONS.values() if each["path"] == OPERATIONS[name]["path"])
        read = next(each for each in same if each["method"] == "get")
        assert "ETag" in resolved(read["responses"]["200"])["headers"]


class TestLinks:
    @pytest.mark.parametrize(("name", "link", "target"), list(links()))
    def test_each_leads_to_an_operation_with_these_parameters(self, name, link, target):
        assert set(target.get("parameters", {})) <= set(parameters(target["operationId"])), link
        assert link == target["operationId"]

    @pytest.mark.parametrize(("name", "link", "target"), list(links()))
    def test_each_takes_its_values_from_what_is_there(self, name, link, target):
        values = [*target.get("parameters", {}).values(), *target.get("requestBody", {}).values()]
        found = [EXPRESSION.fullmatch(value) for value in values]
        assert all(found), link
        assert {match["path"] for match in found} - {None} <= set(parameters(name))

    def test_everything_that_is_made_can_be_followed(self):
        made = [n for n, o in OPERATIONS.items() if {"201", "202"} & set(o["responses"])]
        assert {name for name, _, _ in links()} >= set(made)


class TestProblems:
    def test_every_one_is_shown_with_its_status(self):
        shown = {(v["status"], v["code"]) for name, v in media(OPENAPI) if name == "Problem"}
        assert shown == {(p["status"], p["code"]) for p in PROBLEMS.values()}

    def test_every_one_can_come(self):
        answers = ((name, status) for name, o in OPERATIONS.items() for status in o["responses"])
        assert {code for each in answers for code in codes(*each)} == set(PROBLEMS)

    def test_examples_point_into_the_registry(self):
        values = [value for name, value in media(OPENAPI) if name == "Problem"]
        assert [v for v in values if v["type"] != CODE + v["code"]] == []

    @every_operation
    def test_who_has_to_wait_is_told_how_long(self, name):
        waits = [s for s in ("429", "503") if s in OPERATIONS[name]["responses"]]
        answers = [resolved(OPERATIONS[name]["responses"][status]) for status in waits]
        assert [each for each in answers if "Retry-After" not in each["headers"]] == []
