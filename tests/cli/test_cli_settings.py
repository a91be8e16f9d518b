"""What skills read about a person, on the command line."""

from __future__ import annotations

import pytest
from outcomes import refused, said, told

TYPED = """
from pytlas import meta
from pytlas.handling.skill import Setting

@meta()
def about(_):
    return {
        'name': 'Tea',
        'settings': [
            Setting('tea', 'minutes', int, description='How long to wait'),
            Setting('tea', 'sugar', bool),
            Setting('tea', 'api_key', str),
        ],
    }
"""


@pytest.fixture(autouse=True)
def _no_bundled_skills(monkeypatch):
    """Nothing here asks them anything, and every call would load them."""
    monkeypatch.setenv("SERVER_BUNDLED_SKILLS", "none")


@pytest.fixture
def tea(tmp_path):
    """A skill with settings of several types."""
    folder = tmp_path / "data" / "skills" / "author_tea"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(TYPED)


class TestUserSetting:
    def test_is_set_and_shown(self, call, ann):
        assert said(call("user", "setting", "ann", "city", "Rouen")) == "city is set\n"

        assert said(call("user", "setting", "ann", "city")) == "Rouen\n"

    def test_all_are_listed_in_the_form_skills_read(self, call, ann):
        said(call("user", "setting", "ann", "home.street", "x = 1"))
        said(call("user", "setting", "ann", "CITY", "Rouen"))

        assert said(call("user", "setting", "ann")) == "CITY=Rouen\nHOME_STREET=x = 1\n"

    def test_is_deleted(self, call, ann):
        said(call("user", "setting", "ann", "city", "Rouen"))
        assert said(call("user", "setting", "ann", "city", "--delete")) == "city is removed\n"

        assert said(call("user", "setting", "ann")) == ""

    def test_one_that_is_not_there_is_named(self, call, ann):
        assert "weather.api_key" in refused(call("user", "setting", "ann", "weather.api_key"))

    def test_the_user_id_cannot_be_overwritten(self, call, ann):
        assert "uid" in refused(call("user", "setting", "ann", "uid", "7")).lower()

    def test_comes_from_standard_input_too(self, call, ann):
        said(call("user", "setting", "ann", "city", "--stdin", typed="Rouen\nmore\n"))

        assert said(call("user", "setting", "ann", "city")) == "Rouen\n"

    @pytest.mark.parametrize("option", ["--delete", "--stdin"])
    def test_has_to_be_named(self, call, ann, option):
        result = call("user", "setting", "ann", option)

        assert (result.exit_code, "Name the setting" in result.stderr) == (2, True)


class TestSecrets:
    @pytest.fixture(autouse=True)
    def key(self, call, ann):
        said(call("user", "setting", "ann", "weather.api_key", "k1", "--free"))

    def test_are_only_said_to_be_set(self, call):
        assert said(call("user", "setting", "ann")) == "WEATHER_API_KEY is set\n"
        assert said(call("user", "setting", "ann", "weather.api_key")) == "WEATHER_API_KEY is set\n"

    def test_are_revealed_when_that_is_asked_for(self, call):
        assert said(call("user", "setting", "ann", "--reveal")) == "WEATHER_API_KEY=k1\n"
        assert said(call("user", "setting", "ann", "weather.api_key", "--reveal")) == "k1\n"

    def test_are_left_out_of_json(self, call):
        shown = told(call("user", "setting", "ann", "weather.api_key", "--json"))

        assert (shown["secret"], shown["set"], "value" in shown) == (True, True, False)
        assert told(call("user", "setting", "ann", "--json")) == {"settings": [shown]}

    def test_are_in_json_when_that_is_asked_for(self, call):
        shown = told(call("user", "setting", "ann", "--json", "--reveal"))

        assert [one["value"] for one in shown["settings"]] == ["k1"]


class TestTypes:
    def test_a_value_of_another_type_is_refused(self, call, ann, tea):
        result = call("user", "setting", "ann", "tea.minutes", "soon")

        assert refused(result) == "pytlas-wamp: TEA_MINUTES must be a whole number\n"
        assert said(call("user", "setting", "ann")) == ""

    def test_a_value_is_kept_as_skills_read_it(self, call, ann, tea):
        said(call("user", "setting", "ann", "tea.sugar", "yes"))

        assert said(call("user", "setting", "ann", "tea.sugar")) == "True\n"

    def test_any_value_is_taken_when_that_is_asked_for(self, call, ann, tea):
        said(call("user", "setting", "ann", "tea.minutes", "soon", "--free"))

        assert said(call("user", "setting", "ann", "tea.minutes")) == "soon\n"

    def test_programs_learn_what_was_kept(self, call, ann, tea):
        shown = told(call("user", "setting", "ann", "tea.minutes", "4", "--json"))

        assert shown == {
            "key": "TEA_MINUTES",
            "section": "tea",
            "name": "minutes",
            "type": "integer",
            "description": "How long to wait",
            "secret": False,
            "skills": ["author_tea"],
            "set": True,
            "value": 4,
        }


class TestForm:
    def test_shows_what_could_be_set(self, call, ann, tea, monkeypatch):
        monkeypatch.setenv("TEA_SUGAR", "True")
        monkeypatch.setenv("TEA_API_KEY", "k")
        said(call("user", "setting", "ann", "tea.minutes", "4"))
        said(call("user", "setting", "ann", "city", "Rouen"))

        shown = told(call("user", "setting", "ann", "--all", "--json"))["settings"]

        found = {one["key"]: (one["source"], one["set"], one.get("value")) for one in shown}
        assert found["TEA_MINUTES"] == ("user", True, 4)
        assert found["CITY"] == ("user", True, "Rouen")
        assert found["TEA_SUGAR"] == ("environment", True, True)
        assert found["TEA_API_KEY"] == ("environment", True, None)

    def test_is_a_table_for_people(self, call, ann, tea):
        said(call("user", "setting", "ann", "tea.sugar", "no"))
        said(call("user", "setting", "ann", "tea.api_key", "k1"))

        shown = said(call("user", "setting", "ann", "--all"))

        for word in ("TEA_MINUTES", "integer", "user", "default", "set", "no"):
            assert word in shown
        assert "k1" not in shown
