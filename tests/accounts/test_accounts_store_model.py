"""Every store agrees with a model made of dicts, whatever is done in whatever order."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

import pytest
from account_stores import STORES
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from pytlas_wamp.accounts.model import Account, Change, NameTaken, UnknownUser

NAMES = {"Ana": "ana", "ANA": "ana", "Bob": "bob", "Straße": "strasse", "STRASSE": "strasse"}
KEYS = st.sampled_from(["A", "B", "C"])
TOKEN_IDS = st.sampled_from([f"token-{number}" for number in range(6)])
SECONDS = st.integers(0, 20)
PICKS = st.integers(0, 100)


class StoreMachine(RuleBasedStateMachine):
    """Drives a store and a model side by side; `visited` counts what happened."""

    make = None
    visited: ClassVar = Counter()

    def __init__(self):
        super().__init__()
        self.folder = TemporaryDirectory()
        self.store = self.make(Path(self.folder.name))
        self.accounts = {}
        self.hashes = {}
        self.settings = {}
        self.tokens = {}
        self.changes = []
        self.used_ids = set()

    def teardown(self):
        self.store.close()
        self.folder.cleanup()

    def note(self, user_id, kind, token_id=None):
        number = len(self.changes) + 1
        self.changes.append(Change(id=number, user_id=user_id, kind=kind, token_id=token_id))

    def somebody(self, pick):
        return sorted(self.accounts)[pick % len(self.accounts)]

    def is_anybody(self):
        return bool(self.accounts)

    @rule(name=st.sampled_from(sorted(NAMES)), language=st.sampled_from(["en", "fr-FR"]))
    def add(self, name, language):
        if NAMES[name] in {NAMES[account.name] for account in self.accounts.values()}:
            self.visited["name taken"] += 1
            with pytest.raises(NameTaken):
                self.store.add(name, "hash", language=language, admin=False)
            return
        self.visited["added"] += 1
        made = self.store.add(name, "hash", language=language, admin=False)
        assert made.id not in self.used_ids
        self.used_ids.add(made.id)
        self.accounts[made.id] = Account(
            id=made.id, name=name, language=language, active=True, admin=False
        )
        self.hashes[made.id] = "hash"
        self.settings[made.id] = {}
        self.note(made.id, "account")

    @precondition(is_anybody)
    @rule(
        pick=PICKS, active=st.booleans(), admin=st.booleans(), language=st.text("abc", min_size=1)
    )
    def change(self, pick, active, admin, language):
        self.visited["changed"] += 1
        user_id = self.somebody(pick)
        self.store.set_active(user_id, active=active)
        self.store.set_admin(user_id, admin=admin)
        self.store.set_language(user_id, language)
        self.accounts[user_id] = Account(
            id=user_id,
            name=self.accounts[user_id].name,
            language=language,
            active=active,
            admin=admin,
        )
        for _ in range(3):
            self.note(user_id, "account")

    @precondition(is_anybody)
    @rule(pick=PICKS, new=st.sampled_from("xyz"), old=st.sampled_from([None, "hash", *"xyz"]))
    def change_hash(self, pick, new, old):
        user_id = self.somebody(pick)
        written = old in {None, self.hashes[user_id]}
        self.visited["hash written" if written else "hash kept"] += 1
        assert self.store.set_password_hash(user_id, new, replacing=old) is written
        if written:
            self.hashes[user_id] = new
            self.note(user_id, "account")

    @precondition(is_anybody)
    @rule(pick=PICKS)
    def delete(self, pick):
        self.visited["deleted"] += 1
        user_id = self.somebody(pick)
        self.store.delete(user_id)
        for kept in (self.accounts, self.hashes, self.settings):
            del kept[user_id]
        self.tokens = {key: value for key, value in self.tokens.items() if value[0] != user_id}
        self.note(user_id, "account")

    @rule(pick=PICKS)
    def miss(self, pick):
        gone = sorted(self.used_ids - set(self.accounts)) or [12345]
        self.visited["missed"] += 1
        with pytest.raises(UnknownUser):
            self.store.set_setting(gone[pick % len(gone)], "A", "1")

    @precondition(is_anybody)
    @rule(pick=PICKS, key=KEYS, value=st.text(st.characters(exclude_categories=["Cs"]), max_size=5))
    def set_setting(self, pick, key, value):
        user_id = self.somebody(pick)
        self.visited["replaced" if key in self.settings[user_id] else "set"] += 1
        self.store.set_setting(user_id, key, value)
        self.settings[user_id][key] = value
        self.note(user_id, "settings")

    @precondition(is_anybody)
    @rule(pick=PICKS, key=KEYS)
    def delete_setting(self, pick, key):
        user_id = self.somebody(pick)
        present = self.settings[user_id].pop(key, None) is not None
        self.visited["unset" if present else "nothing to unset"] += 1
        assert self.store.delete_setting(user_id, key) is present
        if present:
            self.note(user_id, "settings")

    @precondition(is_anybody)
    @rule(pick=PICKS, token_id=TOKEN_IDS, expires_at=SECONDS)
    def revoke(self, pick, token_id, expires_at):
        user_id = self.somebody(pick)
        first = token_id not in self.tokens
        self.visited["revoked" if first else "revoked before"] += 1
        assert self.store.revoke_token(token_id, user_id, expires_at) is first
        if first:
            self.tokens[token_id] = (user_id, expires_at)
            self.note(user_id, "token", token_id)

    @precondition(lambda self: self.tokens)
    @rule(now=SECONDS)
    def forget(self, now):
        kept = {key: value for key, value in self.tokens.items() if value[1] > now}
        self.visited["forgot" if len(kept) < len(self.tokens) else "nothing to forget"] += 1
        self.store.forget_expired(now)
        self.tokens = kept

    @invariant()
    def agree(self):
        assert self.store.all() == [self.accounts[user_id] for user_id in sorted(self.accounts)]
        for user_id, account in self.accounts.items():
            assert self.store.find(account.name) == account
            assert self.store.password_hash(user_id) == self.hashes[user_id]
            assert self.store.settings(user_id) == self.settings[user_id]
        for number in range(6):
            assert self.store.is_revoked(f"token-{number}") == (f"token-{number}" in self.tokens)
        assert self.store.last_change() == len(self.changes)
        assert self.store.changes(len(self.changes) - 5) == self.changes[-5:]


HAPPENINGS = {
    *("added", "name taken", "changed", "hash written", "hash kept", "deleted", "missed"),
    *("set", "replaced", "unset", "nothing to unset"),
    *("revoked", "revoked before", "forgot", "nothing to forget"),
}


@pytest.mark.parametrize("kind", STORES)
def test_a_store_agrees_with_the_model_and_everything_happened(kind):
    class Machine(StoreMachine):
        make = staticmethod(STORES[kind])
        visited: ClassVar = Counter()

    run_state_machine_as_test(
        Machine, settings=settings(max_examples=20, stateful_step_count=40, deadline=None)
    )

    assert {name for name, times in Machine.visited.items() if times} == HAPPENINGS
