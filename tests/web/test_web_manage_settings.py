"""The page on which people tell skills what they need to know."""

from __future__ import annotations

import json

from playwright.sync_api import expect
from web_people import enter, error_of, isolated, say


def stage(page):
    """The form of the skill that these tests have."""
    return page.get_by_role("form", name="Stage")


def save(page):
    page.get_by_role("button", name="Save Stage").click()


def is_saved(page):
    expect(stage(page).get_by_role("status")).to_have_text("Saved.")


def values(people, person):
    """What the server keeps for somebody, by key."""
    found = people.house.ask("GET", "/api/me/settings", token=person.access)
    return {one["key"]: one.get("value") for one in found["settings"] if one["set"]}


class TestSettings:
    def test_one_that_is_set_is_used_in_the_open_chat(self, visitor, people):
        person = people.add()
        page = enter(visitor, person, "/manage#/settings")
        chat = visitor.tab()
        chat.goto(visitor.url)
        say(chat, "where am I", "You are in a place that I do not know.")
        stage(page).get_by_label("Town", exact=True).fill("Lyon")
        save(page)
        is_saved(page)
        say(chat, "where am I", "You are in Lyon.")

    def test_one_that_is_taken_away_is_not_used_any_more(self, visitor, people):
        person = people.add()
        people.set(person, "stage.town", "Lyon")
        page = enter(visitor, person, "/manage#/settings")
        chat = visitor.tab()
        chat.goto(visitor.url)
        say(chat, "where am I", "You are in Lyon.")
        expect(stage(page).get_by_label("Town", exact=True)).to_have_value("Lyon")
        expect(stage(page).get_by_text("Your own value")).to_have_count(1)
        page.get_by_role("button", name="Remove the value of Town").click()
        expect(stage(page).get_by_text("Will be removed when you save.")).to_be_visible()
        save(page)
        is_saved(page)
        expect(stage(page).get_by_label("Town", exact=True)).to_have_value("")
        expect(stage(page).get_by_text("Your own value")).to_have_count(0)
        say(chat, "where am I", "You are in a place that I do not know.")

    def test_each_type_has_an_input_that_fits(self, visitor, people):
        person = people.add()
        page = enter(visitor, person, "/manage#/settings")
        stage(page).get_by_label("People").fill("4")
        loud = stage(page).get_by_role("switch", name="Loud")
        expect(loud).not_to_be_checked()
        loud.check()
        save(page)
        is_saved(page)
        expect(loud).to_be_checked()
        kept = values(people, person)
        assert (kept["STAGE_PEOPLE"], kept["STAGE_LOUD"]) == (4, True)

    def test_a_wrong_type_is_refused_at_its_field(self, visitor, people):
        person = people.add()
        page = enter(visitor, person, "/manage#/settings")
        number = stage(page).get_by_label("People")
        number.fill("a few")
        stage(page).get_by_label("Town", exact=True).fill("Lyon")
        save(page)
        expect(error_of(number)).to_have_text("This has to be a whole number, such as 3.")
        expect(number).to_be_focused()
        expect(number).to_have_value("a few")
        expect(stage(page).get_by_label("Town", exact=True)).not_to_have_attribute(
            "aria-invalid", "true"
        )
        assert values(people, person) == {}

    def test_what_only_the_server_refuses_is_said_at_its_field(self, visitor, people):
        person = people.add()
        page = enter(visitor, person, "/manage#/settings")
        # As a page would that is older than the skill.
        page.route(
            "**/api/me/settings",
            lambda route: route.continue_(
                post_data=json.dumps({"settings": {"STAGE_PEOPLE": "a few"}})
                if route.request.method == "PATCH"
                else None
            ),
        )
        number = stage(page).get_by_label("People")
        number.fill("3")
        save(page)
        expect(error_of(number)).not_to_be_empty()
        expect(number).to_be_focused()
        assert values(people, person) == {}

    def test_a_secret_is_never_shown_again(self, visitor, people):
        person = people.add()
        page = enter(visitor, person, "/manage#/settings")
        secret = stage(page).get_by_label("API key", exact=True)
        expect(secret).to_have_attribute("type", "password")
        secret.fill("hunter-two-three")
        save(page)
        is_saved(page)
        expect(secret).to_have_value("")
        page.reload()
        expect(secret).to_have_value("")
        expect(stage(page).get_by_text("Set", exact=True)).to_be_visible()
        expect(secret).to_have_attribute("placeholder", "Leave empty to keep it")
        found = people.house.ask("GET", "/api/me/settings", token=person.access)
        assert "hunter-two-three" not in json.dumps(found)
        assert "hunter-two-three" not in page.content()

    def test_saving_something_else_keeps_a_secret(self, visitor, people):
        person = people.add()
        people.set(person, "stage.api_key", "hunter-two-three")
        page = enter(visitor, person, "/manage#/settings")
        stage(page).get_by_label("Town", exact=True).fill("Lyon")
        save(page)
        is_saved(page)
        assert set(values(people, person)) == {"STAGE_API_KEY", "STAGE_TOWN"}

    def test_what_was_typed_is_kept_when_it_was_changed_meanwhile(self, visitor, people):
        person = people.add()
        page = enter(visitor, person, "/manage#/settings")
        town = stage(page).get_by_label("Town", exact=True)
        town.fill("Lyon")
        people.set(person, "stage.town", "Nice")
        save(page)
        expect(stage(page).get_by_role("alert")).to_contain_text("in the meantime")
        expect(stage(page)).to_contain_text(f"In the meantime this became: {isolated('Nice')}")
        expect(town).to_have_value("Lyon")
        assert values(people, person) == {"STAGE_TOWN": "Nice"}
        save(page)
        is_saved(page)
        assert values(people, person) == {"STAGE_TOWN": "Lyon"}

    def test_what_is_discarded_is_as_it_was(self, visitor, people):
        person = people.add()
        people.set(person, "stage.town", "Lyon")
        page = enter(visitor, person, "/manage#/settings")
        town = stage(page).get_by_label("Town", exact=True)
        town.fill("Nice")
        expect(stage(page).get_by_text("Not saved yet")).to_be_visible()
        page.get_by_role("button", name="Discard the changes of Stage").click()
        expect(town).to_have_value("Lyon")
        expect(stage(page).get_by_text("Not saved yet")).to_have_count(0)
        expect(page.get_by_role("button", name="Save Stage")).to_be_disabled()

    def test_one_that_no_skill_declares_can_be_added(self, visitor, people):
        person = people.add()
        page = enter(visitor, person, "/manage#/settings")
        page.get_by_text("Add another setting").click()
        form = page.get_by_role("form", name="Add another setting")
        form.get_by_label("Key").fill("9 lives")
        form.get_by_label("Value").fill("metric")
        form.get_by_role("button", name="Add").click()
        expect(error_of(form.get_by_label("Key"))).to_contain_text("begin with a letter")
        form.get_by_label("Key").fill("weather.units")
        form.get_by_role("button", name="Add").click()
        expect(page.get_by_label("WEATHER_UNITS", exact=True)).to_have_value("metric")
        assert values(people, person) == {"WEATHER_UNITS": "metric"}
