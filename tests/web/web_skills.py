"""Skills that tests put on their server, and where the pages show them."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, Page
from web_house import House

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
