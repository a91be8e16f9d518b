"""A server with the addresses under test, and with people whose tokens are their names."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen
from http_line import NOW, Answer, Server
from pytlas.handling.skill import Meta

from pytlas_wamp.accounts.accounts import Grant
from pytlas_wamp.accounts.model import Account
from pytlas_wamp.errors import ClientError

ADMIN, OPERATOR = "admin", "operator"
PEOPLE = {
    ADMIN: Account(id=1, name="ada", language="en-US", active=True, admin=True),
    "person": Account(id=2, name="bob", language="fr-FR", active=True, admin=False),
}


@frozen(kw_only=True)
class FakeSkill:
    name: str
    bundled: bool = False
    loaded: bool = True
    problems: tuple[str, ...] = ()
    intents: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("en", "fr")

    def meta(self, language):
        return Meta(name=f"{self.name} in {language}")


@frozen
class FakeShelf:
    skills: tuple[FakeSkill, ...] = (
        FakeSkill(name="home_clock", bundled=True),
        FakeSkill(name="o__weather"),
        FakeSkill(name="single", loaded=False, problems=("SyntaxError: bad",)),
    )

    def packages(self, language):
        return ["home_clock", "o__weather"] if language == "en" else ["o__weather"]


@frozen
class FakeInterpreter:
    language: str
    state: str = "ready"
    intents: int = 24


class FakeTokens:
    """Knows three tokens: two of people, and that of the operator."""

    def check(self, access_token, origin=None):
        if access_token not in PEOPLE:
            raise ClientError("token-invalid", "This is no token of ours.")
        end = int(NOW) + 60
        return Grant(
            account=PEOPLE[access_token],
            token_id=access_token,
            expires_at=end,
            token_expires_at=end,
        )

    def check_operator(self, token):
        if token != OPERATOR:
            raise ClientError("token-invalid", "This is no token of ours.")


class AdminStage:
    """Asks a server for addresses of the API; every answer is held against the contract.

    Args:
      further: makes the routes under test.
    """

    def __init__(self, further: Callable) -> None:
        self.server = Server(accounts=FakeTokens(), options={"further": further})

    def ask(self, method: str, path: str, *, token: str | None = ADMIN) -> Answer:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return self.server.ask(method, path, **headers)

    def send(self, method: str, path: str, body: bytes, *, token: str | None = ADMIN) -> Answer:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return self.server.ask(method, path, body, Content_Type="application/json", **headers)
