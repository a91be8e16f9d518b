"""Greetings, basics, clock and help: skills that answer at once."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from pytlas_wamp import compat  # noqa: F401 - pytlas does not import without it

from pytlas.handling import Meta  # isort: skip - compat comes first
from pytlas.handling.skill import GLOBAL_METAS  # isort: skip
from pytlas.handling.localization import GLOBAL_TRANSLATIONS  # isort: skip
from pytlas.understanding.training import GLOBAL_TRAININGS  # isort: skip


@pytest.fixture
def wordings(monkeypatch):
    """`wordings(user, message)`: all the answers of which pytlas gives any one."""

    def say(user, message):
        answers = set()
        for index in (0, -1):
            with monkeypatch.context() as patch:
                patch.setattr("random.choice", lambda options, at=index: options[at])
                answers.add(user.says(message))
        return answers

    return say


class TestGreetings:
    @pytest.mark.parametrize(
        ("intent", "english", "french"),
        [
            (
                "greet_hello",
                {"Hello! What can I do for you?", "Hi! I am listening."},
                {"Bonjour ! Que puis-je pour vous ?", "Bonjour ! Je vous écoute."},
            ),
            ("greet_bye", {"Goodbye!", "See you soon."}, {"Au revoir !", "À bientôt."}),
            (
                "greet_thanks",
                {"You are welcome.", "My pleasure."},
                {"Je vous en prie.", "Avec plaisir."},
            ),
            (
                "greet_mood",
                {"I am well, thank you. What can I do for you?"},
                {"Je vais bien, merci. Que puis-je pour vous ?"},
            ),
            (
                "greet_name",
                {"I am your assistant. Ask me what can you do to see what I know."},
                {"Je suis votre assistant. Demandez-moi que sais-tu faire pour voir mes talents."},
            ),
        ],
    )
    def test_each_is_answered_in_the_users_language(self, talk, wordings, intent, english, french):
        user = talk("en")
        assert wordings(user, intent) == english
        assert user.events == ["answer", "done"]
        assert wordings(talk("fr"), intent) == french

    def test_hello_uses_the_name_in_the_users_settings(self, talk, wordings):
        user = talk("en", HOME_GREETINGS_NAME="Ada")
        assert wordings(user, "greet_hello") == {
            "Hello, Ada! What can I do for you?",
            "Nice to hear from you, Ada.",
        }


class TestBasics:
    def test_what_nobody_understands_gets_a_hint(self, talk, wordings):
        assert wordings(talk("en"), "xyzzy") == {
            "Sorry, I did not understand. Try what can you do.",
            "I do not know that yet. What can you do shows what I know.",
        }
        assert wordings(talk("fr"), "xyzzy") == {
            "Pardon, je n'ai pas compris. Essayez que sais-tu faire.",
            "Je ne sais pas encore faire cela. Que sais-tu faire montre mes talents.",
        }

    def test_a_question_can_be_given_up(self, talk):
        user = talk("en")
        user.says("lights_on")
        assert user.says("__cancel__") in {"All right, never mind.", "As you wish, I drop it."}
        assert user.events == ["context None", "answer", "done"]
        assert user.agent.state == "__asleep__"

    def test_a_question_can_be_given_up_in_french(self, talk):
        user = talk("fr")
        user.says("lights_on")
        assert user.says("__cancel__") in {
            "Très bien, n'en parlons plus.",
            "Comme vous voulez, j'abandonne.",
        }


@pytest.fixture
def five_past_two(skills, monkeypatch):
    """Sunday afternoon in the zone that is asked for; the zones asked for are returned."""
    zones = []

    def now(zone):
        zones.append(zone)
        return datetime(2026, 11, 22, 14, 5, tzinfo=zone or UTC)

    monkeypatch.setattr(skills.home_clock, "now", now)
    return zones


@pytest.mark.usefixtures("five_past_two")
class TestClock:
    @pytest.mark.parametrize(
        ("lang", "intent", "expected"),
        [
            ("en", "clock_time", "It is 2:05 PM."),
            ("fr", "clock_time", "Il est 14:05."),
            ("en", "clock_date", "Today is Sunday, November 22, 2026."),
            ("fr", "clock_date", "Nous sommes le dimanche 22 novembre 2026."),
        ],
    )
    def test_it_tells_time_and_date_as_people_write_them(self, talk, lang, intent, expected):
        user = talk(lang)
        assert user.says(intent).replace("\u202f", " ") == expected
        assert user.events == ["answer", "done"]

    def test_it_follows_the_time_zone_in_the_users_settings(self, talk, five_past_two):
        talk("en", HOME_CLOCK_TIMEZONE="Europe/Paris").says("clock_time")
        assert five_past_two == [ZoneInfo("Europe/Paris")]

    def test_it_follows_the_users_zone_for_everything_too(self, talk, five_past_two):
        talk(PYTLAS_TIMEZONE="Asia/Tokyo").says("clock_time")
        assert five_past_two == [ZoneInfo("Asia/Tokyo")]

    @pytest.mark.parametrize("name", ["Europe/Atlantis", "../etc/passwd", "Europe", "\0"])
    def test_a_zone_that_does_not_exist_costs_no_answer(self, talk, five_past_two, name):
        assert talk("en", HOME_CLOCK_TIMEZONE=name).says("clock_time").startswith("It is")
        assert five_past_two == [None]


class TestNow:
    def test_it_is_the_present_in_the_zone(self, skills):
        before = datetime.now(UTC)
        moment = skills.home_clock.now(ZoneInfo("Asia/Tokyo"))
        assert before <= moment <= datetime.now(UTC)
        assert moment.utcoffset().total_seconds() == 9 * 3600


class TestHelp:
    def test_it_shows_a_card_with_an_example_for_each_skill(self, talk):
        user = talk("en")
        assert user.says("help_list") == "Here is what I can do, with something to try for each."
        assert user.events == ["answer", "done"]
        assert [(card.raw_header, card.raw_subhead) for card in user.cards] == [
            ("Basics", None),
            ("Clock", "“what time is it”"),
            ("Greetings", "“hello”"),
            ("Guess the number", "“let's play a game”"),
            ("Help", "“what can you do”"),
            ("Lights", "“turn on the lights”"),
            ("Timer", "“set a timer for 5 minutes”"),
        ]
        assert user.cards[1].raw_text == "Tells the time and the date."

    def test_it_speaks_french(self, talk):
        user = talk("fr")
        assert user.says("help_list").startswith("Voici ce que je sais faire")
        assert [(card.raw_header, card.raw_subhead) for card in user.cards] == [
            ("Aide", "« que sais-tu faire »"),
            ("Devine le nombre", "« jouons à un jeu »"),
            ("Essentiel", None),
            ("Horloge", "« quelle heure est-il »"),
            ("Lumières", "« allume la lumière »"),
            ("Minuteur", "« mets un minuteur de 5 minutes »"),
            ("Politesse", "« bonjour »"),
        ]

    def test_it_tells_the_examples_that_work(self, chat):
        for lang in ("en", "fr"):
            user = chat(lang)
            user.says({"en": "what can you do", "fr": "que sais-tu faire"}[lang])
            for card in user.cards:
                if card.raw_subhead:
                    said = card.raw_subhead.strip("“”«» ")
                    assert user.agent._interpreter.parse(said), said


def failing(*_):
    raise RuntimeError("A stranger's skill is broken")


class TestHelpWithSkillsOfOthers:
    def card(self, user, header):
        user.says("help_list")
        found = [card for card in user.cards if card.header == header]
        assert len(user.cards) == 8
        return found[0] if found else None

    def test_one_whose_metadata_raises_is_left_out(self, talk):
        GLOBAL_METAS.register(failing, "broken")
        user = talk("en")
        user.says("help_list")
        assert len(user.cards) == 7

    @pytest.mark.parametrize("result", [None, 5, {"unknown": "key"}])
    def test_one_whose_metadata_is_not_metadata_is_left_out(self, talk, result):
        GLOBAL_METAS.register(lambda _: result, "odd")
        user = talk("en")
        user.says("help_list")
        assert len(user.cards) == 7

    def test_one_whose_translations_raise_later_is_left_out(self, talk):
        user = talk("en")
        GLOBAL_TRANSLATIONS.register("en", failing, "broken")
        GLOBAL_METAS.register(lambda _: Meta("Broken"), "broken")
        user.says("help_list")
        assert len(user.cards) == 7

    def test_metadata_as_a_dict_is_metadata(self, talk):
        GLOBAL_METAS.register(lambda _: {"name": "Tea", "description": "Makes tea"}, "tea")
        assert self.card(talk("en"), "Tea").text == "Makes tea"

    def test_one_without_a_name_is_called_like_its_package(self, talk):
        GLOBAL_METAS.register(lambda _: Meta(description=None), "tea")
        assert self.card(talk("en"), "tea").text == ""

    @pytest.mark.parametrize(
        "chatl",
        [
            "not chatl at all [",
            "",
            None,
            5,
            "%[tea]\n  pour ~[somebody else's] tea\n",
            "%[tea]\n  pour @[somebody else's] tea\n",
            "%[__cancel__]\n  no tea\n",
            "%[pot/pour]\n  pour it\n",
        ],
    )
    def test_one_without_a_sentence_to_say_has_no_example(self, talk, chatl):
        user = talk("en")
        GLOBAL_METAS.register(lambda _: Meta("Tea"), "tea")
        GLOBAL_TRAININGS.register("en", lambda: chatl, "tea")
        assert self.card(user, "Tea").subhead is None

    def test_one_whose_training_raises_has_no_example(self, talk):
        user = talk("en")
        GLOBAL_METAS.register(lambda _: Meta("Tea"), "tea")
        GLOBAL_TRAININGS.register("en", failing, "tea")
        assert self.card(user, "Tea").subhead is None

    def test_the_example_is_the_first_sentence_that_can_be_said(self, talk):
        user = talk("en")
        chatl = (
            "%[tea]\n  ~[gone] tea\n  ~[please?]  pour ~[some]  @[tea] for @[whom]\n\n"
            "@[tea]\n  ~[green tea]\n\n@[whom]\n  me\n\n~[some]\n  a cup of\n"
        )
        GLOBAL_METAS.register(lambda _: Meta("Tea"), "tea")
        GLOBAL_TRAININGS.register("en", lambda: chatl, "tea")
        assert self.card(user, "Tea").subhead == "“pour a cup of green tea for me”"
