"""The chat page when the server or the network goes away, and comes back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import CDPSession, expect
from web_chat import LONG, Chat, said_by, wait_until_kept
from web_house import House


@pytest.fixture(scope="module")
def house(own_house):
    """One that may be killed."""
    return own_house


@pytest.fixture
def cdp(chat) -> Iterator[CDPSession]:
    """What developers have the browser do."""
    session = chat.visitor.context.new_cdp_session(chat.page)
    session.send("Network.enable")
    return session


@pytest.fixture
def gone(house) -> Iterator[House]:
    """A server that is back after the test, whatever happens in it."""
    yield house
    if house.server.process.poll() is not None:
        house.start()


def mark(chat: Chat) -> None:
    """Leave something in the page that does not survive a reload."""
    chat.page.evaluate("() => { window.sameAsBefore = true; }")


def is_marked(chat: Chat) -> bool:
    """Whether the page has not been loaded anew."""
    return bool(chat.page.evaluate("() => window.sameAsBefore === true"))


class TestAServerThatIsKilled:
    def test_its_question_is_still_there_and_gets_answered(self, chat, gone, person):
        chat.say("choose a color")
        expect(chat.choices).to_have_count(3)
        wait_until_kept(person, gone, "ask")
        mark(chat)
        gone.kill()
        expect(chat.banner).to_contain_text("Not connected.")
        expect(chat.question).to_contain_text("Which color?")
        gone.start()
        expect(chat.banner).to_have_count(0, timeout=LONG)
        expect(chat.question).to_contain_text("Which color?")
        chat.choices.filter(has_text="Red").click()
        expect(chat.answers).to_contain_text("You chose Red.")
        expect(chat.mine).to_have_count(2)
        assert is_marked(chat)

    def test_what_is_chosen_meanwhile_is_taken_when_it_is_back(self, chat, gone, person):
        chat.say("choose a color")
        expect(chat.choices).to_have_count(3)
        wait_until_kept(person, gone, "ask")
        gone.kill()
        expect(chat.banner).to_be_visible()
        chat.choices.filter(has_text="Green").click()
        expect(chat.mine.last).to_contain_text("Not sent yet")
        gone.start()
        expect(chat.answers).to_contain_text("You chose Green.", timeout=LONG)
        assert said_by(person, gone) == ["choose a color", "Green"]

    def test_what_is_said_meanwhile_is_sent_once(self, chat, gone, person):
        chat.proves_usable()
        wait_until_kept(person, gone, "done")
        gone.kill()
        expect(chat.banner).to_be_visible()
        chat.say("show markdown")
        chat.say("introduce me")
        expect(chat.page.get_by_text("Not sent yet")).to_have_count(2)
        gone.start()
        expect(chat.question).to_contain_text("What is your name?", timeout=LONG)
        expect(chat.page.get_by_text("Not sent yet")).to_have_count(0)
        expect(chat.answers).to_have_count(2)
        assert said_by(person, gone) == ["where am I", "show markdown", "introduce me"]

    def test_what_a_skill_was_doing_is_told_to_be_interrupted(self, chat, gone):
        gone.flag.touch()
        chat.say("take your time")
        expect(chat.thinking).to_be_visible()
        gone.kill()
        gone.flag.unlink()
        gone.start()
        failure = chat.page.get_by_test_id("failure")
        expect(failure).to_contain_text("The server stopped", timeout=LONG)
        expect(chat.thinking).to_have_count(0)
        failure.get_by_role("button", name="Try again").click()
        expect(chat.answers).to_contain_text("Here I am.")

    def test_it_is_looked_for_at_once_when_one_asks_for_it(self, chat, gone):
        gone.kill()
        expect(chat.banner).to_contain_text("Trying again in")
        gone.start()
        chat.page.get_by_role("button", name="Try now").or_(chat.input).first.click()
        expect(chat.banner).to_have_count(0, timeout=LONG)
        chat.proves_usable()


class TestANetworkThatIsGone:
    def test_what_is_said_meanwhile_is_sent_once(self, chat, house, person):
        chat.proves_usable()
        mark(chat)
        chat.visitor.context.set_offline(True)
        expect(chat.banner).to_contain_text("This device has no network.")
        chat.say("show markdown")
        expect(chat.mine).to_have_count(2)
        chat.visitor.context.set_offline(False)
        expect(chat.banner).to_have_count(0, timeout=LONG)
        expect(chat.answers).to_have_count(2, timeout=LONG)
        expect(chat.mine.last).to_have_attribute("data-status", "done")
        assert said_by(person, house) == ["where am I", "show markdown"]
        assert is_marked(chat)

    def test_a_connection_that_breaks_is_made_again(self, visitor, person, house):
        lines = []

        def line(route):
            lines.append(route)
            route.connect_to_server()

        visitor.page.route_web_socket("**/*", line)
        chat = Chat(visitor)
        chat.enter(person)
        chat.say("choose a color")
        expect(chat.choices).to_have_count(3)
        lines[-1].close(code=4_000, reason="the tunnel")
        chat.say("Red")
        expect(chat.answers).to_contain_text("You chose Red.")
        assert len(lines) == 2
        assert said_by(person, house) == ["choose a color", "Red"]

    def test_what_got_no_outcome_is_sent_again_under_the_same_id(self, visitor, person, house):
        # The server gets the message, and the line breaks before it can say so.
        lines = []

        def line(route):
            lines.append(route)
            server = route.connect_to_server()

            def sent(message):
                server.send(message)
                if len(lines) == 1 and '"message"' in str(message):
                    deaf.append(server)

            def came(message):
                if deaf and deaf[0] is server:
                    route.close(code=4_000, reason="the tunnel")
                else:
                    route.send(message)

            route.on_message(sent)
            server.on_message(came)

        deaf = []
        visitor.page.route_web_socket("**/*", line)
        chat = Chat(visitor)
        chat.enter(person)
        chat.say("where am I")
        expect(chat.answers).to_have_count(1)
        expect(chat.mine).to_have_attribute("data-status", "done")
        assert len(lines) == 2
        assert said_by(person, house) == ["where am I"]

    def test_a_slow_one_is_enough(self, chat, cdp):
        cdp.send("Network.setCacheDisabled", {"cacheDisabled": True})
        cdp.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": 200,
                "downloadThroughput": 60_000,
                "uploadThroughput": 30_000,
            },
        )
        chat.page.reload()
        chat.settled()
        chat.say("choose a color")
        expect(chat.choices).to_have_count(3)
        chat.choices.first.click()
        expect(chat.answers).to_contain_text("You chose Red.")

    def test_an_account_that_cannot_be_read_is_tried_again(self, chat):
        chat.visitor.context.route("**/api/me", lambda route: route.abort())
        chat.page.reload()
        expect(chat.page.get_by_role("alert")).to_contain_text("Your account could not be read.")
        chat.visitor.context.unroute("**/api/me")
        chat.page.get_by_role("button", name="Try again").click()
        chat.proves_usable()


class TestAReloadWhileOneWaits:
    def test_what_was_not_sent_yet_is_sent_once(self, chat, gone, person):
        # The page itself cannot be loaded without a server: it is loaded when that is back.
        gone.kill()
        expect(chat.banner).to_be_visible()
        chat.say("where am I")
        expect(chat.mine).to_contain_text("Not sent yet")
        gone.start()
        chat.page.reload()
        expect(chat.answers).to_have_count(1, timeout=LONG)
        expect(chat.mine).to_have_count(1)
        assert said_by(person, gone) == ["where am I"]
