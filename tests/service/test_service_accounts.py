"""The accounts, as the command line and the server open them alike."""

from __future__ import annotations

import pytest

from pytlas_wamp.accounts.accounts import Origin
from pytlas_wamp.accounts.throttle import Throttle
from pytlas_wamp.config import read_config
from pytlas_wamp.errors import ClientError
from pytlas_wamp.service.accounts import make_secret, open_accounts

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def config(tmp_path):
    """With other lifetimes than the usual ones."""
    return read_config(
        config_file=None,
        options={"data_dir": str(tmp_path), "database": "sqlite://"},
        environ={
            "SERVER_ACCESS_LIFETIME_SECONDS": "100",
            "SERVER_REFRESH_LIFETIME_SECONDS": "200",
            "SERVER_DEVICE_LIFETIME_SECONDS": "3000",
        },
    )


class TestMakeSecret:
    def test_a_secret_cannot_be_guessed(self):
        made = {make_secret() for _ in range(10)}
        assert len(made) == 10
        assert {len(secret) for secret in made} == {64}


class TestOpenAccounts:
    @pytest.fixture
    def opened(self, config):
        accounts, store = open_accounts(config, SECRET)
        accounts.create("ada", "a long password of hers")
        yield accounts, store
        store.close()

    def test_tokens_live_as_long_as_configured(self, opened):
        accounts, store = opened
        pair = accounts.sign_in("ada", "a long password of hers")
        ends = [accounts.verify(token).expires_at for token in (pair.access, pair.refresh)]
        assert ends[1] - ends[0] == 100
        login, _ = accounts.add_device(1, "kitchen")
        assert login.expires_at - login.created_at == 3_000
        assert {one.id for one in store.logins(1)} >= {login.id}

    def test_a_new_key_signs_at_once(self, opened):
        accounts, store = opened
        before = accounts.sign_in("ada", "a long password of hers").access
        made = accounts.rotate_key()
        assert store.keys()[0].kid == made.kid
        assert len(store.keys()[0].secret) == 64
        assert accounts.check(before).account.name == "ada"

    def test_the_throttle_can_be_shared(self, config):
        throttle = Throttle()
        accounts, store = open_accounts(config, SECRET, throttle=throttle)
        for _ in range(5):
            throttle.attempt("ada", "192.0.2.1")
        with pytest.raises(ClientError, match="too many attempts"):
            accounts.sign_in("ada", "whatever", Origin(address="192.0.2.1"))
        store.close()
