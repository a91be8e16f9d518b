"""What is done with accounts by those who look after them, by the id of the account."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from attrs import frozen

from pytlas_wamp.accounts.model import (
    BadSetting,
    SigningKey,
    UnknownUser,
    clean_display_name,
    clean_language,
    clean_name,
    setting_key,
    setting_value,
)

if TYPE_CHECKING:
    from pytlas_wamp.accounts.model import Account
    from pytlas_wamp.accounts.passwords import Passwords
    from pytlas_wamp.accounts.store import AccountStore
    from pytlas_wamp.accounts.tokens import Tokens

CheckStrength = Callable[[str, Sequence[str]], None]


@frozen
class Administration:
    """Makes and changes accounts; blocks, may be called from any thread.

    Args:
      store: keeps them.
      passwords: hashes.
      tokens: know the time, make ids.
      check_strength: refuses a password that is easy to guess, given what is known of the
        person; raises WeakPassword.
      make_secret: returns a new key for signing.
    """

    _store: AccountStore
    _passwords: Passwords
    _tokens: Tokens
    _check_strength: CheckStrength
    _make_secret: Callable[[], str]

    def create(
        self,
        name: str,
        password: str,
        *,
        language: str,
        admin: bool,
        display_name: str = "",
        first: bool = False,
        by: int | None = None,
    ) -> Account:
        """Adds a person who may sign in; see `Accounts.create` and `create_first`."""
        cleaned, spoken = clean_name(name), clean_language(language)
        shown = clean_display_name(display_name)
        return self._store.add(
            cleaned,
            self.new_hash(password, cleaned, shown),
            language=spoken,
            admin=admin,
            display_name=shown,
            created_at=self._tokens.now(),
            first=first,
            by=by,
        )

    def user(self, user_id: int) -> Account:
        """Returns the account with this id; raises UnknownUser."""
        account = self._store.get(user_id)
        if account is None:
            raise UnknownUser(f"There is no account with the id {user_id}.")
        return account

    def find(self, name: str) -> Account:
        """Returns the account with this name; raises UnknownUser or BadName."""
        cleaned = clean_name(name)
        account = self._store.find(cleaned)
        if account is None:
            raise UnknownUser(f"There is no account named {cleaned!r} (capitals count).")
        return account

    def change(
        self,
        user_id: int,
        *,
        if_revision: int | None,
        name: str | None,
        language: str | None,
        display_name: str | None,
        active: bool | None,
        admin: bool | None,
        password: str | None,
        guard_admin: bool,
        by: int | None = None,
    ) -> Account:
        """Changes what is not None, all or nothing; see `Accounts.change`."""
        cleaned = None if name is None else clean_name(name)
        shown = None if display_name is None else clean_display_name(display_name)
        made = None
        if password is not None:
            present = self.user(user_id)
            made = self.new_hash(password, cleaned or present.name, shown or present.display_name)
        return self._store.change(
            user_id,
            if_revision=if_revision,
            name=cleaned,
            language=None if language is None else clean_language(language),
            display_name=shown,
            active=active,
            admin=admin,
            password_hash=made,
            guard_admin=guard_admin,
            by=by,
        )

    def change_settings(
        self,
        user_id: int,
        values: Mapping[str, str | None],
        *,
        if_revision: int | None,
        by: int | None = None,
    ) -> int:
        """Changes settings, all or none; see `Accounts.change_settings`."""
        cleaned: dict[str, str | None] = {}
        for key, value in values.items():
            kept = setting_key(key)
            if kept in cleaned:
                raise BadSetting(f"The setting {kept} is given twice: give it once.")
            cleaned[kept] = None if value is None else setting_value(value)
        return self._store.change_settings(user_id, cleaned, if_revision=if_revision, by=by)

    def rotate_key(self, *, at_once: bool) -> SigningKey:
        """Signs with a new key from now on; see `Accounts.rotate_key`."""
        key = SigningKey(
            kid=self._tokens.new_id(),
            secret=self._make_secret(),
            purpose="own",
            created_at=self._tokens.now(),
            expires_at=None,
        )
        ends = self._tokens.accepted_after() if at_once else self._last_end()
        self._store.rotate_key(key, old_expires_at=ends)
        if at_once:
            for account in self._store.all():
                with suppress(UnknownUser):  # deleted this very moment
                    self._store.end_logins(account.id)
        return key

    def new_hash(self, password: str, *about: str) -> str:
        """Returns the hash of a new password.

        Args:
          password: as typed.
          about: what a guesser knows of the person.

        Raises:
          BadPassword, WeakPassword: the text says what is wrong.
        """
        self._check_strength(password, about)
        return self._passwords.hash(password)

    def _last_end(self) -> int:
        """When the last token ends that is good now."""
        ends = [
            login.expires_at
            for account in self._store.all()
            for login in self._store.logins(account.id)
        ]
        return max([self._tokens.last_end(), *ends])
