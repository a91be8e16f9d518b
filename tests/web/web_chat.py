"""Who talks on the chat page: people with logins, and what they do and see there."""

from __future__ import annotations

import json
import time
from typing import Any

import jwt
from attrs import define, evolve, field
from playwright.sync_api import Locator, Page, expect
from web_house import House
from web_people import PASSWORD, Person, enter
from web_visitor import Visitor

HOUR = 3_600
# A server comes back, and a page finds it after having waited for a while.
LONG = 45_000


def expired(person: Person, house: House) -> Person:
    """The same person an hour later: the access token is over, and the server says so."""
    claims = jwt.decode(person.access, options={"verify_signature": False})
    secret = (house.folder / "secret").read_text(encoding="utf-8").strip()
    over = jwt.encode({**claims, "exp": int(time.time()) - HOUR}, secret, algorithm="HS256")
    return evolve(person, tokens={**person.tokens, "access": over})


def said_by(person: Person, house: House) -> list[str]:
    """Each sentence of somebody that the server has taken, in order."""
    frames = _frames_of(person, house)
    return [frame["message"] for frame in frames if frame["type"] == "said"]


def wait_until_kept(person: Person, house: House, kind: str) -> None:
    """Wait until the last frame is in the log: it gets there a moment after it was sent."""
    late = time.monotonic() + LONG / 1_000
    while [frame["type"] for frame in _frames_of(person, house)][-1:] != [kind]:
        assert time.monotonic() < late, f"no {kind} is kept"


def _frames_of(person: Person, house: House) -> list[dict[str, Any]]:
    page = house.ask("GET", "/api/me/history?limit=200", token=person.access)
    return [entry["frame"] for entry in page["frames"]]


@define(eq=False)
class Chat:
    """The chat page, as whoever looks at it."""

    visitor: Visitor
    page: Page = field()

    @page.default
    def _first_tab(self) -> Page:
        return self.visitor.page

    def enter(self, person: Person) -> None:
        """Open the page as somebody whom this browser knows, and wait until it is ready."""
        enter(self.visitor, person, "/")
        self.settled()

    def remember(self, person: Person) -> None:
        """Keep a login in this browser, as the page does."""
        self.page.evaluate(
            "login => localStorage.setItem('pytlas-login', login)", json.dumps(person.tokens)
        )

    def url(self, path: str) -> str:
        """An address of the server."""
        return self.visitor.url + path

    def settled(self) -> None:
        """Wait until what was said before is there."""
        expect(self.log).to_have_attribute("aria-busy", "false")

    def say(self, sentence: str) -> None:
        """Type a sentence and send it."""
        self.input.fill(sentence)
        self.input.press("Enter")

    @property
    def input(self) -> Locator:
        return self.page.locator("footer textarea")

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log")

    @property
    def mine(self) -> Locator:
        return self.page.get_by_test_id("mine")

    @property
    def answers(self) -> Locator:
        return self.page.get_by_test_id("answer")

    @property
    def question(self) -> Locator:
        return self.page.locator("[data-testid=question][data-open=true]")

    @property
    def choices(self) -> Locator:
        return self.page.get_by_test_id("choice")

    @property
    def context(self) -> Locator:
        return self.page.get_by_test_id("context")

    @property
    def thinking(self) -> Locator:
        return self.page.get_by_test_id("thinking")

    @property
    def banner(self) -> Locator:
        return self.page.get_by_test_id("banner")

    @property
    def sign_in_button(self) -> Locator:
        return self.page.locator("form button[type=submit]", has_text="Sign in")

    def menu(self, line: str, role: str = "menuitem") -> None:
        """Open the menu and choose one of its lines."""
        self.page.get_by_role("button", name="Menu").click()
        self.page.get_by_role(role, name=line, exact=True).click()

    def sign_in(self, name: str, password: str = PASSWORD) -> None:
        """Fill in the form and send it."""
        self.page.get_by_label("Name").fill(name)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.sign_in_button.click()

    def proves_usable(self) -> None:
        """Have something answered: whatever was shown before, the page still works."""
        before = self.answers.count()
        self.say("where am I")
        expect(self.answers).to_have_count(before + 1)
        expect(self.answers.last).to_contain_text("You are in")

    def was_hurt(self) -> Any:
        """What hostile content would set when it ran."""
        return self.page.evaluate("() => window.wasHurt ?? null")

    def stored(self) -> Any:
        """The login that this browser has kept."""
        found = self.page.evaluate("() => localStorage.getItem('pytlas-login')")
        return found and json.loads(found)
