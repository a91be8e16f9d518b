"""The code that makes the first account."""

from __future__ import annotations

import re
import secrets

import pytest
from attrs import Factory, define, frozen

from pytlas_wamp.accounts.accounts import Origin
from pytlas_wamp.accounts.model import SetupDone
from pytlas_wamp.errors import ClientError
from pytlas_wamp.transport.setup import ALPHABET, Setup, SetupCode, make_code

CODE = SetupCode("k7mp-x3qd-9rtw")
ORIGIN = Origin(address="192.0.2.1", client="browser")


@frozen
class Person:
    name: str


@define
class FakeAccounts:
    made: list = Factory(list)

    def ever_had_accounts(self):
        return bool(self.made)

    def create_first(self, name, password, *, language):
        self.made.append((name, password, language))
        return Person(name.strip())

    def sign_in(self, name, password, origin):
        return (name, password, origin)


@define
class FakeThrottle:
    """Lets nobody try more than three times."""

    counted: list = Factory(list)

    def attempt(self, name, address, *, what):
        if len(self.counted) == 3:
            raise ClientError("rate-limited", "Later.", retry_after=60)
        self.counted.append((name, address, what))

    def forgive(self, name, address, *, what):
        assert (name, address, what) in self.counted
        self.counted.clear()


@define
class Stage:
    accounts: FakeAccounts = Factory(FakeAccounts)
    throttle: FakeThrottle = Factory(FakeThrottle)

    @property
    def setup(self):
        return Setup(
            code=CODE,
            ever_had_accounts=self.accounts.ever_had_accounts,
            accounts=self.accounts,
            throttle=self.throttle,
            language="en-US",
        )

    def begin(self, typed=CODE.text, *, language=None):
        return self.setup.begin(typed, " ann ", "pass", language=language, origin=ORIGIN)

    def refusal(self, typed):
        with pytest.raises(ClientError) as caught:
            self.begin(typed)
        return caught.value


class TestSetupCode:
    def test_is_easy_to_type(self):
        assert not set(ALPHABET) & set("0oO1lIi")
        assert re.fullmatch(f"([{ALPHABET}]{{4}}-){{2}}[{ALPHABET}]{{4}}", make_code(min).text)

    def test_comes_from_the_given_source(self):
        assert make_code(lambda signs: signs[1]) == SetupCode("bbbb-bbbb-bbbb")

    def test_is_another_one_each_time(self):
        assert make_code(secrets.choice) != make_code(secrets.choice)

    @pytest.mark.parametrize(
        "typed",
        [
            CODE.text,
            "K7MP-X3QD-9RTW",
            "k7mpx3qd9rtw",
            " k7mp x3qd 9rtw\n",
            "k7mp\N{EN DASH}x3qd\N{EN DASH}9rtw",
        ],
    )
    def test_fits_however_it_is_typed(self, typed):
        assert CODE.fits(typed)

    @pytest.mark.parametrize(
        "typed", ["", "-", "k7mp-x3qd-9rt", "k7mp-x3qd-9rtww", "x7mp-x3qd-9rtw", "\ud800", "é"]
    )
    def test_fits_nothing_else(self, typed):
        assert not CODE.fits(typed)

    def test_stands_in_no_log(self):
        assert "k7mp" not in repr(CODE)


class TestSetup:
    def test_is_needed_until_there_is_an_account(self):
        stage = Stage()
        assert stage.setup.needed()
        stage.begin()
        assert not stage.setup.needed()

    def test_makes_the_account_and_signs_in(self):
        stage = Stage()
        assert stage.begin(language="fr-FR") == ("ann", "pass", ORIGIN)
        assert stage.accounts.made == [(" ann ", "pass", "fr-FR")]

    def test_takes_the_language_of_the_server(self):
        stage = Stage()
        stage.begin()
        assert stage.accounts.made[0][2] == "en-US"

    def test_a_wrong_code_makes_nothing(self):
        stage = Stage()
        error = stage.refusal("aaaa")
        assert (error.code, error.field) == ("wrong-code", "code")
        assert stage.accounts.made == []
        assert stage.throttle.counted == [("setup", "192.0.2.1", "setup")]

    def test_guessing_is_throttled(self):
        stage = Stage()
        codes = [stage.refusal("aaaa").code for _ in range(4)]
        assert codes == ["wrong-code"] * 3 + ["rate-limited"]
        assert stage.refusal(CODE.text).code == "rate-limited"
        assert stage.accounts.made == []

    def test_the_right_code_forgets_the_count(self):
        stage = Stage()
        stage.refusal("aaaa")
        stage.begin()
        assert stage.throttle.counted == []

    @pytest.mark.parametrize("typed", [CODE.text, "aaaa"])
    def test_is_over_for_ever_after(self, typed):
        stage = Stage()
        stage.begin()
        with pytest.raises(SetupDone, match="sign in"):
            stage.begin(typed)
        assert len(stage.accounts.made) == 1
        assert stage.throttle.counted == []
