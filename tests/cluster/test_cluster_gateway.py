"""All conversations of a gateway, and histories that are deleted wherever they are."""

from __future__ import annotations

import pytest
from attrs import evolve
from small_cluster import DatabaseAway, Entry, SmallDevice, person, small_cluster
from twisted.python.failure import Failure

from pytlas_wamp.cluster.bus import Refused
from pytlas_wamp.cluster.remote_conversation import Unavailable
from pytlas_wamp.cluster.states import State


def joined(cluster, name="a", user_id=1):
    device = SmallDevice(name, person(user_id))
    device.join(cluster.gateways[0].host)
    cluster.pass_time(0.2)
    return device


def erase(cluster, user_id=1, seconds=10):
    erased = []
    cluster.gateways[0].host.erase(user_id).addBoth(erased.append)
    cluster.pass_time(seconds)
    return erased[0]


def asked(cluster):
    return [what for _, what, _ in cluster.gateways[0].bus.asked]


class TestJoining:
    def test_a_user_has_one_conversation(self):
        cluster = small_cluster()
        host = cluster.gateways[0].host
        a, b, c = joined(cluster), joined(cluster, "b"), joined(cluster, "c", 2)
        assert a.conversation is b.conversation
        assert a.conversation is not c.conversation
        assert len(host.conversations) == 2

    def test_users_are_spread_over_workers(self):
        cluster = small_cluster(workers=3)
        for user_id in range(1, 31):
            SmallDevice("", person(user_id)).join(cluster.gateways[0].host)
        cluster.pass_time()
        loads = [len(worker.conversations) for worker in cluster.workers.values()]
        assert loads == [10, 10, 10]

    def test_before_a_stop_nobody_is_let_in(self):
        cluster = small_cluster()
        host = cluster.gateways[0].host
        host.close()
        (failure,) = joined(cluster).failures
        assert isinstance(failure, Unavailable)

    def test_the_language_chooses_the_worker(self):
        cluster = small_cluster(workers=0)
        cluster.add_worker("fr", languages=frozenset({"fr"}))
        cluster.add_worker("en", languages=frozenset({"en"}))
        cluster.pass_time(1.5)
        joined(cluster)
        assert cluster.worker_of(1).name == "en"


class TestTold:
    def test_who_is_not_here_leaves_once(self):
        cluster = small_cluster()
        host = cluster.gateways[0].host
        worker = cluster.workers["w0"]
        worker.seats["g0-00000001", 9] = 4
        row = [9, 4, '{"type":"thinking","seq":1}', None]
        host.told(worker.id, {"frames": [row, row], "moved": [[9, 4]]})
        cluster.pass_time()
        assert (asked(cluster), worker.seats) == (["leave"], {})
        host.told(worker.id, {"frames": [row]})
        assert asked(cluster) == ["leave", "leave"]

    def test_what_nobody_understands_is_dropped(self):
        cluster = small_cluster()
        cluster.gateways[0].host.told("w0-00000001", "?")

    def test_a_bug_with_one_is_not_the_end_of_others(self):
        cluster = small_cluster()
        host = cluster.gateways[0].host
        joined(cluster)
        b = joined(cluster, "b", 2)

        def fails(frame):
            raise RuntimeError("a bug")

        broken = SmallDevice("broken", person(1))
        broken.join(host)
        cluster.pass_time(0.2)
        SmallDevice.deliver, deliver = fails, SmallDevice.deliver
        try:
            host.told(
                cluster.worker_of(1).id, {"frames": [[1, 1, '{"type":"thinking","seq":1}', None]]}
            )
        finally:
            SmallDevice.deliver = deliver
        host.told(
            cluster.worker_of(2).id, {"frames": [[2, 1, '{"type":"thinking","seq":1}', None]]}
        )
        assert b.seqs == [1]

    def test_nobody_asks_a_gateway(self):
        with pytest.raises(Refused, match="only workers are asked"):
            small_cluster().gateways[0].host.asked("w0-00000001", "join", {})

    def test_of_many_that_lose_their_worker_those_who_speak_come_first(self):
        cluster = small_cluster()
        host = cluster.gateways[0].host
        devices = [SmallDevice(str(user_id), person(user_id)) for user_id in range(1, 401)]
        for device in devices:
            device.join(host)
        cluster.pass_time(1)
        gone = cluster.worker_of(1)
        lost = [device for device in devices if cluster.worker_of(device.person.id) is gone]
        gone.kill()
        cluster.pass_time(0.001)
        lost[-1].say("hello")
        states = [device.conversation.state for device in lost]
        assert states.count(State.JOINING) == 65
        cluster.pass_time(0.05)
        assert lost[-1].conversation.state is State.LIVE
        cluster.pass_time(1)
        assert all(device.conversation.is_settled for device in devices)
        assert lost[-1].seqs == [2, 3, 4]


