"""What a person enters is what the skill reads."""

from __future__ import annotations

import json
import math
from configparser import ConfigParser
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pytlas.handling import Meta, Setting
from pytlas.settings import SettingsStore, to_env_key

from pytlas_wamp.assistant.settings_form import (
    SettingField,
    fields,
    free_field,
    parse_text,
    server_value,
    setting_document,
    to_json,
    to_text,
)


class FakeSkill:
    """A skill that declares settings."""

    def __init__(self, name, *settings):
        self.name = name
        self.settings = settings

    def meta(self, language):
        return Meta(self.name, settings=list(self.settings))


def only(*settings, name="weather"):
    (field,) = fields([FakeSkill(name, *settings)], "en")
    return field


def of(kind):
    return SettingField(key="A_B", section="a", name="b", type=kind)


class TestFields:
    def test_a_setting_becomes_a_field(self):
        assert only(Setting("weather", "api_key", str, "From the site")) == SettingField(
            key="WEATHER_API_KEY",
            section="weather",
            name="api_key",
            type="string",
            description="From the site",
            secret=True,
            skills=("weather",),
        )

    def test_a_setting_given_as_text_will_do(self):
        field = only("pytlas.weather.unit")
        assert (field.key, field.section, field.type) == (
            "PYTLAS_WEATHER_UNIT",
            "pytlas.weather",
            "string",
        )

    @pytest.mark.parametrize(
        ("declared", "kind"),
        [
            (str, "string"),
            (int, "integer"),
            (float, "number"),
            (bool, "boolean"),
            (list, "list"),
            (list[str], "list"),
            (Path, "path"),
            (dict, "string"),
            (datetime, "string"),
            (None, "string"),
            ("int", "string"),
            ([], "string"),
            (len, "string"),
            (3, "string"),
        ],
        ids=repr,
    )
    def test_a_type_nobody_knows_is_a_string(self, declared, kind):
        assert only(Setting("a", "b", declared)).type == kind

    def test_the_order_is_that_of_the_skills(self):
        skills = [FakeSkill("x", "b.two", "b.one"), FakeSkill("y", "a.three")]
        assert [field.key for field in fields(skills, "en")] == ["B_TWO", "B_ONE", "A_THREE"]

    def test_what_two_skills_declare_is_one_field(self):
        skills = [
            FakeSkill("x", Setting("home", "city", str, "First")),
            FakeSkill("y", Setting("home", "city", str, "Second")),
        ]
        (field,) = fields(skills, "en")
        assert (field.skills, field.description, field.type) == (("x", "y"), "First", "string")

    def test_the_same_type_twice_stays(self):
        setting = Setting("home", "floor", int)
        assert only(setting, setting) == only(setting)

    def test_two_types_are_a_string(self):
        field = only(Setting("home", "floor", int), Setting("home", "floor", bool))
        assert field.type == "string"

    def test_keys_that_pytlas_cannot_tell_apart_are_one_field(self):
        field = only(Setting("home", "app token", str), Setting("home app", "token", str))
        assert (field.key, field.section, field.secret) == ("HOME_APP_TOKEN", "home", True)

    def test_a_secret_of_one_is_a_secret_of_all(self):
        (field,) = fields([FakeSkill("x", "a.b.c"), FakeSkill("y", "a.b.c")], "en")
        assert not field.secret
        skills = [
            FakeSkill("x", Setting("home token", "one")),
            FakeSkill("y", Setting("home", "token one")),
        ]
        assert [each.secret for each in fields(skills, "en")] == [True]

    @given(st.text(), st.text(min_size=1))
    def test_the_key_is_that_of_pytlas(self, section, name):
        assert only(Setting(section, name)).key == to_env_key(section, name)

    def test_half_characters_do_not_reach_json(self):
        field = only(Setting("a\ud800", "b\udfff", str, "c\ud83d"))
        assert (field.section, field.name, field.description) == ("a?", "b?", "c?")

    @pytest.mark.parametrize("description", [None, 5, ""])
    def test_a_description_is_text(self, description):
        assert only(Setting("a", "b", int, description)).description == str(description or "")

    def test_metadata_in_a_language(self):
        class Translated(FakeSkill):
            def meta(self, language):
                return Meta("x", settings=[Setting("a", "b", str, language)])

        assert [field.description for field in fields([Translated("x")], "fr")] == ["fr"]

    def test_metadata_that_is_none_at_all_declares_nothing(self):
        class Odd(FakeSkill):
            def meta(self, language):
                return None

        assert fields([Odd("x"), FakeSkill("y", "a.b")], "en") == fields(
            [FakeSkill("y", "a.b")], "en"
        )

    def test_a_setting_that_is_none_is_left_out(self):
        class Odd(FakeSkill):
            def meta(self, language):
                meta = Meta("x", settings=["a.b"])
                meta.settings.insert(0, object())
                return meta

        assert [field.key for field in fields([Odd("x")], "en")] == ["A_B"]


