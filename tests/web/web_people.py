"""People with accounts on the server of a test, and how they come to its pages."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

from attrs import define, evolve, field, frozen
from playwright.sync_api import Locator, Page, expect
from web_house import House
from web_visitor import Visitor

PASSWORD = "correct horse battery"
# Whatever server it is on, nobody has the name of somebody else, or the beginning of it.
_NUMBERS = itertools.count(1)

# Before anything of the page runs, and not again: what it keeps later is up to the page.
_REMEMBER = """
  if (location.protocol === "http:" && !sessionStorage.getItem(ONCE)) {
    sessionStorage.setItem(ONCE, "yes");
    localStorage.setItem("pytlas-login", LOGIN);
  }
"""


@frozen
class Person:
    """Somebody who has an account.

    Args:
      id: by which the server knows them.
      name: with which they sign in.
      tokens: of one login of theirs, as the server gave them.
    """

    id: int
    name: str
    tokens: dict[str, str]

    @property
    def access(self) -> str:
        """What a request is authorised with."""
        return self.tokens["access"]


@define(eq=False)
class People:
    """Who is on a server; alice, its administrator, is there already."""

    house: House
    alice: Person = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Sign alice in."""
        tokens = self.login("alice", "a test")
        me = self.house.ask("GET", "/api/me", token=tokens["access"])
        self.alice = Person(me["id"], "alice", tokens)

    def login(self, name: str, client: str, password: str = PASSWORD) -> dict[str, str]:
        """One more login of somebody."""
        body = {"username": name, "password": password, "client": client}
        return dict(self.house.ask("POST", "/api/token", body))

    def added_login(self, person: Person, client: str) -> Person:
        """The same person with one more login."""
        return evolve(person, tokens=self.login(person.name, client))

    def add(self, name: str = "", **more: Any) -> Person:
        """Somebody new, who is signed in; by a name of their own, if none is given."""
        name = name or f"person{next(_NUMBERS):04}"
        body = {"name": name, "password": PASSWORD, "language": "en-US", **more}
        made = self.house.ask("POST", "/api/users", body, self.alice.access)
        return Person(made["id"], made["name"], self.login(name, "a test"))

    def set(self, person: Person, key: str, value: Any) -> None:
        """Write a setting of somebody, behind the back of any page."""
        body = {"settings": {key: value}}
        self.house.ask("PATCH", "/api/me/settings", body, person.access)


def enter(visitor: Visitor, person: Person, path: str = "/manage") -> Page:
    """Open a page as somebody whom this browser knows."""
    words = {"ONCE": f"entered-{next(_NUMBERS)}", "LOGIN": json.dumps(person.tokens)}
    script = re.sub("ONCE|LOGIN", lambda word: json.dumps(words[word[0]]), _REMEMBER)
    visitor.page.add_init_script(script)
    page = visitor.open(path)
    if path.startswith("/manage"):
        expect(page.get_by_role("heading", level=1)).to_be_visible()
    else:
        expect(page.get_by_label("Message")).to_be_editable()
    return page


def say(page: Page, sentence: str, answer: str) -> None:
    """Say something in the chat, and see what it is answered with last."""
    page.get_by_label("Message").fill(sentence)
    page.get_by_label("Message").press("Enter")
    expect(page.get_by_role("log")).to_contain_text(answer)


def card(page: Page, title: str) -> Locator:
    """The part of a management page with a heading."""
    return page.locator("section.card").filter(
        has=page.get_by_role("heading", level=2, name=title, exact=True)
    )


def isolated(text: str) -> str:
    """How a text stands in a sentence whose direction it cannot turn."""
    return f"\u2068{text}\u2069"


def error_of(field: Locator) -> Locator:
    """What is said to be wrong with a field, found as a screen reader finds it."""
    expect(field).to_have_attribute("aria-invalid", "true")
    ids = (field.get_attribute("aria-describedby") or "").split()
    found = next((name for name in ids if name.endswith("-error")), None)
    assert found, "the field does not say what is wrong with it"
    return field.page.locator(f"[id='{found}']")


def wider_than_the_screen(page: Page) -> list[str]:
    """What makes one scroll to the side."""
    return page.evaluate(
        """() => {
          const room = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= room) return [];
          return [...document.body.querySelectorAll("*")]
            .filter((one) => one.getBoundingClientRect().right > room + 0.5)
            .map((one) => `${one.tagName.toLowerCase()}.${one.className}`);
        }"""
    )
