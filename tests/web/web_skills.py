"""Skills that tests put on their server, and where the pages show them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page
from web_house import House
from web_people import People

# Far beyond what anything takes.
PATIENCE_SECONDS = 30

KETTLE = """
from pytlas import intent, meta, training
from pytlas.handling import Meta

@meta()
def about(_):
    return Meta(name="Kettle", description="Boils water.", version="1.2.3")

@intent("boil_water")
def boil_water(req):
    req.agent.answer("It boils.")
    return req.agent.done()

@training("en")
def english():
    return '''
%[boil_water]
  boil water
'''
"""


def skill(page: Page, title: str) -> Locator:
    """The part about one skill, by what it is called."""
    return page.get_by_role("list", name="Skills").get_by_role("listitem", name=title)


def job(page: Page) -> Locator:
    """How far a change of skills is."""
    return page.locator(".job")


def put(house: House, name: str, code: str = KETTLE) -> Path:
    """A folder with a skill, as somebody would copy it there."""
    folder = house.folder / "skills" / name
    folder.mkdir()
    (folder / "__init__.py").write_text(code, encoding="utf-8")
    return folder


def take_up(people: People, name: str, sentence: str) -> None:
    """Have the server take up a folder that was put there, until it knows a sentence of it.

    A reload is answered at once, and goes on; the new sentences are learnt after it.
    """

    def ask(method: str, path: str, body: dict[str, str] | None = None) -> dict[str, Any]:
        return dict(people.house.ask(method, path, body, people.alice.access))

    late = time.monotonic() + PATIENCE_SECONDS
    job = ask("POST", "/api/skills/reload")
    while job["state"] == "running":
        assert time.monotonic() < late, "the skills are still being reloaded"
        job = ask("GET", f"/api/jobs/{job['id']}")
    assert f"added: {name}" in job["lines"], job
    while not ask("POST", "/api/understand", {"sentence": sentence})["understood"]:
        assert time.monotonic() < late, f"{sentence!r} is not learnt"
