"""What is read in a hurry: never more than PyJWT reads, and all that we make."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytlas_wamp.accounts.plain_signatures import PlainToken

KEY = b"a key that is long enough for everybody"
PLAIN = {"alg": "HS256", "typ": "JWT"}
CLAIMS = {"user_id": 7, "jti": "x"}
NO_CHECKS = {f"verify_{name}": False for name in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")}


def encoded(content):
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def sealed(head, body, key=KEY):
    text = f"{head}.{body}"
    return f"{text}.{encoded(hmac.new(key, text.encode(), hashlib.sha256).digest())}"


def made(header=PLAIN, claims=CLAIMS, key=KEY):
    return sealed(encoded(header), encoded(claims), key)


def read(token, key=KEY):
    plain = PlainToken.of(token)
    return None if plain is None else plain.claims(key)


def as_pyjwt_reads(token):
    try:
        return jwt.decode(token, KEY, algorithms=["HS256"], options=NO_CHECKS)
    except jwt.PyJWTError:
        return None


class TestPlainToken:
    def test_is_one_that_pyjwt_makes(self):
        assert read(jwt.encode(CLAIMS, KEY, algorithm="HS256")) == CLAIMS

    @pytest.mark.parametrize("header", [PLAIN, {"alg": "HS256"}, {**PLAIN, "typ": "at+jwt"}])
    def test_may_lack_a_type_or_have_another(self, header):
        assert read(made(header)) == CLAIMS
        assert as_pyjwt_reads(made(header)) == CLAIMS

    def test_says_which_key_it_names(self):
        assert PlainToken.of(made({**PLAIN, "kid": "k"})).kid == "k"
        assert PlainToken.of(made()).kid is None

    @pytest.mark.parametrize(
        "header",
        [
            {**PLAIN, "alg": "HS512"},
            {**PLAIN, "alg": "none"},
            {"typ": "JWT"},
            {**PLAIN, "crit": ["x"], "x": 1},
            {**PLAIN, "b64": False},
            {**PLAIN, "kid": 1},
            {**PLAIN, "kid": None},
            ["alg"],
            b"{",
            b"\xff",
            b"[" * 3_000,
        ],
    )
    def test_has_nothing_else_in_its_header(self, header):
        assert PlainToken.of(made(header)) is None

    @pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "é", "\ud800", f"{made()}é"])
    def test_has_three_parts(self, token):
        assert PlainToken.of(token) is None

    @pytest.mark.parametrize("claims", [b"[]", b"{", b"7", b"\xff", b"[" * 3_000])
    def test_says_something(self, claims):
        assert read(made(PLAIN, claims)) is None
        assert as_pyjwt_reads(made(PLAIN, claims)) is None

    def test_is_signed_with_this_key(self):
        assert read(made(key=KEY + b"x")) is None

    @pytest.mark.parametrize("place", [0, 1])
    def test_is_written_in_one_way_only(self, place):
        parts = [encoded(PLAIN), encoded(CLAIMS)]
        for strange in (
            f"{parts[place]}=",
            f"{parts[place]}!",
            f"{parts[place][:5]}\n{parts[place][5:]}",
        ):
            one = sealed(*(strange if n == place else part for n, part in enumerate(parts)))
            assert read(one) is None

    def test_keeps_what_it_is_out_of_logs(self):
        assert encoded(CLAIMS) not in repr(PlainToken.of(made()))

    @given(st.data())
    def test_changed_anywhere_is_nothing_that_pyjwt_would_not_read(self, data):
        token = made({**PLAIN, "kid": "k"})
        place = data.draw(st.integers(0, len(token) - 1))
        new = data.draw(st.text("AQgwz-_=.!é \n", max_size=2))
        changed = token[:place] + new + token[place + data.draw(st.integers(0, 2)) :]

        assert read(changed) in (None, as_pyjwt_reads(changed))
        assert read(changed) == (CLAIMS if changed == token else None)
