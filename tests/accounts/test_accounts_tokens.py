"""Tokens: which are accepted, which are refused, and nothing else ever happens."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import jwt
import pytest
from account_stores import NOON, CountedIds, HandClock
from hypothesis import given
from hypothesis import strategies as st

from pytlas_wamp.accounts.model import SigningKey
from pytlas_wamp.accounts.tokens import Claims, Tokens
from pytlas_wamp.errors import ClientError, OperatorError

SECRET = "a secret that is long enough for everybody"
NEXT_SECRET = "another secret, also long enough"
THEIR_SECRET = "the secret of the original server"
PEM = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"
GOOD = {"token_type": "access", "exp": NOON + 60, "jti": "0" * 31 + "1", "user_id": 7}


def tokens(*, secret=SECRET, time=NOON, leeway=0, keys=()):
    return Tokens(
        secret, HandClock(time), CountedIds(), 604_800, 86_400, leeway, lambda: keys, 31_536_000
    )


def own(kid, *, secret=NEXT_SECRET, expires_at=None):
    return SigningKey(kid=kid, secret=secret, purpose="own", created_at=1, expires_at=expires_at)


def imported(secret=THEIR_SECRET, *, expires_at=None):
    return SigningKey(
        kid="x", secret=secret, purpose="imported", created_at=1, expires_at=expires_at
    )


def unsafe(token):
    """What a token says, and its header, whoever signed it."""
    payload = jwt.decode(token, options={"verify_signature": False})
    return payload, jwt.get_unverified_header(token)


def part(content):
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(payload, *, secret=SECRET, header=None, digest=hashlib.sha256):
    """A token made by hand, so that PyJWT is not checked against itself."""
    text = f"{part(header or {'typ': 'JWT', 'alg': 'HS256'})}.{part(payload)}"
    return f"{text}.{part(hmac.new(secret.encode(), text.encode(), digest).digest())}"


def refused(token, kind="access", **how):
    with pytest.raises(ClientError) as caught:
        tokens(**how).read(token, kind)
    return caught.value


def code_of(ours, token, kind="access"):
    try:
        ours.read(token, kind)
    except ClientError as error:
        return error.code
    return "accepted"


class TestIssue:
    def test_makes_exactly_the_claims_of_the_original(self):
        pair = tokens().issue(7)

        assert jwt.decode(pair.access, options={"verify_signature": False}) == {
            "token_type": "access",
            "exp": NOON + 604_800,
            "jti": "0" * 31 + "1",
            "user_id": 7,
        }
        assert jwt.decode(pair.refresh, options={"verify_signature": False}) == {
            "token_type": "refresh",
            "exp": NOON + 86_400,
            "jti": "0" * 31 + "2",
            "user_id": 7,
        }

    def test_names_type_and_algorithm_in_the_header(self):
        header = jwt.get_unverified_header(tokens().issue(7).access)

        assert header == {"typ": "JWT", "alg": "HS256"}

    @pytest.mark.parametrize("secret", [SECRET, "short", "é", "x" * 32, "x" * 100])
    def test_signs_with_the_secret_as_it_is(self, secret):
        head, body, signature = tokens(secret=secret).issue(7).access.split(".")
        right = hmac.new(secret.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()

        assert signature == part(right)

    def test_keeps_tokens_out_of_logs(self):
        pair = tokens().issue(7)

        assert pair.access not in repr(pair)
        assert pair.refresh not in repr(pair)

    def test_tells_what_a_login_has_to_know(self):
        pair = tokens().issue(7)

        assert pair.refresh_id == "0" * 31 + "2"
        assert pair.expires_at == NOON + 604_800

    def test_names_the_login(self):
        pair = tokens().issue(7, "login")

        assert [unsafe(token)[0]["sid"] for token in (pair.access, pair.refresh)] == ["login"] * 2

    def test_keeps_the_secret_out_of_logs(self):
        assert SECRET not in repr(tokens())

    @pytest.mark.parametrize("secret", ["", "\ud800", PEM])
    def test_needs_a_secret_that_can_sign(self, secret):
        with pytest.raises(OperatorError, match="secret for tokens"):
            tokens(secret=secret)


class TestIssueDevice:
    def test_makes_an_access_token_that_lives_long(self):
        token, end = tokens().issue_device(7, "login")

        assert end == NOON + 31_536_000
        assert tokens().read(token, "access") == Claims(
            kind="access",
            user_id=7,
            token_id="0" * 31 + "1",
            expires_at=end,
            login_id="login",
        )


class TestOperators:
    def test_prove_that_they_can_read_the_keys(self):
        token = tokens().issue_operator()

        assert unsafe(token)[0] == {
            "token_type": "operator",
            "exp": NOON + 60,
            "jti": "0" * 31 + "1",
        }
        assert tokens().read(token, "operator").user_id == 0

    def test_are_nobody_elsewhere(self):
        token = tokens().issue_operator()

        assert [refused(token, kind).code for kind in ("access", "refresh", None)] == [
            "token-invalid"
        ] * 3
        assert refused(token, None).detail == (
            "This is a token of type operator, but access or refresh is needed."
        )

    def test_are_nobody_else(self):
        pair = tokens().issue(7)

        assert refused(pair.access, "operator").code == "token-invalid"
        assert refused(pair.refresh, "operator").code == "token-invalid"

    def test_come_at_once(self):
        token = tokens().issue_operator()

        assert refused(token, "operator", time=NOON + 60).code == "token-expired"

    def test_did_not_exist_in_the_original(self):
        theirs = imported()
        token = signed({**GOOD, "token_type": "operator"}, secret=theirs.secret)

        assert refused(token, "operator", keys=[theirs]).code == "token-invalid"


class TestKeys:
    def test_sign_and_are_named_in_the_header(self):
        ours = tokens(keys=[own("k")])

        for token in (ours.issue(7).refresh, ours.issue_device(7, "l")[0], ours.issue_operator()):
            assert unsafe(token)[1] == {"typ": "JWT", "alg": "HS256", "kid": "k"}
            assert jwt.decode(token, own("k").secret, algorithms=["HS256"])["exp"] > NOON

    def test_are_read_at_each_use(self):
        keys = []
        ours = tokens(keys=keys)
        before = ours.issue(7).access
        keys.append(own("k"))

        assert unsafe(ours.issue(7).access)[1].get("kid") == "k"
        assert code_of(ours, before) == "token-invalid"
        keys.append(own("configured", secret=None, expires_at=NOON + 1))
        assert code_of(ours, before) == "accepted"

    @pytest.mark.parametrize(
        ("keys", "outcome"),
        [
            ([own("k")], "accepted"),
            ([own("new"), own("k", expires_at=NOON + 1)], "accepted"),
            ([own("new"), own("k", expires_at=NOON)], "token-invalid"),
            ([own("new")], "token-invalid"),
            ([], "token-invalid"),
            ([own("k", secret="not the one it was signed with")], "token-invalid"),
            ([own("k", secret=None)], "token-invalid"),
        ],
    )
    def test_verify_until_they_end(self, keys, outcome):
        token = tokens(keys=[own("k")]).issue(7).access

        assert code_of(tokens(keys=keys), token) == outcome

    def test_have_the_same_leeway_as_tokens(self):
        keys = [own("new"), own("k", expires_at=NOON)]
        token = tokens(keys=[own("k")]).issue(7).access

        assert code_of(tokens(keys=keys, leeway=1), token) == "accepted"

    def test_cannot_be_confused(self):
        ours = tokens(keys=[own("k"), own("configured", secret=None, expires_at=NOON + 9)])

        def header(kid):
            return {"typ": "JWT", "alg": "HS256", "kid": kid}

        with_name = signed(GOOD, secret=own("k").secret, header=header("k"))
        assert code_of(ours, with_name) == "accepted"
        assert code_of(ours, signed(GOOD, secret=own("k").secret)) == "token-invalid"
        for kid in ("configured", "", None, 5, ["k"], "k\n"):
            assert code_of(ours, signed(GOOD, header=header(kid))) == "token-invalid"

    def test_of_the_original_are_told_apart(self):
        ours, theirs = tokens(keys=[imported()]), signed(GOOD, secret=imported().secret)

        assert ours.read(theirs, "access").imported
        assert not ours.read(ours.issue(7).access, "access").imported
        assert not ours.read(signed(GOOD), "access").imported

    def test_of_the_original_sign_nothing_that_names_a_login_or_a_key(self):
        ours = tokens(keys=[imported()])
        with_login = signed({**GOOD, "sid": "login"}, secret=imported().secret)
        with_key = signed(
            GOOD, secret=imported().secret, header={"alg": "HS256", "typ": "JWT", "kid": "x"}
        )

        assert code_of(ours, with_login) == "token-invalid"
        assert code_of(ours, with_key) == "token-invalid"

    def test_that_are_the_same_on_both_servers_leave_no_doubt(self):
        ours = tokens(keys=[imported(SECRET)])

        assert ours.read(signed(GOOD), "access").imported
        assert not ours.read(signed({**GOOD, "sid": "login"}), "access").imported

    def test_of_the_original_end(self):
        theirs = signed(GOOD, secret=imported().secret)

        assert code_of(tokens(keys=[imported(expires_at=NOON)]), theirs) == "token-invalid"
        assert code_of(tokens(keys=[imported(expires_at=NOON + 1)]), theirs) == "accepted"

    @pytest.mark.parametrize("secret", ["", "\ud800", PEM])
    def test_that_cannot_sign_verify_nothing(self, secret):
        forged = signed(GOOD, secret="")
        named = signed(GOOD, secret="", header={"typ": "JWT", "alg": "HS256", "kid": "k"})

        assert code_of(tokens(keys=[imported(secret)]), forged) == "token-invalid"
        assert code_of(tokens(keys=[own("k", secret=secret)]), named) == "token-invalid"

    @pytest.mark.parametrize("secret", ["", "\ud800", PEM])
    def test_that_cannot_sign_are_in_nobodys_way(self, secret):
        ours = tokens(keys=[imported(secret), imported()])

        assert code_of(ours, signed(GOOD)) == "accepted"
        assert code_of(ours, signed(GOOD, secret=imported().secret)) == "accepted"


class TestRead:
    def test_gives_back_what_was_issued(self):
        pair = tokens().issue(7)

        assert tokens().read(pair.access, "access") == Claims(
            kind="access", user_id=7, token_id="0" * 31 + "1", expires_at=NOON + 604_800
        )
        assert tokens().read(pair.refresh, "refresh").kind == "refresh"
        assert tokens().read(pair.refresh, None).user_id == 7

    def test_accepts_a_token_of_the_original(self):
        # Issued by the algorithm of the original with the secret "original-secret".
        token = (
            "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9."
            + part(
                b'{"token_type":"access","exp":1800000060,'
                b'"jti":"8e9d5bfc7b1f4a0f9f9f8c1d2e3f4a5b","user_id":1}'
            )
            + "."
        )
        right = hmac.new(b"original-secret", token[:-1].encode(), hashlib.sha256).digest()

        claims = tokens(secret="original-secret").read(token + part(right), "access")

        assert (claims.user_id, claims.token_id[:8]) == (1, "8e9d5bfc")

    @pytest.mark.parametrize("claim", [1, "1", "0001", 2**63 - 1, str(2**63 - 1)])
    def test_accepts_an_id_as_number_or_digits(self, claim):
        claims = tokens().read(signed({**GOOD, "user_id": claim}), "access")

        assert claims.user_id == int(claim)

    def test_does_not_mind_claims_it_does_not_know(self):
        claims = {
            **GOOD,
            "iat": NOON + 9,
            "nbf": NOON + 9,
            "aud": "x",
            "iss": 5,
            "sub": 1,
            "kid": 1,
        }

        assert tokens().read(signed(claims), "access").user_id == 7

    @pytest.mark.parametrize("claim", ["token_type", "exp", "jti", "user_id"])
    def test_refuses_a_token_without(self, claim):
        error = refused(signed({key: value for key, value in GOOD.items() if key != claim}))

        assert error.code == "token-invalid"
        assert f"no {claim}" in error.detail

    @pytest.mark.parametrize(
        ("claim", "value"),
        [
            ("token_type", "Access"),
            ("token_type", ["access"]),
            ("token_type", None),
            ("exp", True),
            ("exp", None),
            ("exp", NOON + 60.0),
            ("exp", str(NOON + 60)),
            ("exp", float("inf")),
            ("exp", float("nan")),
            ("exp", -1),
            ("exp", 253_402_300_800),
            ("exp", 10**400),
            ("jti", ""),
            ("jti", 5),
            ("jti", "x" * 65),
            ("jti", "a b"),
            ("jti", "a\n"),
            ("jti", "\ud800"),
            ("sid", ""),
            ("sid", 5),
            ("sid", "x" * 65),
            ("sid", "a b"),
            ("user_id", True),
            ("user_id", 0),
            ("user_id", -1),
            ("user_id", "-1"),
            ("user_id", "0"),
            ("user_id", "1\n"),
            ("user_id", "\u0661"),
            ("user_id", 1.0),
            ("user_id", ""),
            ("user_id", 2**63),
            ("user_id", str(2**63)),
            ("user_id", "9" * 5000),
            ("user_id", [1]),
        ],
    )
    def test_refuses_a_claim_that_is_wrong(self, claim, value):
        error = refused(signed({**GOOD, claim: value}))

        assert error.code == "token-invalid"
        assert SECRET not in error.detail

    def test_refuses_the_other_kind(self):
        pair = tokens().issue(7)

        assert refused(pair.refresh, "access").detail == (
            "This is a token of type refresh, but access is needed."
        )
        assert refused(pair.access, "refresh").code == "token-invalid"

    @pytest.mark.parametrize(
        ("token", "said"),
        [
            (signed(GOOD, secret="another"), "signature"),
            (signed(GOOD)[:-3], "not"),
            (signed(GOOD).rsplit(".", 1)[0] + ".", "signature"),
            (signed(GOOD, header={"typ": "JWT", "alg": "none"}), "HS256"),
            (signed(GOOD, header={"typ": "JWT", "alg": "None"}), "HS256"),
            (signed(GOOD, header={"alg": "HS512"}, digest=hashlib.sha512), "HS256"),
            (signed(GOOD, header={"alg": "RS256"}), "HS256"),
            (signed(GOOD, header={"alg": ["HS256"]}), "HS256"),
            (signed(GOOD, header={"typ": "JWT"}), "HS256"),
            (signed(GOOD, header={"alg": "HS256", "crit": ["x"], "x": 1}), "not a token"),
            (signed(GOOD, header={"alg": "HS256", "b64": False, "crit": ["b64"]}), "not a token"),
            (signed(GOOD, header=[1]), "not a token"),
            (signed([1]), "not a token"),
            (signed(b"[" * 3000), "not a token"),
            (signed(b"{"), "not a token"),
            (signed(b"\xff"), "not a token"),
            ("Bearer " + signed(GOOD), "not"),
            (" " + signed(GOOD), "not"),
            ("..", "not a token"),
            ("x", "not a token"),
            ("é.é.é", "not a token"),
            ("\ud800", "not a token"),
            ("", "not empty"),
            (None, "text"),
            (5, "text"),
            (b"x.y.z", "text"),
            ([signed(GOOD)], "text"),
            ("x" * 4097, "longer than 4096"),
        ],
    )
    def test_refuses_what_we_did_not_sign(self, token, said):
        error = refused(token)

        assert error.code == "token-invalid"
        assert said in error.detail

    @given(
        st.one_of(
            st.none() | st.integers() | st.binary() | st.text(),
            st.builds(".".join, st.lists(st.text(max_size=20), min_size=3, max_size=3)),
            st.builds(signed, st.binary(max_size=50)),
            st.builds(
                signed,
                st.dictionaries(
                    st.sampled_from(["token_type", "exp", "jti", "user_id", "nbf", "crit", "sid"]),
                    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
                ),
            ),
            st.builds(
                lambda header: signed(GOOD, header=header),
                st.dictionaries(
                    st.sampled_from(["alg", "typ", "kid", "crit", "b64", "x"]),
                    st.sampled_from(["HS256", "none", "b64", ""])
                    | st.none()
                    | st.booleans()
                    | st.lists(st.sampled_from(["b64", "x"])),
                    min_size=1,
                ),
            ),
        )
    )
    def test_raises_nothing_but_client_errors(self, token):
        try:
            outcome = tokens().read(token, None).kind
        except ClientError as error:
            outcome = error.code

        assert outcome in {"access", "refresh", "token-invalid", "token-expired"}

    @given(st.integers(0, 200), st.integers(0, 127))
    def test_refuses_a_token_with_one_character_changed(self, position, code):
        token = signed(GOOD)
        position %= len(token)
        changed = token[:position] + chr(code) + token[position + 1 :]

        if changed != token:
            assert refused(changed).code == "token-invalid"


class TestExpiry:
    @pytest.mark.parametrize(
        ("time", "leeway", "accepted"),
        [
            (NOON + 59.99, 0, True),
            (NOON + 60, 0, False),
            (NOON + 60, 1, True),
            (NOON + 60.99, 1, True),
            (NOON + 61, 1, False),
            (NOON - 10**9, 0, True),
        ],
    )
    def test_is_told_by_our_clock(self, time, leeway, accepted):
        if accepted:
            assert tokens(time=time, leeway=leeway).read(signed(GOOD), "access").user_id == 7
        else:
            assert refused(signed(GOOD), time=time, leeway=leeway).code == "token-expired"

    @pytest.mark.parametrize("time", [1000, NOON, 10 * NOON])
    def test_is_told_by_no_other_clock(self, time):
        ours = tokens(time=time)

        assert ours.read(ours.issue(7).access, "access").expires_at == time + 604_800

    def test_may_be_ignored(self):
        late = tokens(time=NOON + 999)

        assert late.read(signed(GOOD), None, expired_too=True).expires_at == NOON + 60

    def test_does_not_hide_that_a_token_is_of_the_wrong_type(self):
        assert refused(signed(GOOD), "refresh", time=NOON + 999).code == "token-invalid"

    def test_of_a_pair_is_known_beforehand(self):
        assert tokens().last_end() == NOON + 604_800
        assert Tokens(SECRET, HandClock(), CountedIds(), 5, 9).last_end() == NOON + 9

    def test_bounds_what_has_to_be_remembered(self):
        assert tokens(time=NOON + 0.5, leeway=10).accepted_after() == NOON - 10
