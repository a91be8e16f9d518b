"""One conversation that moves from worker to worker, while devices come, speak and go."""

from __future__ import annotations

import pytest
from attrs import define, field
from small_cluster import SmallDevice, person, small_cluster

from pytlas_wamp.cluster.remote_conversation import NEWCOMER_SECONDS, PATIENCE_SECONDS, Unavailable
from pytlas_wamp.cluster.states import State


@define(eq=False)
class Ground:
    """A small cluster in which one user has some devices on one gateway."""

    workers: int = 2
    cluster: object = field()
    devices: dict = field(factory=dict)

    @cluster.default
    def _make(self):
        return small_cluster(self.workers)

    @property
    def host(self):
        return self.cluster.gateways[0].host

    @property
    def conversation(self):
        return self.host.conversations[0]

    @property
    def owner(self):
        return self.cluster.worker_of(1)

    @property
    def asked(self):
        return [what for _, what, _ in self.cluster.gateways[0].bus.asked]

    def device(self, name):
        return self.devices.setdefault(name, SmallDevice(name, person()))

    def join(self, *names, seconds=0.2, **kwargs):
        for name in names:
            self.device(name).join(self.host, **kwargs)
        self.pass_time(seconds)
        return [self.device(name) for name in names]

    def pass_time(self, seconds=0.5):
        self.cluster.pass_time(seconds)

    def said(self):
        return [
            entry.frame.message
            for entry in self.cluster.database.log(1)
            if entry.frame.TYPE == "said"
        ]

    def tell(self, **body):
        self.host.told(self.owner.id, body)


def codes(device):
    return [error.code for error in device.complaints]


class TestJoining:
    def test_a_device_learns_how_it_stands_and_gets_what_follows(self):
        at = Ground()
        (a,) = at.join("a")
        a.say("hello")
        at.pass_time()
        (b,) = at.join("b")
        assert (b.start, b.seen) == (4, [])
        b.say("again")
        at.pass_time()
        assert (a.seqs, b.seqs) == ([2, 3, 4, 5, 6, 7, 8], [6, 7, 8])

    def test_it_gets_what_it_has_missed(self):
        at = Ground()
        a, b = at.join("a", "b")
        a.leave()
        b.say("hello")
        at.pass_time()
        at.join("a")
        assert a.seqs == [1, 2, 3, 4]

    def test_devices_that_have_got_as_far_share_a_question(self):
        at = Ground()
        at.join("a", "b", "c")
        assert at.asked == ["join"]
        assert at.conversation.device_count == 3

    def test_nobody_there_is_told_after_a_while(self):
        at = Ground(workers=0)
        (a,) = at.join("a", seconds=NEWCOMER_SECONDS + 2)
        (failure,) = a.failures
        assert isinstance(failure, Unavailable)
        assert "no worker is there for a conversation in 'en'" in str(failure)
        assert at.host.conversations == []

    def test_a_worker_that_comes_in_time_is_found(self):
        at = Ground(workers=0)
        at.join("a", seconds=3)
        at.cluster.add_worker("late")
        at.pass_time(3)
        assert at.conversation.state is State.LIVE

    @pytest.mark.parametrize("code", ["held", "draining", "language", "unavailable", "failed"])
    def test_a_refusal_is_not_the_end(self, code):
        at = Ground()
        for worker in at.cluster.workers.values():
            worker.refuse.append(code)
        (a,) = at.join("a", seconds=2)
        assert a.conversation is at.conversation

    def test_a_disabled_account_is(self):
        at = Ground()
        for worker in at.cluster.workers.values():
            worker.refuse.append("account-disabled")
        (a,) = at.join("a")
        assert "as the test wants it" in str(a.failures[0])
        assert at.host.conversations == []

    def test_an_answer_that_is_none_is_tried_again(self):
        at = Ground()
        for worker in at.cluster.workers.values():
            worker.refuse.append({"epoch": "?"})
        (a,) = at.join("a", seconds=2)
        assert a.conversation is at.conversation

    def test_two_gateways_share_a_conversation(self):
        at = Ground()
        other = SmallDevice("other", person())
        (a,) = at.join("a")
        other.join(at.cluster.add_gateway("second").host)
        at.pass_time()
        a.say("hello")
        at.pass_time()
        assert (a.seqs, other.seqs) == ([2, 3, 4], [1, 2, 3, 4])


