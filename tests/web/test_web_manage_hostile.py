"""Names and texts of others on the management pages, which may be written to do harm."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from web_people import card, enter, say, wider_than_the_screen
from web_skills import put, take_up

SCRIPT = "<script>window.wasHurt=1</script>"
IMAGE = "<img src=x onerror=window.wasHurt=1>"
RIGHT_TO_LEFT = "\u05e9\u05dc\u05d5\u05dd"
OVERRIDE = "\u202eevil\u202c"
LONG = "w" * 150
NAMES = {
    "script": f"<b>{SCRIPT}</b>",
    "image": f"{IMAGE}",
    "quotes": "'\"><svg/onload=window.wasHurt=1>",
    "backwards": RIGHT_TO_LEFT,
    "long": LONG,
    "template": "{name} ${window.wasHurt=1} {{7*7}}",
}

HOSTILE_SKILL = f'''
from pytlas import intent, meta, training
from pytlas.handling import Meta, Setting

@meta()
def about(_):
    return Meta(
        name="{OVERRIDE} " + "{IMAGE}" + "n" * 3000,
        description="{SCRIPT}" + "d" * 20000,
        version="{IMAGE}" * 20,
        author="{SCRIPT}" * 50,
        homepage="javascript:window.wasHurt=1",
        settings=[Setting("hostile", "colour", str, "{IMAGE}" + "s" * 5000)],
    )

@intent("do_harm")
def do_harm(req):
    raise RuntimeError("{SCRIPT}" + "e" * 5000)

@training("en")
def english():
    return """
%[do_harm]
  do harm
"""
'''


@pytest.fixture(scope="module")
def house(own_house):
    """One that gets a skill which nobody else should have to see."""
    return own_house


@pytest.fixture(scope="module")
def hostile(people):
    """The server with a skill that was written by somebody who wishes it ill."""
    put(people.house, "hostile", HOSTILE_SKILL)
    take_up(people, "hostile", "do harm")
    return people


def is_unhurt(page):
    """What was shown was shown only, and the page is laid out as ever."""
    assert page.evaluate("() => window.wasHurt ?? null") is None
    assert page.locator("main :is(script, img, iframe, svg[onload], [onerror])").count() == 0
    assert page.locator("main a[href^='javascript']").count() == 0
    assert wider_than_the_screen(page) == []


class TestHostileNames:
    @pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
    def test_of_people_are_only_shown(self, visitor, people, name):
        person = people.add(name, display_name=name)
        page = enter(visitor, people.alice, "/manage#/people")
        row = page.locator("li").filter(has=page.locator(f"a[href='#/people/{person.id}']"))
        expect(row.locator(".name").first).to_have_text(person.name)
        is_unhurt(page)
        row.get_by_role("link").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(person.name)
        expect(page.get_by_label("Display name")).to_have_value(name)
        is_unhurt(page)
        page.set_viewport_size({"width": 390, "height": 844})
        is_unhurt(page)
        page.get_by_role("button", name="Delete this person").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text(person.name)
        is_unhurt(page)
        dialog.get_by_label("Type the name").fill(person.name)
        dialog.get_by_role("button", name="Delete").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("People")
        expect(row).to_have_count(0)
        is_unhurt(page)

    @pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
    def test_of_oneself_are_only_shown(self, visitor, people, name):
        page = enter(visitor, people.add(display_name=name))
        expect(page.get_by_label("Display name")).to_have_value(name)
        page.get_by_role("button", name="Menu").click()
        expect(page.locator(".menu-who")).to_have_text(name)
        is_unhurt(page)

    def test_of_logins_are_only_shown(self, visitor, people):
        person = people.add()
        for name in NAMES.values():
            people.login(person.name, name)
        page = enter(visitor, person, "/manage#/logins")
        rows = page.get_by_role("list", name="Logins").get_by_role("listitem")
        expect(rows).to_have_count(1 + len(NAMES))
        for name in NAMES.values():
            expect(rows.filter(has_text=name)).to_have_count(1)
        is_unhurt(page)
        page.set_viewport_size({"width": 390, "height": 844})
        is_unhurt(page)


class TestAHostileSkill:
    @pytest.mark.parametrize("width", [1280, 390])
    def test_is_only_listed(self, welcome, hostile, width):
        page = enter(
            welcome(viewport={"width": width, "height": 844}), hostile.alice, "/manage#/skills"
        )
        listed = page.locator(".skill").filter(
            has=page.locator(".skill-about code", has_text=re.compile("^hostile$"))
        )
        expect(listed).to_contain_text(IMAGE)
        expect(listed).to_contain_text(SCRIPT)
        expect(listed.get_by_role("link")).to_have_count(0)
        listed.get_by_text("Intents").click()
        expect(listed).to_contain_text("HOSTILE_COLOUR")
        is_unhurt(page)

    @pytest.mark.parametrize("width", [1280, 390])
    def test_has_settings_that_can_be_written(self, welcome, hostile, width):
        person = hostile.add()
        visitor = welcome(viewport={"width": width, "height": 844})
        page = enter(visitor, person, "/manage#/settings")
        field = page.locator("[name=HOSTILE_COLOUR]")
        field.fill(SCRIPT)
        field.press("Enter")
        expect(page.get_by_text("Saved.")).to_be_visible()
        page.reload()
        expect(field).to_have_value(SCRIPT)
        is_unhurt(page)

    def test_has_errors_that_are_only_shown(self, welcome, hostile):
        chat = enter(welcome(), hostile.add(), "/")
        say(chat, "do harm", "Something went wrong in the skill")
        page = enter(welcome(), hostile.alice, "/manage#/status")
        expect(card(page, "Recent errors")).to_contain_text("skill hostile failed")
        is_unhurt(page)
        page.set_viewport_size({"width": 390, "height": 844})
        is_unhurt(page)

    def test_a_hostile_sentence_is_only_shown(self, visitor, people):
        page = enter(visitor, people.alice, "/manage#/try")
        for sentence in (f"{SCRIPT} {IMAGE}", f"{OVERRIDE} {RIGHT_TO_LEFT}", "x" * 1000):
            page.get_by_label("Sentence").fill(sentence)
            page.get_by_role("button", name="Try", exact=True).click()
            expect(page.locator("main h2").last).to_contain_text(sentence[:80])
            is_unhurt(page)
