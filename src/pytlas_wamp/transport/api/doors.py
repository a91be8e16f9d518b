"""Who may come in at an address of the API, and in which thread they are served (spec 6.9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from functools import partial
from typing import Any, Protocol

from attrs import evolve, frozen
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.python.failure import Failure

from pytlas_wamp.accounts.accounts import Grant, Origin
from pytlas_wamp.errors import ClientError
from pytlas_wamp.transport.addresses import Proxies
from pytlas_wamp.transport.api.calls import Call, bearer_token, call_of
from pytlas_wamp.transport.endpoints import Answer, Endpoint, Methods, Parameters
from pytlas_wamp.transport.http import HttpRequest
from pytlas_wamp.transport.replies import Reply

Run = Callable[..., Deferred[Any]]
Place = Callable[[Parameters], Endpoint]
Routes = Mapping[str, Place]


class Access(Enum):
    """Who is let in."""

    ANYBODY = "no token is asked for"
    PERSON = "whoever has an access token"
    ADMIN = "administrators; others get 403"
    HIDDEN = "administrators; for others nothing is there"
    OPERATOR = "administrators, and the command line with the secret of the server"


class Checker(Protocol):
    """Who knows whether a token is good; blocks."""

    def check(self, access_token: object, origin: Origin | None = None) -> Grant:
        """Returns what the token allows; raises ClientError."""

    def check_operator(self, token: object) -> None:
        """Raises ClientError unless it is a token of who runs the server."""


@frozen(kw_only=True)
class Doors:
    """Makes the doors of all addresses.

    Args:
      accounts: knows the tokens; blocks.
      run: calls a function with arguments in another thread; fires with what it returns.
      run_hashing: the same for what hashes passwords, which anybody can ask for; None for
        the same threads.
      proxies: those whose word about addresses is taken.
      changed: called after everything that may have written, in the reactor's thread; answers
        wait until it has fired, which it does even if it fails.
      max_depth: how deep JSON may be nested.
    """

    accounts: Checker
    run: Run
    proxies: Proxies
    changed: Callable[[], object]
    max_depth: int
    run_hashing: Run | None = None
    refused: Callable[[str], object] = lambda _: None

    def blocking(
        self,
        access: Access,
        answers: Mapping[str, Callable[[Call], Reply]],
        *,
        hashing: bool = False,
    ) -> Place:
        """Returns an address whose functions are called in another thread.

        Args:
          access: who may come in.
          answers: by method; each may raise ClientError, or an OperatorError with a code.
          hashing: whether a password is hashed there.
        """
        run = self.run if self.run_hashing is None or not hashing else self.run_hashing

        def entered(answer: Callable[[Call], Reply], parameters: Parameters) -> Answer:
            def enter(request: HttpRequest) -> Deferred[Reply]:
                call, token = self._call(request, parameters, access)
                work = run(lambda: answer(self._let_in(call, token, access)))
                return work.addBoth(self._tell, request.method)

            return enter

        return partial(_methods, answers, entered)

    def prompt(
        self, access: Access, answers: Mapping[str, Callable[[Call], Reply | Deferred[Reply]]]
    ) -> Place:
        """Returns the same with functions that are called in the reactor's thread."""

        def entered(
            answer: Callable[[Call], Reply | Deferred[Reply]], parameters: Parameters
        ) -> Answer:
            def enter(request: HttpRequest) -> Deferred[Reply]:
                call, token = self._call(request, parameters, access)
                work = self.run(self._let_in, call, token, access)
                work.addCallback(answer)
                return work.addBoth(self._tell, request.method)

            return enter

        return partial(_methods, answers, entered)

    def _call(
        self, request: HttpRequest, parameters: Parameters, access: Access
    ) -> tuple[Call, str]:
        token = "" if access is Access.ANYBODY else bearer_token(request)
        call = call_of(request, parameters, proxies=self.proxies, max_depth=self.max_depth)
        return call, token

    def _let_in(self, call: Call, token: str, access: Access) -> Call:
        if access is Access.ANYBODY or (access is Access.OPERATOR and self._is_operator(token)):
            return call
        grant = self.accounts.check(token, call.origin)
        if access is not Access.PERSON and not grant.account.admin:
            if access is Access.HIDDEN:
                raise nothing_here()
            raise ClientError("forbidden", "Only administrators may do this.")
        return evolve(call, grant=grant)

    def _is_operator(self, token: str) -> bool:
        try:
            self.accounts.check_operator(token)
        except ClientError:
            return False
        return True

    def _tell(self, outcome: Any, method: bytes) -> Any:
        if isinstance(outcome, Failure) and isinstance(outcome.value, ClientError):
            self.refused(outcome.value.code)
        if method in {b"GET", b"HEAD"}:
            return outcome
        # Also when it was refused: a refresh token that is used again ends its login. Who
        # has the answer may count on it that open conversations know.
        return maybeDeferred(self.changed).addCallback(lambda _: outcome)


def nothing_here() -> ClientError:
    """Returns the refusal that does not say whether something is there (spec 6.9)."""
    return ClientError("not-found", "There is nothing at this address.")


def _methods(
    answers: Mapping[str, Any], entered: Callable[[Any, Parameters], Answer], parameters: Parameters
) -> Endpoint:
    return Methods({method: entered(answer, parameters) for method, answer in answers.items()})