class TestSecrets:
    def test_a_password_in_an_address_is_told_to_nobody(self):
        field, text = free_field("FEED"), "https://user:pass@example.org"
        document = setting_document(field, text)
        assert (document["secret"], document["set"], "value" in document) == (True, True, False)
        assert setting_document(field, text, reveal=True)["value"] == text
        assert setting_document(field, "x")["value"] == "x"
        assert setting_document(field, None)["value"] is None

    def test_the_section_does_not_count(self):
        assert not only(Setting("tokens", "limit", int)).secret

    def test_of_a_free_setting_all_counts(self):
        assert free_field("WEATHER_TOKEN") == SettingField(key="WEATHER_TOKEN", secret=True)
        assert not free_field("WEATHER_CITY").secret


ITEMS = st.text(st.characters(exclude_characters=","), min_size=1)
VALUES = {
    "string": st.text(),
    "path": st.text(),
    "integer": st.integers(-(2**63) + 1, 2**63 - 1),
    "number": st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(2**53), 2**53).filter(lambda number: number == float(number)),
    "boolean": st.booleans(),
    "list": st.lists(ITEMS),
}
GETTERS = {
    "string": lambda store: store.get("b", section="a"),
    "path": lambda store: store.get("b", section="a"),
    "integer": lambda store: store.getint("b", section="a"),
    "number": lambda store: store.getfloat("b", section="a"),
    "boolean": lambda store: store.getbool("b", section="a"),
    "list": lambda store: store.getlist("b", section="a"),
}
VALUED = st.sampled_from(sorted(VALUES)).flatmap(
    lambda kind: st.tuples(st.just(kind), VALUES[kind])
)


def getter(kind, text):
    store = SettingsStore()
    # As an agent does it.
    store._data = {"A_B": text}
    return GETTERS[kind](store)


class TestValues:
    @given(VALUED)
    @example(("number", -0.0))
    @example(("boolean", False))
    @example(("list", []))
    def test_what_is_kept_stands_for_the_value(self, valued):
        kind, value = valued
        assert to_json(of(kind), to_text(of(kind), value)) == value

    @given(VALUED)
    def test_the_skill_reads_the_value(self, valued):
        kind, value = valued
        assert getter(kind, to_text(of(kind), value)) == value

    @given(VALUED)
    def test_a_value_keeps_its_type(self, valued):
        kind, value = valued
        read = to_json(of(kind), to_text(of(kind), value))
        assert type(read) is (float if kind == "number" else type(value))

    @given(st.sampled_from(["integer", "number", "boolean", "list"]), st.text())
    @example("boolean", "YES")
    @example("boolean", " yes")
    @example("integer", " 1_000 ")
    @example("number", "1e3")
    def test_whatever_is_kept_is_shown_as_the_skill_reads_it(self, kind, text):
        assume(text)
        try:
            expected = getter(kind, text)
        except ValueError:
            expected = text
        if isinstance(expected, float) and not math.isfinite(expected):
            expected = text
        assert to_json(of(kind), text) == expected

    @given(st.sampled_from(sorted(VALUES)), st.text())
    @example("number", "nan")
    @example("number", "1e999")
    @example("integer", "9" * 5000)
    def test_json_can_hold_it(self, kind, text):
        json.dumps(to_json(of(kind), text), allow_nan=False)

    def test_a_whole_number_may_have_a_point(self):
        assert to_text(of("integer"), 5.0) == "5"

    @pytest.mark.parametrize(("value", "text"), [(True, "True"), (False, "False")])
    def test_booleans_are_kept_as_pytlas_writes_them(self, value, text):
        assert to_text(of("boolean"), value) == text

    def test_a_free_setting_is_text(self):
        assert to_text(None, "1") == "1"
        assert to_json(None, "1") == "1"

    @pytest.mark.parametrize(
        ("kind", "value", "fault"),
        [
            ("string", 5, "must be a string, not a number"),
            ("string", None, "must be a string, not null"),
            ("string", True, "must be a string, not a boolean"),
            ("path", [], "must be a string, not a list"),
            ("integer", "5", "must be a whole number, not a string"),
            ("integer", 5.5, "must be a whole number, not a number"),
            ("integer", True, "must be a whole number, not a boolean"),
            ("integer", 2**63, f"must be between -{2**63 - 1} and {2**63 - 1}"),
            ("integer", -1e300, f"must be between -{2**63 - 1} and {2**63 - 1}"),
            ("integer", math.inf, "must be a whole number, not a number"),
            ("number", "5", "must be a number, not a string"),
            ("number", False, "must be a number, not a boolean"),
            ("number", math.nan, "must be a finite number"),
            ("number", math.inf, "must be a finite number"),
            ("number", 10**400, "must be a finite number"),
            ("boolean", 1, "must be true or false, not a number"),
            ("boolean", "yes", "must be true or false, not a string"),
            ("list", "a", "must be a list of strings, not a string"),
            ("list", {}, "must be a list of strings, not an object"),
            ("list", ["a", 5], "must be a list of strings; item 2 is a number"),
            ("list", ["a", ""], "must be a list without empty strings; item 2 is one"),
            ("list", ["a,b"], "must be a list of strings without commas; item 1 has one"),
        ],
    )
    def test_a_wrong_one_is_refused(self, kind, value, fault):
        with pytest.raises(ValueError) as caught:  # noqa: PT011 - the text is looked at
            to_text(of(kind), value)
        assert str(caught.value) == fault


