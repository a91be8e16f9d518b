"""What people are told about a skill, whatever the skill says."""

from __future__ import annotations

import json
from pathlib import Path

import http_contract
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytlas.handling.skill import Meta, Setting

from pytlas_wamp.transport.api.skill_documents import (
    MAX_ITEMS,
    MAX_LINE_CHARACTERS,
    MAX_TEXT_CHARACTERS,
    skill_document,
)

SCHEMA = http_contract.validator({"$ref": "#/components/schemas/Skill"})
TEXTS = ("name", "description", "version", "author", "homepage")


class FakeSkill:
    """A skill with the metadata it is given."""

    name = "o__weather"
    bundled = False

    def __init__(self, meta=None, *, intents=(), languages=(), problems=(), loaded=True):
        self.loaded = loaded
        self._meta = meta
        self.intents = intents
        self.languages = languages
        self.problems = problems

    def meta(self, language):
        return self._meta(language) if callable(self._meta) else self._meta


class Hostile:
    """Raises whatever is asked of it."""

    def __init__(self, error):
        self._error = error

    def __getattr__(self, name):
        """Fail."""
        raise self._error

    def __str__(self):
        """Fail."""
        raise self._error


def told(skill, trained=(), **options):
    document = skill_document(skill, "en", trained, **options)
    SCHEMA.validate(json.loads(json.dumps(document)))
    return document


def told_of(**attributes):
    return told(FakeSkill(Meta(**attributes)))


class TestSkills:
    def test_are_told_as_they_describe_themselves(self):
        meta = Meta(
            name="weather",
            description="Gives you *weather* forecasts",
            version="1.0.0",
            author="Julien Leicher",
            homepage="https://weather.example/x?y#z",
            settings=[Setting("weather", "api_key", description="Your key")],
        )
        skill = FakeSkill(
            meta, intents=["get_forecast"], languages=["en", "fr"], problems=("it is slow",)
        )
        assert told(skill, trained=["en"]) == {
            "name": "o__weather",
            "title": "weather",
            "description": "Gives you weather forecasts",
            "version": "1.0.0",
            "author": "Julien Leicher",
            "homepage": "https://weather.example/x?y#z",
            "bundled": False,
            "intents": ["get_forecast"],
            "languages": ["en", "fr"],
            "trained": ["en"],
            "loaded": True,
            "problems": ["it is slow"],
            "settings": [
                {
                    "key": "WEATHER_API_KEY",
                    "section": "weather",
                    "name": "api_key",
                    "type": "string",
                    "description": "Your key",
                    "secret": True,
                }
            ],
        }

    def test_do_not_tell_the_passwords_that_their_errors_have(self):
        skill = FakeSkill(problems=("OSError: https://me:hush@example.org/ with token=hush",))
        assert told(skill)["problems"] == ["OSError: https://***@example.org/ with token=***"]

    @pytest.mark.parametrize(
        ("loaded", "problems", "shown"),
        [
            (True, (), []),
            (True, ("x", "y"), ["Something is wrong with it; administrators see what."]),
            (False, ("x", "y"), ["It cannot be loaded; administrators see why."]),
            (False, (), ["It cannot be loaded; administrators see why."]),
        ],
    )
    def test_may_be_told_without_the_reasons_of_their_problems(self, loaded, problems, shown):
        skill = FakeSkill(problems=problems, loaded=loaded)
        assert told(skill, with_reasons=False)["problems"] == shown
        assert told(skill)["problems"] == list(problems)

    def test_are_asked_in_the_language_of_the_person(self):
        assert told(FakeSkill(lambda language: Meta(name=language)))["title"] == "en"

    def test_have_no_version_when_they_say_none(self):
        assert told_of(name="x")["version"] == ""

    def test_may_describe_themselves_in_several_lines(self):
        document = told_of(description="# Weather\n\nFor **you**,\x1b[31m now\n")
        assert document["description"] == "Weather\nFor you, now"

    @pytest.mark.parametrize(
        "homepage",
        [
            "javascript:alert(1)",
            "ftp://example.org/",
            "//example.org/",
            "example.org",
            "https:///path",
            "https://[broken",
            "http://exa mple.org/",
            "",
        ],
    )
    def test_have_no_homepage_that_is_no_web_page(self, homepage):
        assert told_of(homepage=homepage)["homepage"] == ""

    @pytest.mark.parametrize("homepage", ["http://example.org", "HTTPS://example.org:8080/a%20b"])
    def test_have_a_homepage_that_is_one(self, homepage):
        assert told_of(homepage=homepage)["homepage"] == homepage


