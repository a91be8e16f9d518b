"""The page on which administrators see how the server is."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from web_people import card, enter, say


@pytest.fixture(scope="module")
def house(own_house):
    """One that counts what these tests do, and no more."""
    return own_house


def tile(page, name):
    return page.locator(".tile").filter(has_text=name).locator(".tile-value")


def look_again(page):
    """Have it refreshed at once, as when somebody comes back to the tab."""
    page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")


class TestStatus:
    def test_who_talks_right_now_is_counted(self, welcome, people):
        page = enter(welcome(), people.alice, "/manage#/status")
        expect(tile(page, "Connections")).to_have_text(re.compile(r"^\d+$"))
        before = int(tile(page, "Connections").inner_text())
        chat = enter(welcome(), people.add(), "/")
        say(chat, "where am I", "You are in")
        look_again(page)
        expect(tile(page, "Connections")).to_have_text(str(before + 1))
        expect(tile(page, "Conversations")).not_to_have_text("0")
        expect(tile(page, "Running for")).to_have_text(re.compile(r"\d+(s|m)"))

    def test_each_language_that_is_understood_is_named(self, welcome, people):
        chat = enter(welcome(), people.add(), "/")
        say(chat, "where am I", "You are in")
        page = enter(welcome(), people.alice, "/manage#/status")
        expect(card(page, "Understanding")).to_contain_text("Interpreter: patterns")
        english = page.get_by_role("list", name="Understanding").get_by_role("listitem")
        expect(english.filter(has_text="English")).to_contain_text("Ready")
        expect(english.filter(has_text="English")).to_contain_text(re.compile(r"[1-9]\d* intents"))

    def test_what_went_wrong_of_late_is_told(self, welcome, people):
        page = enter(welcome(), people.alice, "/manage#/status")
        expect(card(page, "Recent errors")).not_to_contain_text("skill stage failed")
        chat = enter(welcome(), people.add(), "/")
        say(chat, "fail now", "Something went wrong in the skill that handles this.")
        look_again(page)
        newest = page.get_by_role("list", name="Recent errors").get_by_role("listitem").first
        expect(newest).to_contain_text("skill stage failed (RuntimeError)")

    def test_a_skill_that_is_switched_off_is_named(self, welcome, people):
        chat = enter(welcome(), people.add(), "/")
        for _ in range(6):
            say(chat, "fail now", "Something went wrong")
            expect(chat.get_by_label("Message")).to_be_editable()
        expect(chat.get_by_role("log")).to_contain_text("switched off for a moment")
        page = enter(welcome(), people.alice, "/manage#/status")
        off = page.get_by_role("list", name="Skills that are switched off")
        expect(off).to_contain_text("stage")
        expect(off).to_contain_text("failed 5 times in a row")

    def test_the_versions_are_told(self, visitor, people):
        told = people.house.ask("GET", "/api/status", token=people.alice.access)
        page = enter(visitor, people.alice, "/manage#/status")
        for name in ("pytlas", "python", "twisted", "autobahn", "protocol", "database"):
            expect(card(page, "Versions")).to_contain_text(told[name])

    def test_what_was_seen_last_stays_while_the_server_is_away(self, visitor, people):
        page = enter(visitor, people.alice, "/manage#/status")
        expect(card(page, "Versions")).to_contain_text("sqlite")
        visitor.context.set_offline(True)
        look_again(page)
        expect(page.get_by_role("alert")).to_contain_text("Not refreshed")
        expect(card(page, "Versions")).to_contain_text("sqlite")
        visitor.context.set_offline(False)
        look_again(page)
        expect(page.get_by_role("alert")).to_have_count(0)