class TestErasing:
    def test_the_owner_does_it(self):
        cluster = small_cluster()
        joined(cluster).say("hello")
        cluster.pass_time()
        assert erase(cluster) == 4
        assert asked(cluster)[-1] == "forget"

    def test_without_an_owner_it_is_done_here(self):
        cluster = small_cluster()
        cluster.database.logs[1] = [Entry(None, "old")] * 7
        assert erase(cluster) == 7
        assert asked(cluster) == []

    def test_who_takes_it_meanwhile_forgets_too(self):
        cluster = small_cluster()
        cluster.database.logs[1] = [Entry(None, "old")] * 7
        erased = []
        host = cluster.gateways[0].host
        worker = cluster.workers["w0"]
        host.erase(1).addCallback(erased.append)
        cluster.pass_time(0.003)
        worker._begin(1, cluster.database.claim(1, worker.id).epoch)
        cluster.pass_time()
        assert (erased, asked(cluster)) == ([7], ["forget"])

    def test_it_follows_a_conversation_that_moves(self):
        cluster = small_cluster()
        joined(cluster).say("hello")
        cluster.pass_time()
        cluster.worker_of(1).refuse.append("moved")
        assert erase(cluster) == 4
        assert asked(cluster)[-2:] == ["forget", "forget"]

    def test_who_does_not_answer_keeps_nothing(self):
        cluster = small_cluster()
        joined(cluster).say("hello")
        cluster.pass_time()
        cluster.worker_of(1).refuse.extend(["unavailable"] * 9)
        assert erase(cluster) == 4
        assert asked(cluster).count("forget") == 5

    def test_an_answer_that_is_none_is_an_error(self):
        cluster = small_cluster()
        joined(cluster)
        cluster.worker_of(1).refuse.append({})
        assert erase(cluster).check(KeyError)

    def test_a_bug_on_the_way_is_one(self):
        cluster = small_cluster()
        joined(cluster)
        bus = cluster.gateways[0].bus
        host = cluster.gateways[0].host
        with pytest.raises(RuntimeError):
            host._not_erased(Failure(RuntimeError("a bug")), 1, 1)
        assert bus.is_connected

    def test_without_the_database_it_fails(self):
        cluster = small_cluster()
        cluster.database.is_away = True
        assert erase(cluster).check(DatabaseAway)

    def test_to_forget_is_to_erase_and_a_failure_is_for_the_log(self):
        cluster = small_cluster()
        joined(cluster)
        cluster.gateways[0].host.forget_history(1)
        cluster.pass_time()
        assert asked(cluster)[-1] == "forget"
        cluster.database.is_away = True
        cluster.gateways[0].host.forget_history(1)
        cluster.pass_time()


class TestStopping:
    def test_it_is_idle_when_all_is_answered(self):
        cluster = small_cluster()
        host = cluster.gateways[0].host
        a, idle = joined(cluster), []
        a.say("hello")
        host.close()
        host.when_idle().addCallback(idle.append)
        assert idle == []
        cluster.pass_time()
        assert len(idle) == 1

    def test_workers_learn_that_nobody_is_here(self):
        cluster = small_cluster()
        host = cluster.gateways[0].host
        joined(cluster)
        worker, done = cluster.worker_of(1), []
        SmallDevice("late", person(2)).join(host)
        host.interrupt()
        host.put_all_away().addCallback(done.append)
        cluster.pass_time(0.005)
        assert (worker.seats.get(("g0-00000001", 1)), len(done)) == (None, 1)


class TestWhatWorkersDo:
    def test_changes_of_accounts_are_theirs(self):
        cluster = small_cluster()
        host = cluster.gateways[0].host
        a = joined(cluster)
        before = asked(cluster)
        done = []
        host.update(evolve(person(), language="fr")).addCallback(done.append)
        host.update(person(2)).addCallback(done.append)
        host.forget(1)
        host.put_away_unused().addCallback(done.append)
        assert (done, asked(cluster)) == ([None] * 3, before)
        assert a.conversation.language == "fr"
