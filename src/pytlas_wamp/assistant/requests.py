"""What skills are handed: an agent that falls silent, their texts, and hooks that forgive."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from twisted.logger import Logger

from pytlas_wamp import compat

compat.import_pytlas()

from pytlas.conversing.request import AgentProxy, Request  # noqa: E402 - after compat
from pytlas.handling.hooks import GLOBAL_HOOKS  # noqa: E402
from pytlas.handling.localization import GLOBAL_TRANSLATIONS  # noqa: E402

_log = Logger()


class ForgivingHooks:
    """The hooks that skills registered; one that raises does not stop the others."""

    def trigger(self, name: str, *args: Any) -> None:
        """Call every hook of this name."""
        for hook in GLOBAL_HOOKS._data.get(name, ()):  # noqa: SLF001 - the store has no other way
            try:
                hook(*args)
            except Exception:  # noqa: BLE001 - a skill may raise anything
                _log.failure("hook {hook} failed on {name}", hook=hook, name=name)


class NoTexts:
    """The texts that an agent reads in advance: none, because each request asks for its own."""

    def all(self, _language: str) -> dict[str, dict[str, str]]:
        """By package."""
        return {}


# Neither has a state.
HOOKS = ForgivingHooks()
NO_TEXTS = NoTexts()


def translations_of(handler: Any, language: str) -> dict[str, str]:
    """The texts of the skill that a handler is from, in a language; none if they fail.

    Every request asks for them anew: a skill may be another version than it was when the
    agent was made.
    """
    # Not looked up among the modules: a skill that was removed is not there any more.
    package = handler.__module__.partition(".")[0]
    try:
        texts: dict[str, str] = GLOBAL_TRANSLATIONS.get(package, language)
    except Exception:  # noqa: BLE001 - a skill may raise anything
        _log.failure("the translations of {package} failed", package=package)
        return {}
    return texts


class HostedRequest(Request):
    """What a skill is called with.

    Its id and its texts, which most skills do not look at, are made when they are asked for.

    Args:
      agent: whose request it is.
      intent: what it is about.
      handler: of the skill that it is for.
    """

    def __init__(self, agent: Any, intent: Any, handler: Any) -> None:
        # pytlas' own makes the id at once; there is nothing else in it than this.
        self.intent = intent
        self.agent = RequestAgent(self, agent)
        self.lang = agent.lang
        self._handler = handler

    def __getattr__(self, name: str) -> Any:
        """The `id`, or the texts that `_` translates with."""
        if name == "id":
            made: Any = uuid4().hex
        elif name == "_module_translations":
            made = translations_of(self._handler, self.lang)
        else:
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        # Another thread may ask at the same time; both get the same.
        return self.__dict__.setdefault(name, made)


class RequestAgent(AgentProxy):
    """What a skill sees as `request.agent`: silent once the request is over."""

    def answer(self, text: Any, cards: Any = None, **meta: Any) -> None:
        """Show something to the user."""
        self._agent.speech.answer(self._request, text, cards, meta)

    def ask(self, slot: str, text: Any, choices: Any = None, **meta: Any) -> None:
        """Ask the user for a slot; ends the turn."""
        self._agent.speech.ask(self._request, slot, text, choices, meta)

    def done(self, require_input: bool = False) -> None:  # noqa: FBT001, FBT002 - pytlas' signature
        """End the turn."""
        self._agent.call_if_current(self._request, self._agent.done, require_input)

    def context(self, context_name: str | None) -> None:
        """Enter a context, or leave it with None."""
        self._agent.speech.context(self._request, context_name)
