"""Everything that may happen to a conversation, once, in an order in which it can.

Alice has the devices 0 and 2, Bob has 1 and 3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from survival_story import DEADLINE_SECONDS, QUEUE
from survival_world import World

INTERESTING = {
    *(f"connected with {after} after" for after in ("none", "right", "old", "absurd")),
    *(f"session {state}" for state in ("unauthenticated", "verifying", "ready")),
    *("session awaiting-answer", "session closed", "resumed True", "resumed False"),
    *("resumed from before a kill", "what it had seen was lost", "a device dropped"),
    *("a frame of a client was cut off", "a frame of the server was cut off"),
    *("closed 1013 unavailable", "closed 1001 shutdown", "put away", "came back"),
    *("cancel", "a message without id", "a message was told again", "jobs out of order"),
    *(f"again: {how}" for how in ("new", "None", "ended", "interrupted", "cancelled")),
    *("again: unavailable", "refused id-reused", "refused question-gone", "refused busy"),
    *("refused unavailable", "error interrupted", "error unavailable", "error busy"),
    *("error skill-timeout", "late output", "an intent that had waited was run"),
    *("an intent woke the conversation", "a question from before was answered"),
    *("a question was asked again", "a kill cost frames", "a kill interrupted messages"),
    *(f"a {what} outlived a {how}" for what in ("question", "context") for how in ("kill", "stop")),
    *(f"killed while writing, {written}" for written in (True, False)),
    *("killed while a message waits", "killed while a turn runs", "killed in a context"),
    *("killed while a question is open", "killed before it had begun again"),
    *("stopped in order", "stopped, not written"),
}


class Checked:
    """A world that is looked at after everything that happens."""

    def __init__(self, world: World) -> None:
        self.world = world

    def __getattr__(self, name: str) -> Callable[..., None]:
        """What happens, and a look."""

        def happen(*args: Any, **kwargs: Any) -> None:
            getattr(self.world, name)(*args, **kwargs)
            self.world.check()

        return happen


def tour(world: World) -> None:
    """Go through it all."""
    happens = Checked(world)
    for part in (
        _talk,
        _send_again,
        _come_back,
        _bad_skills,
        _killed_at_work,
        _killed_while_asked,
        _stopped,
        _bad_journal,
    ):
        part(happens)
        happens.settle()


def _talk(alice: Any) -> None:
    alice.connect(0, "none")
    alice.settle()
    alice.connect(2, "none")
    for word in ("echo", "silent", "pair", "nohandler", "lights", "kitchen", "dim", "askpair"):
        alice.talk(0, word)
    alice.talk(2, "kitchen")
    alice.talk(0, "green")
    alice.say(0, "full", answers="right")
    alice.say(2, "dim", answers="right")
    alice.settle()
    alice.say(0, "echo", id_="none")
    alice.say(0, "echo", answers="wrong")
    alice.settle()
    alice.cancel(0)
    alice.settle()
    for word in ("enter", "leave", "enter", "cancel", "lights", "cancel"):
        alice.talk(2, word)
    for _ in range(QUEUE + 2):
        alice.say(0, "echo")
    alice.settle()


def _send_again(alice: Any) -> None:
    alice.talk(0, "slow")
    alice.say_again(0)
    alice.say_again(2, changed=True)
    alice.settle()
    alice.cancel(2)
    alice.settle()
    alice.say_again(0)
    alice.release_slow()
    alice.talk(0, "echo")
    alice.say_again(2)
    alice.settle()
    alice.kill()
    alice.be_connected(2)
    alice.say_again(2)
    alice.settle()


def _come_back(alice: Any) -> None:
    alice.be_connected(0)
    alice.drop_in_a_frame(0, "echo", 0.5)
    alice.talk(2, "pair")
    alice.connect(0, "right")
    alice.settle()
    alice.look_away(0)
    alice.talk(2, "echo")
    alice.drop(0, 0.7)
    alice.connect(0, "old", 3)
    alice.say(2, "lights")
    alice.settle()
    alice.drop(0)
    alice.connect(0, "absurd", 1)
    alice.settle()
    alice.idle()
    alice.talk(0, "kitchen")
    alice.talk(0, "full")
    alice.talk(0, "ring")
    alice.talk(1, "later")
    alice.work(0, 0)
    alice.idle()
    alice.release_later()
    alice.settle()


def _bad_skills(bob: Any) -> None:
    bob.talk(1, "boom")
    for _ in range(3):
        bob.talk(1, "slow")
        bob.advance(DEADLINE_SECONDS)
        bob.settle()
    bob.talk(3, "echo")
    for _ in range(3):
        bob.release_slow()
    bob.settle()
    bob.talk(3, "linger")
    bob.say(1, "echo")
    bob.release_slow()
    bob.settle()
    bob.be_connected(0)
    bob.say(0, "echo")
    bob.say(1, "echo")
    bob.say(3, "slow")
    for _ in range(2):
        bob.work(2, 0)
        bob.arrive(9)
    bob.work(0, 1)
    bob.settle()
    bob.cancel(1)
    bob.settle()
    bob.release_slow()
    bob.talk(1, "slowpair")
    bob.cancel(1)
    bob.cancel(3)
    bob.settle()
    bob.release_slow()


def _killed_at_work(alice: Any) -> None:
    alice.talk(0, "slowpair")
    alice.say(0, "echo")
    alice.settle()
    alice.kill()
    alice.kill()
    alice.talk(0, "echo")
    alice.say_again(0, 1)
    alice.say(0, "silent")
    alice.kill(written=True)
    alice.be_connected(0)
    alice.say(0, "echo")
    alice.kill()
    alice.be_connected(0)
    alice.say_again(0)
    alice.settle()
    alice.talk(0, "enter")
    alice.advance(0.05)
    alice.settle()
    alice.kill()
    alice.talk(0, "leave")
    alice.advance(0.05)
    alice.settle()
    alice.kill()
    alice.be_connected(2)
    # Something is said while the log is read for a device that comes back.
    alice.connect(0, "right")
    alice.work(2, 0)
    alice.say(2, "nohandler")
    alice.settle()


def _killed_while_asked(alice: Any) -> None:
    alice.talk(0, "askpair")
    alice.advance(0.05)
    alice.settle()
    alice.be_connected(2)
    alice.kill()
    alice.talk(2, "kitchen")
    alice.advance(0.05)
    alice.settle()
    alice.kill()
    alice.be_connected(0)
    alice.say(0, "dim")
    alice.kill(written=True)
    alice.talk(0, "dim")


def _stopped(alice: Any) -> None:
    for grace in (True, False):
        alice.talk(0, "lights")
        alice.stop(grace=grace)
        alice.talk(2, "kitchen")
        alice.talk(0, "dim")
        alice.talk(2, "enter")
        alice.stop(grace=grace)
        alice.talk(0, "leave")
        alice.talk(0, "slow")
        alice.say(0, "echo")
        alice.stop(grace=grace)
        alice.be_connected(0)
        alice.say_again(0)
        alice.settle()
    alice.talk(0, "echo")
    alice.journal_fails()
    alice.talk(0, "echo")
    alice.stop()
    alice.journal_fails(fails=False)


def _bad_journal(alice: Any) -> None:
    alice.be_connected(0)
    alice.talk(2, "slow")
    alice.journal_fails()
    alice.release_slow()
    alice.settle()
    alice.talk(0, "echo")
    alice.say_again(0)
    alice.advance(DEADLINE_SECONDS)
    alice.settle()
    alice.drop(2)
    alice.connect(2, "old", 5)
    alice.settle()
    alice.idle()
    alice.journal_fails(fails=False)
    alice.advance(DEADLINE_SECONDS)
    alice.settle()
    alice.talk(0, "echo")
    alice.kill()
    alice.journal_fails()
    alice.connect(0, "right")
    alice.settle()
    alice.journal_fails(fails=False)
    alice.talk(0, "echo")
    # A reply that cannot be kept.
    alice.talk(0, "lights")
    alice.journal_fails()
    alice.talk(0, "kitchen")
    alice.journal_fails(fails=False)
    alice.advance(DEADLINE_SECONDS)
    alice.settle()
    alice.talk(0, "echo")
    alice.cancel(0)
    alice.settle()
