"""Settings: what skills declare, what people set, and what is never told."""

from __future__ import annotations

import json

import pytest
from api_people import DECLARED, House
from hypothesis import given
from hypothesis import strategies as st
from twisted.logger import capturedLogs

FORM = "/api/me/settings"
OTHERS = "/api/users/2/settings"


def by_key(answer):
    return {one["key"]: one for one in answer.json()["settings"]}


def sources(answer):
    """Where each value comes from, whether there is one, and which."""
    return {
        key: (one["source"], one["set"], one.get("value", "untold"))
        for key, one in by_key(answer).items()
    }


class TestForm:
    def test_has_what_skills_declare_by_key(self, still):
        answer = still.bob.get(FORM)
        assert list(by_key(answer)) == sorted(one.key for one in DECLARED)
        assert answer.header("ETag") == '"s1"'
        assert by_key(answer)["WEATHER_CITY"] == {
            "key": "WEATHER_CITY",
            "section": "weather",
            "name": "city",
            "type": "string",
            "description": "",
            "secret": False,
            "skills": ["weather", "trip"],
            "source": "default",
            "set": False,
            "value": None,
        }

    def test_says_where_a_value_comes_from(self):
        house = House(
            server_values={
                "WEATHER_CITY": ("environment", "Berlin"),
                "WEATHER_DAYS": ("file", "7"),
                "WEATHER_WIND": ("file", "strong"),
                "WEATHER_API_KEY": ("environment", "hush"),
                "NEWS_FEEDS": ("file", "a,b"),
            }
        )
        alice = house.alice
        alice.put(FORM + "/weather.city", {"value": "Rouen"})
        answer = alice.get(FORM)
        assert sources(answer) == {
            "NEWS_FEEDS": ("file", True, ["a", "b"]),
            "WEATHER_API_KEY": ("environment", True, "untold"),
            "WEATHER_CITY": ("user", True, "Rouen"),
            "WEATHER_DAYS": ("file", True, 7),
            "WEATHER_ICONS": ("default", False, None),
            "WEATHER_WIND": ("file", True, "strong"),
        }
        assert b"hush" not in answer.body
        assert sources(alice.get(OTHERS))["WEATHER_CITY"] == ("environment", True, "Berlin")

    def test_does_not_tell_people_what_is_of_the_server(self):
        house = House(
            server_values={
                "WEATHER_CITY": ("environment", "Berlin"),
                "WEATHER_DAYS": ("file", "7"),
                "NEWS_FEEDS": ("file", "a,b"),
            }
        )
        bob = house.bob
        assert sources(bob.get(FORM)) == {
            "NEWS_FEEDS": ("file", True, "untold"),
            "WEATHER_API_KEY": ("default", False, "untold"),
            "WEATHER_CITY": ("environment", True, "untold"),
            "WEATHER_DAYS": ("file", True, "untold"),
            "WEATHER_ICONS": ("default", False, None),
            "WEATHER_WIND": ("default", False, None),
        }
        one = bob.get(FORM + "/weather.city")
        assert (one.json()["source"], one.json()["set"]) == ("environment", True)
        assert b"Berlin" not in one.body
        own = bob.put(FORM + "/weather.city", {"value": "Rouen"})
        assert (own.json()["source"], own.json()["value"]) == ("user", "Rouen")
        assert b"Berlin" not in bob.patch(FORM, {"settings": {"weather.city": None}}).body

    def test_has_what_no_skill_declares(self, house):
        bob = house.bob
        bob.put(FORM + "/My.Own-thing", {"value": "x"})
        assert by_key(bob.get(FORM))["MY_OWN_THING"] == {
            "key": "MY_OWN_THING",
            "section": None,
            "name": None,
            "type": "string",
            "description": "",
            "secret": False,
            "skills": [],
            "source": "user",
            "set": True,
            "value": "x",
        }

    def test_is_in_the_language_of_who_reads_it(self):
        asked = []

        def declared(language):
            asked.append(language)
            return list(DECLARED)

        house = House(declared=declared)
        house.alice.get(OTHERS)
        house.bob.get(FORM)
        assert asked == ["en", "fr"]


