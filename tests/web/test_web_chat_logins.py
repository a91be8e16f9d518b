"""The chat page when the login that it uses grows old, or ends."""

from __future__ import annotations

import time

import pytest
from attrs import evolve
from playwright.sync_api import expect
from web_chat import Chat, expired


@pytest.fixture
def untouched(visitor) -> Chat:
    """A page that nobody is signed in on yet."""
    return Chat(visitor)


class TestTokensThatExpire:
    def test_one_that_is_over_is_changed_without_a_word(self, untouched, person, house):
        old = expired(person, house)
        untouched.enter(old)
        untouched.proves_usable()
        expect(untouched.sign_in_button).to_have_count(0)
        assert untouched.stored()["access"] not in {old.access, person.access}
        untouched.page.reload()
        untouched.settled()
        expect(untouched.answers).to_have_count(1)

    def test_one_that_is_about_to_be_over_is_changed_while_one_talks(self, untouched, person):
        sockets = []
        untouched.page.on("websocket", lambda socket: sockets.append(socket))  # noqa: PLW0108 - Playwright marks methods
        soon = (time.time() + 2) * 1_000
        known = {**person.tokens, "expiresAt": soon + 60_000, "renewAt": soon}
        with untouched.page.expect_response("**/api/token/refresh") as changed:
            untouched.enter(evolve(person, tokens=known))
            untouched.say("choose a color")
            expect(untouched.choices).to_have_count(3)
        assert changed.value.ok
        untouched.choices.first.click()
        expect(untouched.answers).to_contain_text("You chose Red.")
        assert untouched.stored()["access"] != person.access
        assert len(sockets) == 1

    def test_one_that_cannot_be_changed_asks_to_sign_in(self, untouched, person, house):
        old = expired(person, house)
        hopeless = evolve(old, tokens={"access": old.access, "refresh": "nonsense"})
        untouched.visitor.open("/healthz")
        untouched.remember(hopeless)
        untouched.visitor.open()
        expect(untouched.sign_in_button).to_be_visible()
        expect(untouched.page.get_by_role("status")).to_contain_text("Please sign in again.")
        assert untouched.stored() is None
        untouched.sign_in(person.name)
        untouched.proves_usable()

    def test_two_tabs_change_one_only_once(self, untouched, person, house):
        asked = []
        untouched.visitor.context.on("request", lambda request: asked.append(request.url))
        other = Chat(untouched.visitor, untouched.visitor.tab())
        other.page.goto(untouched.url("/healthz"))
        untouched.visitor.open("/healthz")
        untouched.remember(expired(person, house))
        for tab in (untouched, other):
            tab.page.evaluate("() => setTimeout(() => location.assign('/'))")
        for tab in (untouched, other):
            tab.settled()
        untouched.proves_usable()
        expect(other.answers).to_have_count(1)
        assert len([url for url in asked if url.endswith("/api/token/refresh")]) == 1


class TestLoginsThatEnd:
    def test_one_that_is_revoked_elsewhere_asks_to_sign_in_and_says_why(
        self, chat, people, person, house
    ):
        other = people.added_login(person, "a phone")
        logins = house.ask("GET", "/api/me/logins", token=other.access)["logins"]
        mine = next(login["id"] for login in logins if not login["current"])
        house.ask("DELETE", f"/api/me/logins/{mine}", token=other.access)
        expect(chat.sign_in_button).to_be_visible()
        expect(chat.page.get_by_role("status")).to_have_text(
            "This login was ended. Please sign in again."
        )
        assert chat.stored() is None
        chat.sign_in(person.name)
        chat.proves_usable()

    def test_a_disabled_account_is_told(self, chat, people, person, house):
        body = {"active": False}
        house.ask("PATCH", f"/api/users/{person.id}", body, people.alice.access)
        expect(chat.sign_in_button).to_be_visible()
        expect(chat.page.get_by_role("status")).to_contain_text("Your account is disabled.")

    def test_one_that_ends_while_the_page_is_closed_is_told_at_the_door(self, chat, person, house):
        chat.page.goto(chat.url("/healthz"))
        house.ask("DELETE", "/api/me/logins", token=person.access)
        chat.visitor.open()
        expect(chat.sign_in_button).to_be_visible()
        expect(chat.page.get_by_role("status")).to_contain_text("Please sign in again.")
