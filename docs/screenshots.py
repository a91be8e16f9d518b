"""Makes the pictures of the documentation, from a server with some people and a conversation.

`python docs/screenshots.py` writes those that the documentation shows to docs/images. With a
folder as its argument it writes all of them there instead: each page, light and dark, at a desk
and on a phone.
"""

# ruff: noqa: E402, INP001, T201 - a script beside the pages it writes, with parts of the tests

from __future__ import annotations

import re
import shutil
import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attrs import define, evolve, field

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
sys.path[:0] = [str(ROOT / "tests" / "web"), str(ROOT / "tests" / "docs")]

from playwright.sync_api import Browser, Page, expect, sync_playwright
from web_browser import launched
from web_house import House
from web_people import PASSWORD, People, Person, enter
from web_visitor import Visitor

# What the pages of the documentation show; the other pictures are for whoever works on the client.
SHOWN = ("chat-desk-light", "chat-phone-dark", "settings-desk-light", "skills-desk-dark")
SIZES = {"desk": (1280, 800), "phone": (390, 844)}
THEMES = ("light", "dark")
# It learns first.
expect.set_options(timeout=30_000)

PAGES = ("profile", "logins", "settings", "history", "people", "skills", "status", "try")
WEATHER = '''
from pytlas import intent, meta, training
from pytlas.handling import Card, Meta, Setting

SUN = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 320 180'%3E"
    "%3Crect width='320' height='180' fill='%23bfe3f7'/%3E"
    "%3Ccircle cx='236' cy='58' r='26' fill='%23f6c945'/%3E"
    "%3Cpath d='M0 140 Q80 96 160 132 T320 122 V180 H0Z' fill='%237fb58a'/%3E%3C/svg%3E"
)

@meta()
def about(_):
    return Meta(
        name="Weather",
        description="Tells the weather where you are.",
        version="2.1.0",
        author="Alice Martin",
        settings=[
            Setting("weather", "town", str, "Where you are, when you do not say it"),
            Setting("weather", "days", int, "How many days ahead"),
            Setting("weather", "imperial", bool, "Fahrenheit and miles"),
            Setting("weather", "api_key", str, "From your account at the weather service"),
        ],
    )

@intent("tell_weather")
def tell_weather(req):
    text = "**21 degrees** and mostly sunny. Take a jacket for the evening:\\n\\n"
    text += "| | Morning | Evening |\\n|---|---|---|\\n"
    text += "| Today | 21° | 14° |\\n| Tomorrow | 19° | 12° |"
    card = Card("Lyon", "A light wind from the north.", subhead="Today", media=SUN,
                header_link="https://weather.example/lyon")
    req.agent.answer(text, cards=[card])
    return req.agent.done()

@training("en")
def english():
    return """
%[tell_weather]
  how is the weather
  what is the weather like
"""
'''
RADIO = "import radio_of_the_kitchen\n"


