"""Names, languages and settings: what is kept, and what is refused with a sentence."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_yaml import read_yaml
from pytlas_wamp.accounts.model import (
    Account,
    BadDisplayName,
    BadLanguage,
    BadName,
    BadPassword,
    BadSetting,
    LastAdmin,
    NameTaken,
    Outdated,
    SetupDone,
    SigningKey,
    StoreBroken,
    TooManyDevices,
    UnknownLogin,
    UnknownUser,
    WeakPassword,
    clean_display_name,
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
            # NFKC would make half as many of them; what is so long is not brought into it.
            ("a\u0300" * 301, "602 characters"),
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

    @pytest.mark.untraced
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

    def test_are_kept_however_they_are_typed(self):
        typed = " " * 1000 + "\u03b1\u0313\u0300\u0345" * 150  # as long as it can get

        assert clean_name(typed) == "\u1f82" * 150

    def test_have_a_key_that_ends_with_the_longest_name(self):
        assert name_key("x" * 600 + "a\u0316" * 9000) == "x" * 600

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
            ("k" + "." * 512, "513 characters"),  # all of them would become one
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
    @pytest.mark.parametrize(
        ("error", "code"),
        [
            (NameTaken, "name-taken"),
            (UnknownUser, "not-found"),
            (UnknownLogin, "not-found"),
            (BadName, "invalid-request"),
            (BadDisplayName, "invalid-request"),
            (BadLanguage, "invalid-request"),
            (BadSetting, "invalid-request"),
            (BadPassword, "invalid-request"),
            (WeakPassword, "weak-password"),
            (Outdated, "precondition-failed"),
            (TooManyDevices, "invalid-request"),
            (LastAdmin, "last-admin"),
            (SetupDone, "setup-done"),
            (StoreBroken, None),
        ],
    )
    def test_are_for_the_operator_and_name_their_problem(self, error, code):
        assert issubclass(error, OperatorError)
        assert getattr(error("Why."), "code", None) == code


class TestDisplayNames:
    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("", ""),
            ("  Ana Mar\u00eda \n", "Ana Mar\u00eda"),
            ("Ame\u0301lie", "Am\u00e9lie"),
            ("\uff21na", "\uff21na"),
            ("李小龍 📱", "李小龍 📱"),
            ("\u00abAna\u00a0\u00bb\u3000\ue000!", "\u00abAna\u00a0\u00bb\u3000\ue000!"),
            ("x" * 150, "x" * 150),
        ],
    )
    def test_are_kept_trimmed_and_composed(self, typed, kept):
        assert clean_display_name(typed) == kept

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ("x" * 151, "151 characters"),
            ("a\u0300" * 301, "602 characters"),  # as they were typed; see the names
            ("a\0b", "invisible"),
            ("a\u202eb", "invisible"),
            ("a\ud800b", "invisible"),
        ],
    )
    def test_that_cannot_be_shown_are_refused(self, typed, said):
        with pytest.raises(BadDisplayName, match=f"display name .*{said}"):
            clean_display_name(typed)


def is_tried(character):
    """All characters but most of the letters of large scripts, and of those nobody has given."""
    rare = unicodedata.category(character) not in {"Lo", "Cn", "Co"}
    return rare or ord(character) < 0x3100 or ord(character) % 23 == 0


class TestContract:
    """What a schema can say of names stands in spec/openapi.yaml, and is what is done."""

    @pytest.mark.untraced
    @pytest.mark.parametrize(
        ("schema", "clean"), [("Name", clean_name), ("DisplayName", clean_display_name)]
    )
    def test_names_are_refused_that_it_does_not_allow(self, schema, clean):
        rule = read_yaml("openapi.yaml")["components"]["schemas"][schema]
        allowed = re.compile(rule["pattern"])
        characters = {one for one in map(chr, range(0x110000)) if is_tried(one)}
        forbidden = {one for one in characters if not allowed.search(f"a{one}b")}

        def refused(character):
            try:
                clean(f"a{character}b")
            except BadName:
                return True
            return False

        found = {one for one in characters if refused(one)}

        assert rule["maxLength"] == 150
        assert forbidden <= found
        # A pattern that lists these as well would be as long as the table of Unicode.
        assert {unicodedata.category(one) for one in found - forbidden} == {"Cf", "Cs"}


class TestSigningKey:
    def test_does_not_show_its_secret(self):
        key = SigningKey(kid="k", secret="s3cret", purpose="own", created_at=1, expires_at=None)

        assert "s3cret" not in repr(key)


class TestAccount:
    def test_is_a_value(self):
        values = {"id": 1, "name": "Ana", "language": "fr", "active": True, "admin": False}

        assert Account(**values) == Account(**values)

    def test_has_defaults_for_what_is_newer_than_the_rest(self):
        account = Account(id=1, name="Ana", language="fr", active=True, admin=False)

        assert account == Account(
            id=1,
            name="Ana",
            language="fr",
            active=True,
            admin=False,
            display_name="",
            created_at=None,
            revision=1,
            settings_revision=1,
            plain_tokens=True,
            original_id=None,
        )
