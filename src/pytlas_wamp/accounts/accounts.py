"""Signs people in, checks their tokens, and lets administrators manage them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from pytlas_wamp.accounts.model import (
    BadPassword,
    BadSetting,
    UnknownUser,
    clean_language,
    clean_name,
    setting_key,
    setting_value,
)
from pytlas_wamp.accounts.passwords import check_password
from pytlas_wamp.errors import ClientError

if TYPE_CHECKING:
    from pytlas_wamp.accounts.model import Account
    from pytlas_wamp.accounts.passwords import Passwords
    from pytlas_wamp.accounts.store import AccountStore
    from pytlas_wamp.accounts.tokens import Claims, TokenPair, Tokens


@frozen(kw_only=True)
class Grant:
    """What an access token allows right now.

    Args:
      account: who it belongs to.
      token_id: by which the grant can be revoked.
      expires_at: seconds since the epoch, when it ends by itself.
    """

    account: Account
    token_id: str
    expires_at: int


@frozen
class Accounts:
    """Everything that is done with people and their tokens.

    Blocks (database, hashing), and may be called from any thread. What a peer did
    wrong is a ClientError, what an administrator did wrong an OperatorError.

    Args:
      store: keeps everything.
      passwords: hashes and checks.
      tokens: issues and reads.
    """

    _store: AccountStore
    _passwords: Passwords
    _tokens: Tokens

    def sign_in(self, name: str, password: str) -> TokenPair:
        """Returns a new pair of tokens for a name (spaces around do not count) and a password.

        Raises:
          ClientError: `authentication-failed`; neither text nor time tell whether the
            person exists, is disabled, or has another password.
        """
        try:
            check_password(password)
        except BadPassword as error:
            raise _not_signed_in() from error
        account = self._store.find(name)
        present = None if account is None else self._hash(account.id)
        if account is None or present is None:
            self._passwords.verify_nobody(password)
            raise _not_signed_in()
        if not self._passwords.verify(present, password) or not account.active:
            raise _not_signed_in()
        if self._passwords.needs_rehash(present):
            self._rehash(account.id, password, present)
        return self._tokens.issue(account.id)

    def refresh(self, refresh_token: object) -> TokenPair:
        """Returns a new pair for a refresh token, which is good only once.

        Raises:
          ClientError: `token-invalid`, `token-expired`, `token-revoked` (also when it was
            used before) or `account-disabled`.
        """
        claims = self._tokens.read(refresh_token, "refresh")
        self._owner(claims)
        if not self._revoke(claims):
            raise _revoked()
        return self._tokens.issue(claims.user_id)

    def check(self, access_token: object) -> Grant:
        """Returns what the access token allows.

        Raises:
          ClientError: `token-invalid` (also when the account was deleted), `token-expired`,
            `token-revoked` or `account-disabled`.
        """
        claims = self._tokens.read(access_token, "access")
        return Grant(
            account=self._owner(claims), token_id=claims.token_id, expires_at=claims.expires_at
        )

    def verify(self, token: object) -> Claims:
        """Returns what a token of either kind says, if it is accepted right now.

        Raises:
          ClientError: as `check`.
        """
        claims = self._tokens.read(token, None)
        self._owner(claims)
        return claims

    def revoke(self, token: object) -> None:
        """Ends a token of either kind; doing so again changes nothing.

        Raises:
          ClientError: `token-invalid` when it never was a token of ours.
        """
        claims = self._tokens.read(token, None, expired_too=True)
        # One that nobody accepts any more would only fill the table.
        if claims.expires_at > self._tokens.accepted_after():
            self._revoke(claims)

    def forget_expired(self) -> None:
        """Forgets the revoked tokens that have expired; to be called now and then."""
        self._store.forget_expired(self._tokens.accepted_after())

    def create(
        self, name: str, password: str, *, language: str = "en-US", admin: bool = False
    ) -> Account:
        """Adds a person who may sign in.

        Raises:
          BadName, BadPassword, BadLanguage, NameTaken: the text says what is wrong.
        """
        cleaned, spoken = clean_name(name), clean_language(language)
        return self._store.add(
            cleaned, self._passwords.hash(password), language=spoken, admin=admin
        )

    def people(self) -> list[Account]:
        """Returns all accounts, oldest first."""
        return self._store.all()

    def change_password(self, name: str, password: str) -> None:
        """Gives a person a new password; raises UnknownUser or BadPassword."""
        user_id = self._id(name)
        self._store.set_password_hash(user_id, self._passwords.hash(password))

    def enable(self, name: str) -> None:
        """Lets a person sign in again; raises UnknownUser."""
        self._store.set_active(self._id(name), active=True)

    def disable(self, name: str) -> None:
        """Locks a person out, also where they are signed in; raises UnknownUser."""
        self._store.set_active(self._id(name), active=False)

    def delete(self, name: str) -> None:
        """Deletes a person with their settings; raises UnknownUser."""
        self._store.delete(self._id(name))

    def set_language(self, name: str, language: str) -> None:
        """Changes the language of a person; raises UnknownUser or BadLanguage."""
        self._store.set_language(self._id(name), clean_language(language))

    def settings(self, name: str) -> dict[str, str]:
        """Returns a person's settings by key (environment form); raises UnknownUser."""
        return self._store.settings(self._id(name))

    def setting(self, name: str, key: str) -> str | None:
        """Returns the value of a setting, None when not set; raises UnknownUser or BadSetting.

        Here and below the key is given as `weather.api_key` or `WEATHER_API_KEY`.
        """
        return self.settings(name).get(setting_key(key))

    def set_setting(self, name: str, key: str, value: str) -> None:
        """Adds or replaces a setting of a person; raises UnknownUser or BadSetting."""
        self._store.set_setting(self._id(name), setting_key(key), setting_value(value))

    def delete_setting(self, name: str, key: str) -> None:
        """Deletes a setting; raises UnknownUser, or BadSetting when it is not set."""
        cleaned = setting_key(key)
        if not self._store.delete_setting(self._id(name), cleaned):
            raise BadSetting(
                f"{name.strip()!r} has no setting {cleaned}: there is nothing to delete."
            )

    def _id(self, name: str) -> int:
        cleaned = clean_name(name)
        account = self._store.find(cleaned)
        if account is None:
            raise UnknownUser(f"There is no account named {cleaned!r} (capitals count).")
        return account.id

    def _hash(self, user_id: int) -> str | None:
        try:
            return self._store.password_hash(user_id)
        except UnknownUser:  # deleted this very moment
            return None

    def _rehash(self, user_id: int, password: str, present: str) -> None:
        try:
            # Only while it is the hash that was checked: meanwhile somebody may have
            # changed the password, which must not come back.
            self._store.set_password_hash(
                user_id, self._passwords.hash(password), replacing=present
            )
        except UnknownUser as error:
            raise _not_signed_in() from error

    def _owner(self, claims: Claims) -> Account:
        if self._store.is_revoked(claims.token_id):
            raise _revoked()
        account = self._store.get(claims.user_id)
        if account is None:
            raise ClientError("token-invalid", "The account of this token does not exist.")
        if not account.active:
            raise ClientError(
                "account-disabled", "The account is disabled: ask who runs the server."
            )
        return account

    def _revoke(self, claims: Claims) -> bool:
        try:
            return self._store.revoke_token(claims.token_id, claims.user_id, claims.expires_at)
        except UnknownUser:  # tokens of a deleted account are dead already
            return False


def _not_signed_in() -> ClientError:
    return ClientError(
        "authentication-failed", "No active account has this name and this password."
    )


def _revoked() -> ClientError:
    return ClientError("token-revoked", "The token was revoked or used before: sign in again.")
