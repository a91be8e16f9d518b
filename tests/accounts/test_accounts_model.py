"""Names, languages and settings: what is kept, and what is refused with a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytlas_wamp.accounts.model import (
    Account,
    BadLanguage,
    BadName,
    BadSetting,
    clean_language,
    clean_name,
    name_key,
    setting_key,
    setting_value,
)
from pytlas_wamp.errors import OperatorError


class TestNames:
    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("Ana", "Ana"),
            ("  Ana \n", "Ana"),
            ("\uff21\uff4e\uff41", "Ana"),
            ("Ame\u0301lie", "Am\u00e9lie"),
            ("Ana Maria", "Ana Maria"),
            ("o'); DROP TABLE users; --", "o'); DROP TABLE users; --"),
            ("x" * 150, "x" * 150),
        ],
    )
    def test_are_kept_trimmed_and_composed(self, typed, kept):
        assert clean_name(typed) == kept

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ("", "empty"),
            (" \u00a0\t", "empty"),
            ("x" * 151, "151 characters"),
            ("\ufdfa" * 9, "162 characters"),  # one sign that NFKC writes out as 18
            ("a\0b", "invisible"),
            ("a\nb", "invisible"),
            ("a\u200bb", "invisible"),
            ("a\u202eb", "invisible"),
            ("a\u2028b", "invisible"),
            ("a\ud800b", "invisible"),
        ],
    )
    def test_that_nobody_could_tell_apart_are_refused(self, typed, said):
        with pytest.raises(BadName, match=said):
            clean_name(typed)

    @given(st.text())
    def test_once_kept_do_not_change_again(self, typed):
        try:
            kept = clean_name(typed)
        except BadName:
            return

        assert clean_name(kept) == kept

    @pytest.mark.parametrize(
        ("one", "other"), [("Ana", "ANA"), ("Straße", "STRASSE"), ("ﬁn", "FIN"), ("ς", "Σ")]
    )
    def test_that_differ_only_by_case_share_their_key(self, one, other):
        assert name_key(one) == name_key(other)

    def test_that_differ_by_an_accent_do_not_share_their_key(self):
        assert name_key("Ana") != name_key("Aná")

    @given(st.text(st.characters(exclude_categories=["Cs"])))
    def test_keys_of_keys_are_the_same(self, name):
        assert name_key(name_key(name)) == name_key(name)


class TestLanguages:
    @pytest.mark.parametrize("typed", ["fr", "fr-FR", "fr_FR", "FR-fr", "es-419"])
    def test_are_kept_as_typed(self, typed):
        assert clean_language(f" {typed} ") == typed

    @pytest.mark.parametrize(
        "typed", ["", "f", "fra", "french", "fr-", "fr-F", "fr-FRA", "fr--FR", "fr FR", "fr\0", "ﬁ"]
    )
    def test_written_otherwise_are_refused(self, typed):
        with pytest.raises(BadLanguage, match="fr-FR, fr_FR or fr"):
            clean_language(typed)

    def test_are_not_repeated_at_length(self):
        with pytest.raises(BadLanguage) as caught:
            clean_language("x" * 5000)

        assert len(str(caught.value)) < 120


class TestSettingKeys:
    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("weather.api_key", "WEATHER_API_KEY"),
            ("WEATHER_API_KEY", "WEATHER_API_KEY"),
            (" weather.api-key ", "WEATHER_API_KEY"),
            ("my skill.café", "MY_SKILL_CAF_"),
            ("a..b__c", "A_B_C"),  # pytlas looks for one underscore where others come in a row
            ("uid.x", "UID_X"),
            ("k" * 128, "K" * 128),
        ],
    )
    def test_are_kept_in_the_environment_form(self, typed, kept):
        assert setting_key(typed) == kept

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ("", "empty"),
            ("  ", "empty"),
            ("...", "empty"),
            ("é", "empty"),
            ("k" * 129, "129 characters"),
            ("2fa.key", "digit"),
            ("uid", "reserved"),
            ("UID", "reserved"),
        ],
    )
    def test_that_cannot_be_looked_up_are_refused(self, typed, said):
        with pytest.raises(BadSetting, match=said):
            setting_key(typed)

    @given(st.text())
    def test_once_kept_do_not_change_again(self, typed):
        try:
            kept = setting_key(typed)
        except BadSetting:
            return

        assert setting_key(kept) == kept


class TestSettingValues:
    @pytest.mark.parametrize("value", ["", " as is ", "é\n☃", "v" * 8192])
    def test_are_kept_as_they_are(self, value):
        assert setting_value(value) == value

    @pytest.mark.parametrize(
        ("value", "said"), [("v" * 8193, "8193"), ("a\0b", "NUL"), ("a\udc80", "half a character")]
    )
    def test_that_no_database_holds_are_refused(self, value, said):
        with pytest.raises(BadSetting, match=said):
            setting_value(value)


class TestErrors:
    @pytest.mark.parametrize("error", [BadName, BadLanguage, BadSetting])
    def test_are_for_the_operator(self, error):
        assert issubclass(error, OperatorError)


class TestAccount:
    def test_is_a_value(self):
        values = {"id": 1, "name": "Ana", "language": "fr", "active": True, "admin": False}

        assert Account(**values) == Account(**values)