@define(eq=False)
class Studio:
    """A server with something to see, and a browser that takes pictures of it.

    Args:
      people: who is on the server.
      browser: what the pictures are taken with.
      folder: where they are written to.
      wanted: the names of those to write; all of them, if it is empty.
    """

    people: People
    browser: Browser
    folder: Path
    wanted: tuple[str, ...] = ()
    alice: Person = field(init=False)

    def furnish(self) -> None:
        """Have some people, logins and settings."""
        tokens = self.people.login("alice", "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
        self.alice = evolve(self.people.alice, tokens=tokens)
        self.ask("DELETE", "/api/me/logins?keep=current", None)
        self.people.alice = self.alice
        self.ask("PATCH", "/api/me", {"display_name": "Alice Martin"})
        self.people.add("bob", display_name="Bob", language="fr-FR")
        self.people.add("grandma", display_name="Jeanne")
        gone = self.people.add("visitor")
        self.ask("PATCH", f"/api/users/{gone.id}", {"active": False})
        self.ask("POST", "/api/me/logins", {"name": "Kitchen speaker"})
        self.people.login("alice", "Mozilla/5.0 (Linux; Android 15) Chrome/140.0")
        for key, value in (("weather.town", "Lyon"), ("weather.days", 3), ("weather.api_key", "k")):
            self.people.set(self.alice, key, value)
        self.people.set(self.alice, "home_greetings.name", "Alice")

    def ask(self, method: str, path: str, body: Any) -> Any:
        """A request of hers."""
        return self.people.house.ask(method, path, body, self.alice.access)

    def looks(self) -> Iterator[tuple[str, Visitor]]:
        """Each size in each theme, by its name, with a browser of its own."""
        for size, (width, height) in SIZES.items():
            for theme in THEMES:
                context = self.browser.new_context(
                    viewport={"width": width, "height": height},
                    color_scheme=theme,
                    reduced_motion="reduce",
                    locale="en-GB",
                    is_mobile=size == "phone",
                    has_touch=size == "phone",
                )
                yield f"{size}-{theme}", Visitor(context, self.people.house.url)
                context.close()

    def take(self, page: Page, name: str) -> None:
        """Write one picture."""
        if self.wanted and name not in self.wanted:
            return
        page.evaluate("() => document.fonts.ready")
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{name}.png"
        path.write_bytes(small(page.screenshot(animations="disabled")))
        print(f"{path}: {path.stat().st_size // 1024} kB")

    def chat(self, look: str, visitor: Visitor) -> None:
        """A conversation, of which nobody has heard before."""
        self.ask("DELETE", "/api/me/history", None)
        page = enter(visitor, self.alice, "/")
        self.take(page, f"welcome-{look}")
        say(page, "hello", r"Alice")
        say(page, "how is the weather", r"light wind")
        self.take(page, f"cards-{look}")
        say(page, "turn on the light in the kitchen", r"kitchen")
        say(page, "change the color of the light", r"Warm white")
        self.take(page, f"chat-{look}")
        page.get_by_role("button", name="Menu").click()
        self.take(page, f"menu-{look}")
        page.keyboard.press("Escape")
        say(page, "red", r"Red|red")
        say(page, "what can you do", r"Here is what I can do")
        self.take(page, f"help-{look}")

    def manage(self, look: str, visitor: Visitor) -> None:
        """Each page of the management."""
        page = enter(visitor, self.alice)
        for name in (*PAGES, f"people/{self.alice.id + 1}"):
            page.evaluate("name => location.hash = `#/${name}`", name)
            expect(page.locator("main .card").first).to_be_visible()
            expect(page.locator("main .spinner")).to_have_count(0)
            if name == "try":
                page.get_by_label("Sentence").fill("please switch on the lamps in the kitchen")
                page.get_by_role("button", name="Try", exact=True).click()
                expect(page.get_by_role("heading", name="Why")).to_be_visible()
            page.evaluate("() => document.activeElement.blur()")
            self.take(page, f"{name.split('/')[0] if '/' not in name else 'person'}-{look}")

    def sign_in(self, look: str, visitor: Visitor) -> None:
        """The page that everybody sees first."""
        page = visitor.open("/")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        self.take(page, f"sign-in-{look}")


def say(page: Page, sentence: str, answer: str) -> None:
    """Say something, and wait until it is answered and nothing is under way."""
    page.get_by_label("Message").fill(sentence)
    page.get_by_label("Message").press("Enter")
    expect(page.get_by_role("log")).to_contain_text(re.compile(answer))
    expect(page.get_by_test_id("mine").last).to_contain_text(sentence)
    expect(page.get_by_test_id("mine").last).to_have_attribute("data-status", "done")


def small(png: bytes) -> bytes:
    """The same picture, packed as well as PNG can: browsers are in a hurry."""
    head, chunks = png[:8], list(chunks_of(png))
    packed = zlib.compress(
        zlib.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT")), 9
    )
    kept = [(kind, data) for kind, data in chunks if kind in {b"IHDR", b"PLTE", b"tRNS"}]
    written = [*kept, (b"IDAT", packed), (b"IEND", b"")]
    return head + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in written
    )


def chunks_of(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The parts of a picture: of which kind, and what is in it."""
    at = 8
    while at < len(png):
        size = struct.unpack(">I", png[at : at + 4])[0]
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        at += size + 12


def main(arguments: list[str]) -> None:
    """Start a server, take the pictures, and end it."""
    folder = Path(arguments[0]).resolve() if arguments else IMAGES
    with TemporaryDirectory() as home, sync_playwright() as playwright:
        # The interpreter that explains itself.
        house = House(Path(home), ("--interpreter", "statistical"))
        shutil.rmtree(house.folder / "skills")
        for name, code in (("weather", WEATHER), ("radio", RADIO)):
            (house.folder / "skills" / name).mkdir(parents=True)
            (house.folder / "skills" / name / "__init__.py").write_text(code, encoding="utf-8")
        house.start()
        try:
            house.set_up("alice", PASSWORD)
            browser = launched(playwright)
            studio = Studio(People(house), browser, folder, () if arguments else SHOWN)
            studio.furnish()
            for look, visitor in studio.looks():
                studio.sign_in(look, visitor)
                studio.chat(look, visitor)
                studio.manage(look, visitor)
            browser.close()
        finally:
            house.kill()


if __name__ == "__main__":
    main(sys.argv[1:])
