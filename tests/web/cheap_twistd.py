"""`twistd`, but passwords cost next to nothing: the tests sign in some hundred times.

Each of those would be a fifth of a second of work that none of them is about.
"""

from __future__ import annotations

from functools import partial

from argon2 import PasswordHasher
from twisted.scripts.twistd import run

from pytlas_wamp.accounts.passwords import Passwords
from pytlas_wamp.service import accounts

cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
accounts.Passwords = partial(Passwords, cheap)  # type: ignore[misc,assignment]

if __name__ == "__main__":
    run()
