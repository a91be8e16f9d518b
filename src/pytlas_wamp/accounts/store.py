"""What the accounts need from a place that keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pytlas_wamp.accounts.model import Account, Change

KEPT_CHANGES = 1000  # some hours of busy administration; a daemon polls every second


class AccountStore(Protocol):
    """Keeps accounts, settings, revoked tokens, and the list of changes.

    Every method may be called from any thread, also at the same time; each is one
    transaction. A store is opened after a process has forked, never before. Every
    method may raise StoreBroken. Passwords never come here, only their hashes.

    Every write that a running server has to notice adds a `Change` in the same
    transaction, so that other processes see both or none of them.
    """

    def add(self, name: str, password_hash: str, *, language: str, admin: bool) -> Account:
        """Adds an active account.

        Raises:
          BadName: when the name cannot be used.
          NameTaken: when an account has this name or one that differs only by case.
        """

    def get(self, user_id: int) -> Account | None:
        """Returns the account with this id, if there is one."""

    def find(self, name: str) -> Account | None:
        """Returns the account with exactly this name, after trimming and NFKC.

        "Ana" does not find "ana", as in the original server, although nobody can
        have both. A name that cannot be used finds nothing.
        """

    def all(self) -> list[Account]:
        """Returns all accounts, oldest first."""

    def password_hash(self, user_id: int) -> str:
        """Returns the hash to check a password against.

        Raises:
          UnknownUser: when there is no such account.
        """

    def set_password_hash(
        self, user_id: int, password_hash: str, *, replacing: str | None = None
    ) -> bool:
        """Keeps a new hash and says whether it did.

        Args:
          user_id: whose.
          password_hash: the new one.
          replacing: if given, nothing is written unless this is the present hash.

        Raises:
          UnknownUser: when there is no such account.
        """

    def set_active(self, user_id: int, *, active: bool) -> None:
        """Lets a person sign in, or not; raises UnknownUser."""

    def set_admin(self, user_id: int, *, admin: bool) -> None:
        """Lets a person manage others, or not; raises UnknownUser."""

    def set_language(self, user_id: int, language: str) -> None:
        """Changes the language of a person; raises UnknownUser."""

    def delete(self, user_id: int) -> None:
        """Deletes an account with its settings and revoked tokens; raises UnknownUser.

        The id is never given to another account: tokens for it may still be about.
        """

    def settings(self, user_id: int) -> dict[str, str]:
        """Returns the values by key; empty also when there is no such account."""

    def set_setting(self, user_id: int, key: str, value: str) -> None:
        """Adds or replaces a setting; `key` is in the environment form; raises UnknownUser."""

    def delete_setting(self, user_id: int, key: str) -> bool:
        """Deletes a setting and says whether there was one; raises UnknownUser."""

    def revoke_token(self, token_id: str, user_id: int, expires_at: int) -> bool:
        """Revokes a token and says whether this call did it.

        Of several calls for one token, also at the same time, exactly one gets True.

        Args:
          token_id: which.
          user_id: whose; UnknownUser is raised when there is no such account.
          expires_at: seconds since the epoch, after which it may be forgotten.
        """

    def is_revoked(self, token_id: str) -> bool:
        """Says whether the token was revoked (and not yet forgotten)."""

    def forget_expired(self, now: int) -> None:
        """Forgets the revoked tokens that expire at `now` (seconds since the epoch) or before."""

    def last_change(self) -> int:
        """Returns the id of the newest change, 0 when there was none."""

    def changes(self, after: int) -> list[Change]:
        """Returns the changes with a higher id than `after`, oldest first.

        Only the newest 1000 are kept: when the first one's id is not `after + 1`,
        some were missed and everything may have changed.
        """

    def close(self) -> None:
        """Lets go of all connections and files."""
