"""The keyring: which key signs, and which keys a token may have been signed with."""

from __future__ import annotations

import pytest

from pytlas_wamp.accounts.keyring import Keyring
from pytlas_wamp.accounts.model import SigningKey

NOW = 1000
MINE = "mine"
THEIRS = "theirs"


def own(kid, *, secret=MINE, created_at=1, expires_at=None):
    return SigningKey(
        kid=kid, secret=secret, purpose="own", created_at=created_at, expires_at=expires_at
    )


def imported(kid, *, secret=THEIRS, expires_at=None):
    return SigningKey(
        kid=kid, secret=secret, purpose="imported", created_at=1, expires_at=expires_at
    )


def ring(*keys):
    return Keyring("configured secret", keys, NOW)


class TestSigning:
    @pytest.mark.parametrize(
        ("keys", "signs"),
        [
            ([], (None, "configured secret")),
            ([imported("x")], (None, "configured secret")),
            ([own("a")], ("a", "mine")),
            ([own("a"), imported("x")], ("a", "mine")),
            ([own("a", created_at=2), own("b", secret="newer", created_at=3)], ("b", "newer")),
            ([own("a", expires_at=NOW + 9), own("b", secret="endless")], ("b", "endless")),
            ([own("a", expires_at=NOW + 9)], (None, "configured secret")),
            ([own("configured", secret=None)], (None, "configured secret")),
        ],
    )
    def test_is_done_by_the_newest_own_key_without_end(self, keys, signs):
        assert ring(*keys).signing() == signs


class TestNamed:
    @pytest.mark.parametrize(
        ("key", "secret"),
        [
            (own("a"), "mine"),
            (own("a", expires_at=NOW + 1), "mine"),
            (own("a", expires_at=NOW), None),
            (own("b"), None),
            (own("a", secret=None), None),
            (own("a", secret=""), None),
            (imported("a"), None),
        ],
    )
    def test_finds_our_keys_that_have_not_ended(self, key, secret):
        assert ring(own("other"), key).named("a") == secret


class TestUnnamed:
    @pytest.mark.parametrize(
        ("keys", "secrets"),
        [
            ([], ["configured secret"]),
            ([own("a")], []),
            ([own("a"), own("configured", secret=None, expires_at=NOW)], []),
            (
                [own("a"), own("configured", secret=None, expires_at=NOW + 1)],
                ["configured secret"],
            ),
            ([own("a", expires_at=NOW + 1)], ["configured secret"]),
            ([imported("x")], ["theirs", "configured secret"]),
            ([imported("x", expires_at=NOW + 1), own("a")], ["theirs"]),
            ([imported("x", expires_at=NOW)], ["configured secret"]),
            ([imported("x", secret=None), imported("y", secret="")], ["configured secret"]),
            ([imported("configured"), own("a")], ["theirs"]),
        ],
    )
    def test_are_the_imported_ones_and_the_configured_one_until_it_is_replaced(self, keys, secrets):
        found = list(ring(*keys).unnamed())

        assert found == [(secret, secret == "theirs") for secret in secrets]


class TestRepr:
    def test_keeps_secrets_out_of_logs(self):
        text = repr(ring(own("a"), imported("x")))

        assert not [secret for secret in ("configured secret", "mine", "theirs") if secret in text]