class TestMoving:
    @pytest.mark.parametrize("before", [0.0, 0.005, 0.012, 0.05, 0.2])
    @pytest.mark.parametrize("id_", ["1", None])
    def test_when_the_owner_is_killed_everything_goes_on_elsewhere(self, before, id_):
        at = Ground()
        a, b = at.join("a", "b")
        a.say("hello", id_=id_)
        at.pass_time(before)
        at.owner.kill()
        at.pass_time(1)
        a.say("are you there?", id_="2")
        at.pass_time()
        log = at.cluster.database.log(1)
        own = [one.frame.seq for one in log if one.frame.TYPE == "said"]
        assert at.said() == ["hello", "are you there?"]
        assert b.seqs == list(range(1, len(log) + 1))
        assert a.seqs == [seq for seq in b.seqs if seq not in own]
        assert at.conversation.moves == 1

    def test_one_that_stands_still_is_replaced_and_what_it_does_then_counts_nothing(self):
        at = Ground()
        a, b = at.join("a", "b")
        stopped = at.owner
        stopped.pause()
        a.say("hello", id_="1")
        at.pass_time(8)
        stopped.resume()
        at.pass_time(8)
        assert at.owner is not stopped
        assert at.said() == ["hello"]
        assert (a.seqs, b.seqs) == ([2, 3, 4], [1, 2, 3, 4])

    def test_a_drained_worker_gives_it_back(self):
        at = Ground()
        a, b = at.join("a", "b")
        drained = at.owner
        at.cluster.database.states[drained.name] = "draining"
        at.pass_time(2)
        assert at.owner is not drained
        a.say("hello")
        at.pass_time()
        assert (a.seqs, b.seqs) == ([2, 3, 4], [1, 2, 3, 4])

    def test_that_it_moved_may_be_learnt_before_the_answer_to_the_question(self):
        at = Ground()
        at.join("a")
        at.owner.refuse.append("moved")
        at.device("a").say("hello", id_="1")
        at.pass_time(0.001)
        at.tell(moved=[[1, 1]])
        at.pass_time(0.003)
        at.tell(moved=[[1, 1]])
        at.cluster.database.leases[1] = (at.owner.id, 2)
        at.owner.conversations[1].epoch = 2
        at.pass_time(2)
        assert (at.said(), at.conversation.epoch) == (["hello"], 2)

    def test_a_stale_welcome_is_none(self):
        at = Ground()
        owner_of = at.cluster.database.leases
        at.join("a", seconds=0.004)
        assert at.conversation.state is State.JOINING
        at.pass_time(0.006)
        at.host.told(at.conversation.owner, {"moved": [[1, 1]]})
        at.pass_time(0.05)
        assert at.conversation.state is not State.LIVE
        del owner_of[1]
        for worker in at.cluster.workers.values():
            worker.conversations.clear()
        at.cluster.database.leases[1] = (None, 1)
        at.pass_time(2)
        assert (at.conversation.state, at.conversation.epoch) == (State.LIVE, 2)

    def test_a_newer_epoch_shows_that_it_moved(self):
        at = Ground()
        (a,) = at.join("a")
        at.owner.conversations[1].epoch = 9
        at.cluster.database.leases[1] = (at.owner.id, 9)
        at.tell(frames=[[1, 9, '{"type":"thinking","seq":1}', None]])
        at.pass_time()
        assert (at.conversation.epoch, a.seqs) == (9, [])

    def test_another_device_that_joins_shows_that_it_moved(self):
        at = Ground()
        at.join("a")
        at.owner.conversations[1].epoch = 9
        at.cluster.database.leases[1] = (at.owner.id, 9)
        at.join("b")
        assert (at.conversation.epoch, at.conversation.is_settled) == (9, True)

    @pytest.mark.parametrize("sender", ["owner", "other"])
    def test_what_is_old_or_of_others_is_dropped(self, sender):
        at = Ground()
        (a,) = at.join("a")
        row = [1, 0 if sender == "owner" else 1, '{"type":"thinking","seq":1}', None]
        node = at.owner.id if sender == "owner" else "other-00000001"
        at.host.told(node, {"frames": [row], "moved": [row[:2]]})
        assert (a.seqs, at.conversation.state) == ([], State.LIVE)

    def test_without_another_worker_it_waits_for_one(self):
        at = Ground(workers=1)
        a, b = at.join("a", "b")
        at.owner.kill()
        at.pass_time(0.5)
        a.say("hello", id_="1")
        at.pass_time(3)
        at.cluster.workers["w0"].start()
        at.pass_time(3)
        assert (a.seqs, b.seqs) == ([2, 3, 4], [1, 2, 3, 4])
        assert a.times_moved == 0

    def test_who_waits_for_too_long_begins_anew(self):
        at = Ground(workers=1)
        a, b = at.join("a", "b")
        at.owner.kill()
        at.pass_time(1)
        a.say("hello", id_="1")
        b.leave()
        at.pass_time(PATIENCE_SECONDS + 3)
        assert (a.times_moved, b.times_moved) == (1, 0)
        assert codes(a) == ["unavailable"]
        a.say("are you there?")
        a.leave()
        assert codes(a) == ["unavailable", "unavailable"]
        assert at.host.conversations == []

    def test_what_is_not_known_any_more_makes_it_begin_anew(self):
        at = Ground()
        a, b = at.join("a", "b")
        at.owner.lose_tellings = 400
        for _ in range(100):
            a.say("hello")
        at.pass_time(1)
        for _ in range(10):
            a.say("hello")
            at.pass_time(0.2)
        at.owner.lose_tellings = 0
        a.say("hello")
        at.pass_time(2)
        assert (a.times_moved, b.times_moved) == (1, 1)
        assert at.host.conversations == []


