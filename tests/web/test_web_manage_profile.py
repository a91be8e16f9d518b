"""The page on which people change who they are and their password."""

from __future__ import annotations

import re
from urllib.error import HTTPError

import pytest
from playwright.sync_api import expect
from web_people import PASSWORD, card, enter, error_of


def about(page):
    return page.get_by_role("form", name="About you")


class TestTheProfile:
    def test_a_display_name_is_kept_and_shown_in_the_menu(self, visitor, people):
        person = people.add()
        page = enter(visitor, person)
        about(page).get_by_label("Display name").fill("Zoé Martin")
        about(page).get_by_role("button", name="Save").click()
        expect(about(page).get_by_role("status")).to_have_text("Saved.")
        page.reload()
        expect(about(page).get_by_label("Display name")).to_have_value("Zoé Martin")
        page.get_by_role("button", name="Menu").click()
        expect(page.locator(".menu-who")).to_have_text("Zoé Martin")
        me = people.house.ask("GET", "/api/me", token=person.access)
        assert me["display_name"] == "Zoé Martin"

    def test_it_speaks_the_language_that_is_chosen(self, visitor, people):
        person = people.add()
        page = enter(visitor, person)
        expect(page.locator("html")).to_have_attribute("lang", "en")
        about(page).get_by_label("Language").select_option("fr-FR")
        about(page).get_by_role("button", name="Save").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Profil")
        expect(page.locator("html")).to_have_attribute("lang", "fr")
        expect(page).to_have_title(re.compile("^Profil .* pytlas$"))
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_have_text("Profil")
        me = people.house.ask("GET", "/api/me", token=person.access)
        assert me["language"] == "fr-FR"

    def test_a_language_that_is_none_is_refused_at_its_field(self, visitor, people):
        person = people.add()
        page = enter(visitor, person)
        about(page).get_by_label("Language").select_option(label="Another one…")
        tag = page.get_by_label("Tag of the language")
        tag.fill("klingon")
        about(page).get_by_role("button", name="Save").click()
        expect(error_of(tag)).to_contain_text("Write it like fr")
        me = people.house.ask("GET", "/api/me", token=person.access)
        assert me["language"] == "en-US"

    def test_what_was_typed_is_kept_when_it_was_changed_meanwhile(self, visitor, people):
        person = people.add()
        page = enter(visitor, person)
        about(page).get_by_label("Display name").fill("Mine")
        people.house.ask("PATCH", "/api/me", {"display_name": "Theirs"}, person.access)
        about(page).get_by_role("button", name="Save").click()
        expect(about(page).get_by_role("alert")).to_contain_text("in the meantime")
        expect(about(page).get_by_label("Display name")).to_have_value("Mine")
        about(page).get_by_role("button", name="Save").click()
        expect(about(page).get_by_role("status")).to_have_text("Saved.")
        me = people.house.ask("GET", "/api/me", token=person.access)
        assert me["display_name"] == "Mine"


class TestThePassword:
    NEW = "seven quiet mountains"

    def change(self, page, old, new, again=None):
        part = card(page, "Password")
        part.get_by_label("Present password").fill(old)
        part.get_by_label("New password", exact=True).fill(new)
        part.get_by_label("New password again").fill(again or new)
        part.get_by_role("button", name="Change the password").click()
        return part

    def test_a_wrong_present_one_is_said_at_its_field(self, visitor, people):
        person = people.add()
        part = self.change(enter(visitor, person), "not mine at all", self.NEW)
        present = part.get_by_label("Present password")
        expect(error_of(present)).to_have_text("This is not your present password.")
        expect(present).to_be_focused()
        assert people.login(person.name, "still the old one")["access"]

    def test_a_weak_new_one_is_said_at_its_field(self, visitor, people):
        person = people.add()
        part = self.change(enter(visitor, person), PASSWORD, "password1")
        new = part.get_by_label("New password", exact=True)
        expect(error_of(new)).not_to_be_empty()
        expect(new).to_be_focused()
        assert people.login(person.name, "still the old one")["access"]

    def test_one_that_was_mistyped_is_noticed(self, visitor, people):
        person = people.add()
        part = self.change(enter(visitor, person), PASSWORD, self.NEW, "seven quite mountains")
        again = part.get_by_label("New password again")
        expect(error_of(again)).to_have_text("This is not the same as above.")
        assert people.login(person.name, "still the old one")["access"]

    def test_a_new_one_is_good_from_then_on(self, visitor, people):
        person = people.add()
        page = enter(visitor, person)
        part = self.change(page, PASSWORD, self.NEW)
        expect(part.get_by_role("status")).to_contain_text("The password is changed.")
        expect(part.get_by_label("Present password")).to_have_value("")
        with pytest.raises(HTTPError, match="401"):
            people.login(person.name, "with the old one")
        assert people.login(person.name, "with the new one", self.NEW)["access"]
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_have_text("Profile")
