"""An interpreter that looks at the first word: the same for all servers that are compared.

How long sentences take to be understood is measured elsewhere (docs/explanation/understanding.md).
"""

from __future__ import annotations

from typing import Any, Final

from pytlas_wamp import compat

compat.import_pytlas()

from pytlas.understanding import Intent, Interpreter  # noqa: E402 - after compat

_INTENTS: Final = {"Wait": "bench_slow", "Work": "bench_work", "Pause": "bench_pause"}


class FirstWord(Interpreter):  # type: ignore[misc]
    """Understands the skills in bench/skills and bench/chores."""

    def __init__(self, language: str, cache_directory: str | None = None) -> None:
        super().__init__("snips", language, cache_directory)

    def fit(self, data: dict[str, Any]) -> None:
        """Know the names of all intents."""
        self.intents = list(data["intents"])

    def load_from_cache(self) -> None:
        """Learn from scratch: it takes no time."""

    def parse(self, msg: str, scopes: Any = None) -> list[Any]:  # noqa: ARG002 - pytlas' signature
        """One intent."""
        first, _, _ = msg.partition(" ")
        if first in _INTENTS:
            return [Intent(_INTENTS[first])]
        return [Intent("bench_echo", text=msg)]

    def parse_slot(self, intent: str, slot: str, msg: str) -> list[Any]:  # noqa: ARG002
        """Nothing: nobody asks."""
        return []


def create(language: str, cache_directory: str | None) -> FirstWord:
    """An entry of `pytlas_wamp.interpreters`."""
    return FirstWord(language, cache_directory)
