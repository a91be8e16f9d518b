"""The pages on which administrators look after those who have accounts."""

from __future__ import annotations

from urllib.error import HTTPError

import pytest
from playwright.sync_api import expect
from web_people import PASSWORD, card, enter, error_of


@pytest.fixture(scope="module")
def house(own_house):
    """One on which nobody else becomes an administrator."""
    return own_house


def begin_adding(page, name, password=PASSWORD):
    page.get_by_role("button", name="Add a person").click()
    form = page.get_by_role("form", name="Add a person")
    form.get_by_label("Name", exact=True).fill(name)
    form.get_by_label("Password", exact=True).fill(password)
    return form


def row(page, name):
    return page.get_by_role("list", name="People").get_by_role("listitem").filter(has_text=name)


def at_the_page_of(visitor, people, person):
    page = enter(visitor, people.alice, f"/manage#/people/{person.id}")
    expect(page.get_by_role("heading", level=1)).to_have_text(person.name)
    return page


class TestAddingSomebody:
    def test_they_can_sign_in(self, welcome, people):
        page = enter(welcome(), people.alice, "/manage#/people")
        form = begin_adding(page, "Zoé")
        form.get_by_label("Display name").fill("Zoé Martin")
        form.get_by_label("Language").select_option("fr-FR")
        form.get_by_role("button", name="Add a person").click()
        expect(page.get_by_text("Zoé is added.")).to_be_visible()
        expect(row(page, "Zoé Martin")).to_contain_text("French (France)")
        theirs = welcome().open("/manage")
        theirs.get_by_label("Name").fill("Zoé")
        theirs.get_by_label("Password", exact=True).fill(PASSWORD)
        theirs.get_by_role("button", name="Sign in").click()
        expect(theirs.get_by_role("heading", level=1)).to_have_text("Profil")
        expect(theirs.get_by_label("Nom affiché")).to_have_value("Zoé Martin")

    def test_a_name_that_is_taken_is_said_at_its_field(self, visitor, people):
        people.add("yvonne")
        page = enter(visitor, people.alice, "/manage#/people")
        form = begin_adding(page, "YVONNE")
        form.get_by_role("button", name="Add a person").click()
        expect(error_of(form.get_by_label("Name", exact=True))).to_contain_text("has this name")
        expect(row(page, "yvonne")).to_have_count(1)

    def test_a_weak_password_is_said_at_its_field(self, visitor, people):
        page = enter(visitor, people.alice, "/manage#/people")
        form = begin_adding(page, "xavier", "xavier")
        form.get_by_role("button", name="Add a person").click()
        expect(error_of(form.get_by_label("Password", exact=True))).not_to_be_empty()
        users = people.house.ask("GET", "/api/users", token=people.alice.access)["users"]
        assert "xavier" not in [user["name"] for user in users]


class TestAPerson:
    def test_they_are_signed_out_when_they_are_disabled(self, welcome, people):
        person = people.add()
        chat = enter(welcome(), person, "/")
        page = at_the_page_of(welcome(), people, person)
        page.get_by_role("button", name="Disable").click()
        page.get_by_role("dialog").get_by_role("button", name="Disable").click()
        expect(card(page, "Account")).to_contain_text("Disabled")
        expect(chat.get_by_role("heading", name="Sign in")).to_be_visible()
        with pytest.raises(HTTPError, match="401"):
            people.login(person.name, "again")
        page.get_by_role("button", name="Enable").click()
        expect(page.get_by_role("button", name="Disable")).to_be_visible()
        assert people.login(person.name, "again")["access"]

    def test_they_can_be_made_an_administrator(self, visitor, people):
        person = people.add()
        page = at_the_page_of(visitor, people, person)
        form = page.get_by_role("form", name="Account")
        form.get_by_role("switch", name="Administrator").check()
        form.get_by_role("button", name="Save").click()
        expect(form.get_by_role("status")).to_have_text("Saved.")
        assert people.house.ask("GET", "/api/me", token=person.access)["admin"] is True
        form.get_by_role("switch", name="Administrator").uncheck()
        form.get_by_role("button", name="Save").click()
        expect(card(page, "Account").get_by_text("Administrator")).to_have_count(1)
        assert people.house.ask("GET", "/api/me", token=person.access)["admin"] is False

    def test_they_can_be_given_a_password(self, visitor, people):
        person = people.add()
        page = at_the_page_of(visitor, people, person)
        form = page.get_by_role("form", name="Password")
        form.get_by_label("New password").fill("seven quiet mountains")
        form.get_by_role("button", name="Set the password").click()
        expect(form.get_by_role("status")).to_contain_text("The password is set.")
        assert people.login(person.name, "again", "seven quiet mountains")["access"]
        with pytest.raises(HTTPError, match="401"):
            people.house.ask("GET", "/api/me", token=person.access)

    def test_their_settings_can_be_changed(self, visitor, people):
        person = people.add()
        page = at_the_page_of(visitor, people, person)
        page.get_by_role("button", name="Show the settings").click()
        page.get_by_label("Town", exact=True).fill("Lyon")
        page.get_by_role("button", name="Save Stage").click()
        expect(page.get_by_text("s own value")).to_be_visible()
        found = people.house.ask("GET", "/api/me/settings", token=person.access)["settings"]
        assert [one["value"] for one in found if one["key"] == "STAGE_TOWN"] == ["Lyon"]

    def test_they_are_deleted_by_typing_their_name(self, visitor, people):
        person = people.add()
        page = at_the_page_of(visitor, people, person)
        page.get_by_role("button", name="Delete this person").click()
        dialog = page.get_by_role("dialog")
        field = dialog.get_by_label("Type the name")
        expect(field).to_be_focused()
        field.fill("somebody")
        dialog.get_by_role("button", name="Delete").click()
        expect(error_of(field)).to_have_text("This is not the name.")
        assert people.house.ask("GET", "/api/me", token=person.access)["id"] == person.id
        field.fill(person.name)
        dialog.get_by_role("button", name="Delete").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("People")
        expect(row(page, "alice")).to_have_count(1)
        expect(row(page, person.name)).to_have_count(0)
        with pytest.raises(HTTPError, match="401"):
            people.login(person.name, "again")

    def test_one_who_is_not_there_is_said_to_be_gone(self, visitor, people):
        page = enter(visitor, people.alice, "/manage#/people/4711")
        expect(page.get_by_text("There is no such person.")).to_be_visible()
        page.get_by_role("link", name="All people").click()
        expect(row(page, "alice")).to_have_count(1)


class TestTheLastAdministrator:
    REASON = "This is the last administrator."

    def test_goes_on_being_one(self, visitor, people):
        page = at_the_page_of(visitor, people, people.alice)
        form = page.get_by_role("form", name="Account")
        form.get_by_role("switch", name="Administrator").uncheck()
        form.get_by_role("button", name="Save").click()
        expect(form).to_contain_text(self.REASON)
        assert people.house.ask("GET", "/api/me", token=people.alice.access)["admin"] is True

    def test_is_neither_disabled_nor_deleted(self, visitor, people):
        page = at_the_page_of(visitor, people, people.alice)
        page.get_by_role("button", name="Disable").click()
        page.get_by_role("dialog").get_by_role("button", name="Disable").click()
        expect(card(page, "Access").get_by_role("alert")).to_contain_text(self.REASON)
        page.get_by_role("button", name="Delete this person").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Type the name").fill("alice")
        dialog.get_by_role("button", name="Delete").click()
        expect(dialog.get_by_role("alert")).to_contain_text(self.REASON)
        assert people.house.ask("GET", "/api/me", token=people.alice.access)["admin"] is True
