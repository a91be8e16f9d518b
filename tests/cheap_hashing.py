"""Passwords that cost next to nothing, for tests that are about something else.

Opening the accounts makes a hash too, so that with argon2 as it should be every
call of the command line takes a fifth of a second for it.
"""

from __future__ import annotations

from functools import partial

import pytest
from argon2 import PasswordHasher

from pytlas_wamp.accounts.passwords import Passwords
from pytlas_wamp.service import accounts

CHEAP = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}


@pytest.fixture(autouse=True, scope="module")
def cheap_hashing():
    """Where a module of tests opens accounts in this process, they hash cheaply."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "Passwords", partial(Passwords, PasswordHasher(**CHEAP)))
        yield
