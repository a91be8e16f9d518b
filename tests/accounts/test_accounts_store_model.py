"""SQLite, PostgreSQL and a model of dicts agree in every answer, in whatever order."""

from __future__ import annotations

from collections import Counter
from typing import ClassVar

from account_model import LOOKS, ModelStore
from account_stores import STORES
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from pytlas_wamp.accounts.model import Account, Login, LoginBounds, SigningKey
from pytlas_wamp.accounts.sql import SqlAccountStore
from pytlas_wamp.errors import PytlasWampError

NAMES = st.sampled_from(sorted(LOOKS))
KEYS = st.sampled_from(["A", "A_B", "AB"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
TOKEN_IDS = st.sampled_from([f"token-{number}" for number in range(3)])
HASHES = st.sampled_from(["hash-1", "hash-2"])
ADDRESSES = st.sampled_from([None, "192.0.2.1", "2001:db8::1"])
SECONDS = st.integers(0, 20)
PICKS = st.integers(0, 9)
FLAGS = st.booleans()
BOSSES = st.sampled_from([None, None, None, 0, 1, 2, 9])


HAPPENINGS = {
    *("add: done", "add: NameTaken", "add: SetupDone"),
    *("change: done", "change: UnknownUser", "change: Outdated"),
    *("change: NameTaken", "change: LastAdmin"),
    *("delete: done", "delete: UnknownUser", "delete: Outdated", "delete: LastAdmin"),
    *("set_password_hash: True", "set_password_hash: False", "set_password_hash: UnknownUser"),
    *("change_settings: done", "change_settings: UnknownUser", "change_settings: Outdated"),
    *("change_settings: BadSetting", "set_setting: BadSetting"),
    *("add: ClientError", "change: ClientError", "delete: ClientError"),
    *("change_settings: ClientError", "end_login: ClientError", "end_logins: ClientError"),
    *("delete_setting: True", "delete_setting: False", "delete_setting: UnknownUser"),
    *("add_login: True", "add_login: False", "add_login: UnknownUser"),
    *("add_login: TooManyDevices", "add_login: another one ended"),
    *("rotate_login: True", "rotate_login: False"),
    *("end_login: True", "end_login: False"),
    *("end_logins: done", "end_logins: UnknownUser"),
    *("revoke_token: True", "revoke_token: False", "revoke_token: UnknownUser"),
    *("is_revoked: True", "is_revoked: False"),
    *("add_key: True", "add_key: False"),
    *("set_setting: done", "set_setting: UnknownUser"),
    *("password_hash: done", "password_hash: UnknownUser"),
    *("rotate_key: done", "touch_login: done", "forget_expired: done", "note_skills: done"),
    *("all: done", "count: done", "ever_had_accounts: True", "ever_had_accounts: False"),
    *("get: done", "find: done", "find_original: done"),
    *("settings: done", "login: done", "logins: done", "keys: done"),
    *("changes: done", "last_change: done"),
}


class StoreMachine(RuleBasedStateMachine):
    """Does the same to all three; `visited` counts what happened."""

    visited: ClassVar = Counter()

    def __init__(self):
        super().__init__()
        bounds = LoginBounds(passwords=3, devices=2)
        self.model = ModelStore(bounds=bounds)
        self.sqlite = SqlAccountStore("sqlite://")
        self.postgresql = STORES["postgresql"](None)
        self.sqlite.bounds = self.postgresql.bounds = bounds
        for store in (self.model, self.sqlite, self.postgresql):
            store.settings_bound = 2
        self.kids = self.logins = 0

    def teardown(self):
        self.look_at_everything()
        self.sqlite.close()
        self.postgresql.close()

    def same(self, method, *args, **how):
        """Calls the method of all three, and returns the answer in which they agree."""
        sqlite, postgresql, model = (
            _outcome(store, method, args, how)
            for store in (self.sqlite, self.postgresql, self.model)
        )
        assert sqlite == postgresql
        answer, error, _ = model
        assert sqlite[:2] == (answer, error)
        said = answer if isinstance(answer, bool) else "done"
        self.visited[f"{method}: {error or said}"] += 1
        return answer

    def somebody(self, pick):
        """The id of an account; now and then one that nobody has."""
        known = sorted(self.model.accounts)
        return known[pick % len(known)] if known and pick < 9 else self.model.highest_id + 1

    def some_login(self, pick):
        """The id of a login; now and then one that does not exist."""
        known = sorted(self.model.login_by_id)
        return known[pick % len(known)] if known and pick < 9 else "login-9"

    def boss(self, pick):
        """Nobody in particular, or somebody who may be an administrator or not."""
        return None if pick is None else self.somebody(pick)

    def revision(self, user_id, field, offset):
        """None, the present revision, or one too many."""
        if offset is None:
            return None
        present = self.model.get(user_id) or Account(
            id=1, name="", language="", active=True, admin=True
        )
        return getattr(present, field) + offset

    @initialize()
    def begin(self):
        """Two people, one login, and what chance alone would bring about too rarely."""
        new = {"active": True, "created_at": 0, "display_name": "", "original_id": None}
        self.same("ever_had_accounts")
        self.add("Ana", admin=True, user_id=None, first=True, **new)
        self.add("bill", admin=False, user_id=None, first=False, **new)
        ana, bill = sorted(self.model.accounts)
        guarded = {"guard_admin": True, "by": None}
        self.same("change", ana, if_revision=None, **guarded, admin=False)
        self.same("delete", ana, if_revision=1, **guarded)
        self.same("delete", ana, if_revision=2, **guarded)
        self.same("change", bill, if_revision=None, **guarded, name="\u0410na")
        for by in (ana, bill):
            self.same("change_settings", bill, {"A": "1"}, if_revision=None, by=by)
            self.same("end_login", bill, "login-9", by=by)
            self.same("end_logins", 9, keep=None, by=by)
        self.same("delete", bill, if_revision=None, guard_admin=False, by=bill)
        self.same("change", bill, if_revision=None, guard_admin=False, by=bill, admin=True)
        self.add("b1ll", 1, admin=True, user_id=None, first=False, **new)
        self.add_login(1, "password", (0, 20), "192.0.2.1", "refresh-1", "hash-1", plain=False)
        self.rotate_login(1, "refresh-2", replayed=False, seen_at=1, expires_at=20, address=None)
        self.add_login(1, "device", (0, 20), None, None, None, plain=False)
        self.end_login(1, 1, own=True)
        self.delete(9, None, guard_admin=False)
        self.set_setting(9, "A", "1")
        self.delete_setting(9, "A")
        self.change_settings(9, {"A": "1"}, None)
        three = {"A": "1", "AB": "2", "A_B": "3"}
        self.same("change_settings", bill, three, if_revision=None, by=None)
        self.same("change_settings", bill, {"A": "1", "AB": "2"}, if_revision=None, by=None)
        self.same("set_setting", bill, "A_B", "3")
        self.same("change", bill, if_revision=None, **guarded, active=True)
        for kind in ("password", "device") * 3:
            self.add_login(1, kind, (0, 20), None, None, None, plain=False)

    @rule(
        name=NAMES,
        admin=FLAGS,
        active=FLAGS,
        created_at=st.none() | SECONDS,
        display_name=TEXTS,
        original_id=st.sampled_from([None, None, 7, 8]),
        user_id=st.sampled_from([None, None, 1, 3, 12]),
        first=st.sampled_from([False, False, False, True]),
        by_pick=BOSSES,
    )
    def add(self, name, by_pick=None, **others):
        by = self.boss(by_pick)
        self.same("add", name, "hash-1", language="fr", by=by, **others)

    @rule(
        pick=PICKS,
        offset=st.sampled_from([None, None, 0, 0, 1]),
        fields=st.fixed_dictionaries(
            {},
            optional={
                "name": NAMES,
                "display_name": TEXTS,
                "language": st.sampled_from(["en", "fr"]),
                "active": FLAGS,
                "admin": FLAGS,
                "plain_tokens": FLAGS,
                "password_hash": HASHES,
            },
        ),
        guard_admin=FLAGS,
        by_pick=BOSSES,
    )
    def change(self, pick, offset, fields, guard_admin, by_pick):
        user_id = self.somebody(pick)
        how = {
            "if_revision": self.revision(user_id, "revision", offset),
            "guard_admin": guard_admin,
            "by": self.boss(by_pick),
        }
        self.same("change", user_id, **how, **fields)

    @rule(
        pick=PICKS,
        new=HASHES,
        replacing=st.none() | HASHES,
        end_logins=FLAGS,
        keep_pick=PICKS,
    )
    def set_password_hash(self, pick, new, keep_pick, **how):
        keep = self.some_login(keep_pick)
        self.same("set_password_hash", self.somebody(pick), new, keep=keep, **how)

    @rule(pick=PICKS, offset=st.sampled_from([None, 0, 1]), guard_admin=FLAGS, by_pick=BOSSES)
    def delete(self, pick, offset, guard_admin, by_pick=None):
        user_id = self.somebody(pick)
        revision = self.revision(user_id, "revision", offset)
        by = self.boss(by_pick)
        self.same("delete", user_id, if_revision=revision, guard_admin=guard_admin, by=by)

    @rule(pick=PICKS, key=KEYS, value=TEXTS)
    def set_setting(self, pick, key, value):
        self.same("set_setting", self.somebody(pick), key, value)

    @rule(pick=PICKS, key=KEYS)
    def delete_setting(self, pick, key):
        self.same("delete_setting", self.somebody(pick), key)

    @rule(
        pick=PICKS,
        values=st.dictionaries(KEYS, st.none() | TEXTS),
        offset=st.sampled_from([None, 0, 1]),
        by_pick=BOSSES,
    )
    def change_settings(self, pick, values, offset, by_pick=None):
        user_id = self.somebody(pick)
        revision = self.revision(user_id, "settings_revision", offset)
        by = self.boss(by_pick)
        self.same("change_settings", user_id, values, if_revision=revision, by=by)

    @rule(
        pick=PICKS,
        kind=st.sampled_from(["password", "device"]),
        times=st.tuples(SECONDS, SECONDS),
        address=ADDRESSES,
        refresh_id=st.sampled_from([None, "refresh-1", "refresh-2"]),
        password_hash=st.sampled_from([None, None, "hash-1", "hash-2"]),
        plain=FLAGS,
        maker_pick=st.none() | PICKS,
    )
    def add_login(
        self, pick, kind, times, address, refresh_id, password_hash, plain, maker_pick=None
    ):
        self.logins += 1
        login = Login(
            id=f"login-{self.logins % 9}",
            user_id=self.somebody(pick),
            client="Ana's phone",
            created_at=times[0],
            seen_at=times[0],
            expires_at=times[1],
            kind=kind,
            address=address,
            refresh_id=refresh_id,
        )
        if self.model.login(login.id) is None:
            before = set(self.model.login_by_id)
            made_by = None if maker_pick is None else self.some_login(maker_pick)
            how = {"password_hash": password_hash, "plain": plain, "made_by": made_by}
            self.same("add_login", login, **how)
            if before - set(self.model.login_by_id):
                self.visited["add_login: another one ended"] += 1

    @rule(
        login_pick=PICKS,
        new=st.sampled_from(["refresh-1", "refresh-2"]),
        replayed=FLAGS,
        seen_at=SECONDS,
        expires_at=SECONDS,
        address=ADDRESSES,
    )
    def rotate_login(self, login_pick, new, replayed, **seen):
        login_id = self.some_login(login_pick)
        login = self.model.login(login_id)
        good = login.refresh_id if login and not replayed else None
        self.same("rotate_login", login_id, old=good or "replayed", new=new, **seen)

    @rule(login_pick=PICKS, seen_at=SECONDS, address=ADDRESSES)
    def touch_login(self, login_pick, **seen):
        self.same("touch_login", self.some_login(login_pick), **seen)

    @rule(pick=PICKS, login_pick=PICKS, own=FLAGS, by_pick=BOSSES)
    def end_login(self, pick, login_pick, own, by_pick=None):
        login_id = self.some_login(login_pick)
        login = self.model.login(login_id)
        user_id = login.user_id if login and own else self.somebody(pick)
        self.same("end_login", user_id, login_id, by=self.boss(by_pick))

    @rule(pick=PICKS, keep_pick=st.none() | PICKS, by_pick=BOSSES)
    def end_logins(self, pick, keep_pick, by_pick):
        keep = None if keep_pick is None else self.some_login(keep_pick)
        self.same("end_logins", self.somebody(pick), keep=keep, by=self.boss(by_pick))

    @rule(created_at=SECONDS, old_expires_at=SECONDS)
    def rotate_key(self, created_at, old_expires_at):
        self.kids += 1
        new = SigningKey(
            kid=f"key-{self.kids}",
            secret=f"secret-{self.kids}",
            purpose="own",
            created_at=created_at,
            expires_at=None,
        )
        self.same("rotate_key", new, old_expires_at=old_expires_at)

    @rule(
        kid=st.sampled_from(["theirs", "key-1"]),
        secret=st.sampled_from(["their-secret", "secret-1"]),
        created_at=SECONDS,
        expires_at=st.none() | SECONDS,
    )
    def add_key(self, **values):
        if values["kid"] == "key-1" and not self.kids:
            return  # later it is ours, and ours are made once
        self.same("add_key", SigningKey(purpose="imported", **values))

    @rule()
    def note_skills(self):
        self.same("note_skills")

    @rule(pick=PICKS, token_id=TOKEN_IDS, expires_at=SECONDS)
    def revoke_token(self, pick, token_id, expires_at):
        self.same("revoke_token", token_id, self.somebody(pick), expires_at)

    @rule(now=SECONDS)
    def forget_expired(self, now):
        self.same("forget_expired", now)

    def look_at_everything(self):
        self.same("count")
        self.same("ever_had_accounts")
        self.same("keys")
        self.same("changes", 0)
        for user_id in {*self.model.accounts, 99}:
            for method in ("get", "settings", "logins", "password_hash"):
                self.same(method, user_id)
        for name in LOOKS:
            self.same("find", name)
        for original_id in (7, 8):
            self.same("find_original", original_id)
        for number in range(10):
            self.same("login", f"login-{number}")
        for number in range(3):
            self.same("is_revoked", f"token-{number}")

    @invariant()
    def agree(self):
        self.same("all")
        self.same("changes", max(0, self.same("last_change") - 3))


def _outcome(store, method, args, how):
    """Returns the answer, the name of the error, and its text; the model's have none."""
    try:
        return getattr(store, method)(*args, **how), None, ""
    except PytlasWampError as error:
        return None, type(error).__name__, str(error)


def test_stores_agree_with_the_model_and_everything_happened():
    StoreMachine.visited.clear()

    run_state_machine_as_test(
        StoreMachine, settings=settings(max_examples=12, stateful_step_count=60, deadline=None)
    )

    assert set(StoreMachine.visited) == HAPPENINGS
