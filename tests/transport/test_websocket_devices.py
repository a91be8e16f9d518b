"""Several devices of a user, and what happens between them and their conversation."""

from __future__ import annotations

from attrs import define

from pytlas_wamp.accounts.database import Database
from pytlas_wamp.limits import Limits


@define
class WatchedDatabase:
    """Counts the transactions."""

    database: Database
    count: int = 0

    def reading(self):
        self.count += 1
        return self.database.reading()

    def writing(self, **how):
        self.count += 1
        return self.database.writing(**how)

    def together(self):
        return self.database.together()

    def close(self):
        self.database.close()


class TestDevices:
    def test_all_of_a_user_get_all_frames(self, wire):
        """Fault 6 of the original: the newest connection stole all frames."""
        first, second, stranger = wire.ready(), wire.ready(), wire.ready(2)
        first.send({"message": "echo hi", "id": "m"})
        heard = second.take()
        assert first.take() == [one for one in heard if one["type"] != "said"]
        assert [one["type"] for one in heard] == ["said", "thinking", "answer", "done"]
        assert [one["seq"] for one in heard] == [1, 2, 3, 4]
        assert stranger.look() == []

    def test_the_older_one_stays_when_the_newer_one_goes(self, wire):
        """Fault 6 of the original: it was mute from then on."""
        first, second = wire.ready(), wire.ready()
        second.close()
        assert first.say("echo hi") == ["thinking", "answer hi", "done"]

    def test_a_new_one_sees_the_context_and_the_question(self, wire):
        first = wire.ready()
        assert first.say("enter") == [
            "thinking",
            "context vault",
            "answer You are in the vault",
            "done",
        ]
        assert wire.dial().authenticate(wire.token()).look() == ["ready", "context vault"]
        other = wire.ready(2)
        assert other.say("lights") == ["thinking", "done?", "ask room"]
        late = wire.dial().authenticate(wire.token(2), after=1)
        assert late.look() == ["ready", "thinking", "done?", "ask room"]
        assert late.say("kitchen") == ["thinking", "done?", "ask level"]
        assert other.look() == ["said kitchen", "thinking", "done?", "ask level"]

    def test_another_can_cancel_what_one_waits_for(self, wire):
        first, second = wire.ready(), wire.ready()
        assert first.say("slow") == ["thinking"]
        second.send({"type": "cancel"})
        assert first.look() == ["context /", "thinking", "answer Cancelled", "done"]
        wire.release("slow")
        assert first.look() == []

    def test_cancel_while_idle_is_answered(self, wire):
        """Fault 8 of the original: no frame at all, and the client worked for ever."""
        device = wire.ready()
        device.send({"type": "cancel", "id": "c"})
        assert device.look() == ["c: done"]

    def test_a_skill_that_forgets_to_end_its_turn_mutes_nobody(self, make_wire):
        """Fault 10 of the original: nothing was answered until a restart."""
        wire = make_wire(limits=Limits(turn_deadline_seconds=5))
        device = wire.ready()
        assert device.say("later") == ["thinking"]
        assert device.say("echo hi") == []
        wire.advance(5)
        assert device.look() == ["error skill-timeout", "done", "thinking", "answer hi", "done"]

    def test_slow_skills_do_not_delay_others(self, wire):
        """Fault 18 of the original: six of them stopped everything."""
        for number in range(50):
            user = wire.add_user(f"user{number}")
            assert wire.ready(user).say("slow") == ["thinking"]
        assert wire.stage.gates.slow.waiting == 50
        assert wire.ready().say("echo hi") == ["thinking", "answer hi", "done"]

    def test_one_that_vanishes_in_the_middle_of_an_answer_leaves_no_trace(self, wire):
        device = wire.ready()
        assert device.say("slow") == ["thinking"]
        device.vanish()
        assert wire.host.conversations[0].device_count == 0
        wire.release("slow")
        wire.settle()
        assert wire.host.conversations[0].is_idle
        assert wire.ready().say("echo hi") == ["thinking", "answer hi", "done"]


class TestFrames:
    def test_do_not_ask_the_accounts(self, wire):
        """A token is checked once for a connection, not for each frame (spec 6.18)."""
        watched = wire.store.database = WatchedDatabase(wire.store.database)
        device = wire.ready()
        assert watched.count > 0
        asked = watched.count
        for number in range(10):
            assert device.say(f"echo {number}") == ["thinking", f"answer {number}", "done"]
        device.send({"type": "cancel", "id": "c"})
        assert device.look() == ["c: done"]
        wire.advance(60)  # pings, and whatever else has its time
        assert watched.count == asked
        wire.ready()
        assert watched.count > asked