class TestGaps:
    def test_what_was_lost_is_told_when_something_comes_behind_it(self):
        at = Ground()
        a, b = at.join("a", "b")
        at.owner.lose_tellings = 2
        a.say("hello")
        at.pass_time()
        assert (a.seqs, b.seqs) == ([2, 3, 4], [1, 2, 3, 4])

    def test_a_frame_that_nobody_can_read_is_one_that_was_lost(self):
        at = Ground()
        a, b = at.join("a", "b")
        at.tell(frames=[[1, 1, "?", None]])
        a.say("hello")
        at.pass_time()
        assert b.seqs == [1, 2, 3, 4]

    def test_a_device_without_a_place_in_the_log_asks_again_for_its_own(self):
        at = Ground()
        at.join("a", seconds=0.004)
        at.pass_time(0.001)
        at.host.connected()
        at.join("a2")
        at.pass_time()
        assert at.conversation.is_settled

    def test_after_the_way_was_broken_all_join_again(self):
        at = Ground()
        a, b = at.join("a", "b")
        at.cluster.network.break_router()
        b.say("hello", id_="1")
        at.pass_time(2)
        at.cluster.network.restore_router()
        at.pass_time(2)
        assert (a.seqs, b.seqs, at.said()) == ([1, 2, 3, 4], [2, 3, 4], ["hello"])

    def test_also_when_nobody_has_noticed(self):
        at = Ground()
        a, b = at.join("a", "b")
        at.host.connected()
        at.pass_time()
        a.say("hello")
        at.pass_time(0.004)
        at.host.connected()
        at.pass_time()
        assert (a.seqs, b.seqs, at.said()) == ([2, 3, 4], [1, 2, 3, 4], ["hello"])


class TestSaying:
    def test_a_complaint_is_for_one_device(self):
        at = Ground()
        a, b = at.join("a", "b")
        a.say("busy")
        at.pass_time()
        assert (codes(a), codes(b), at.conversation.unanswered) == (["busy"], [], 0)

    def test_a_message_that_comes_again_is_repeated_to_one_device(self):
        at = Ground()
        a, b = at.join("a", "b")
        a.say("hello", id_="1")
        at.pass_time()
        b.say("hello", id_="1")
        at.pass_time()
        assert ([frame.seq for frame in b.repeated], a.repeated) == ([1, 2, 3, 4], [])
        assert at.said() == ["hello"]

    def test_a_cancel_goes_behind_what_was_said_before(self):
        at = Ground()
        (a,) = at.join("a")
        a.say("hello")
        a.conversation.cancel("stop")
        at.pass_time()
        assert at.asked[-2:] == ["say", "cancel"]
        assert [frame.re for frame in a.seen if frame.TYPE == "done"] == ["stop", None]

    def test_only_so_much_waits_while_nobody_is_there(self):
        at = Ground(workers=1)
        (a,) = at.join("a")
        at.owner.kill()
        at.pass_time(1)
        for number in range(33):
            a.say("hello", id_=str(number))
        assert at.conversation.waiting == 32
        assert [error.re for error in a.complaints] == ["32"]

    def test_before_a_stop_nothing_more_is_taken_and_the_rest_is_answered(self):
        at = Ground()
        (a,) = at.join("a")
        a.say("hello")
        idle = []
        at.conversation.when_answered().addCallback(idle.append)
        at.host.close()
        a.say("one more")
        assert (codes(a), idle) == (["unavailable"], [])
        at.pass_time()
        assert idle == [None]


class TestLeaving:
    def test_the_last_one_has_the_worker_know(self):
        at = Ground()
        a, b = at.join("a", "b")
        a.leave()
        at.pass_time()
        assert "leave" not in at.asked
        b.leave()
        at.pass_time()
        assert at.asked[-1] == "leave"
        assert (at.owner.seats, at.host.conversations) == ({}, [])

    def test_what_was_said_before_is_still_said(self):
        at = Ground(workers=1)
        (a,) = at.join("a")
        at.owner.kill()
        at.pass_time(1)
        a.say("busy")
        a.say("hello")
        a.leave()
        at.cluster.workers["w0"].start()
        at.pass_time(5)
        assert (at.said(), codes(a)) == (["hello"], [])
        assert at.host.conversations == []

    def test_who_was_never_there_cannot_leave(self):
        at = Ground()
        at.join("a")
        at.conversation.detach(SmallDevice("b", person()))
        assert at.conversation.device_count == 1

    def test_who_leaves_while_it_joins_again_is_gone_when_it_has(self):
        at = Ground()
        (a,) = at.join("a")
        at.tell(moved=[[1, 1]])
        a.leave()
        assert at.conversation.state is State.LOOKING
        at.pass_time()
        assert at.host.conversations == []
        (b,) = at.join("b")
        at.host.connected()
        at.pass_time(0.003)
        b.leave()
        at.pass_time()
        assert (at.host.conversations, at.owner.seats) == ([], {})

    def test_who_leaves_while_the_worker_goes_is_gone(self):
        at = Ground(workers=1)
        (a,) = at.join("a")
        at.owner.kill()
        at.pass_time(0.5)
        assert at.conversation.state is State.LOST
        a.leave()
        at.pass_time()
        assert at.host.conversations == []