class TestOne:
    def test_is_found_under_either_spelling(self, house):
        bob = house.bob
        put = bob.put(FORM + "/weather.city", {"value": "Rouen"})
        got = bob.get(FORM + "/WEATHER_CITY")
        assert got.json() == put.json() == by_key(bob.get(FORM))["WEATHER_CITY"]
        assert got.header("ETag") == put.header("ETag") == '"s2"'

    def test_that_is_declared_is_there_without_a_value(self, still):
        answer = still.bob.get(FORM + "/weather.days")
        assert (answer.json()["set"], answer.json()["value"]) == (False, None)

    def test_that_is_neither_declared_nor_set_is_not(self, still):
        assert still.bob.get(FORM + "/other").problem() == (404, "not-found")

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("weather.city", "Rouen"),
            ("weather.city", ""),
            ("weather.city", "  'quoted'; DROP TABLE settings; -- \n日本 😀 %s "),
            ("weather.city", "x" * 1_500),
            ("weather.days", -3),
            ("weather.days", 2**53),
            ("weather.icons", True),
            ("weather.icons", False),
            ("weather.wind", 0.5),
            ("news.feeds", ["https://a/b?c=d", "é"]),
            ("news.feeds", []),
            ("free", "7"),
        ],
    )
    def test_comes_back_as_it_was_set(self, house, key, value):
        bob = house.bob
        answer = bob.put(f"{FORM}/{key}", {"value": value})
        assert (answer.json()["value"], answer.json()["source"]) == (value, "user")
        assert bob.get(f"{FORM}/{key}").json() == answer.json()

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("weather.city", 7),
            ("weather.city", None),
            ("weather.city", ["x"]),
            ("weather.days", "3"),
            ("weather.days", 3.5),
            ("weather.days", True),
            ("weather.days", 10**400),
            ("weather.icons", "yes"),
            ("weather.icons", 1),
            ("weather.wind", "fast"),
            ("weather.wind", None),
            ("news.feeds", "a,b"),
            ("news.feeds", [1]),
            ("news.feeds", ["a,b"]),
            ("news.feeds", [["a"]]),
            ("free", 7),
            ("free", {"a": 1}),
            ("free", True),
        ],
    )
    def test_of_the_wrong_type_is_refused(self, still, key, value):
        answer = still.bob.put(f"{FORM}/{key}", {"value": value})
        assert (answer.problem(), answer.field()) == ((400, "invalid-request"), "value")
        assert answer.detail().startswith('"value" must be ')

    @pytest.mark.parametrize(
        ("document", "field"),
        [
            ({}, "value"),
            ({"value": "a\0"}, "value"),
            ({"value": "\ud800"}, "value"),
            ({"value": "x", "key": "y"}, "key"),
            (b'{"value":"a","value":"b"}', "value"),
        ],
    )
    def test_is_a_value(self, still, document, field):
        answer = still.bob.put(FORM + "/weather.city", document)
        assert (answer.problem(), answer.field()) == ((400, "invalid-request"), field)

    def test_has_a_size(self):
        house = House()
        house.server.limits = type(house.server.limits)()
        house.server.__attrs_post_init__()
        bob = house.bob
        assert bob.put(FORM + "/a", {"value": "é" * 8_192}).status == 200
        answer = bob.put(FORM + "/a", {"value": "é" * 8_193})
        assert (answer.problem(), answer.field()) == ((400, "invalid-request"), "value")

    @pytest.mark.parametrize(
        "key",
        ["1a", "_", ".a", "-", "a%20b", "%00", "%E2%82%AC", "a" * 129, "UID", "uid", "a'--", "a:b"],
    )
    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
    def test_has_a_proper_key(self, still, method, key):
        answer = still.bob.ask(method, f"{FORM}/{key}", {"value": "x"})
        assert (answer.problem(), answer.field()) == ((400, "invalid-request"), "key")

    @pytest.mark.parametrize("key", ["a", "_a", "a.b-c_d", "a" * 128, "A9"])
    def test_may_have_many_keys(self, house, key):
        assert house.bob.put(f"{FORM}/{key}", {"value": "x"}).status == 200

    def test_is_taken_away(self, house):
        bob = house.bob
        bob.put(FORM + "/weather.city", {"value": "Rouen"})
        answer = bob.delete(FORM + "/WEATHER_CITY")
        assert (answer.status, answer.body) == (204, b"")
        assert by_key(bob.get(FORM))["WEATHER_CITY"]["source"] == "default"
        assert bob.delete(FORM + "/WEATHER_CITY").problem() == (404, "not-found")

    def test_that_was_not_set_cannot_be_taken_away(self, still):
        assert still.bob.delete(FORM + "/weather.city").problem() == (404, "not-found")


