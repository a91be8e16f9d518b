"""Passwords: taken exactly as given, never kept, checked at one price."""

from __future__ import annotations

import hashlib
import re

import pytest
from account_stores import CHEAP, CountingHasher
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from attrs import define
from hypothesis import given
from hypothesis import strategies as st

from pytlas_wamp.accounts.model import BadPassword
from pytlas_wamp.accounts.passwords import Passwords, is_imported, most_iterations

CHEAP_PASSWORDS = Passwords(PasswordHasher(**CHEAP))

# As PBKDF2PasswordHasher().encode("correct horse battery", "seasalt", 1000) of Django writes it.
DJANGO = "pbkdf2_sha256$1000$seasalt$DrdiWD40lyBuydnjvZiDrdQMx1S1mOA9O0QYex0R6ww="
DJANGO_PASSWORD = "correct horse battery"
DIGEST = DJANGO.rsplit("$", 1)[1]


@define
class CountingPbkdf2:
    """Counts the rounds it is asked for."""

    rounds: int = 0

    def __call__(self, digest, password, salt, iterations):
        self.rounds += iterations
        return hashlib.pbkdf2_hmac(digest, password, salt, iterations)


@pytest.fixture
def hasher():
    return CountingHasher()


@pytest.fixture
def pbkdf2():
    return CountingPbkdf2()


@pytest.fixture
def passwords(hasher, pbkdf2):
    return Passwords(hasher, pbkdf2)


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

    @pytest.mark.parametrize("stand_in", ["nobody", "no password", "", "x" * 1025, "\ud800"])
    def test_for_nobody_is_no(self, passwords, stand_in):
        assert passwords.verify(None, stand_in) is False

    @pytest.mark.parametrize("password", ["", "x" * 1025, "\ud800"])
    @pytest.mark.parametrize("stand_in", ["nobody", "no password"])
    def test_of_what_cannot_be_a_password_is_no(self, passwords, password, stand_in):
        assert passwords.verify(passwords.hash(stand_in), password) is False

    def test_accepts_a_password_of_the_original(self, passwords):
        assert passwords.verify(DJANGO, DJANGO_PASSWORD) is True
        assert passwords.verify(DJANGO, DJANGO_PASSWORD + " ") is False

    @pytest.mark.parametrize(
        "kept",
        [
            f"pbkdf2_sha256$0$seasalt${DIGEST}",
            f"pbkdf2_sha256$2000001$seasalt${DIGEST}",
            f"pbkdf2_sha256$10000000$seasalt${DIGEST}",
            f"pbkdf2_sha256$-1000$seasalt${DIGEST}",
            f"pbkdf2_sha256$1000.$seasalt${DIGEST}",
            f"pbkdf2_sha256$\u0661000$seasalt${DIGEST}",
            f"pbkdf2_sha256$1000$seasalt${DIGEST}=",
            f"pbkdf2_sha256$1000$seasalt${DIGEST}\n",
            f"pbkdf2_sha256$1000$seasalt${DIGEST[:40]}",
            "pbkdf2_sha256$1000$seasalt$",
            f"pbkdf2_sha256$1000$${DIGEST}",
            f"pbkdf2_sha256$1000$sea$salt${DIGEST}",
            f"pbkdf2_sha256$1000$s\u00e9l${DIGEST}",
            f"pbkdf2_sha1$1000$seasalt${DIGEST}",
            "",
            "!",
            "\ud800",
            "$argon2id$v=19$broken",
        ],
    )
    def test_against_what_is_no_hash_is_no_at_the_same_cost(self, passwords, hasher, pbkdf2, kept):
        asked = hasher.verified

        assert passwords.verify(kept, DJANGO_PASSWORD, iterations=1500) is False
        # What cannot be read costs argon2 nothing.
        assert hasher.verified - asked == 2
        assert pbkdf2.rounds == 1500
        assert not is_imported(kept)

    def test_costs_one_check_for_everybody(self, passwords, hasher, pbkdf2):
        ours = passwords.hash(DJANGO_PASSWORD)
        costs = set()
        for kept in (ours, DJANGO, None):
            for password in (DJANGO_PASSWORD, "wrong", "", "x" * 1025, "\ud800"):
                before = hasher.hashed, hasher.verified, pbkdf2.rounds
                passwords.verify(kept, password, iterations=1500)
                after = hasher.hashed, hasher.verified, pbkdf2.rounds
                costs.add(tuple(b - a for a, b in zip(before, after, strict=True)))

        assert costs == {(0, 1, 1500)}

    def test_costs_nothing_more_when_nobody_came_from_the_original(self, passwords, pbkdf2):
        passwords.verify(passwords.hash("secret"), "secret")
        passwords.verify(None, "secret")

        assert pbkdf2.rounds == 0


class TestMostIterations:
    @pytest.mark.parametrize(
        ("beginnings", "most"),
        [
            ([], 0),
            (["$argon2id$v=19$m=65536", "", "!"], 0),
            (["pbkdf2_sha256$150000$ab", "pbkdf2_sha256$36000$abc"], 150_000),
            (["pbkdf2_sha256$2000000$"], 2_000_000),
            (["pbkdf2_sha256$2000001$", "pbkdf2_sha256$7$abc"], 7),
            (["pbkdf2_sha256$150000", "pbkdf2_sha256$x$", "xpbkdf2_sha256$5$"], 0),
        ],
    )
    def test_are_those_of_the_dearest_hash_that_is_checked(self, beginnings, most):
        assert most_iterations(beginnings) == most


class TestNeedsRehash:
    def test_is_no_for_our_parameters(self, passwords):
        assert passwords.needs_rehash(passwords.hash("secret")) is False

    def test_is_yes_for_others(self, passwords):
        other = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)

        assert passwords.needs_rehash(other.hash("secret")) is True

    def test_is_yes_for_a_hash_of_the_original(self, passwords):
        assert is_imported(DJANGO)
        assert passwords.needs_rehash(DJANGO) is True

    def test_uses_the_same_parameters_for_nobody(self, passwords):
        assert not passwords.needs_rehash(passwords._nobody)


class TestNobody:
    def test_has_a_hash_that_took_no_time(self, hasher):
        Passwords(hasher)

        assert hasher.hashed == 0

    def test_has_a_hash_of_the_same_form(self):
        shape = re.compile(r"[0-9A-Za-z+/]{2,}$|[0-9A-Za-z+/]{22}(?=[$])")
        made = shape.sub("", PasswordHasher().hash("secret"))

        assert shape.sub("", Passwords()._nobody) == made == "$argon2id$v=19$m=65536,t=3,p=4$$"

    def test_pays_for_a_check_of_its_hash(self):
        # Nothing else than a mismatch: what cannot be read would be refused for free.
        with pytest.raises(VerifyMismatchError):
            PasswordHasher().verify(CHEAP_PASSWORDS._nobody, "nobody")


class TestDefaults:
    def test_are_not_cheap(self):
        made = Passwords().hash("secret")

        assert CHEAP_PASSWORDS.needs_rehash(made)
        assert "m=65536,t=3,p=4" in made
