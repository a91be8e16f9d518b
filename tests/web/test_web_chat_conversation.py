"""Talking to the assistant on the chat page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from web_chat import Chat

NOWHERE = "You are in a place that I do not know."
AGAIN = "() => { document.querySelector('main').scrollTop = 0; return WEATHER; }".replace(
    "WEATHER", "document.querySelector('[role=log]').textContent.includes('Weather')"
)


@pytest.fixture
def phone(welcome, people, person, chat) -> Chat:
    """The same person with another device, `chat` being the first."""
    phone = Chat(welcome())
    phone.enter(people.added_login(person, "a phone"))
    return phone


@pytest.fixture
def busy(house):
    """A skill takes its time until the file is taken away."""
    house.flag.touch()
    yield house.flag
    house.flag.unlink(missing_ok=True)


class TestBeginning:
    def test_who_has_said_nothing_is_greeted_and_may_try_a_sentence(self, chat, person):
        expect(chat.page.get_by_role("heading", name=f"Hello {person.name}")).to_be_visible()
        chat.page.get_by_role("button", name="What can you do?").click()
        expect(chat.mine).to_contain_text("What can you do?")
        expect(chat.answers).to_have_count(1)
        expect(chat.page.get_by_role("heading", name=f"Hello {person.name}")).to_be_hidden()


class TestAnswers:
    def test_what_i_say_is_shown_and_answered(self, chat):
        chat.say("where am I")
        expect(chat.mine).to_contain_text("where am I")
        expect(chat.answers).to_contain_text(NOWHERE)
        expect(chat.mine).to_have_attribute("data-status", "done")
        expect(chat.input).to_have_value("")
        expect(chat.input).to_be_focused()

    def test_the_button_sends_too_and_not_when_there_is_nothing(self, chat):
        button = chat.page.get_by_role("button", name="Send")
        expect(button).to_be_disabled()
        chat.input.fill("   ")
        expect(button).to_be_disabled()
        chat.input.fill("where am I")
        button.click()
        expect(chat.answers).to_contain_text(NOWHERE)

    def test_shift_and_enter_begin_a_line(self, chat):
        chat.input.press_sequentially("one")
        chat.input.press("Shift+Enter")
        chat.input.press_sequentially("two")
        expect(chat.input).to_have_value("one\ntwo")
        expect(chat.mine).to_have_count(0)

    def test_the_arrow_brings_back_what_i_said(self, chat):
        chat.say("where am I")
        expect(chat.answers).to_have_count(1)
        chat.input.press("ArrowUp")
        expect(chat.input).to_have_value("where am I")
        chat.input.press("ArrowDown")
        expect(chat.input).to_have_value("")

    def test_markdown_is_shown_as_what_it_means(self, chat):
        chat.say("show markdown")
        answer = chat.answers
        expect(answer.get_by_role("heading", name="Weather")).to_be_visible()
        expect(answer.locator("strong")).to_have_text("21 degrees")
        expect(answer.locator("em")).to_have_text("Paris")
        expect(answer.locator("li")).to_have_text(["bread", "milk"])
        expect(answer.get_by_role("cell", name="Monday")).to_be_visible()
        expect(answer.locator("pre")).to_have_text(re.compile("a block"))
        link = answer.get_by_role("link", name="the forecast")
        expect(link).to_have_attribute("href", "https://weather.example/paris")
        expect(link).to_have_attribute("target", "_blank")
        expect(link).to_have_attribute("rel", re.compile("noopener"))

    def test_cards_are_shown_with_picture_headlines_and_text(self, chat):
        chat.say("show cards")
        cards = chat.answers.get_by_role("article")
        expect(cards).to_have_count(2)
        paris, lyon = cards.first, cards.last
        expect(paris.get_by_role("link", name="Paris")).to_have_attribute(
            "href", "https://weather.example/paris"
        )
        expect(paris).to_contain_text("Today")
        expect(paris.locator("em")).to_have_text("21")
        picture = paris.locator("img")
        expect(picture).to_be_visible()
        expect(picture).to_have_js_property("naturalWidth", 1)
        expect(lyon.get_by_role("heading", name="Lyon")).to_be_visible()

    def test_what_comes_is_announced_to_who_cannot_see(self, chat):
        chat.say("where am I")
        expect(chat.page.get_by_test_id("announcer")).to_contain_text(NOWHERE)


class TestQuestions:
    def test_a_choice_is_made_by_its_button(self, chat):
        chat.say("choose a color")
        expect(chat.question).to_contain_text("Which color?")
        expect(chat.choices).to_have_count(3)
        chat.choices.filter(has_text="Green").click()
        expect(chat.answers).to_contain_text("You chose Green.")
        expect(chat.question).to_have_count(0)
        expect(chat.choices).to_have_count(0)
        expect(chat.mine.last).to_contain_text("Green")

    def test_a_choice_is_made_by_its_digit(self, chat):
        chat.say("choose a color")
        expect(chat.question).to_be_visible()
        expect(chat.input).to_be_focused()
        chat.page.keyboard.press("1")
        expect(chat.answers).to_contain_text("You chose Red.")
        expect(chat.input).to_have_value("")

    def test_a_digit_in_a_sentence_chooses_nothing(self, chat):
        chat.say("choose a color")
        expect(chat.question).to_be_visible()
        chat.input.press_sequentially("x1")
        expect(chat.input).to_have_value("x1")
        expect(chat.mine).to_have_count(1)
        expect(chat.question).to_be_visible()

    def test_a_question_without_choices_is_answered_in_words(self, chat):
        chat.say("introduce me")
        expect(chat.question).to_contain_text("What is your name?")
        expect(chat.input).to_have_attribute("placeholder", re.compile("answer"))
        expect(chat.choices).to_have_count(0)
        chat.say("Zoé")
        expect(chat.answers).to_contain_text("Hello Zoé.")
        expect(chat.question).to_have_count(0)

    def test_a_question_is_given_up_by_escape(self, chat):
        chat.say("introduce me")
        expect(chat.question).to_be_visible()
        chat.page.keyboard.press("Escape")
        expect(chat.question).to_have_count(0)
        expect(chat.page.get_by_role("button", name="Cancel")).to_be_hidden()
        chat.proves_usable()

    def test_a_question_is_still_there_after_a_reload(self, chat):
        chat.say("choose a color")
        expect(chat.question).to_be_visible()
        chat.page.reload()
        expect(chat.question).to_contain_text("Which color?")
        chat.choices.filter(has_text="Red").click()
        expect(chat.answers).to_contain_text("You chose Red.")


class TestContexts:
    def test_a_context_is_shown_until_it_is_left(self, chat):
        chat.say("let's play a game")
        expect(chat.context).to_have_text("In: guess game")
        chat.say("stop")
        expect(chat.context).to_have_count(0)

    def test_a_context_is_left_by_the_button(self, chat):
        chat.say("let's play a game")
        expect(chat.context).to_be_visible()
        chat.page.get_by_role("button", name="Cancel").click()
        expect(chat.context).to_have_count(0)
        expect(chat.page.get_by_role("button", name="Cancel")).to_be_hidden()
        expect(chat.input).to_be_focused()

    def test_a_context_is_still_there_after_a_reload(self, chat):
        chat.say("let's play a game")
        expect(chat.context).to_be_visible()
        chat.page.reload()
        expect(chat.context).to_have_text("In: guess game")


class TestThinking:
    def test_it_is_shown_while_a_skill_works(self, chat, busy):
        chat.say("take your time")
        expect(chat.thinking).to_contain_text("Thinking")
        expect(chat.answers).to_have_count(0)
        busy.unlink()
        expect(chat.answers).to_contain_text("Here I am.")
        expect(chat.thinking).to_have_count(0)

    def test_it_is_cancelled_by_the_button(self, chat, busy):
        chat.say("take your time")
        expect(chat.thinking).to_be_visible()
        chat.page.get_by_role("button", name="Cancel").click()
        expect(chat.thinking).to_have_count(0)
        busy.unlink()
        chat.proves_usable()
        expect(chat.answers.filter(has_text="Here I am.")).to_have_count(0)

    def test_it_is_cancelled_by_escape(self, chat, busy):
        chat.say("take your time")
        expect(chat.thinking).to_be_visible()
        chat.page.keyboard.press("Escape")
        expect(chat.thinking).to_have_count(0)

    def test_it_is_still_shown_after_a_reload_and_ends(self, chat, busy):
        chat.say("take your time")
        expect(chat.thinking).to_be_visible()
        chat.page.reload()
        expect(chat.mine).to_contain_text("take your time")
        busy.unlink()
        expect(chat.answers).to_contain_text("Here I am.")
        expect(chat.thinking).to_have_count(0)


class TestFailures:
    def test_a_failing_skill_is_told_and_tried_again(self, chat):
        chat.say("fail now")
        failures = chat.page.get_by_test_id("failure")
        expect(failures).to_contain_text("Something went wrong in the skill")
        failures.get_by_role("button", name="Try again").click()
        expect(failures).to_have_count(2)
        expect(chat.mine).to_have_count(2)
        expect(chat.mine.last).to_contain_text("fail now")
        chat.proves_usable()

    def test_what_is_too_long_is_told_before_it_is_sent(self, chat):
        chat.proves_usable()
        chat.say("word " * 20_000)
        expect(chat.page.get_by_role("alert")).to_contain_text("too long")
        expect(chat.mine).to_have_count(1)
        chat.say("where am I")
        expect(chat.answers).to_have_count(2)


class TestTabs:
    def test_what_one_tab_says_appears_in_the_other(self, chat):
        other = Chat(chat.visitor, chat.visitor.tab())
        other.page.goto(chat.visitor.url)
        other.settled()
        chat.say("where am I")
        expect(other.mine).to_contain_text("where am I")
        expect(other.answers).to_contain_text(NOWHERE)
        expect(other.page.get_by_text("From another device")).to_have_count(0)

    def test_what_another_device_says_appears_and_is_marked(self, chat, phone):
        phone.say("where am I")
        expect(chat.mine).to_contain_text("where am I")
        expect(chat.mine).to_contain_text("From another device")
        expect(chat.answers).to_contain_text(NOWHERE)
        expect(phone.mine).not_to_contain_text("From another device")

    def test_a_question_answered_elsewhere_is_closed_here(self, chat, phone):
        chat.say("choose a color")
        expect(phone.choices).to_have_count(3)
        phone.choices.filter(has_text="Green").click()
        expect(chat.answers).to_contain_text("You chose Green.")
        expect(chat.question).to_have_count(0)

    def test_a_context_entered_elsewhere_is_shown_here(self, chat, phone):
        phone.say("let's play a game")
        expect(chat.context).to_have_text("In: guess game")


class TestHistory:
    def test_a_reload_shows_what_was_said_once_and_in_order(self, chat):
        for sentence in ("where am I", "introduce me", "Zoé"):
            chat.say(sentence)
            expect(chat.mine.last).to_have_attribute("data-status", "done")
        expect(chat.answers.last).to_contain_text("Hello Zoé.")
        items = chat.page.locator("[data-testid=mine] .bubble, .theirs .prose")
        told = ["where am I", NOWHERE, "introduce me", "What is your name?", "Zoé", "Hello Zoé."]
        expect(items).to_have_text([re.compile(re.escape(text)) for text in told])
        chat.page.reload()
        chat.settled()
        expect(items).to_have_text([re.compile(re.escape(text)) for text in told])

    def test_another_device_reads_what_was_said_before(self, chat, welcome, person):
        chat.say("show markdown")
        expect(chat.answers).to_have_count(1)
        chat.proves_usable()
        later = Chat(welcome())
        later.enter(person)
        expect(later.answers.first).to_contain_text("Weather")
        expect(later.answers.last).to_contain_text(NOWHERE)

    def test_older_things_come_when_one_scrolls_up(self, chat):
        chat.say("show markdown")
        expect(chat.answers).to_contain_text("Weather")
        for count in range(2, 50):
            chat.say("where am I")
            expect(chat.answers).to_have_count(count)
        chat.page.reload()
        chat.settled()
        expect(chat.answers.last).to_be_in_viewport()
        expect(chat.log).not_to_contain_text("Weather")
        chat.page.wait_for_function(AGAIN)
        expect(chat.mine).to_have_count(49)
        expect(chat.answers).to_have_count(49)
        expect(chat.mine.first).to_contain_text("show markdown")
        chat.page.get_by_role("button", name="To the newest").click()
        expect(chat.answers.last).to_be_in_viewport()