class TestSecrets:
    KEYS = ("weather.api_key", "mail.password", "GITHUB_TOKEN")

    def test_are_never_told(self, house):
        bob, alice = house.bob, house.alice
        with capturedLogs() as logs:
            answers = [bob.put(f"{FORM}/{key}", {"value": "hush-7"}) for key in self.KEYS]
            answers += [bob.get(f"{FORM}/{key}") for key in self.KEYS]
            answers += [bob.get(FORM), alice.get(OTHERS)]
            answers += [alice.get(f"{OTHERS}/{key}") for key in self.KEYS]
            answers += [bob.patch(FORM, {"settings": {"weather.api_key": "hush-8"}})]
            answers += [bob.put(FORM + "/weather.days", {"value": "hush-9"})]
        for answer in answers:
            assert b"hush" not in answer.body
        assert logs == []
        assert bob.get(FORM + "/weather.api_key").json()["set"] is True
        assert "value" not in bob.get(FORM + "/weather.api_key").json()
        assert house.store.settings(2)["WEATHER_API_KEY"] == "hush-8"

    def test_may_be_in_an_address_whatever_its_name(self):
        address = "https://me:hush-7@example.org/"
        house = House(server_values={"NEWS_FEEDS": ("file", f"https://a,{address}")})
        bob, alice = house.bob, house.alice
        answers = [bob.put(FORM + "/weather.city", {"value": address})]
        answers += [bob.get(FORM), alice.get(FORM), alice.get(OTHERS + "/weather.city")]
        for answer in answers:
            assert b"hush" not in answer.body
        assert [by_key(answer)["NEWS_FEEDS"]["secret"] for answer in answers[1:3]] == [True] * 2
        assert answers[0].json()["secret"] is True
        open_again = bob.put(FORM + "/weather.city", {"value": "https://example.org/"})
        assert (open_again.json()["secret"], "value" in open_again.json()) == (False, True)


class TestSeveral:
    def test_are_written_at_once(self, house):
        bob = house.bob
        bob.put(FORM + "/weather.city", {"value": "Rouen"})
        answer = bob.patch(
            FORM,
            {
                "settings": {
                    "weather.city": None,
                    "WEATHER_DAYS": 3,
                    "weather-icons": True,
                    "free": "x",
                    "never.was": None,
                }
            },
        )
        assert answer.status == 200
        assert answer.header("ETag") == '"s3"'
        assert answer.json() == bob.get(FORM).json()
        assert house.store.settings(2) == {
            "FREE": "x",
            "WEATHER_DAYS": "3",
            "WEATHER_ICONS": "True",
        }

    @pytest.mark.parametrize(
        ("settings", "field"),
        [
            ({"weather.city": "x", "weather.days": "3"}, "settings.weather.days"),
            ({"weather.city": "x", "free": 7}, "settings.free"),
            ({"weather.city": "x", "WEATHER_CITY": "y"}, "settings.WEATHER_CITY"),
            ({"weather.city": "x", "bad key": "y"}, "settings.bad key"),
            ({"weather.city": "x", "UID": "y"}, "settings.UID"),
            ({"weather.city": "x", "": "y"}, "settings."),
            ({"weather.city": "x", "a": "\0"}, "settings.a"),
            ([], "settings"),
            (None, "settings"),
        ],
    )
    def test_or_none(self, still, settings, field):
        answer = still.bob.patch(FORM, {"settings": settings})
        assert (answer.problem(), answer.field()) == ((400, "invalid-request"), field)
        assert still.store.settings(2) == {}

    @pytest.mark.parametrize("document", [{}, {"settings": {}, "more": 1}])
    def test_stand_in_one_field(self, still, document):
        assert still.bob.patch(FORM, document).problem() == (400, "invalid-request")

    def test_may_be_none(self, still):
        assert still.bob.patch(FORM, {"settings": {}}).header("ETag") == '"s1"'


