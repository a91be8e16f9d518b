"""Errors: two families, and texts for people."""

from __future__ import annotations

import pytest

from pytlas_wamp.errors import ClientError, ConfigError, OperatorError, PytlasWampError
from pytlas_wamp.wire.codes import ErrorCode


class TestFamilies:
    @pytest.mark.parametrize(
        "error",
        [
            ClientError(ErrorCode.BUSY, "too much at once"),
            OperatorError("the port is taken"),
            ConfigError(["a problem"]),
        ],
    )
    def test_every_error_raised_on_purpose_has_one_root(self, error):
        assert isinstance(error, PytlasWampError)

    def test_a_peers_mistake_is_not_the_operators(self):
        assert not issubclass(ClientError, OperatorError)

    def test_a_wrong_configuration_is_the_operators_to_mend(self):
        assert issubclass(ConfigError, OperatorError)


class TestClientError:
    def test_it_carries_what_the_peer_is_told(self):
        error = ClientError(ErrorCode.BUSY, "too much at once")
        assert (error.code, error.detail, str(error)) == (
            "busy",
            "too much at once",
            "too much at once",
        )


class TestConfigError:
    def test_all_problems_are_told_at_once(self):
        error = ConfigError(["[web] secret is empty", "[server] listen is missing"])
        assert error.problems == ("[web] secret is empty", "[server] listen is missing")
        assert str(error) == "[web] secret is empty; [server] listen is missing"

    def test_the_problems_are_its_own(self):
        problems = ["one"]
        error = ConfigError(problems)
        problems.append("two")
        assert error.problems == ("one",)
