"""Talking to the chat page by voice, where the browser can."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from web_chat import Chat

# Stands in for what headless browsers have not: ears and a mouth, which tests move.
VOICE = """
window.ears = [];
window.spoken = [];
class Recognition {
  start() { window.ears.push(this); this.open = true; }
  stop() { this.open = false; }
  abort() { this.open = false; this.onend?.(); }
  hears(text, isFinal) {
    this.onresult?.({ results: [Object.assign([{ transcript: text }], { isFinal })] });
  }
}
window.SpeechRecognition = window.webkitSpeechRecognition = Recognition;
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
Object.defineProperty(window, "speechSynthesis", { value: {
  speak(utterance) { window.spoken.push(utterance); },
  cancel() { window.hushed = true; },
} });
"""
NONE = """
delete window.SpeechRecognition; delete window.webkitSpeechRecognition;
delete window.SpeechSynthesisUtterance;
"""
HEARS = "([text, isFinal]) => window.ears.at(-1).hears(text, isFinal)"


@pytest.fixture
def chat(visitor, person) -> Chat:
    """The chat in a browser that can listen and speak."""
    visitor.context.add_init_script(VOICE)
    chat = Chat(visitor)
    chat.enter(person)
    return chat


def hear(chat: Chat, text: str, *, is_final: bool = True) -> None:
    """Have the browser understand something."""
    chat.page.evaluate(HEARS, [text, is_final])


def spoken(chat: Chat) -> list[str]:
    """What was read out so far."""
    return chat.page.evaluate("() => window.spoken.map((one) => one.text)")


class TestListening:
    def test_what_is_heard_is_shown_and_then_said(self, chat):
        microphone = chat.page.get_by_role("button", name="Speak")
        microphone.click()
        stop = chat.page.get_by_role("button", name="Stop listening")
        expect(stop).to_have_attribute("aria-pressed", "true")
        hear(chat, "where am", is_final=False)
        expect(chat.input).to_have_value("where am")
        expect(chat.mine).to_have_count(0)
        hear(chat, "where am I")
        expect(chat.mine).to_contain_text("where am I")
        expect(chat.answers).to_contain_text("You are in")
        expect(microphone).to_have_attribute("aria-pressed", "false")
        expect(chat.input).to_have_value("")

    def test_it_listens_in_the_language_of_the_conversation(self, chat):
        chat.page.get_by_role("button", name="Speak").click()
        assert chat.page.evaluate("() => window.ears.at(-1).lang") == "en-US"

    def test_a_question_opens_the_microphone_after_a_spoken_sentence(self, chat):
        chat.page.get_by_role("button", name="Speak").click()
        hear(chat, "introduce me")
        expect(chat.question).to_be_visible()
        expect(chat.page.get_by_role("button", name="Stop listening")).to_be_visible()
        assert chat.page.evaluate("() => window.ears.length") == 2
        hear(chat, "Zoé")
        expect(chat.answers).to_contain_text("Hello Zoé.")
        expect(chat.page.get_by_role("button", name="Speak")).to_be_visible()

    def test_a_question_opens_nothing_after_a_typed_sentence(self, chat):
        chat.say("introduce me")
        expect(chat.question).to_be_visible()
        expect(chat.page.get_by_role("button", name="Speak")).to_be_visible()
        assert chat.page.evaluate("() => window.ears.length") == 0

    def test_escape_closes_the_microphone(self, chat):
        chat.page.get_by_role("button", name="Speak").click()
        hear(chat, "where am", is_final=False)
        chat.page.keyboard.press("Escape")
        expect(chat.page.get_by_role("button", name="Speak")).to_be_visible()
        expect(chat.input).to_have_value("")
        expect(chat.mine).to_have_count(0)

    def test_a_microphone_that_is_forbidden_is_told(self, chat):
        chat.page.get_by_role("button", name="Speak").click()
        chat.page.evaluate(
            "() => { const ears = window.ears.at(-1);"
            " ears.onerror({ error: 'not-allowed' }); ears.onend?.(); }"
        )
        expect(chat.page.get_by_role("alert")).to_contain_text("The microphone may not be used.")
        chat.proves_usable()


class TestReadingAloud:
    def test_answers_are_read_out_once_that_is_wished(self, chat):
        chat.proves_usable()
        assert spoken(chat) == []
        chat.menu("Read answers aloud", "menuitemcheckbox")
        chat.page.keyboard.press("Escape")
        chat.say("introduce me")
        expect(chat.question).to_be_visible()
        chat.say("Zoé")
        expect(chat.answers.last).to_contain_text("Hello Zoé.")
        assert spoken(chat) == ["What is your name?", "Hello Zoé."]

    def test_the_wish_is_kept(self, chat):
        chat.menu("Read answers aloud", "menuitemcheckbox")
        chat.page.reload()
        chat.settled()
        chat.proves_usable()
        assert spoken(chat) == ["You are in a place that I do not know."]

    def test_it_is_silent_as_soon_as_one_says_something(self, chat):
        chat.menu("Read answers aloud", "menuitemcheckbox")
        chat.page.keyboard.press("Escape")
        chat.proves_usable()
        assert not chat.page.evaluate("() => window.hushed ?? false")
        chat.proves_usable()
        assert chat.page.evaluate("() => window.hushed")

    def test_the_microphone_waits_until_the_question_was_read_out(self, chat):
        chat.menu("Read answers aloud", "menuitemcheckbox")
        chat.page.keyboard.press("Escape")
        chat.page.get_by_role("button", name="Speak").click()
        hear(chat, "introduce me")
        expect(chat.question).to_be_visible()
        chat.page.wait_for_function("() => window.spoken.length === 1")
        expect(chat.page.get_by_role("button", name="Speak")).to_be_visible()
        chat.page.evaluate("() => window.spoken.at(-1).onend()")
        expect(chat.page.get_by_role("button", name="Stop listening")).to_be_visible()


class TestABrowserWithoutVoice:
    def test_nothing_of_it_is_shown(self, visitor, person):
        visitor.context.add_init_script(NONE)
        chat = Chat(visitor)
        chat.enter(person)
        chat.proves_usable()
        expect(chat.page.get_by_role("button", name="Speak")).to_have_count(0)
        chat.page.get_by_role("button", name="Menu").click()
        expect(chat.page.get_by_role("menuitem", name="Sign out", exact=True)).to_be_visible()
        expect(chat.page.get_by_role("menuitemcheckbox")).to_have_count(0)
