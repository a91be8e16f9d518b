"""The guessing game: a context, its fallback, and the ways out of it."""

from __future__ import annotations

import pytest


@pytest.fixture
def number_is(skills, monkeypatch):
    """`number_is(42)` makes the assistant think of 42."""
    return lambda number: monkeypatch.setattr(skills.home_guess, "pick", lambda: number)


@pytest.fixture(autouse=True)
def number_is_42(number_is):
    number_is(42)


class TestGame:
    def test_it_is_played_in_a_context_until_the_number_is_found(self, talk):
        user = talk("en")
        assert user.says("guess_start") == (
            "I am thinking of a number between 1 and 100. Guess! Say stop to leave."
        )
        assert user.events == ["context guess_game", "answer", "done"]
        assert user.says("guess_game/number guess=10") == "10 is too small."
        assert user.events == ["answer", "done"]
        assert user.says("guess_game/number guess=90") == "90 is too big."
        assert user.says("guess_game/number guess=42") == "42 it is! You found it in 3 tries."
        assert user.events == ["context None", "answer", "done"]

    def test_it_is_played_in_french(self, talk):
        user = talk("fr")
        assert user.says("guess_start") == (
            "Je pense à un nombre entre 1 et 100. Devinez ! Dites stop pour arrêter."
        )
        assert user.says("guess_game/number guess=10") == "10, c'est trop petit."
        assert user.says("guess_game/number guess=90") == "90, c'est trop grand."
        assert user.says("guess_game/number guess=42") == (
            "42, c'est ça ! Vous l'avez trouvé en 3 essais."
        )

    def test_the_first_try_is_praised(self, talk):
        user = talk("en")
        user.says("guess_start")
        assert user.says("guess_game/number guess=42") == (
            "42 on the first try? You are reading my mind!"
        )

    @pytest.mark.parametrize(
        ("message", "expected"),
        [
            ("guess_game/number guess=1", "1 is too small."),
            ("guess_game/number guess=100", "100 is too big."),
            ("guess_game/number guess=0", "Please guess between 1 and 100."),
            ("guess_game/number guess=101", "Please guess between 1 and 100."),
            ("maybe 7, who knows?", "7 is too small."),
            ("500!", "Please guess between 1 and 100."),
        ],
    )
    def test_a_guess_is_judged(self, talk, message, expected):
        user = talk("en")
        user.says("guess_start")
        assert user.says(message) == expected

    @pytest.mark.parametrize(
        "message",
        ["what time is it", "", "7 or 8", "-5", "4.5", "12345678901", "x7", "7,5", "²"],
    )
    def test_anything_else_gets_a_hint_how_to_leave(self, talk, message):
        user = talk("en")
        user.says("guess_start")
        assert user.says(message) == (
            "We are playing: say a number between 1 and 100, or stop to leave."
        )
        assert user.agent.current_context == "guess_game"

    def test_a_guess_outside_counts_as_no_try(self, talk):
        user = talk("en")
        user.says("guess_start")
        user.says("guess_game/number guess=900")
        assert user.says("guess_game/number guess=42").startswith("42 on the first try")

    def test_giving_up_tells_the_number(self, talk):
        user = talk("en")
        user.says("guess_start")
        assert user.says("guess_game/give_up") == "It was 42. Thank you for playing!"
        assert user.events == ["context None", "answer", "done"]
        assert user.agent.current_context is None

    def test_giving_up_tells_the_number_in_french(self, talk):
        user = talk("fr")
        user.says("guess_start")
        assert user.says("guess_game/give_up") == "C'était 42. Merci d'avoir joué !"

    def test_cancelling_leaves_it(self, talk):
        user = talk("en")
        user.says("guess_start")
        user.says("__cancle__")
        assert user.agent.current_context == "guess_game"
        user.says("__cancel__")
        assert user.events == ["context None", "answer", "done"]

    def test_a_new_game_has_a_new_number(self, talk, number_is):
        user = talk("en")
        user.says("guess_start")
        user.says("__cancel__")
        number_is(7)
        user.says("guess_start")
        assert user.says("guess_game/number guess=7").startswith("7 on the first try")

    def test_it_starts_anew_when_it_was_forgotten(self, talk, skills, number_is):
        user = talk("en")
        user.says("guess_start")
        skills.home_guess.GAMES.clear()
        number_is(7)
        assert user.says("guess_game/number guess=8") == "8 is too big."
        skills.home_guess.GAMES.clear()
        assert user.says("guess_game/give_up") == "It was 7. Thank you for playing!"

    def test_each_user_has_a_number(self, talk, number_is):
        ada, bob = talk("en", uid="ada"), talk("en", uid="bob")
        ada.says("guess_start")
        number_is(7)
        bob.says("guess_start")
        assert ada.says("guess_game/number guess=42").startswith("42 on the first try")
        assert bob.says("guess_game/number guess=7").startswith("7 on the first try")


class TestPick:
    def test_it_is_a_number_that_can_be_guessed(self, skills, monkeypatch):
        monkeypatch.undo()
        numbers = {skills.home_guess.pick() for _ in range(2000)}
        assert numbers <= set(range(1, 101))
        assert len(numbers) > 1

    def test_all_of_them_can_be_understood(self, skills):
        values = skills.home_guess.numbers().split("\n")[2:-1]
        assert [int(value) for value in values] == list(range(1, 101))
