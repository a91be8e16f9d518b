"""Gateways and workers that lose each other, against what devices must see in the end."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from small_story import DEVICES, GATEWAYS, WORKERS, Story, tour, visited, watch_workers

from strategies import share

WHO = st.integers(0, DEVICES - 1)
GATEWAY = st.integers(0, GATEWAYS - 1)
WORKER = st.integers(0, WORKERS - 1)
# From within a turn to beyond the end of a lease.
SHORT = st.sampled_from([0.0, 0.005, 0.01, 0.02, 0.05, 0.2])
LONG = st.sampled_from([0.2, 1.0, 3.5, 6.0])

EXPECTED = (
    "killed while something was said",
    "a telling was lost",
    "a gap was joined over",
    "told before it was answered",
    "moved",
    "taken over",
    "said again",
    "state lost",
    "state looking",
    "state joining",
    "state live",
)


class Losses(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.story = Story()

    @initialize(gateway=GATEWAY)
    def begin(self, gateway):
        self.switch_all_on(gateway)

    @rule(who=WHO, gateway=GATEWAY, resume=st.booleans(), seconds=SHORT)
    def switch_on(self, who, gateway, resume, seconds):
        self.story.clients[who].switch_on(gateway, resume=resume)
        self.story.pass_time(seconds)

    @rule(gateway=GATEWAY)
    def switch_all_on(self, gateway):
        for number, client in enumerate(self.story.clients):
            client.switch_on((gateway + number // 2) % GATEWAYS)
        self.story.pass_time(0.5)

    @rule(who=WHO, seconds=SHORT)
    def switch_off(self, who, seconds):
        self.story.clients[who].switch_off()
        self.story.pass_time(seconds)

    @rule(who=WHO, with_id=st.booleans(), seconds=SHORT)
    def say(self, who, with_id, seconds):
        self.story.clients[who].say(with_id=with_id)
        self.story.pass_time(seconds)

    @rule(with_ids=st.lists(st.booleans(), min_size=1, max_size=6), seconds=SHORT)
    def all_say(self, with_ids, seconds):
        for number, with_id in enumerate(with_ids):
            self.story.clients[number % DEVICES].say(with_id=with_id)
        self.story.pass_time(seconds)

    @rule(who=WHO, pick=st.integers(0, 5), seconds=SHORT)
    def say_again(self, who, pick, seconds):
        self.story.clients[who].say_again(pick)
        self.story.pass_time(seconds)

    @rule(who=WHO, seconds=SHORT)
    def cancel(self, who, seconds):
        self.story.clients[who].cancel()
        self.story.pass_time(seconds)

    @rule(seconds=LONG)
    def wait(self, seconds):
        self.story.pass_time(seconds)

    @rule(which=WORKER, seconds=SHORT)
    def kill(self, which, seconds):
        self.story.kill(which)
        self.story.pass_time(seconds)

    @rule(
        who=WHO,
        with_ids=st.lists(st.booleans(), min_size=1, max_size=3),
        before=SHORT,
        how=st.sampled_from(["kill", "kill", "pause", "cut"]),
        behind=st.one_of(SHORT, LONG),
    )
    def lose_the_owner_while_somebody_speaks(self, who, with_ids, before, how, behind):
        client = self.story.clients[who]
        for with_id in with_ids:
            client.say(with_id=with_id)
        self.story.pass_time(before)
        self.story.lose_owner(client, how)
        self.story.pass_time(behind)

    @rule(which=WORKER)
    def start(self, which):
        if self.story.worker(which).dead:
            self.story.worker(which).start()

    @rule(which=WORKER, seconds=st.one_of(SHORT, LONG))
    def pause(self, which, seconds):
        worker = self.story.worker(which)
        if not worker.dead and not worker.paused:
            worker.pause()
            self.story.pass_time(seconds)

    @rule(which=WORKER, seconds=SHORT)
    def resume(self, which, seconds):
        worker = self.story.worker(which)
        if worker.paused and not worker.dead:
            worker.resume()
            self.story.pass_time(seconds)

    @rule(which=WORKER, seconds=st.one_of(SHORT, LONG))
    def drain(self, which, seconds):
        states = self.story.cluster.database.states
        if not states:
            states[f"w{which}"] = "draining"
            self.story.pass_time(seconds)

    @rule()
    def drain_no_more(self):
        self.story.cluster.database.states.clear()

    @rule(which=WORKER, seconds=st.one_of(SHORT, LONG))
    def cut_a_worker(self, which, seconds):
        worker = self.story.worker(which)
        if not worker.dead:
            self.story.cluster.network.cut(worker.id)
            self.story.pass_time(seconds)

    @rule(which=GATEWAY, seconds=st.one_of(SHORT, LONG))
    def cut_a_gateway(self, which, seconds):
        self.story.cluster.network.cut(self.story.cluster.gateways[which].bus.node_id)
        self.story.pass_time(seconds)

    @rule(seconds=SHORT)
    def mend(self, seconds):
        self.story.mend()
        self.story.pass_time(seconds)

    @rule(seconds=st.one_of(SHORT, LONG), behind=SHORT)
    def restart_router(self, seconds, behind):
        self.story.cluster.network.break_router()
        self.story.pass_time(seconds)
        self.story.cluster.network.restore_router()
        self.story.pass_time(behind)

    @rule(seconds=st.one_of(SHORT, LONG))
    def restart_database(self, seconds):
        self.story.cluster.database.is_away = True
        self.story.pass_time(seconds)
        self.story.cluster.database.is_away = False

    @rule(who=WHO, times=st.integers(1, 3), with_id=st.booleans(), seconds=SHORT)
    def lose_tellings(self, who, times, with_id, seconds):
        client = self.story.clients[who]
        self.story.lose_tellings(client, times)
        client.say(with_id=with_id)
        self.story.pass_time(seconds)

    def teardown(self):
        self.story.heal()
        self.story.check()


def test_devices_miss_nothing_and_no_message_is_taken_twice():
    visited.clear()
    end = watch_workers()
    try:
        tour()
        profile = settings(share(0.6), stateful_step_count=30)
        run_state_machine_as_test(Losses, settings=profile)
    finally:
        end()
    missing = [name for name in EXPECTED if not visited[name]]
    assert not missing, f"never visited: {missing}, but {dict(visited)}"
