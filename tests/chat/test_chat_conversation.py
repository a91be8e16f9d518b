"""What the client knows, frame by frame."""

from __future__ import annotations

import pytest
from chat_frames import ask, context, done, error, ready, said, thinking

from pytlas_wamp.chat.conversation import Conversation, Turn
from pytlas_wamp.chat.problems import ChatProblem
from pytlas_wamp.wire.messages import Language


def make(**kwargs):
    ids = iter("abcdefgh")
    ticks = iter(range(100, 200))
    return Conversation(name="alice", clock=lambda: next(ticks), new_id=lambda: next(ids), **kwargs)


class TestSaying:
    def test_a_message_carries_what_was_said_and_an_id(self):
        message = make().say("hello")

        assert (message.message, message.id, message.answers) == ("hello", "a", None)

    def test_ids_differ_by_themselves(self):
        talk = Conversation(name="alice", clock=lambda: 0)

        assert talk.say("hello").id != talk.say("hello").id

    def test_work_begins_with_it(self):
        talk = make()
        talk.say("hello")
        talk.say("again")

        assert talk.working_since == 100

    def test_what_no_server_takes_is_not_said(self):
        talk = make()
        talk.take(ready(max_message_bytes=100))

        with pytest.raises(ChatProblem, match="takes 100 bytes"):
            talk.say("x" * 100)
        assert talk.turns == {}

    def test_before_ready_the_default_limit_counts(self):
        with pytest.raises(ChatProblem, match="takes 65536 bytes"):
            make().say("x" * 65536)


class TestChoices:
    @pytest.mark.parametrize("line", ["2", " 2 ", "blue sky", "BLUE  sky"])
    def test_a_number_or_the_words_pick_one_and_name_the_question(self, line):
        talk = make()
        talk.take(ask(seq=7, choices=["red", "blue  sky"]))

        message = talk.say(line)

        assert (message.message, message.answers) == ("blue  sky", 7)

    @pytest.mark.parametrize("line", ["0", "3", "²", "9" * 5000, "blu", "-1"])
    def test_anything_else_is_said_as_it_is(self, line):
        talk = make()
        talk.take(ask(seq=7, choices=["red", "blue"]))

        message = talk.say(line)

        assert (message.message, message.answers) == (line, None)

    def test_a_choice_that_is_a_number_wins_over_its_place(self):
        talk = make()
        talk.take(ask(choices=["3", "2", "1"]))

        assert talk.say("1").message == "1"

    def test_without_choices_a_number_is_a_number(self):
        talk = make()
        talk.take(ask(choices=None))

        assert talk.say("1").message == "1"

    def test_they_are_fit_to_be_shown(self):
        talk = make()
        talk.take(ask(choices=["a\x1b\nb"]))

        assert talk.choices == ["a␛ b"]

    def test_there_are_none_without_a_question(self):
        assert make().choices == []


class TestQuestions:
    @pytest.mark.parametrize("frame", [thinking(), done(), said()])
    def test_the_conversation_goes_past_them(self, frame):
        talk = make()
        talk.take(ask())

        talk.take(frame)

        assert talk.ask is None

    def test_a_reply_ends_them(self):
        talk = make()
        talk.take(ask())

        talk.say("red")

        assert talk.ask is None

    def test_a_cancel_ends_them(self):
        talk = make()
        talk.take(ask())

        assert talk.cancel().id == "a"
        assert talk.ask is None


class TestTurns:
    def test_done_ends_one(self):
        talk = make()
        talk.say("hello")
        talk.take(thinking(re="a"))
        talk.take(done(re="a"))

        assert (talk.turns, talk.working_since) == ({}, None)

    def test_one_that_another_takes_over_was_cancelled(self):
        talk = make()
        talk.say("slow")
        talk.say("next")
        talk.take(thinking(re="a"))
        talk.take(context(name=None, re="c"))
        talk.take(thinking(re="c"))
        talk.take(done(re="c"))

        assert list(talk.turns) == ["b"]

    def test_a_cancel_without_words_ends_the_running_one(self):
        talk = make()
        talk.say("slow")
        talk.take(thinking(re="a"))
        talk.take(done(re="c"))

        assert talk.turns == {}

    def test_a_skill_that_speaks_by_itself_ends_none(self):
        talk = make()
        talk.say("slow")
        talk.take(thinking(re="a"))
        talk.take(thinking())
        talk.take(done())

        assert list(talk.turns) == ["a"]

    def test_a_refusal_ends_one(self):
        talk = make()
        talk.say("hello")
        talk.take(error(code="busy", re="a"))

        assert (talk.turns, talk.working_since) == ({}, None)

    def test_a_refusal_leaves_the_others_at_work(self):
        talk = make()
        talk.say("hello")
        talk.say("again")
        talk.take(error(code="busy", re="b"))

        assert talk.working_since is not None

    def test_a_failed_skill_is_still_followed_by_done(self):
        talk = make()
        talk.say("hello")
        talk.take(error(code="skill-failed", re="a", seq=3))

        assert list(talk.turns) == ["a"]

    def test_somebody_elses_turn_is_work_too(self):
        talk = make()
        talk.take(thinking(re="theirs"))

        assert talk.working_since == 100


class TestDropping:
    def test_it_tells_what_was_heard_of_and_what_was_not(self):
        talk = make()
        talk.say("one")
        talk.say("two")
        talk.take(thinking(re="a"))

        assert talk.drop() == (Turn(id="a", text="one", heard=True), Turn(id="b", text="two"))

    def test_nothing_is_under_way_after_it(self):
        talk = make()
        talk.take(ready())
        talk.say("one")
        talk.drop()

        assert (talk.turns, talk.working_since, talk.ready) == ({}, None, None)


class TestReady:
    def test_the_server_says_anew_what_holds(self):
        talk = make(context="game", ask=ask())
        talk.take(ready())

        assert (talk.context, talk.ask) == (None, None)

    def test_a_resumed_conversation_goes_on(self):
        pending = ask()
        talk = make(context="game", ask=pending)
        talk.take(ready(resumed=True))

        assert (talk.context, talk.ask) == ("game", pending)

    def test_it_tells_the_language(self):
        talk = make()
        talk.take(ready(language="fr-FR"))

        assert (talk.language, talk.texts("bye")) == ("fr-FR", "Au revoir.")

    def test_the_language_may_change(self):
        talk = make()
        talk.take(Language(seq=1, language="fr"))

        assert talk.texts("bye") == "Au revoir."


class TestContexts:
    def test_leaving_one_is_told_from_leaving_none(self):
        talk = make()
        left = []
        for name in (None, "game", None, None):
            talk.take(context(name=name))
            left.append(talk.has_left_context)

        assert left == [False, False, True, False]


class TestSeq:
    def test_the_last_one_is_kept_for_coming_back(self):
        talk = make()
        for frame in (ready(seq=4), thinking(seq=9), error(code="busy")):
            talk.take(frame)

        assert talk.last_seq == 9
