"""Which address does what, with which methods."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from attrs import field, frozen
from twisted.internet.defer import Deferred

from pytlas_wamp.transport.http import HttpRequest
from pytlas_wamp.transport.problems import problem
from pytlas_wamp.transport.replies import Reply, no_content

Answer = Callable[[HttpRequest], Reply | Deferred[Reply]]
Segments = tuple[str, ...]
Parameters = Mapping[str, str]


class Endpoint(Protocol):
    """What answers the requests to one address."""

    def render(self, request: HttpRequest) -> None:
        """Answer the request, now or later."""


@frozen
class Methods:
    """An address with a function for each method.

    HEAD comes with GET, and OPTIONS by itself.

    Args:
      answers: by the method's name.
    """

    _answers: Mapping[str, Answer]

    def render(self, request: HttpRequest) -> None:
        """Answer by the method."""
        method = request.method.decode()
        request.respond(self._answers.get("GET" if method == "HEAD" else method, self._otherwise))

    def _otherwise(self, request: HttpRequest) -> Reply:
        allowed = {*self._answers, "OPTIONS", *({"HEAD"} if "GET" in self._answers else ())}
        return otherwise(request, ", ".join(sorted(allowed)))


def _sorted_patterns(
    patterns: Mapping[str, Callable[[Parameters], Endpoint]],
) -> tuple[tuple[Segments, Callable[[Parameters], Endpoint]], ...]:
    """Patterns in the order to try them: a literal segment comes before any name in its place."""
    split = {tuple(path[1:].split("/")): place for path, place in patterns.items()}
    return tuple(sorted(split.items(), key=lambda item: [_is_name(one) for one in item[0]]))


def _is_name(segment: str) -> bool:
    return segment.startswith("{")


def _parameters(pattern: Segments, segments: Segments) -> Parameters | None:
    if len(pattern) != len(segments):
        return None
    found = {}
    for expected, segment in zip(pattern, segments, strict=True):
        if _is_name(expected):
            found[expected[1:-1]] = segment
        elif expected != segment:
            return None
    return found


@frozen(kw_only=True)
class Addresses:
    """All addresses of the server.

    Args:
      single: endpoints by path ("/api/token"); each is there with a slash behind, too.
      folders: what answers below a path ("/spec"), with the rest of the path.
      patterns: what answers at paths with names in braces ("/api/users/{id}"), with what
        stands there. One segment each, decoded, never empty and without a slash.
    """

    _single: Mapping[str, Endpoint]
    _folders: Mapping[str, Callable[[Segments], Endpoint]] = field(factory=dict)
    _patterns: tuple[tuple[Segments, Callable[[Parameters], Endpoint]], ...] = field(
        factory=dict, converter=_sorted_patterns
    )

    def render(self, request: HttpRequest) -> None:
        """Let the right endpoint answer."""
        try:
            segments = tuple(segment.decode() for segment in request.segments)
        except UnicodeDecodeError:
            segments = ("\ufffd",)  # no address of ours
        if segments == ("", "*") and request.method == b"OPTIONS":
            request.reply(no_content())  # asks whether anybody is there (RFC 9110 9.3.7)
        else:
            self._endpoint(segments).render(request)

    def _endpoint(self, segments: Segments) -> Endpoint:
        folder = self._folders.get(segments[0])
        if folder is not None:
            return folder(segments[1:])
        trimmed = segments[:-1] if segments[-1] == "" else segments
        # A slash in a segment was encoded, and divides nothing.
        if any("/" in segment or not segment for segment in trimmed):
            return NOWHERE
        return self._single.get("/" + "/".join(trimmed)) or self._matching(trimmed)

    def _matching(self, segments: Segments) -> Endpoint:
        for pattern, place in self._patterns:
            parameters = _parameters(pattern, segments)
            if parameters is not None:
                return place(parameters)
        return NOWHERE


@frozen
class Nowhere:
    """An address where nothing is, whatever the method."""

    def render(self, request: HttpRequest) -> None:
        """Answer with 404."""
        request.reply(problem("not-found", "There is nothing at this address."))


NOWHERE = Nowhere()


def otherwise(request: HttpRequest, allowed: str) -> Reply:
    """Returns the answer for a method without an answer of its own.

    Args:
      request: the one with that method.
      allowed: the methods that there are, with commas between.
    """
    if request.method == b"OPTIONS":
        return no_content({"Allow": allowed})
    return problem("method-not-allowed", f"Use one of {allowed} here.", {"Allow": allowed})