class TestTypedText:
    @pytest.mark.parametrize(
        ("kind", "typed", "text"),
        [
            ("string", " as it is ", " as it is "),
            ("path", "songs ", "songs "),
            ("integer", " 5 ", "5"),
            ("integer", "-1_000", "-1000"),
            ("number", "5", "5.0"),
            ("number", " 1e3", "1000.0"),
            ("boolean", "Yes ", "True"),
            ("boolean", "off", "False"),
            ("boolean", "1", "True"),
            ("list", "one, two,three ", "one,two,three"),
            ("list", "  ", ""),
        ],
    )
    def test_is_kept_as_pytlas_writes_it(self, kind, typed, text):
        assert parse_text(of(kind), typed) == text

    def test_of_a_free_setting_is_kept_as_it_is(self):
        assert parse_text(None, "1, 2") == "1, 2"

    @pytest.mark.parametrize(
        ("kind", "typed", "fault"),
        [
            ("integer", "5.5", "must be a whole number"),
            ("integer", str(2**63), f"must be between -{2**63 - 1} and {2**63 - 1}"),
            ("number", "five", "must be a number"),
            ("number", "nan", "must be a number"),
            ("boolean", "perhaps", "must be true or false"),
            ("list", "a,,b", "must be a list without empty strings; item 2 is one"),
        ],
    )
    def test_that_is_wrong_is_refused(self, kind, typed, fault):
        with pytest.raises(ValueError) as caught:  # noqa: PT011 - the text is looked at
            parse_text(of(kind), typed)
        assert str(caught.value) == fault


class TestTheServersValue:
    @pytest.fixture
    def store(self):
        config = ConfigParser(interpolation=None)
        config.read_dict({"weather": {"city": "Paris"}})
        return SettingsStore(config=config)

    @pytest.fixture
    def city(self):
        return only(Setting("weather", "city"))

    def test_comes_from_the_environment_first(self, store, city):
        environ = {"WEATHER_CITY": "Rouen"}
        assert server_value(city, environ=environ, store=store) == ("environment", "Rouen")

    def test_comes_from_the_file_then(self, store, city):
        assert server_value(city, environ={}, store=store) == ("file", "Paris")

    @pytest.mark.parametrize("setting", ["weather.unit", "traffic.city"])
    def test_may_be_nowhere(self, store, setting):
        assert server_value(only(setting), environ={}, store=store) == ("default", None)

    def test_is_what_a_skill_finds(self, store, city, monkeypatch):
        for environ in ({}, {"WEATHER_CITY": ""}, {"WEATHER_CITY": "Rouen"}):
            for key, value in environ.items():
                monkeypatch.setenv(key, value)
            found = store.get("city", section="weather")
            assert server_value(city, environ=environ, store=store)[1] == found

    def test_of_a_free_setting_is_never_told(self, store):
        field = free_field("WEB_SECRET")
        environ = {"WEB_SECRET": "s"}
        assert server_value(field, environ=environ, store=store) == ("default", None)


class TestDocuments:
    FIELD = SettingField(
        key="WEATHER_DAYS", section="weather", name="days", type="integer", skills=("weather",)
    )
    SECRET = SettingField(key="WEATHER_API_KEY", secret=True)

    def test_tell_all_about_a_setting(self):
        assert setting_document(self.FIELD, "7") == {
            "key": "WEATHER_DAYS",
            "section": "weather",
            "name": "days",
            "type": "integer",
            "description": "",
            "secret": False,
            "skills": ["weather"],
            "set": True,
            "value": 7,
        }

    def test_have_no_value_where_nothing_is_set(self):
        document = setting_document(self.FIELD, None)
        assert (document["set"], document["value"]) == (False, None)

    @pytest.mark.parametrize("text", [None, "hush"])
    def test_leave_secrets_out(self, text):
        document = setting_document(self.SECRET, text)
        assert "value" not in document
        assert document["set"] is (text is not None)

    def test_tell_secrets_to_who_may_have_them(self):
        assert setting_document(self.SECRET, "hush", reveal=True)["value"] == "hush"
