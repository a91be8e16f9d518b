"""Signing keys in every kind of store."""

from __future__ import annotations

from account_stores import NOON
from attrs import evolve

from pytlas_wamp.accounts.model import Change, SigningKey

FIRST = SigningKey(kid="k1", secret="s1", purpose="own", created_at=NOON, expires_at=None)
SECOND = evolve(FIRST, kid="k2", secret="s2", created_at=NOON + 10)
THEIRS = SigningKey(
    kid="django", secret="s3", purpose="imported", created_at=NOON + 5, expires_at=NOON + 999
)


def kids(store):
    return [key.kid for key in list(store.keys())]


class TestKeys:
    def test_are_none_at_first(self, store):
        assert store.keys() == []

    def test_do_not_show_their_secret(self):
        assert "s1" not in repr(FIRST)

    def test_are_listed_newest_first(self, store):
        store.rotate_key(SECOND, old_expires_at=NOON + 100)
        store.add_key(THEIRS)
        store.add_key(evolve(FIRST, purpose="imported"))

        assert kids(store) == ["k2", "configured", "django", "k1"]


class TestRotation:
    def test_lets_the_configured_one_end(self, store):
        store.rotate_key(FIRST, old_expires_at=NOON + 100)

        assert store.keys() == [
            FIRST,
            SigningKey(
                kid="configured",
                secret=None,
                purpose="own",
                created_at=NOON,
                expires_at=NOON + 100,
            ),
        ]

    def test_lets_the_one_before_end(self, store):
        store.rotate_key(FIRST, old_expires_at=NOON + 100)
        store.rotate_key(SECOND, old_expires_at=NOON + 200)

        assert {
            kid: one.expires_at for kid, one in zip(kids(store), store.keys(), strict=True)
        } == {
            "k2": None,
            "k1": NOON + 200,
            "configured": NOON + 100,
        }

    def test_does_not_bring_the_configured_one_back(self, store):
        store.rotate_key(FIRST, old_expires_at=NOON + 100)
        store.forget_expired(NOON + 100)
        store.rotate_key(SECOND, old_expires_at=NOON + 200)

        assert kids(store) == ["k2", "k1"]

    def test_leaves_imported_ones_alone(self, store):
        endless = evolve(THEIRS, expires_at=None)
        store.add_key(endless)
        store.rotate_key(FIRST, old_expires_at=NOON + 100)

        assert store.keys().count(endless) == 1
        assert "configured" in kids(store)

    def test_is_told(self, store):
        store.rotate_key(FIRST, old_expires_at=NOON)

        assert store.changes(0) == [Change(id=1, user_id=0, kind="keys", token_id=None)]


class TestAdding:
    def test_is_told(self, store):
        assert store.add_key(THEIRS) is True

        assert store.keys() == [THEIRS]
        assert store.changes(0) == [Change(id=1, user_id=0, kind="keys", token_id=None)]

    def test_of_one_that_is_there_changes_nothing(self, store):
        store.add_key(THEIRS)

        assert store.add_key(evolve(THEIRS, secret="other")) is False
        assert store.add_key(evolve(THEIRS, kid="other")) is False
        assert store.keys() == [THEIRS]
        assert store.last_change() == 1

    def test_of_ones_without_a_secret_looks_at_the_name_only(self, store):
        nameless = evolve(THEIRS, secret=None)

        assert store.add_key(nameless) is True
        assert store.add_key(evolve(nameless, kid="other")) is True
        assert store.add_key(nameless) is False


class TestForgetting:
    def test_takes_those_that_have_ended(self, store):
        store.rotate_key(FIRST, old_expires_at=NOON + 1)
        store.add_key(THEIRS)

        store.forget_expired(NOON + 998)

        assert kids(store) == ["django", "k1"]
        store.forget_expired(NOON + 999)
        assert kids(store) == ["k1"]
