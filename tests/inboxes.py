"""An `Inbox` that writes down what comes."""

from __future__ import annotations

from attrs import Factory, define


@define(eq=False)
class NotedInbox:
    """Keeps what comes in `events`; answers with `answer`, or as `answers` says per question.

    An answer that is an exception is raised, one that is callable is called with the body.
    """

    events: list = Factory(list)
    answer: object = None
    answers: dict = Factory(dict)

    def asked(self, sender, what, body):
        self.events.append(("asked", sender, what, body))
        answer = self.answers.get(what, self.answer)
        if isinstance(answer, Exception):
            raise answer
        return answer(body) if callable(answer) else answer

    def told(self, sender, body):
        self.events.append(("told", sender, body))
        if isinstance(body, Exception):
            raise body

    def connected(self):
        self.events.append("connected")

    def disconnected(self):
        self.events.append("disconnected")

    def left(self, node):
        self.events.append(("left", node))

    def taken(self):
        """Returns what came since the last time."""
        events, self.events = self.events, []
        return events
