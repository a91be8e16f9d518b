"""Passwords: taken exactly as given, never kept, checked at one price."""

from __future__ import annotations

import pytest
from account_stores import CHEAP, CountingHasher
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from pytlas_wamp.accounts.model import BadPassword
from pytlas_wamp.accounts.passwords import Passwords

CHEAP_PASSWORDS = Passwords(PasswordHasher(**CHEAP))


@pytest.fixture
def hasher():
    return CountingHasher()


@pytest.fixture
def passwords(hasher):
    return Passwords(hasher)


class TestHash:
    def test_is_argon2id(self, passwords):
        assert passwords.hash("secret").startswith("$argon2id$")

    def test_is_another_one_each_time(self, passwords):
        assert passwords.hash("secret") != passwords.hash("secret")

    @pytest.mark.parametrize(
        ("password", "said"), [("", "empty"), ("x" * 1025, "1025"), ("\ud800", "half a character")]
    )
    def test_of_what_cannot_be_a_password_is_refused(self, passwords, password, said):
        with pytest.raises(BadPassword, match=said):
            passwords.hash(password)

    def test_of_the_longest_password_is_made(self, passwords):
        assert passwords.verify(passwords.hash("x" * 1024), "x" * 1024)


class TestVerify:
    @given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=50))
    def test_accepts_exactly_what_was_hashed(self, password):
        made = CHEAP_PASSWORDS.hash(password)

        assert CHEAP_PASSWORDS.verify(made, password)
        assert not CHEAP_PASSWORDS.verify(made, password + " ")
        assert not CHEAP_PASSWORDS.verify(made, " " + password)

    @pytest.mark.parametrize("password", ["", "x" * 1025, "\ud800"])
    def test_of_what_cannot_be_a_password_is_no(self, passwords, password):
        assert passwords.verify(passwords.hash("secret"), password) is False

    @pytest.mark.parametrize("kept", ["", "!", "pbkdf2_sha256$1$a$b", "$argon2id$v=19$broken"])
    def test_against_a_hash_of_another_kind_is_no_at_the_same_cost(self, passwords, hasher, kept):
        assert passwords.verify(kept, "secret") is False
        assert hasher.verified == 2


class TestVerifyNobody:
    def test_costs_one_check_and_no_hash(self, passwords, hasher):
        before = hasher.hashed

        passwords.verify_nobody("secret")

        assert (hasher.verified, hasher.hashed - before) == (1, 0)

    def test_uses_the_same_parameters_as_real_hashes(self, passwords):
        assert not passwords.needs_rehash(passwords._nobody)

    @pytest.mark.parametrize("password", ["", "x" * 1025, "\ud800"])
    def test_takes_anything(self, passwords, password):
        assert passwords.verify_nobody(password) is None

    def test_gives_nothing_away_when_the_stand_in_is_guessed(self, passwords):
        assert passwords.verify_nobody("nobody") is None


class TestNeedsRehash:
    def test_is_no_for_our_parameters(self, passwords):
        assert passwords.needs_rehash(passwords.hash("secret")) is False

    def test_is_yes_for_others(self, passwords):
        other = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)

        assert passwords.needs_rehash(other.hash("secret")) is True

    def test_is_yes_for_a_hash_of_another_kind(self, passwords):
        assert passwords.needs_rehash("pbkdf2_sha256$1$a$b") is True


class TestDefaults:
    def test_are_not_cheap(self):
        made = Passwords().hash("secret")

        assert CHEAP_PASSWORDS.needs_rehash(made)
        assert "m=65536,t=3,p=4" in made
