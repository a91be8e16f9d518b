"""What a password is good for: signing in with it, and choosing another one (spec 6.1, 6.10)."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from attrs import frozen

from pytlas_wamp.accounts.model import UnknownUser
from pytlas_wamp.accounts.passwords import most_iterations
from pytlas_wamp.errors import ClientError

if TYPE_CHECKING:
    from pytlas_wamp.accounts.administration import Administration
    from pytlas_wamp.accounts.logins import Logins, Origin
    from pytlas_wamp.accounts.model import Account
    from pytlas_wamp.accounts.passwords import Passwords
    from pytlas_wamp.accounts.store import AccountStore
    from pytlas_wamp.accounts.throttle import Throttle
    from pytlas_wamp.accounts.tokens import TokenPair

# The second time is for a hash that was renewed while it was checked.
_LOOKS: Final = 2

# Has counts of its own: otherwise strangers who sign in wrongly could lock people out of
# changing a password that got known.
_OWN_PASSWORD: Final = "own password"  # noqa: S105 - what is counted


@frozen(kw_only=True)
class SignIns:
    """Knows people by their passwords; blocks, may be called from any thread.

    Args:
      store: keeps the hashes.
      passwords: hashes and checks.
      throttle: slows down who guesses (spec 6.19).
      logins: opens one for who was right.
      administration: judges new passwords.
    """

    _store: AccountStore
    _passwords: Passwords
    _throttle: Throttle
    _logins: Logins
    _administration: Administration

    def sign_in(self, name: str, password: str, origin: Origin) -> TokenPair:
        """Returns the tokens of a new login; see `Accounts.sign_in`."""
        self._throttle.attempt(name, origin.address)
        for _ in range(_LOOKS):
            account = self._store.find(name)
            present = self._fitting(account, password)
            if account is None or present is None or not account.active:
                break
            with suppress(UnknownUser):  # deleted this very moment
                pair = self._logins.open(account.id, origin, password_hash=present)
                if pair is not None:
                    self._throttle.forgive(name, origin.address)
                    self._renew(account.id, password, present)
                    return pair
        raise ClientError(
            "authentication-failed", "No active account has this name and this password."
        )

    def change_password(
        self, account: Account, old: str, new: str, origin: Origin, *, keep: str | None
    ) -> None:
        """Replaces a password by another one; see `Accounts.change_own_password`."""
        self._throttle.attempt(account.name, origin.address, what=_OWN_PASSWORD)
        present = self._fitting(account, old)
        if present is None:
            raise _wrong_password()
        made = self._administration.new_hash(new, account.name, account.display_name)
        if not self._store.set_password_hash(
            account.id, made, replacing=present, end_logins=True, keep=keep
        ):
            raise _wrong_password()  # it is another one since this very moment
        self._throttle.forgive(account.name, origin.address, what=_OWN_PASSWORD)

    def _fitting(self, account: Account | None, password: str) -> str | None:
        """The present hash if it is that of the password; costs as much without an account."""
        present = None
        if account is not None:
            with suppress(UnknownUser):  # deleted this very moment
                present = self._store.password_hash(account.id)
        iterations = most_iterations(self._store.imported_hashes())
        right = self._passwords.verify(present, password, iterations=iterations)
        return present if right else None

    def _renew(self, user_id: int, password: str, present: str) -> None:
        if self._passwords.needs_rehash(present):
            # Only while it is the hash that was checked: meanwhile somebody may have
            # changed the password, which must not come back.
            with suppress(UnknownUser):
                self._store.set_password_hash(
                    user_id, self._passwords.hash(password), replacing=present
                )


def _wrong_password() -> ClientError:
    return ClientError("wrong-password", "This is not your present password.", field="old")
