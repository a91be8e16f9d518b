"""Hashes passwords with argon2id, and checks them at the same cost for everybody.

Hashes of the original server (Django's PBKDF2) are checked too. They cost something
else, and so, while there is one, everybody pays both prices: every check is one
verification with argon2 and, together, as many rounds of PBKDF2 as the dearest imported
hash has. Neither who has an account nor who came from the original can be told by time
(spec 6.19).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable
from contextlib import suppress

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError, VerifyMismatchError
from argon2.low_level import ARGON2_VERSION
from attrs import define, field, frozen

from pytlas_wamp.accounts.model import BadPassword

# Long enough for any sentence; hashing more would let strangers keep the server busy.
MAX_PASSWORD_CHARACTERS = 1024

# Django has doubled its number every few years and is near 1.5 million now; this many take
# most of a second, and an import with more would let strangers keep the server busy.
MAX_IMPORTED_ITERATIONS = 2_000_000

# What is checked when the given one cannot be a password, so that this is paid for as well.
_NO_PASSWORD = "no password"  # noqa: S105 - that it is none is the point


@define(eq=False)
class Passwords:
    """Turns passwords into hashes and back into yes or no; blocks some 50 ms each time.

    Passwords are taken exactly as given: a space at the end is part of them.

    Args:
      hasher: argon2id with its parameters (memory cost in kibibytes, time cost in rounds).
      pbkdf2: as `hashlib.pbkdf2_hmac`: of digest, password, salt, rounds.
    """

    _hasher: PasswordHasher = field(factory=PasswordHasher)
    _pbkdf2: Callable[[str, bytes, bytes, int], bytes] = hashlib.pbkdf2_hmac
    _nobody: str = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Writes down what stands in for the hash of people who do not exist.

        It was made of no password, but to check one against it costs as much as against
        any other, and it is there at once: to make a hash would be a tenth of a start.
        """
        self._nobody = _of_nobody(self._hasher)

    def hash(self, password: str) -> str:
        """Returns the hash to keep.

        Raises:
          BadPassword: when the password is empty, too long, or not proper text.
        """
        check_password(password)
        return self._hasher.hash(password)

    def verify(self, password_hash: str | None, password: str, *, iterations: int = 0) -> bool:
        """Says whether the hash was made of this password; never raises.

        A hash of another kind matches nothing, nor does a password that nobody can have,
        at the same cost.

        Args:
          password_hash: as kept; None stands for somebody who does not exist.
          password: as typed.
          iterations: `most_iterations` of the hashes in use.
        """
        try:
            check_password(password)
        except BadPassword:
            password, password_hash = _NO_PASSWORD, None
        imported = None if password_hash is None else _imported(password_hash)
        ours = None if imported else password_hash
        matches_ours = self._verify_ours(ours, password)
        matches_imported = self._verify_imported(imported, password.encode(), iterations)
        return matches_imported if imported else matches_ours

    def needs_rehash(self, password_hash: str) -> bool:
        """Says whether the hash was made in another way, or with other parameters, than ours."""
        try:
            return self._hasher.check_needs_rehash(password_hash)
        except InvalidHashError:
            return True

    def _verify_ours(self, password_hash: str | None, password: str) -> bool:
        if password_hash is not None:
            try:
                return self._hasher.verify(password_hash, password)
            except VerifyMismatchError:
                return False
            except (Argon2Error, ValueError):
                pass  # no hash of ours: that was for free
        with suppress(Argon2Error):
            self._hasher.verify(self._nobody, password)
        return False

    def _verify_imported(self, imported: _Imported | None, password: bytes, total: int) -> bool:
        matches, paid = False, 0
        if imported:
            paid = imported.iterations
            digest = self._pbkdf2("sha256", password, imported.salt, paid)
            matches = hmac.compare_digest(digest, imported.digest)
        if total > paid:
            self._pbkdf2("sha256", password, b"nobody", total - paid)
        return matches


def _of_nobody(hasher: PasswordHasher) -> str:
    """A hash with the parameters of ours that, as far as anybody knows, no password has."""
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    salt, digest = (
        base64.b64encode(bytes(length)).decode().rstrip("=")
        for length in (hasher.salt_len, hasher.hash_len)
    )
    return f"$argon2id$v={ARGON2_VERSION}${cost}${salt}${digest}"


@frozen
class _Imported:
    iterations: int
    salt: bytes
    digest: bytes = field(repr=False)


def is_imported(password_hash: str) -> bool:
    """Says whether it is a hash of the original server that can be checked here."""
    return _imported(password_hash) is not None


def most_iterations(beginnings: Iterable[str]) -> int:
    """Returns the highest number of rounds that an imported hash asks for, 0 without any.

    Args:
      beginnings: of hashes of any kind, with a character behind the rounds at least.
    """
    found = (_BEGINNING.match(beginning) for beginning in beginnings)
    return max((n for match in found if match and (n := _iterations(match[1]))), default=0)


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


# As Django writes them: pbkdf2_sha256$150000$salt$digest (32 bytes in base64).
_BEGINNING = re.compile(r"pbkdf2_sha256\$([0-9]{1,7})\$")
_IMPORTED = re.compile(_BEGINNING.pattern + r"([!-#%-~]{1,128})\$([0-9A-Za-z+/]{43}=)")


def _imported(password_hash: str) -> _Imported | None:
    match = _IMPORTED.fullmatch(password_hash)
    if match is None or not _iterations(match[1]):
        return None
    return _Imported(_iterations(match[1]), match[2].encode(), base64.b64decode(match[3]))


def _iterations(digits: str) -> int:
    """The number of rounds, 0 if it is out of bounds."""
    number = int(digits)
    return number if number <= MAX_IMPORTED_ITERATIONS else 0
