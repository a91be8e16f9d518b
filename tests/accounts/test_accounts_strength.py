"""Weak passwords: refused with the reason, strong ones never."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from zxcvbn import matching

from pytlas_wamp.accounts.model import BadPassword, WeakPassword
from pytlas_wamp.accounts.strength import check_strength


def refusal(password, *about):
    with pytest.raises(WeakPassword) as caught:
        check_strength(password, about)
    return str(caught.value)


# Every sign that stands for a letter, those first that stand for several.
SIGNS = "!+17|4@8({[<3690$5%2"
COSTLY = f"{SIGNS}zabcegilostx"

# Looking words up forwards, backwards, and in each way that five signs stand for letters.
MOST_LOOKS = 2 + 23


@pytest.fixture
def looks(monkeypatch):
    """How long the texts were whose words were looked up: nearly all the time there is."""
    lengths = []
    real = matching.dictionary_match

    def counted(text, *arguments, **keywords):
        lengths.append(len(text))
        return real(text, *arguments, **keywords)

    monkeypatch.setattr(matching, "dictionary_match", counted)
    return lengths


class TestCheckStrength:
    @pytest.mark.parametrize(
        "password",
        ["correct horse battery", "zebra lamp 7 oven", "7h!kQ2vX", "日本語のパスワード"],
    )
    def test_accepts_what_is_hard_to_guess(self, password):
        assert check_strength(password, ["Ana"]) is None

    @pytest.mark.parametrize(
        ("password", "reason"),
        [
            ("password", "top-10 common password"),
            ("a", "Add another word or two"),
            ("aaaaaaaaaaaa", 'Repeats like "aaa"'),
            ("qwertyuiop", "common password"),
            ("Ana", "Names and surnames by themselves"),
            ("abcdefgh", "common password|Sequences"),
            ("mnopqrstu", "Sequences like"),
            ("ssenippah", "Reversed words"),
            ("asdfghjkl;'", "Straight rows of keys"),
            ("13.5.1987", "Dates are often easy"),
            ("2019", "Recent years"),
        ],
    )
    def test_refuses_what_is_easy_to_guess_and_says_why(self, password, reason):
        with pytest.raises(WeakPassword, match=reason) as caught:
            check_strength(password)
        assert str(caught.value).startswith("The password is easy to guess. ")

    @pytest.mark.parametrize("password", ["zorblaxian", "Zorblaxian1", "quendolin", "pytlaswamp"])
    def test_refuses_what_is_known_of_the_person_and_of_us(self, password):
        assert "easy to guess" in refusal(password, "Zorblaxian", "Miss Quendolin")

    def test_knows_a_person_only_for_one_check(self):
        refusal("zorblaxian", "zorblaxian")

        assert check_strength("zorblaxian") is None

    def test_looks_at_all_of_a_long_password(self):
        assert check_strength("a" * 40 + "correct horse battery") is None
        assert check_strength("correct horse battery" + "a" * 40) is None
        assert "easy to guess" in refusal("a" * 1024)

    @pytest.mark.parametrize(
        "password", ["p4$$w0rd", "p@55w0rd", "p4$$w0rd!", "pa55word", "p@ssw0rd1"]
    )
    def test_knows_words_with_signs_for_letters(self, password):
        assert "easy to guess" in refusal(password)

    @pytest.mark.parametrize("password", [SIGNS, "4836917052", "7h!kQ2vX$9@3+5z"])
    def test_does_not_mind_many_signs(self, password):
        assert check_strength(password) is None

    def test_knows_what_is_repeated_with_many_signs(self):
        assert "abcabcabc" in refusal("1234567890" * 3)
        assert "abcabcabc" in refusal("zorblaxian" * 3, "Zorblaxian")
        assert check_strength(SIGNS[:10] * 3) is None

    @pytest.mark.parametrize(
        ("password", "said"), [("", "empty"), ("x" * 1025, "1025"), ("\ud800", "half a character")]
    )
    def test_refuses_what_nobody_could_have(self, password, said):
        with pytest.raises(BadPassword, match=said):
            check_strength(password)

    def test_is_asked_by_many_threads_at_once(self):
        def both(number):
            name = f"zorblaxian{number % 7}"
            refusal(name, name)
            check_strength(f"{name} correct horse")
            return True

        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(both, range(100)))


class TestWork:
    """What a request may order: it once took 20 seconds."""

    def test_ends_after_two_pieces(self, looks):
        refusal("a" * 1024)

        assert [length for length in looks if length > 1] == [32, 32] * 2

    def test_is_bounded_when_the_pieces_are_weak_and_full_of_signs(self, looks):
        refusal(COSTLY * 8, COSTLY)

        assert len(looks) <= 2 * MOST_LOOKS
        assert set(looks) == {32}

    @pytest.mark.parametrize(("five", "most"), [("!+17|", MOST_LOOKS), ("!17|(", 2 + 12)])
    def test_is_as_much_with_all_signs_as_with_five(self, looks, five, most):
        check_strength(f"{five}zorblax")
        few = len(looks)
        check_strength(f"{five}+{COSTLY}"[:32])

        assert (few, len(looks) - few) == (most, most)

    def test_is_bounded_when_something_is_repeated(self, looks):
        check_strength(COSTLY[:16] * 2)

        assert (looks.count(32), looks.count(16)) == (MOST_LOOKS, MOST_LOOKS + 2)
        assert set(looks) == {32, 16}
