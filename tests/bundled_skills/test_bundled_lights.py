"""The lights: questions with and without choices, and one home per user."""

from __future__ import annotations

import pytest


class TestSwitching:
    def test_it_asks_for_the_room_and_takes_the_answer(self, talk):
        user = talk("en")
        assert user.says("lights_on") == "In which room? The kitchen, for example."
        assert user.events == ["done, go on", "ask room"]
        assert user.choices is None
        assert user.says("kitchen") == "The lights are on in the kitchen."
        assert user.events == ["answer", "done"]

    def test_it_speaks_french(self, talk):
        user = talk("fr")
        assert user.says("lights_on") == "Dans quelle pièce ? La cuisine, par exemple."
        assert user.says("dans la cuisine") == "La lumière est allumée côté cuisine."
        assert user.says("lights_on room=cuisine") == "La lumière est déjà allumée côté cuisine."
        assert user.says("lights_off") == "Dans quelle pièce ? La cuisine, par exemple."
        assert user.says("la cuisine") == "La lumière est éteinte côté cuisine."
        assert user.says("lights_off room=cuisine") == "C'était déjà éteint côté cuisine."

    def test_a_room_that_was_said_is_not_asked_for(self, talk):
        assert talk("en").says("lights_on room=attic") == "The lights are on in the attic."

    def test_it_remembers_what_is_on(self, talk):
        user = talk("en")
        assert user.says("lights_off room=hall") == "The lights were already off in the hall."
        user.says("lights_on room=hall")
        assert user.says("lights_on room=hall") == "The lights are already on in the hall."
        assert user.says("lights_off room=hall") == "The lights are off in the hall."
        assert user.says("lights_status") == "No light is on."

    def test_several_rooms_can_be_said_at_once(self, talk):
        user = talk("en")
        assert (
            user.says("lights_on room=the kitchen, the hall and my office")
            == "The lights are on in the kitchen and hall and office."
        )
        user.says("lights_off room=hall and garage")
        assert "kitchen, office." in user.says("lights_status")

    @pytest.mark.parametrize(
        ("lang", "said", "room"),
        [
            ("en", "In the Kitchen", "kitchen"),
            ("en", "Anna's room!", "anna's room"),
            ("en", "**kit** <b>chen</b> _x_", "kit b chen b x"),
            ("fr", "l\N{RIGHT SINGLE QUOTATION MARK}entrée", "entrée"),
            ("fr", "du salon", "salon"),
            ("fr", "dans ma chambre", "chambre"),
            ("de", "the cellar", "cellar"),
        ],
    )
    def test_it_says_the_name_back_without_articles_and_markup(self, talk, lang, said, room):
        user = talk(lang if lang != "de" else "en")
        user.agent._interpreter.lang = lang
        assert room in user.says(f"lights_on room={said}")

    @pytest.mark.parametrize("said", ["???", "x" * 41, "the and , "])
    def test_what_is_no_name_is_asked_again(self, talk, said):
        user = talk("en")
        user.says("lights_on")
        assert user.says(said) == "I did not catch the room. Which one is it?"
        assert user.events == ["done, go on", "ask room"]
        assert user.says("x" * 40) == f"The lights are on in the {'x' * 40}."

    def test_the_number_of_rooms_is_bounded(self, talk, skills):
        user = talk("en")
        for number in range(skills.home_lights.MOST_ROOMS):
            assert user.says(f"lights_on room=r{number}").startswith("The lights are on")
        assert user.says("lights_on room=one more").startswith("So many rooms are lit!")
        user.says("lights_off room=r0")
        assert user.says("lights_on room=one more") == "The lights are on in the one more."

    def test_a_room_said_twice_is_one(self, talk):
        user = talk("en")
        assert user.says("lights_on room=hall and hall") == "The lights are on in the hall."

    def test_a_reply_of_thousands_of_rooms_is_refused(self, talk):
        user = talk("en")
        user.says("lights_on")
        many = ",".join(f"r{number}" for number in range(10_000))
        assert user.says(many).startswith("So many rooms are lit!")
        assert user.says("lights_status") == "No light is on."

    def test_all_can_be_turned_off(self, talk):
        user = talk("en")
        user.says("lights_on room=hall")
        assert user.says("lights_off_everywhere") == "All the lights are off."
        assert user.events == ["answer", "done"]
        assert user.says("lights_status") == "No light is on."
        assert talk("fr").says("lights_off_everywhere") == "Toutes les lumières sont éteintes."

    def test_each_user_has_a_home(self, talk):
        ada, bob = talk("en", uid="ada"), talk("en", uid="bob")
        ada.says("lights_on room=hall")
        assert bob.says("lights_status") == "No light is on."
        assert "hall" in talk("en", uid="ada").says("lights_status")

    def test_users_without_an_id_have_a_home_each(self, talk):
        talk("en").says("lights_on room=hall")
        assert talk("en").says("lights_status") == "No light is on."


class TestColors:
    def test_it_offers_choices(self, talk):
        user = talk("en")
        assert user.says("lights_color") == "Which color would you like?"
        assert user.events == ["done, go on", "ask color"]
        assert user.choices == ["Red", "Green", "Blue", "Warm white"]
        assert user.says("the green one") == "The lights turn green."
        assert user.events == ["answer", "done"]

    def test_the_choices_are_translated(self, talk):
        user = talk("fr")
        assert user.says("lights_color") == "Quelle couleur voulez-vous ?"
        assert user.choices == ["Rouge", "Vert", "Bleu", "Blanc chaud"]
        assert user.says("blanc chaud") == "La lumière passe au blanc chaud."

    @pytest.mark.parametrize(
        ("lang", "said", "expected"),
        [
            ("en", "RED", "The lights turn red."),
            ("fr", "verte", "La lumière passe au vert."),
            ("fr", "bleues", "La lumière passe au bleu."),
            ("fr", "blanc", "La lumière passe au blanc chaud."),
        ],
    )
    def test_a_color_that_was_said_is_not_asked_for(self, talk, lang, said, expected):
        assert talk(lang).says(f"lights_color color={said}") == expected

    def test_a_color_it_does_not_have_is_asked_again(self, talk):
        user = talk("en")
        assert user.says("lights_color color=mauve") == "Which color would you like?"
        assert user.says("xyzzy") == "Which color would you like?"
        assert user.choices[0] == "Red"

    def test_the_state_tells_rooms_and_color(self, talk):
        user = talk("en")
        user.says("lights_on room=hall")
        user.says("lights_color color=blue")
        assert user.says("lights_status") == "The lights are on here: hall. Their color is blue."

    def test_the_state_is_told_in_french(self, talk):
        user = talk("fr")
        assert user.says("lights_status") == "Aucune lumière n'est allumée."
        user.says("lights_on room=cuisine et salon")
        assert (
            user.says("lights_status")
            == "La lumière est allumée ici : cuisine, salon. Sa couleur : blanc chaud."
        )
