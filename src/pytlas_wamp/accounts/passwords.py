"""Hashes passwords with argon2id, and checks them at the same cost for everybody."""

from __future__ import annotations

from contextlib import suppress

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError, VerifyMismatchError
from attrs import define, field

from pytlas_wamp.accounts.model import BadPassword

# Long enough for any sentence; hashing more would let strangers keep the server busy.
MAX_PASSWORD_CHARACTERS = 1024


@define(eq=False)
class Passwords:
    """Turns passwords into hashes and back into yes or no; blocks some 50 ms each time.

    Passwords are taken exactly as given: a space at the end is part of them.

    Args:
      hasher: argon2id with its parameters (memory cost in kibibytes, time cost in rounds).
    """

    _hasher: PasswordHasher = field(factory=PasswordHasher)
    _nobody: str = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Makes the hash that stands in for people who do not exist.

        Now rather than at its first use, which would take twice the time.
        """
        self._nobody = self._hasher.hash("nobody")

    def hash(self, password: str) -> str:
        """Returns the hash to keep.

        Raises:
          BadPassword: when the password is empty, too long, or not proper text.
        """
        check_password(password)
        return self._hasher.hash(password)

    def verify(self, password_hash: str, password: str) -> bool:
        """Says whether the hash was made of this password; never raises.

        A hash of another kind matches nothing, at the same cost.
        """
        try:
            check_password(password)
            return self._hasher.verify(password_hash, password)
        except (VerifyMismatchError, BadPassword):
            return False
        except (Argon2Error, InvalidHashError):
            self.verify_nobody(password)
            return False

    def verify_nobody(self, password: str) -> None:
        """Costs what `verify` costs, so that time does not tell who has an account."""
        with suppress(Argon2Error, BadPassword):
            check_password(password)
            self._hasher.verify(self._nobody, password)

    def needs_rehash(self, password_hash: str) -> bool:
        """Says whether the hash was made in another way, or with other parameters, than ours."""
        try:
            return self._hasher.check_needs_rehash(password_hash)
        except InvalidHashError:
            return True


def check_password(password: str) -> None:
    """Refuses what nobody could have as a password.

    Raises:
      BadPassword: when it is empty, too long, or not proper text.
    """
    if not password:
        raise BadPassword("The password is empty: give it 1 character at least.")
    if len(password) > MAX_PASSWORD_CHARACTERS:
        raise BadPassword(
            f"The password has {len(password)} characters: "
            f"it may have {MAX_PASSWORD_CHARACTERS} at most."
        )
    try:
        password.encode()
    except UnicodeEncodeError as error:
        raise BadPassword("The password contains half a character: it must be text.") from error