class TestUntrustedMetadata:
    @pytest.mark.parametrize("value", [None, 7, ["a"], Path("/x"), b"x", "\ud800"])
    @pytest.mark.parametrize("name", TEXTS)
    def test_may_be_of_any_type(self, name, value):
        meta = Meta()
        setattr(meta, name, value)
        told(FakeSkill(meta))

    @pytest.mark.parametrize("name", TEXTS)
    def test_may_be_no_text_at_all(self, name):
        meta = Meta(name="w", description="w", version="w", author="w", homepage="http://w")
        setattr(meta, name, Hostile(ValueError()))
        assert told(FakeSkill(meta))["title" if name == "name" else name] == ""

    def test_that_is_not_there_is_empty(self):
        document = told_of(name=None, author=None)
        assert (document["title"], document["author"]) == ("", "")

    @pytest.mark.parametrize("error", [ValueError("x"), SystemExit(3), RecursionError()])
    def test_may_raise(self, error):
        document = told(FakeSkill(Hostile(error)))
        assert [document[name] for name in ("title", "description", "homepage")] == [""] * 3
        assert document["settings"] == []

    def test_may_not_be_there_at_all(self):
        def fail(_):
            raise KeyError("meta")

        assert told(FakeSkill(fail))["title"] == ""
        assert told(FakeSkill(None))["title"] == ""

    def test_is_bounded(self):
        document = told_of(
            name="n" * 10_000,
            description="d\n" * 10_000,
            version="v" * 10_000,
            author="a" * 10_000,
            homepage="https://example.org/" + "h" * 10_000,
        )
        assert len(document["description"]) <= MAX_TEXT_CHARACTERS
        assert [len(document[name]) for name in ("title", "version", "author")] == [
            MAX_LINE_CHARACTERS
        ] * 3
        assert len(document["homepage"]) <= MAX_TEXT_CHARACTERS

    def test_may_name_anything_as_intents(self):
        skill = FakeSkill(Meta(), intents=[7, "a\nb", "x" * 999, *map(str, range(MAX_ITEMS))])
        intents = told(skill)["intents"]
        assert intents[:2] == ["7", "a b"]
        assert (len(intents), len(intents[2])) == (MAX_ITEMS, MAX_LINE_CHARACTERS)

    def test_may_have_no_list_of_languages(self):
        assert told(FakeSkill(Meta(), languages=None))["languages"] == []

    def test_may_have_settings_that_nobody_could_set(self):
        names = ["x" * 200, "good", *(f"s{number}" for number in range(MAX_ITEMS))]
        document = told_of(settings=[Setting("weather", name) for name in names])
        assert document["settings"][0]["key"] == "WEATHER_GOOD"
        assert len(document["settings"]) == MAX_ITEMS

    def test_may_have_settings_with_texts_of_any_length(self):
        setting = Setting("weather", "x", description="d" * 10_000)
        (document,) = told_of(settings=[setting])["settings"]
        assert len(document["description"]) == MAX_TEXT_CHARACTERS

    @given(
        st.dictionaries(
            st.sampled_from([*TEXTS, "settings"]),
            st.none() | st.integers() | st.text() | st.lists(st.text()) | st.floats(),
        )
    )
    def test_is_never_a_fault_of_ours(self, attributes):
        meta = Meta()
        for name, value in attributes.items():
            setattr(meta, name, value)
        told(FakeSkill(meta))
