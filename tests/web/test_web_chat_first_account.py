"""The first account of a server that is new, made on the chat page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from web_chat import Chat
from web_house import House
from web_people import PASSWORD

EASY = "alice"


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Iterator[House]:
    """A server on which nobody is yet; the last test changes that."""
    house = House(tmp_path_factory.mktemp("house"))
    house.start()
    yield house
    house.kill()


@pytest.fixture
def chat(visitor) -> Chat:
    """What somebody sees who comes to this server."""
    visitor.open()
    chat = Chat(visitor)
    expect(chat.page.get_by_role("heading", name="Create the first account")).to_be_visible()
    return chat


def fill(chat: Chat, code: str, name: str, password: str) -> None:
    """Fill in the form and send it."""
    chat.page.get_by_label("Setup code").fill(code)
    chat.page.get_by_label("Name").fill(name)
    chat.page.get_by_label("Password", exact=True).fill(password)
    chat.page.get_by_role("button", name="Create the account").click()


class TestTheForm:
    def test_it_says_where_the_code_is_to_be_found(self, chat):
        chat.page.get_by_text("Where do I find the code?").click()
        expect(chat.page.get_by_text("The server prints it each time it starts")).to_be_visible()

    def test_what_is_missing_is_told_at_each_field(self, chat):
        chat.page.get_by_role("button", name="Create the account").click()
        for label in ("Setup code", "Name", "Password"):
            field = chat.page.get_by_label(label, exact=True)
            expect(field).to_have_accessible_description("Please fill this in.")
        expect(chat.page.get_by_label("Setup code")).to_be_focused()

    def test_it_speaks_french_when_french_is_chosen(self, chat):
        chat.page.get_by_label("Language").select_option("Français")
        expect(chat.page.get_by_role("heading", name="Créer le premier compte")).to_be_visible()
        expect(chat.page.locator("html")).to_have_attribute("lang", "fr")

    @pytest.mark.parametrize("theme", ["light", "dark"])
    def test_everybody_can_read_it(self, welcome, theme):
        visitor = welcome(color_scheme=theme)
        visitor.open()
        heading = visitor.page.get_by_role("heading", name="Create the first account")
        expect(heading).to_be_visible()
        visitor.sees_well()
        visitor.page.get_by_role("button", name="Create the account").click()
        expect(visitor.page.get_by_label("Name")).to_have_attribute("aria-invalid", "true")
        visitor.sees_well()


class TestTheAccount:
    def test_it_is_made_after_a_wrong_code_and_a_weak_password(self, chat, house):
        code = house.setup_code()
        field = chat.page.get_by_label("Setup code")
        fill(chat, "aaaa-bbbb-cccc", "alice", PASSWORD)
        expect(field).to_have_accessible_description("This is not the code that the server shows.")
        expect(field).to_be_focused()

        password = chat.page.get_by_label("Password", exact=True)
        fill(chat, code, "alice", EASY)
        expect(password).to_have_attribute("aria-invalid", "true")
        expect(password).to_be_focused()
        expect(password).not_to_have_accessible_description("")
        expect(field).not_to_have_attribute("aria-invalid", "true")

        fill(chat, code, "alice", PASSWORD)
        expect(chat.page.get_by_role("heading", name="Hello alice")).to_be_visible()
        chat.proves_usable()

        chat.menu("Sign out")
        chat.sign_in("alice")
        expect(chat.answers).to_have_count(1)
