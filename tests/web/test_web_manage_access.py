"""Who can use the management pages, and by what means."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from web_people import card, enter, say, wider_than_the_screen


@pytest.fixture(scope="module")
def house(own_house):
    """One on which nobody is but those of these tests: all are on the page of people."""
    return own_house


OWN = {"profile": "Profile", "logins": "Logins", "settings": "Settings", "history": "History"}
ADMIN = {"people": "People", "skills": "Skills", "status": "Status", "try": "Try out"}
FRENCH = {
    "profile": "Profil",
    "logins": "Sessions",
    "settings": "Réglages",
    "history": "Historique",
    "people": "Personnes",
    "skills": "Compétences",
    "status": "État",
    "try": "Essayer",
}


def go(page, name):
    """Go to a page as its link does, and wait until it has read what it shows."""
    page.evaluate("name => location.hash = `#/${name}`", name)
    expect(page.locator("nav [aria-current=page]")).to_have_attribute("href", f"#/{name}")
    expect(page.locator("main .spinner")).to_have_count(0)
    expect(page.locator("main .card, main .rows").first).to_be_visible()


class TestSomebodyWhoIsNoAdministrator:
    def test_sees_only_their_own_part(self, visitor, people):
        page = enter(visitor, people.add())
        links = page.get_by_role("navigation").get_by_role("link")
        expect(links).to_have_text(list(OWN.values()))

    @pytest.mark.parametrize("name", [*ADMIN, "people/1"])
    def test_gets_nothing_by_the_address(self, visitor, people, name):
        visitor.page.on("response", lambda answer: answers.append((answer.status, answer.url)))
        answers = []
        page = enter(visitor, people.add(), f"/manage#/{name}")
        expect(page.get_by_role("heading", level=1)).to_have_text("Profile")
        expect(page.get_by_label("Display name")).to_be_visible()
        asked = [url for _, url in answers if re.search(r"/api/(users|status|jobs)", url)]
        assert asked == []
        assert [url for status, url in answers if status == 403] == []

    def test_loses_the_part_when_they_are_no_administrator_any_more(self, visitor, people):
        person = people.add(admin=True)
        page = enter(visitor, person)
        links = page.get_by_role("navigation").get_by_role("link")
        expect(links).to_have_text([*OWN.values(), *ADMIN.values()])
        people.house.ask("PATCH", f"/api/users/{person.id}", {"admin": False}, people.alice.access)
        page.reload()
        expect(links).to_have_text(list(OWN.values()))


class TestAStranger:
    def test_signs_in_first_and_is_then_where_they_wanted_to_be(self, visitor, people):
        person = people.add()
        page = visitor.open("/manage#/logins")
        expect(page.get_by_text("Sign in to manage your assistant.")).to_be_visible()
        visitor.sees_well()
        page.get_by_label("Name").fill(person.name)
        page.get_by_label("Password", exact=True).fill("correct horse battery")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Logins")

    def test_is_told_when_the_password_is_wrong(self, visitor, people):
        person = people.add()
        page = visitor.open("/manage")
        page.get_by_label("Name").fill(person.name)
        page.get_by_label("Password", exact=True).fill("not this one at all")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_have_text("The name or the password is not right.")


class TestTheMenu:
    def test_signs_out(self, visitor, people):
        page = enter(visitor, people.add())
        page.get_by_role("button", name="Menu").click()
        page.get_by_role("menuitem", name="Sign out", exact=True).click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        page.reload()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()

    def test_a_theme_that_is_chosen_stays(self, visitor, people):
        page = enter(visitor, people.add())
        page.get_by_role("button", name="Menu").click()
        page.get_by_role("menuitemradio", name="Dark").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        page.reload()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    def test_leads_to_the_chat(self, visitor, people):
        page = enter(visitor, people.add())
        page.get_by_role("button", name="Menu").click()
        page.get_by_role("menuitem", name="Chat").click()
        expect(page.get_by_label("Message")).to_be_editable()


class TestHistory:
    def test_what_was_said_is_shown_until_it_is_deleted(self, visitor, people):
        person = people.add()
        chat = enter(visitor, person, "/")
        say(chat, "where am I", "You are in a place that I do not know.")
        page = visitor.open("/manage#/history")
        expect(page.locator("main")).to_contain_text("where am I")
        expect(page.locator("main")).to_contain_text("You are in a place that I do not know.")
        page.get_by_role("button", name="Delete my history").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("button", name="Delete my history").click()
        expect(page.locator("main")).to_contain_text("Nothing is kept.")
        expect(page.locator("main")).not_to_contain_text("where am I")
        history = people.house.ask("GET", "/api/me/history", token=person.access)
        assert history["frames"] == []


class TestTheKeyboard:
    def tab_to(self, page, locator, key="Tab"):
        """Press a key until something has the focus, as somebody without a mouse would."""
        for _ in range(60):
            if locator.evaluate("one => one === document.activeElement"):
                return
            page.keyboard.press(key)
        raise AssertionError("it cannot be reached")

    def test_everything_is_reached_and_done_with_it(self, visitor, people):
        person = people.add()
        page = enter(visitor, person)
        expect(page.get_by_label("Display name")).to_be_visible()
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_be_focused()
        self.tab_to(page, page.get_by_label("Display name"))
        page.keyboard.type("Zoé")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Saved.")).to_be_visible()
        self.tab_to(page, page.get_by_role("link", name="Settings"), "Shift+Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_be_focused()
        expect(page.get_by_role("heading", level=1)).to_have_text("Settings")
        expect(page.get_by_label("Town")).to_be_visible()
        self.tab_to(page, page.get_by_label("Town"))
        page.keyboard.type("Lyon")
        page.keyboard.press("Enter")
        expect(page.get_by_role("form", name="Stage").get_by_role("status")).to_have_text("Saved.")

    def test_the_menu_opens_moves_and_closes_with_it(self, visitor, people):
        page = enter(visitor, people.add())
        button = page.get_by_role("button", name="Menu")
        self.tab_to(page, button)
        page.keyboard.press("Enter")
        expect(page.get_by_role("menuitem", name="Chat")).to_be_focused()
        page.keyboard.press("ArrowDown")
        expect(page.get_by_role("menuitemradio", name="Like the system")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.get_by_role("menu")).to_have_count(0)
        expect(button).to_be_focused()

    def test_a_dialog_keeps_the_focus_and_gives_it_back(self, visitor, people):
        person = people.add()
        people.login(person.name, "the kitchen tablet")
        page = enter(visitor, person, "/manage#/logins")
        button = page.get_by_role("button", name="End all others")
        self.tab_to(page, button)
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        # Past the last one the focus is with the browser itself, and then comes back.
        inside = "one => [one, document.body].some((at) => at.contains(document.activeElement))"
        for _ in range(6):
            page.keyboard.press("Tab")
            assert dialog.evaluate(inside)
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        expect(button).to_be_focused()


class TestEveryPage:
    @pytest.mark.parametrize("theme", ["light", "dark"])
    def test_can_be_used_by_everybody(self, welcome, people, theme):
        visitor = welcome(color_scheme=theme)
        person = people.add(admin=True)
        people.login(person.name, "the kitchen tablet")
        people.set(person, "stage.town", "Lyon")
        page = enter(visitor, person)
        for name in (*OWN, *ADMIN, f"people/{people.alice.id}"):
            if "/" in name:
                page.evaluate("name => location.hash = `#/${name}`", name)
                expect(
                    card(page, "Where you are signed in").or_(card(page, "Logins"))
                ).to_be_visible()
                expect(page.locator("main .spinner")).to_have_count(0)
            else:
                go(page, name)
            visitor.sees_well()

    @pytest.mark.parametrize("theme", ["light", "dark"])
    def test_can_be_used_by_everybody_when_something_is_open(self, welcome, people, theme):
        visitor = welcome(color_scheme=theme)
        person = people.add(admin=True)
        people.login(person.name, "the kitchen tablet")
        page = enter(visitor, person)
        page.get_by_role("button", name="Menu").click()
        expect(page.get_by_role("menu")).to_be_visible()
        visitor.sees_well()
        page.keyboard.press("Escape")
        card(page, "Password").get_by_role("button", name="Change the password").click()
        expect(page.get_by_text("Please fill this in.").first).to_be_visible()
        visitor.sees_well()
        go(page, "logins")
        page.get_by_role("button", name="End all others").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        visitor.sees_well()
        page.keyboard.press("Escape")
        go(page, "people")
        page.get_by_role("button", name="Add a person").click()
        expect(page.get_by_role("form", name="Add a person")).to_be_visible()
        visitor.sees_well()
        go(page, "try")
        page.get_by_label("Sentence").fill("switch on the light in the kitchen")
        page.get_by_role("button", name="Try", exact=True).click()
        expect(page.locator(".intent-name").first).to_be_visible()
        visitor.sees_well()

    @pytest.mark.parametrize("width", [390, 320])
    def test_fits_a_phone(self, welcome, people, width):
        visitor = welcome(viewport={"width": width, "height": 844}, has_touch=True, is_mobile=True)
        person = people.add(admin=True)
        page = enter(visitor, person)
        menu = page.get_by_role("navigation").get_by_role("button")
        for name, title in (OWN | ADMIN).items():
            menu.tap()
            page.get_by_role("navigation").get_by_role("link", name=title, exact=True).tap()
            expect(page.get_by_role("heading", level=1)).to_have_text(title)
            go(page, name)
            assert wider_than_the_screen(page) == []
            expect(menu).to_have_attribute("aria-expanded", "false")

    def test_speaks_french(self, welcome, people):
        visitor = welcome(locale="en-US")
        page = enter(visitor, people.add(admin=True, language="fr-FR"))
        expect(page.locator("html")).to_have_attribute("lang", "fr")
        for name, title in FRENCH.items():
            go(page, name)
            expect(page.get_by_role("heading", level=1)).to_have_text(title)
            shown = page.locator("body").inner_text()
            assert re.findall(r"\b(?:Save|Delete|Password|Language|Your|Not set)\b", shown) == []
