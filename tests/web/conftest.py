"""A browser and a server for all tests of the pages, a visitor for each test.

A module that does to the server what others would notice has one of its own: it says

    @pytest.fixture(scope="module")
    def house(own_house):
        return own_house
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

# The programs of the documentation's tests are started here, too.
sys.path.insert(0, str(Path(__file__).parents[1] / "docs"))

from web_browser import launched
from web_chat import Chat
from web_house import House
from web_people import PASSWORD, People, Person
from web_visitor import Visitor

# Far beyond what anything takes, in milliseconds.
PATIENCE = 15_000
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items):
    """Count all tests of the pages among those that start processes."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.service)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launched(playwright)
        yield browser
        browser.close()


def lived_in(folder: Path) -> Iterator[House]:
    """A server on which alice is, the administrator."""
    house = House(folder)
    house.start()
    house.set_up("alice", PASSWORD)
    yield house
    house.kill()


@pytest.fixture(scope="session")
def shared_house(tmp_path_factory) -> Iterator[House]:
    """That of all who only come and go."""
    yield from lived_in(tmp_path_factory.mktemp("house"))


@pytest.fixture(scope="module")
def own_house(tmp_path_factory) -> Iterator[House]:
    """That of a module which leaves traces."""
    yield from lived_in(tmp_path_factory.mktemp("house"))


@pytest.fixture(scope="module")
def house(shared_house) -> House:
    """The server of a test."""
    return shared_house


@pytest.fixture
def welcome(browser, house) -> Iterator[Callable[..., Visitor]]:
    """Lets somebody in, with a browser profile as asked for; no page of theirs may complain."""
    visitors = []

    def somebody(**options) -> Visitor:
        usual = {"viewport": {"width": 1280, "height": 800}, "locale": "en-US"}
        context = browser.new_context(**{**usual, **options})
        context.set_default_timeout(PATIENCE)
        visitors.append(Visitor(context, house.url))
        return visitors[-1]

    yield somebody
    faults = [fault for visitor in visitors for fault in visitor.faults]
    for visitor in visitors:
        visitor.context.close()
    assert faults == []


@pytest.fixture(scope="module")
def people(house) -> People:
    """Who has an account on it."""
    return People(house)


@pytest.fixture
def visitor(welcome) -> Visitor:
    """Somebody with an English browser at a desk."""
    return welcome()


@pytest.fixture
def person(people) -> Person:
    """Somebody who is signed in and has said nothing yet."""
    return people.add()


@pytest.fixture
def chat(visitor, person) -> Chat:
    """The chat as this person sees it."""
    chat = Chat(visitor)
    chat.enter(person)
    return chat
