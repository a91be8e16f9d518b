"""Signing in to the chat, and out again."""

from __future__ import annotations

import re
from urllib.error import HTTPError

import pytest
from playwright.sync_api import expect
from web_chat import Chat


@pytest.fixture
def door(visitor) -> Chat:
    """The page as somebody sees it who is not signed in."""
    visitor.open()
    return Chat(visitor)


class TestSigningIn:
    def test_the_name_and_the_password_open_the_chat(self, door, person):
        expect(door.page.get_by_label("Name")).to_be_focused()
        door.sign_in(person.name)
        expect(door.input).to_be_focused()
        door.proves_usable()

    def test_a_wrong_password_is_told_and_the_name_stays(self, door, person):
        door.sign_in(person.name, "not this one")
        expect(door.page.get_by_role("alert")).to_have_text(
            "The name or the password is not right."
        )
        expect(door.page.get_by_label("Name")).to_have_value(person.name)
        assert door.stored() is None
        door.sign_in(person.name)
        expect(door.input).to_be_visible()

    def test_an_unknown_name_is_told_in_the_same_words(self, door):
        door.sign_in("nobody")
        expect(door.page.get_by_role("alert")).to_have_text(
            "The name or the password is not right."
        )

    def test_what_is_missing_is_told_at_the_field(self, door):
        door.page.get_by_label("Name").fill("alice")
        door.sign_in_button.click()
        field = door.page.get_by_label("Password", exact=True)
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_accessible_description("Please fill this in.")
        expect(field).to_be_focused()

    def test_the_password_is_shown_when_one_wants_to_see_it(self, door):
        field = door.page.get_by_label("Password", exact=True)
        field.fill("my secret")
        expect(field).to_have_attribute("type", "password")
        door.page.get_by_role("button", name="Show the password").click()
        expect(field).to_have_attribute("type", "text")
        expect(field).to_have_value("my secret")
        door.page.get_by_role("button", name="Hide the password").click()
        expect(field).to_have_attribute("type", "password")

    def test_a_reload_needs_no_password(self, door, person):
        door.sign_in(person.name)
        expect(door.input).to_be_visible()
        door.page.reload()
        expect(door.input).to_be_visible()
        expect(door.sign_in_button).to_have_count(0)

    def test_an_unreachable_server_is_told_and_asked_again(self, visitor, person):
        visitor.context.route("**/api/setup", lambda route: route.abort())
        visitor.open()
        door = Chat(visitor)
        expect(door.page.get_by_role("alert")).to_contain_text("The server cannot be reached.")
        visitor.context.unroute("**/api/setup")
        door.page.get_by_role("button", name="Try again").click()
        door.sign_in(person.name)
        expect(door.input).to_be_visible()


class TestSigningOut:
    def test_it_ends_this_login_and_forgets_it(self, chat, person, house):
        with chat.page.expect_response("**/api/token/revoke"):
            chat.menu("Sign out")
        expect(chat.sign_in_button).to_be_visible()
        assert chat.stored() is None
        with pytest.raises(HTTPError, match="401"):
            house.ask("GET", "/api/me", token=person.access)

    def test_it_shows_nothing_of_the_conversation_any_more(self, chat):
        chat.proves_usable()
        chat.menu("Sign out")
        expect(chat.sign_in_button).to_be_visible()
        expect(chat.page.locator("body")).not_to_contain_text("where am I")
        chat.page.reload()
        expect(chat.sign_in_button).to_be_visible()

    def test_it_leaves_other_devices_alone(self, chat, people, person, welcome):
        phone = Chat(welcome())
        phone.enter(people.added_login(person, "a phone"))
        chat.menu("Sign out")
        expect(chat.sign_in_button).to_be_visible()
        phone.proves_usable()

    def test_it_signs_out_every_tab_of_the_browser(self, chat):
        other = Chat(chat.visitor, chat.visitor.tab())
        other.page.goto(chat.visitor.url)
        other.settled()
        chat.menu("Sign out")
        expect(other.sign_in_button).to_be_visible()

    def test_who_signs_in_next_sees_nothing_of_who_was_there(self, chat, people):
        chat.proves_usable()
        other = people.add(display_name="Somebody Else")
        chat.menu("Sign out")
        chat.sign_in(other.name)
        expect(chat.page.get_by_role("heading", name="Hello Somebody Else")).to_be_visible()
        expect(chat.mine).to_have_count(0)
        chat.proves_usable()

    def test_everywhere_is_asked_first_and_ends_the_other_devices(
        self, chat, people, person, welcome
    ):
        phone = Chat(welcome())
        phone.enter(people.added_login(person, "a phone"))
        chat.menu("Sign out everywhere")
        dialog = chat.page.get_by_role("dialog", name="Sign out everywhere")
        expect(dialog).to_contain_text("All your logins end")
        dialog.get_by_role("button", name="Sign out everywhere").click()
        expect(chat.sign_in_button).to_be_visible()
        expect(phone.sign_in_button).to_be_visible()
        expect(phone.page.get_by_role("status")).to_contain_text(re.compile("login was ended"))
        assert phone.stored() is None

    def test_everywhere_can_be_thought_over(self, chat):
        chat.menu("Sign out everywhere")
        dialog = chat.page.get_by_role("dialog", name="Sign out everywhere")
        dialog.get_by_role("button", name="Cancel").click()
        expect(dialog).to_be_hidden()
        # It has its name until it lets go of the page.
        assert chat.page.locator("dialog[open]").count() == 0
        chat.proves_usable()
