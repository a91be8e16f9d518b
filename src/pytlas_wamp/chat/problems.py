"""What can keep the client from talking, told in the user's language."""

from __future__ import annotations

from pytlas_wamp.chat.texts import Texts
from pytlas_wamp.errors import OperatorError


class ChatProblem(OperatorError):
    """Something that the person at the terminal is told.

    Args:
      key: of the text that says it.
      values: what stands in its braces.
    """

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(Texts()(key, **values))
        self.key = key
        self.values = values

    def told(self, texts: Texts) -> str:
        """Returns the sentence in the language of these texts."""
        return texts(self.key, **self.values)


class Refused(ChatProblem):
    """These credentials are no good; others may be."""


class Unreachable(ChatProblem):
    """It may work later, with the same credentials."""
