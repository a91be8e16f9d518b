"""Why a sentence is understood as it is, on the page where it can be tried."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from web_house import House
from web_people import PASSWORD, enter


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A server whose interpreter learns, so that there is something to explain."""
    house = House(tmp_path_factory.mktemp("house"), ("--interpreter", "statistical"))
    house.start()
    token = house.set_up("alice", PASSWORD)
    # It is answered when everything is learnt, which takes some seconds.
    house.ask("POST", "/api/understand", {"sentence": "hello"}, token)
    yield house
    house.kill()


class TestTheExplanation:
    @pytest.mark.parametrize(
        ("sentence", "verdict", "why"),
        [
            ("switch on the light in the kitchen", "Understood", "word for word"),
            ("colourless green ideas sleep furiously", "Not understood", "has the words"),
        ],
    )
    def test_tells_what_the_interpreter_saw(self, visitor, people, sentence, verdict, why):
        page = enter(visitor, people.alice, "/manage#/try")
        page.get_by_label("Sentence").fill(sentence)
        page.get_by_role("button", name="Try", exact=True).click()
        expect(page.get_by_text(verdict, exact=True)).to_be_visible()
        expect(page.get_by_role("heading", name="Why")).to_be_visible()
        expect(page.locator(".why")).to_contain_text(why)
