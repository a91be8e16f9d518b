"""The chat page for everybody: by keyboard, on a phone, in the dark, in French, without seeing."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from web_chat import Chat
from web_people import PASSWORD, wider_than_the_screen

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
# What moves for longer than a blink, though nobody wants it to.
MOVES = """() => document.getAnimations().filter((one) => {
  const { duration, iterations } = one.effect.getComputedTiming();
  return one.playState === 'running' && duration * iterations > 50;
}).length"""
TOO_SMALL = """() => [...document.querySelectorAll('button, textarea, input, a.brand')]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < MINIMUM)
  .map((one) => one.outerHTML.slice(0, 80))""".replace("MINIMUM", "40")


@pytest.fixture
def busy(house):
    """A skill takes its time until the test is over."""
    house.flag.touch()
    yield
    house.flag.unlink(missing_ok=True)


def fill_with_everything(chat: Chat) -> None:
    """Have one of each kind of item on the page, an open question last."""
    chat.say("show markdown")
    expect(chat.answers).to_have_count(1)
    chat.say("show cards")
    expect(chat.answers).to_have_count(2)
    chat.say("fail now")
    expect(chat.page.get_by_test_id("failure")).to_be_visible()
    chat.say("let's play a game")
    expect(chat.context).to_be_visible()
    chat.say("stop")
    expect(chat.context).to_have_count(0)
    chat.say("choose a color")
    expect(chat.choices).to_have_count(3)


class TestTheKeyboard:
    def test_it_is_enough_from_signing_in_to_the_answered_question(self, visitor, person):
        chat, keys = Chat(visitor), visitor.page.keyboard
        visitor.open()
        expect(chat.page.get_by_label("Name")).to_be_focused()
        keys.type(person.name)
        keys.press("Tab")
        keys.type(PASSWORD)
        keys.press("Enter")
        expect(chat.input).to_be_focused()
        keys.type("choose a color")
        keys.press("Enter")
        expect(chat.choices).to_have_count(3)
        keys.press("Shift+Tab")
        expect(chat.choices.first).to_be_focused()
        keys.press("ArrowRight")
        expect(chat.choices.nth(1)).to_be_focused()
        keys.press("Enter")
        expect(chat.answers).to_contain_text("You chose Green.")
        keys.type("where am I")
        expect(chat.input).to_have_value("where am I")

    def test_the_arrows_go_round_the_choices_and_home_and_end_to_their_ends(self, chat):
        chat.say("choose a color")
        chat.choices.first.focus()
        for key, index in (("ArrowLeft", 2), ("ArrowDown", 0), ("End", 2), ("Home", 0)):
            chat.page.keyboard.press(key)
            expect(chat.choices.nth(index)).to_be_focused()

    def test_the_menu_opens_moves_and_closes(self, chat):
        keys = chat.page.keyboard
        button = chat.page.get_by_role("button", name="Menu")
        button.focus()
        keys.press("Enter")
        expect(chat.page.get_by_role("menuitem", name="Manage")).to_be_focused()
        keys.press("End")
        expect(chat.page.get_by_role("menuitem", name="Sign out everywhere")).to_be_focused()
        keys.press("ArrowDown")
        expect(chat.page.get_by_role("menuitem", name="Manage")).to_be_focused()
        keys.press("Escape")
        expect(chat.page.get_by_role("menu")).to_have_count(0)
        expect(button).to_be_focused()

    def test_the_dialog_keeps_the_focus_and_escape_closes_it(self, chat):
        chat.menu("Sign out everywhere")
        dialog = chat.page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        for _ in range(6):
            chat.page.keyboard.press("Tab")
            outside = "() => ![document.body, null].includes(document.activeElement) &&"
            outside += " !document.activeElement.closest('dialog')"
            assert not chat.page.evaluate(outside)
        chat.page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()

    def test_where_the_focus_is_can_be_seen(self, chat):
        chat.page.get_by_role("button", name="Menu").focus()
        chat.page.keyboard.press("Shift+Tab")
        chat.page.keyboard.press("Tab")
        look = "() => { const s = getComputedStyle(document.activeElement);"
        look += " return [s.outlineStyle, parseFloat(s.outlineWidth), s.boxShadow]; }"
        style, width, shadow = chat.page.evaluate(look)
        assert (style != "none" and width >= 2) or shadow != "none"


class TestAPhone:
    @pytest.fixture
    def visitor(self, welcome):
        return welcome(**PHONE)

    def test_one_signs_in_and_answers_by_touch(self, visitor, person):
        visitor.open()
        chat = Chat(visitor)
        assert wider_than_the_screen(chat.page) == []
        chat.page.get_by_label("Name").fill(person.name)
        chat.page.get_by_label("Password", exact=True).fill(PASSWORD)
        chat.sign_in_button.tap()
        chat.input.tap()
        chat.input.fill("choose a color")
        chat.page.get_by_role("button", name="Send").tap()
        chat.choices.filter(has_text="Green").tap()
        expect(chat.answers).to_contain_text("You chose Green.")
        expect(chat.answers.last).to_be_in_viewport()
        expect(chat.input).to_be_in_viewport()

    def test_nothing_is_wider_than_the_screen(self, chat):
        fill_with_everything(chat)
        for width in (390, 320):
            chat.page.set_viewport_size({"width": width, "height": 640})
            expect(chat.question).to_be_in_viewport()
            assert wider_than_the_screen(chat.page) == []
            inner = "() => document.querySelector('main').scrollWidth - innerWidth"
            assert chat.page.evaluate(inner) <= 0

    def test_what_is_touched_is_large_enough_for_a_finger(self, chat):
        chat.say("choose a color")
        expect(chat.choices).to_have_count(3)
        assert chat.page.evaluate(TOO_SMALL) == []

    def test_a_question_does_not_bring_up_the_keyboard_as_it_takes_the_focus_at_a_desk(
        self, chat, person, welcome
    ):
        desk = Chat(welcome())
        desk.enter(person)
        expect(desk.input).to_be_focused()
        desk.page.evaluate("() => document.activeElement.blur()")
        chat.say("choose a color")
        expect(chat.choices).to_have_count(3)
        expect(desk.input).to_be_focused()
        chat.page.evaluate("() => document.activeElement.blur()")
        desk.say("introduce me")
        desk.say("choose a color")
        expect(chat.mine).to_have_count(3)
        expect(chat.question).to_have_count(1)
        expect(chat.input).not_to_be_focused()


class TestFrench:
    def test_who_speaks_french_reads_french_and_is_understood(self, visitor, people):
        anne = people.add(language="fr-FR")
        chat = Chat(visitor)
        chat.enter(anne)
        expect(chat.page.get_by_role("heading", name=f"Bonjour {anne.name}")).to_be_visible()
        expect(chat.page.locator("html")).to_have_attribute("lang", "fr")
        expect(chat.input).to_have_attribute("placeholder", "Dites quelque chose…")
        chat.say("choisis une couleur")
        expect(chat.choices).to_have_count(3)
        chat.choices.first.click()
        expect(chat.answers).to_contain_text("You chose Red.")
        chat.page.get_by_role("button", name="Menu").click()
        expect(chat.page.get_by_role("menuitem", name="Se déconnecter partout")).to_be_visible()

    def test_a_french_browser_signs_in_in_french(self, welcome, people):
        visitor = welcome(locale="fr-FR")
        visitor.open()
        page = visitor.page
        expect(page.get_by_role("heading", name="Se connecter")).to_be_visible()
        page.get_by_label("Nom").fill("alice")
        page.get_by_label("Mot de passe", exact=True).fill("pas celui-ci")
        page.get_by_role("button", name="Se connecter").click()
        expect(page.get_by_role("alert")).to_have_text(
            "Le nom ou le mot de passe n’est pas correct."  # noqa: RUF001 - French
        )

    def test_who_speaks_english_reads_english_in_a_french_browser(self, welcome, person):
        chat = Chat(welcome(locale="fr-FR"))
        chat.enter(person)
        expect(chat.page.get_by_role("heading", name=f"Hello {person.name}")).to_be_visible()
        expect(chat.page.locator("html")).to_have_attribute("lang", "en")


class TestMotion:
    def test_nothing_moves_for_who_does_not_want_it(self, welcome, person, busy):
        chat = Chat(welcome(reduced_motion="reduce"))
        chat.enter(person)
        chat.say("take your time")
        expect(chat.thinking).to_be_visible()
        assert chat.page.evaluate(MOVES) == 0

    def test_otherwise_it_moves_while_it_thinks(self, chat, busy):
        chat.say("take your time")
        expect(chat.thinking).to_be_visible()
        assert chat.page.evaluate(MOVES) > 0


class TestThemes:
    def test_a_dark_system_is_followed(self, welcome, person):
        light, dark = Chat(welcome()), Chat(welcome(color_scheme="dark"))
        for chat in (light, dark):
            chat.enter(person)
        assert brightness(light) > 200
        assert brightness(dark) < 60

    def test_the_choice_in_the_menu_wins_and_is_kept(self, chat):
        chat.menu("Dark", "menuitemradio")
        expect(chat.page.locator("html")).to_have_attribute("data-theme", "dark")
        assert brightness(chat) < 60
        chat.page.reload()
        chat.settled()
        assert brightness(chat) < 60
        chat.menu("Like the system", "menuitemradio")
        expect(chat.page.locator("html")).not_to_have_attribute("data-theme", "dark")
        assert brightness(chat) > 200


@pytest.mark.parametrize("theme", ["light", "dark"])
class TestTheRules:
    """Those of axe-core."""

    @pytest.fixture
    def visitor(self, welcome, theme):
        # Nothing may fade in while colours are compared.
        return welcome(color_scheme=theme, reduced_motion="reduce")

    def test_signing_in_keeps_them(self, visitor):
        visitor.open()
        chat = Chat(visitor)
        expect(chat.sign_in_button).to_be_visible()
        visitor.sees_well()
        chat.sign_in("nobody", "not this one")
        expect(chat.page.get_by_role("alert")).to_be_visible()
        visitor.sees_well()

    def test_the_beginning_keeps_them(self, visitor, chat):
        expect(chat.page.get_by_role("heading", name="Hello")).to_be_visible()
        visitor.sees_well()

    def test_a_conversation_with_everything_keeps_them(self, visitor, chat):
        fill_with_everything(chat)
        visitor.sees_well()
        chat.page.get_by_role("button", name="Menu").click()
        expect(chat.page.get_by_role("menu")).to_be_visible()
        visitor.sees_well()

    def test_what_is_seldom_seen_keeps_them(self, visitor, chat, people, person, welcome, busy):
        phone = Chat(welcome())
        phone.enter(person)
        phone.say("take your time")
        expect(chat.mine).to_contain_text("From another device")
        expect(chat.thinking).to_be_visible()
        visitor.context.set_offline(True)
        expect(chat.banner).to_be_visible()
        chat.menu("Sign out everywhere")
        expect(chat.page.get_by_role("dialog")).to_be_visible()
        visitor.sees_well()
        chat.page.keyboard.press("Escape")
        expect(chat.page.get_by_role("dialog")).to_be_hidden()
        visitor.sees_well()


def brightness(chat: Chat) -> float:
    """How bright the page's ground is, from 0 to 255."""
    color = chat.page.evaluate("() => getComputedStyle(document.documentElement).backgroundColor")
    parts = [float(part) for part in color.split("(")[1].rstrip(")").split(",")[:3]]
    return sum(parts) / 3
