"""The page on which people see where they are signed in, and end it."""

from __future__ import annotations

from urllib.error import HTTPError

import pytest
from playwright.sync_api import expect
from web_people import card, enter, error_of


def logins(page):
    return page.get_by_role("list", name="Logins").get_by_role("listitem")


class TestLogins:
    def test_all_are_listed_and_the_one_in_use_is_marked(self, visitor, people):
        person = people.add()
        people.login(person.name, "the kitchen tablet")
        page = enter(visitor, person, "/manage#/logins")
        expect(logins(page)).to_have_count(2)
        expect(logins(page).first).to_contain_text("This browser")
        expect(logins(page).last).to_contain_text("the kitchen tablet")
        expect(logins(page).last).not_to_contain_text("This browser")

    def test_one_that_is_ended_signs_its_chat_out(self, welcome, people):
        person = people.add()
        other = people.added_login(person, "the kitchen tablet")
        chat = enter(welcome(), other, "/")
        page = enter(welcome(), person, "/manage#/logins")
        page.get_by_role("button", name="End the login the kitchen tablet").click()
        expect(page.get_by_text("The login has ended.")).to_be_visible()
        expect(chat.get_by_role("heading", name="Sign in")).to_be_visible()
        expect(chat.get_by_text("This login was ended.")).to_be_visible()
        expect(logins(page)).to_have_count(1)
        expect(logins(page)).to_contain_text("This browser")

    def test_all_others_end_at_once_when_that_is_confirmed(self, visitor, people):
        person = people.add()
        others = [people.login(person.name, name) for name in ("one", "two")]
        page = enter(visitor, person, "/manage#/logins")
        expect(logins(page)).to_have_count(3)
        page.get_by_role("button", name="End all others").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("button", name="Cancel").click()
        expect(dialog).to_be_hidden()
        assert people.house.ask("GET", "/api/me", token=others[0]["access"])["id"] == person.id
        page.get_by_role("button", name="End all others").click()
        dialog.get_by_role("button", name="End all others").click()
        expect(logins(page)).to_have_count(1)
        expect(page.get_by_role("button", name="End all others")).to_be_disabled()
        for other in others:
            with pytest.raises(HTTPError, match="401"):
                people.house.ask("GET", "/api/me", token=other["access"])
        assert people.house.ask("GET", "/api/me", token=person.access)["id"] == person.id

    def test_the_one_in_use_ends_after_a_question(self, visitor, people):
        person = people.add()
        page = enter(visitor, person, "/manage#/logins")
        page.get_by_role("button", name="End the login a test").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("This is the browser you are using.")
        dialog.get_by_role("button", name="End", exact=True).click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        with pytest.raises(HTTPError, match="401"):
            people.house.ask("GET", "/api/me", token=person.access)


class TestDevices:
    def test_a_token_is_shown_once_and_works_until_it_is_ended(self, visitor, people):
        person = people.add()
        page = enter(visitor, person, "/manage#/logins")
        page.get_by_label("Name of the device").fill("kitchen speaker")
        page.get_by_role("button", name="Make a token").click()
        field = page.get_by_label("Token of kitchen speaker")
        expect(field).to_be_focused()
        expect(field).not_to_have_value("")
        token = field.input_value()
        assert people.house.ask("GET", "/api/me", token=token)["id"] == person.id
        page.get_by_role("button", name="I have copied it").click()
        expect(field).to_have_count(0)
        page.reload()
        device = logins(page).filter(has_text="kitchen speaker")
        expect(device).to_contain_text("Device")
        assert token not in page.content()
        device.get_by_role("button", name="End the login kitchen speaker").click()
        page.get_by_role("dialog").get_by_role("button", name="End", exact=True).click()
        expect(device).to_have_count(0)
        with pytest.raises(HTTPError, match="401"):
            people.house.ask("GET", "/api/me", token=token)

    def test_one_needs_a_name(self, visitor, people):
        page = enter(visitor, people.add(), "/manage#/logins")
        part = card(page, "Add a device")
        part.get_by_role("button", name="Make a token").click()
        expect(error_of(part.get_by_label("Name of the device"))).to_have_text(
            "Please fill this in."
        )
        expect(logins(page)).to_have_count(1)