class TestConcurrentWrites:
    def test_do_not_undo_each_other(self, house):
        bob, alice = house.bob, house.alice
        seen = bob.get(FORM).header("ETag")
        assert alice.put(OTHERS + "/weather.city", {"value": "Paris"}, If_Match=seen).status == 200
        for answer in (
            bob.put(FORM + "/weather.city", {"value": "Rouen"}, If_Match=seen),
            bob.patch(FORM, {"settings": {"weather.city": "Rouen"}}, If_Match=seen),
            bob.delete(FORM + "/weather.city", If_Match=seen),
            bob.put(FORM + "/weather.city", {"value": "Rouen"}, If_Match='"a1"'),
        ):
            assert answer.problem() == (412, "precondition-failed")
        assert house.store.settings(2) == {"WEATHER_CITY": "Paris"}
        now = bob.get(FORM + "/weather.city").header("ETag")
        assert bob.delete(FORM + "/weather.city", If_Match=now).status == 204

    def test_that_were_based_on_the_same_are_told_apart_by_the_store(self, house):
        bob, write = house.bob, type(house.accounts).change_settings

        def overtaken(self, user_id, values, **options):
            house.store.set_setting(user_id, "WEATHER_CITY", "Paris")
            return write(self, user_id, values, **options)

        with pytest.MonkeyPatch.context() as patching:
            patching.setattr(type(house.accounts), "change_settings", overtaken)
            answer = bob.put(FORM + "/weather.city", {"value": "Rouen"}, If_Match='"s1"')
        assert answer.problem() == (412, "precondition-failed")
        assert house.store.settings(2) == {"WEATHER_CITY": "Paris"}

    def test_of_the_account_are_another_matter(self, house):
        bob = house.bob
        seen = bob.get(FORM).header("ETag")
        bob.patch("/api/me", {"language": "en"})
        assert bob.put(FORM + "/a", {"value": "b"}, If_Match=seen).status == 200


class TestOthers:
    def test_are_managed_by_administrators(self, house):
        alice, bob = house.alice, house.bob
        assert alice.put(OTHERS + "/weather.city", {"value": "Paris"}).json()["value"] == "Paris"
        assert alice.patch(OTHERS, {"settings": {"weather.days": 3}}).status == 200
        assert alice.get(OTHERS).json() == bob.get(FORM).json()
        assert alice.delete(OTHERS + "/weather.city").status == 204
        assert house.store.settings(2) == {"WEATHER_DAYS": "3"}
        assert house.store.settings(1) == {}

    @pytest.mark.parametrize("path", ["/api/users/9/settings", "/api/users/x/settings"])
    def test_who_are_nobody_have_none(self, still, path):
        alice = still.alice
        assert alice.get(path).problem() == (404, "not-found")
        assert alice.patch(path, {"settings": {"a": "b"}}).problem() == (404, "not-found")
        for method in ("GET", "PUT", "DELETE"):
            answer = alice.ask(method, path + "/weather.city", {"value": "x"})
            assert answer.problem() == (404, "not-found")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
KEYS = st.sampled_from([one.key for one in DECLARED] + ["free", "x.password"]) | st.text()


@pytest.fixture(scope="module")
def bob():
    """Somebody whose settings nobody else looks at."""
    return House().bob


class TestHostileValues:
    @pytest.mark.untraced
    @given(st.dictionaries(KEYS, JSON, max_size=4))
    def test_are_kept_or_refused(self, bob, settings):
        body = json.dumps({"settings": settings}).encode()
        with capturedLogs() as logs:
            answer = bob.patch(FORM, body)
        assert answer.status in {200, 400, 413}
        assert logs == []


class TestBounds:
    def test_one_too_many_is_refused(self, house):
        house.store.settings_bound = 1
        bob = house.bob
        assert bob.put(FORM + "/weather.city", {"value": "Rouen"}).status == 200
        answer = bob.put(FORM + "/weather.days", {"value": 1})
        assert answer.problem() == (400, "invalid-request")
        assert "1 settings at most" in answer.json()["detail"]
        assert bob.put(FORM + "/weather.city", {"value": "Paris"}).status == 200
        assert house.store.settings(2) == {"WEATHER_CITY": "Paris"}
        assert bob.delete(FORM + "/weather.city").status == 204


class TestWhoIsDemotedMeanwhile:
    @pytest.fixture
    def alice(self, house, monkeypatch):
        alice, write = house.alice, type(house.accounts).change_settings

        def late(self, *args, **how):
            house.store.change(1, admin=False)
            return write(self, *args, **how)

        monkeypatch.setattr(type(house.accounts), "change_settings", late)
        return alice

    def test_writes_nothing_for_others(self, house, alice):
        answer = alice.put("/api/users/2/settings/weather.city", {"value": "Rouen"})
        assert answer.problem() == (403, "forbidden")
        assert house.store.settings(2) == {}

    def test_writes_their_own(self, house, alice):
        assert alice.put(FORM + "/weather.city", {"value": "Rouen"}).status == 200
        assert house.store.settings(1) == {"WEATHER_CITY": "Rouen"}
