"""A browser for all tests of the pages, a server for each module, a visitor for each test."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

# The programs of the documentation's tests are started here, too.
sys.path.insert(0, str(Path(__file__).parents[1] / "docs"))

from web_house import House
from web_visitor import Visitor

# Without these Chromium asks its makers for this and that.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "correct horse battery"


def _chromium() -> str:
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chrome")
    assert found, "these tests need Chromium: install the package chromium, or name it in CHROMIUM"
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Iterator[House]:
    """A server on which alice is, the administrator."""
    house = House(tmp_path_factory.mktemp("house"))
    house.start()
    house.set_up("alice", PASSWORD)
    yield house
    house.kill()


@pytest.fixture
def visitor(browser, house) -> Iterator[Visitor]:
    """Somebody with an English browser at a desk."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US")
    context.set_default_timeout(15_000)
    visitor = Visitor(context, house.url)
    yield visitor
    faults = list(visitor.faults)
    context.close()
    assert faults == []
