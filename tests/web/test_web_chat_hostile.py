"""What the chat page does with content that wants to do harm."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from web_chat import Chat

MARKUP = "<img src=x onerror='window.wasHurt=1'><b>Eve</b>"
# Whatever runs, loads, or leaves the page alone for the worse.
DANGEROUS = "script, iframe, svg[onload], form, input, style, object, embed, meta, link"
UNSAFE = """() => [...document.querySelectorAll('.log a[href], .log [src]')]
  .filter((one) => !/^(https?:|mailto:|tel:|data:image\\/)/.test(one.href || one.src))
  .map((one) => one.outerHTML)"""
HANDLERS = """() => [...document.querySelectorAll('.log *')].flatMap((one) =>
  one.getAttributeNames().filter((name) => name.startsWith('on') || name === 'style'))"""


def is_harmless(chat: Chat) -> None:
    """Nothing of what came runs, loads, or waits for a click to run."""
    assert chat.log.locator(DANGEROUS).count() == 0
    assert chat.page.evaluate(UNSAFE) == []
    assert chat.page.evaluate(HANDLERS) == []
    assert chat.was_hurt() is None


class TestHtml:
    def test_it_is_shown_as_the_text_that_it_is(self, chat):
        chat.say("show hostile things")
        answer = chat.answers.first
        expect(answer).to_contain_text("<script>window.wasHurt = 1</script>")
        expect(answer).to_contain_text("strong words")
        expect(answer.locator("strong").first).to_have_text("strong words")
        is_harmless(chat)
        chat.proves_usable()

    def test_it_stays_harmless_when_it_comes_from_the_history(self, chat):
        chat.say("show hostile things")
        expect(chat.answers).to_have_count(1)
        chat.page.reload()
        expect(chat.answers).to_contain_text("<script>window.wasHurt = 1</script>")
        is_harmless(chat)
        chat.proves_usable()

    def test_a_card_of_it_leads_nowhere(self, chat):
        chat.say("show hostile things")
        card = chat.answers.get_by_role("article")
        expect(card).to_contain_text("strong words")
        expect(card.locator("a")).to_have_count(0)
        expect(card.locator("img")).to_have_count(0)
        is_harmless(chat)

    def test_a_click_on_what_was_a_link_runs_nothing(self, chat):
        chat.say("show hostile things")
        for words in ("a link", "html link"):
            chat.answers.get_by_text(words).first.click()
        assert chat.was_hurt() is None
        assert chat.page.url.rstrip("/") == chat.visitor.url
        assert len(chat.visitor.context.pages) == 1

    def test_a_choice_of_it_is_chosen_as_it_stands(self, chat):
        chat.say("choose a color")
        evil = chat.choices.last
        expect(evil).to_contain_text("<script>window.wasHurt = 1</script>")
        evil.click()
        expect(chat.answers).to_contain_text("You chose <script>window.wasHurt = 1</script>.")
        expect(chat.mine.last).to_contain_text("<script>window.wasHurt = 1</script>")
        is_harmless(chat)

    def test_what_i_say_myself_is_text_too(self, chat):
        chat.say(MARKUP)
        expect(chat.mine).to_contain_text(MARKUP)
        expect(chat.answers).to_have_count(1)
        expect(chat.mine.locator("img, b")).to_have_count(0)
        is_harmless(chat)
        chat.proves_usable()


class TestNames:
    @pytest.fixture
    def person(self, people):
        return people.add(display_name=MARKUP)

    def test_one_with_markup_is_text(self, chat):
        expect(chat.page.get_by_role("heading", name=f"Hello {MARKUP}")).to_be_visible()
        chat.page.get_by_role("button", name="Menu").click()
        expect(chat.page.get_by_text(f"Signed in as {MARKUP}")).to_be_visible()
        assert chat.page.locator("img, b:has-text('Eve')").count() == 0
        assert chat.was_hurt() is None


class TestPictures:
    def test_one_that_cannot_be_loaded_gives_way_to_words(self, visitor, person, house):
        # The line to the server is in our hands: it answers with a picture that is not there.
        missing = f"{house.url}/nothing-is-here.png"

        def line(route):
            server = route.connect_to_server()
            server.on_message(
                lambda message: route.send(message.replace("data:image/png;base64,", missing))
            )

        visitor.page.route_web_socket("**/*", line)
        chat = Chat(visitor)
        chat.enter(person)
        chat.say("show cards")
        card = chat.answers.get_by_role("article").first
        expect(card).to_contain_text("The picture could not be loaded.")
        expect(card.locator("img")).to_have_count(0)

    def test_a_huge_one_stays_within_its_card(self, visitor, person, house):
        visitor.context.route(
            "**/huge.svg",
            lambda route: route.fulfill(
                content_type="image/svg+xml",
                body=(
                    "<svg xmlns='http://www.w3.org/2000/svg' width='20000' height='20000'>"
                    "<script>window.wasHurt = 1; parent.wasHurt = 1</script>"
                    "<rect width='20000' height='20000'/></svg>"
                ),
            ),
        )

        def line(route):
            server = route.connect_to_server()
            server.on_message(
                lambda message: route.send(
                    message.replace("show the picture", f"![huge]({house.url}/huge.svg)")
                )
            )

        visitor.page.route_web_socket("**/*", line)
        chat = Chat(visitor)
        chat.enter(person)
        chat.say("introduce me")
        expect(chat.question).to_be_visible()
        chat.say("show the picture")
        picture = chat.answers.get_by_role("img", name="huge")
        expect(picture).to_have_js_property("naturalWidth", 20_000)
        box = picture.bounding_box()
        assert box["width"] <= 1_280
        assert box["height"] <= 800
        assert chat.was_hurt() is None
        chat.proves_usable()


class TestTexts:
    def test_a_very_long_one_is_folded_and_can_be_unfolded(self, chat):
        chat.say("tell a long story")
        answer = chat.answers.first
        expect(answer).to_contain_text("A long story.")
        unfold = answer.get_by_role("button", name="Show all")
        expect(unfold).to_contain_text("(101 kB)")
        assert len(answer.inner_text()) < 10_000
        unfold.click()
        expect(unfold).to_have_count(0)
        assert len(answer.inner_text()) > 90_000
        chat.proves_usable()

    def test_one_from_right_to_left_turns_nothing_else_around(self, chat):
        chat.say("write backwards")
        expect(chat.answers).to_contain_text("\u05e9\u05dc\u05d5\u05dd")
        expect(chat.answers.locator(".prose")).to_have_attribute("dir", "auto")
        expect(chat.log).to_have_css("direction", "ltr")
        expect(chat.mine).to_be_visible()
        chat.proves_usable()

    def test_a_word_without_end_does_not_widen_the_page(self, chat):
        chat.page.set_viewport_size({"width": 320, "height": 640})
        chat.say("introduce me")
        expect(chat.question).to_be_visible()
        chat.say("w" * 2_000)
        expect(chat.answers).to_contain_text("Hello wwww")
        wide = "() => document.querySelector('main').scrollWidth > innerWidth"
        assert not chat.page.evaluate(wide)


class TestFrames:
    def test_what_is_no_frame_is_ignored(self, visitor, person):
        junk = [
            "no json",
            "[]",
            "null",
            '{"type": "__proto__"}',
            '{"type": "answer", "seq": "one", "data": null}',
            '{"type": "ask", "seq": 9007199254740999, "data": {"text": 5, "choices": {}}}',
            '{"type": "context", "context": {"evil": true}}',
        ]

        def line(route):
            server = route.connect_to_server()

            def came(message):
                route.send(message)
                if '"answer"' in message:
                    for one in junk:
                        route.send(one)

            server.on_message(came)

        visitor.page.route_web_socket("**/*", line)
        chat = Chat(visitor)
        chat.enter(person)
        chat.proves_usable()
        chat.proves_usable()
        expect(chat.question).to_have_count(0)
        expect(chat.context).to_have_count(0)
