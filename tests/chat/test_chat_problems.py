"""What keeps the client from talking is told in the user's language."""

from __future__ import annotations

from pytlas_wamp.chat.problems import ChatProblem, Refused, Unreachable
from pytlas_wamp.chat.texts import Texts
from pytlas_wamp.errors import OperatorError


class TestChatProblem:
    def test_it_is_an_english_sentence_by_itself(self):
        assert str(ChatProblem("refused", detail="no")) == "The server refuses to sign you in: no"

    def test_it_is_told_in_the_users_language(self):
        told = ChatProblem("refused", detail="no").told(Texts("fr"))

        assert told == "Le serveur refuse la connexion : no"

    def test_the_command_line_can_show_it(self):
        assert issubclass(ChatProblem, OperatorError)

    def test_refused_and_unreachable_are_told_apart(self):
        assert not isinstance(Refused("wrong-password"), Unreachable)
