"""`/api/understand`: what a sentence would mean to the assistant, and why (spec 6.23)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from attrs import frozen
from twisted.internet.defer import Deferred

from pytlas_wamp.accounts.model import BadLanguage, clean_language
from pytlas_wamp.transport.api.calls import Call
from pytlas_wamp.transport.api.doors import Access, Doors, Routes
from pytlas_wamp.transport.api.objects import ABSENT, Absent, Length, invalid
from pytlas_wamp.transport.api.skills import Shelf
from pytlas_wamp.transport.replies import Reply, json_reply
from pytlas_wamp.understanding.answers import answer, explanation_lines, value_text
from pytlas_wamp.understanding.evaluation import scopes_of

# What an interpreter does with a sentence takes the longer, the longer that is.
_MAX_CHARACTERS = 1_000


@frozen(kw_only=True)
class _Sentence:
    sentence: Annotated[str, Length(1, _MAX_CHARACTERS)]
    language: str | Absent = ABSENT


@frozen(kw_only=True)
class TryOutEndpoints:
    """The function behind `/api/understand`.

    Args:
      doors: let administrators in.
      shelf: the skills, whose languages are understood.
      interpreter: fires with that of a language of two letters, when it has learnt.
      run: calls an interpreter, which may be anybody's code and blocks.
    """

    doors: Doors
    shelf: Shelf
    interpreter: Callable[[str], Deferred[Any]]
    run: Callable[..., Deferred[Any]]

    def routes(self) -> Routes:
        """Returns the path with what is there."""
        return {"/api/understand": self.doors.prompt(Access.ADMIN, {"POST": self._understand})}

    def _understand(self, call: Call) -> Deferred[Reply]:
        asked = call.read(_Sentence)
        language = self._language(call, asked.language)
        return self.interpreter(language).addCallback(
            lambda found: self.run(_in_worker_answer, found, language, asked.sentence)
        )

    def _language(self, call: Call, asked: str | Absent) -> str:
        try:
            wanted = clean_language(call.caller.language if asked is ABSENT else asked)
        except BadLanguage:
            raise invalid("language", "has to be written like fr-FR, fr_FR or fr") from None
        known = sorted({code for one in self.shelf.skills for code in one.languages})
        if wanted[:2].lower() not in known:
            spoken = ", ".join(known) or "none"
            raise invalid("language", f"has to be one that a skill knows, not {wanted}: {spoken}")
        return wanted[:2].lower()


def _in_worker_answer(interpreter: Any, language: str, sentence: str) -> Reply:
    scopes = scopes_of(interpreter.intents)[None]
    found = answer(interpreter, sentence, scopes, explain=True)
    slots = [
        {"name": slot["name"], "value": value_text(slot["value"]), "raw": slot["raw"]}
        for slot in found["slots"]
    ]
    name = found["intent"]
    return json_reply(
        {
            "language": language,
            "understood": name is not None,
            "intents": [] if name is None else [{"name": name, "slots": slots}],
            "explanation": list(explanation_lines(found)),
        }
    )
