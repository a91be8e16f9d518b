"""Jobs: one at a time, in another process, each followed by a reload."""

from __future__ import annotations

import pytest
from attrs import Factory, define, field
from processes_for_tests import FakeReactor
from twisted.internet.defer import Deferred
from twisted.logger import capturedLogs

from pytlas_wamp.errors import ClientError, OperatorError
from pytlas_wamp.transport.child_process import MAX_LINE_CHARACTERS
from pytlas_wamp.transport.jobs import KEPT_JOBS, KEPT_LINES, Jobs, Reloaded

NOTHING_NEW = Reloaded(lines=("nothing new",), failed={}, newly_failed=frozenset())


class FakeSources:
    def command(self, kind, subject, /):
        return ["child", kind, subject]

    def environment(self):
        return {"HOME": "/nowhere"}


@define
class Reloads:
    """Reloads that end when the test says so."""

    waiting: list[Deferred] = Factory(list)
    count: int = 0

    def __call__(self):
        self.count += 1
        self.waiting.append(Deferred())
        return self.waiting[-1]

    def end(self, outcome=NOTHING_NEW):
        self.waiting.pop().callback(outcome)

    def fail(self, error):
        self.waiting.pop().errback(error)


@define
class Stage:
    reactor: FakeReactor = Factory(FakeReactor)
    reloads: Reloads = Factory(Reloads)
    ids: list[str] = Factory(list)
    jobs: Jobs = field(init=False)

    def __attrs_post_init__(self):
        """Put the jobs together."""
        self.jobs = Jobs(
            reactor=self.reactor,
            now=lambda: 1_000 + self.reactor.seconds(),
            make_id=self.make_id,
            sources=FakeSources(),
            reload=self.reloads,
        )

    def make_id(self):
        self.ids.append(f"job{len(self.ids)}")
        return self.ids[-1]

    @property
    def newest(self):
        return self.jobs.all()[0]

    def done(self, kind="add", subject="o/r", reloaded=NOTHING_NEW):
        """A job that is brought to its end."""
        self.jobs.start(kind, subject)
        self.reactor.process.end()
        self.reloads.end(reloaded)
        return self.newest


@pytest.fixture
def stage():
    return Stage()


def refusal(work, *args):
    with pytest.raises(ClientError) as caught:
        work(*args)
    return caught.value


class TestJobs:
    def test_begin_with_a_process(self, stage):
        job = stage.jobs.start("add", "o/r")
        assert (job.id, job.kind, job.subject, job.state) == ("job0", "add", "o/r", "running")
        assert (job.created_at, job.ended_at, job.lines, job.problem) == (1_000, None, (), None)
        assert stage.reactor.process.arguments == ["child", "add", "o/r"]
        assert stage.reactor.process.environment == {"HOME": "/nowhere"}
        assert stage.reloads.count == 0

    def test_go_on_with_what_the_process_says(self, stage):
        stage.jobs.start("update", "weather")
        stage.reactor.process.out(b"pulling\n")
        stage.reactor.process.err(b"slow\n")
        assert stage.newest.lines == ("pulling", "slow")

    def test_run_until_the_skills_are_reloaded(self, stage):
        stage.jobs.start("remove", "weather")
        stage.reactor.process.end()
        assert (stage.newest.state, stage.reloads.count) == ("running", 1)
        stage.reactor.advance(7)
        stage.reloads.end()
        assert (stage.newest.state, stage.newest.ended_at) == ("succeeded", 1_007)
        assert stage.newest.lines == ("nothing new",)

    def test_fail_with_their_process(self, stage):
        stage.jobs.start("add", "o/r")
        stage.reactor.process.out(b"fatal: no such repository")
        stage.reactor.process.end(1)
        assert stage.newest.state == "failed"
        assert stage.newest.problem == "It failed with exit code 1; its lines say why."
        assert stage.newest.lines == ("fatal: no such repository",)
        assert stage.reloads.count == 0

    def test_fail_when_there_is_no_process(self, stage):
        stage.reactor.trouble = OSError("no memory")
        job = stage.jobs.start("add", "o/r")
        assert (job.state, job.problem) == ("failed", "It could not be started: no memory.")

    def test_fail_when_they_take_too_long(self, stage):
        stage.jobs.start("add", "o/r")
        stage.reactor.advance(600)
        assert stage.newest.state == "running"
        stage.reactor.process.end(by=15)
        assert stage.newest.problem == "It was not done after 600 seconds and was ended."

    def test_fail_when_the_reload_does(self, stage):
        stage.jobs.start("add", "o/r")
        stage.reactor.process.end()
        stage.reloads.fail(OperatorError("the server has too much to do"))
        assert stage.newest.problem == "the server has too much to do"

    def test_a_fault_of_ours_stands_in_the_log_only(self, stage):
        stage.jobs.reload()
        with capturedLogs() as logs:
            stage.reloads.fail(ZeroDivisionError("private"))
        assert stage.newest.problem == "The server made a mistake; its log says more."
        assert [log["log_failure"].type for log in logs if "log_failure" in log] == [
            ZeroDivisionError
        ]

    def test_can_be_followed_in_the_log(self, stage):
        with capturedLogs() as logs:
            stage.jobs.start("add", "o/r")
            stage.reactor.process.end(1)
        said = [log["log_format"].format(**log) for log in logs]
        assert said == [
            "job job0: add o/r",
            "job job0: failed, It failed with exit code 1; its lines say why.",
        ]

    def test_tell_no_password_of_an_address(self, stage):
        stage.jobs.start("add", "https://me:pw@host/o/r")
        stage.reactor.process.out(b"cloning https://me:pw@host/o/r\n")
        assert stage.newest.subject == "https://***@host/o/r"
        assert stage.newest.lines == ("cloning https://***@host/o/r",)
        assert stage.reactor.process.arguments[-1] == "https://me:pw@host/o/r"


class TestOneAtATime:
    def test_another_is_refused_with_the_name_of_the_first(self, stage):
        stage.jobs.start("add", "o/r")
        error = refusal(stage.jobs.start, "remove", "weather")
        assert error.code == "job-running"
        assert "job0 (add o/r)" in error.detail
        assert len(stage.jobs.all()) == len(stage.reactor.processes) == 1

    def test_a_reload_counts(self, stage):
        stage.jobs.reload()
        error = refusal(stage.jobs.start, "remove", "weather")
        assert "job0 (reload)" in error.detail
        assert refusal(stage.jobs.reload).code == "job-running"

    def test_the_next_one_may_begin_after_the_end(self, stage):
        stage.done()
        assert stage.done("remove", "weather").state == "succeeded"

    def test_the_next_one_may_begin_after_a_failure(self, stage):
        stage.jobs.start("add", "o/r")
        stage.reactor.process.end(1)
        assert stage.jobs.start("add", "o/r").state == "running"


class TestReloads:
    def test_need_no_process(self, stage):
        job = stage.jobs.reload()
        assert (job.kind, job.subject, job.state) == ("reload", "", "running")
        stage.reloads.end()
        assert stage.newest.state == "succeeded"
        assert stage.reactor.processes == []

    def test_are_begun_at_once_when_somebody_else_changed_the_folder(self, stage):
        stage.jobs.reload_soon()
        assert (stage.newest.kind, stage.newest.state) == ("reload", "running")

    def test_wait_for_the_job_that_runs(self, stage):
        stage.jobs.start("add", "o/r")
        stage.reactor.process.end()
        stage.jobs.reload_soon()
        stage.jobs.reload_soon()
        assert stage.reloads.count == 1
        stage.reloads.end()
        assert [job.kind for job in stage.jobs.all()] == ["reload", "add"]
        stage.reloads.end()
        assert stage.reloads.count == 2

    def test_are_not_repeated_when_the_one_of_a_job_comes_later(self, stage):
        stage.jobs.start("add", "o/r")
        stage.jobs.reload_soon()
        stage.reactor.process.end()
        stage.reloads.end()
        assert [job.kind for job in stage.jobs.all()] == ["add"]

    def test_follow_a_job_that_failed(self, stage):
        stage.jobs.start("add", "o/r")
        stage.jobs.reload_soon()
        stage.reactor.process.end(1)
        assert [job.kind for job in stage.jobs.all()] == ["reload", "add"]


class TestSkillsThatCannotBeUsed:
    REASONS = {"o__r": "SyntaxError: bad", "old": "no reason."}  # noqa: RUF012 - a constant

    def reloaded(self, *newly):
        return Reloaded(lines=(), failed=self.REASONS, newly_failed=frozenset(newly))

    def test_a_new_one_is_a_failure(self, stage):
        job = stage.done("add", "o/r", self.reloaded("o__r"))
        assert job.problem == "There is a problem with the skill o__r: SyntaxError: bad."

    def test_the_one_that_was_updated_is_a_failure(self, stage):
        job = stage.done("update", "old", self.reloaded())
        assert job.problem == "There is a problem with the skill old: no reason."

    def test_old_ones_are_no_fault_of_a_job(self, stage):
        assert stage.done("remove", "weather", self.reloaded()).state == "succeeded"

    def test_every_one_is_a_failure_of_a_reload(self, stage):
        stage.jobs.reload()
        stage.reloads.end(self.reloaded())
        assert stage.newest.problem == (
            "There is a problem with the skill o__r: SyntaxError: bad. "
            "There is a problem with the skill old: no reason."
        )


class TestMemory:
    def test_the_last_ones_are_kept_newest_first(self, stage):
        for number in range(KEPT_JOBS + 2):
            stage.done("remove", str(number))
        assert [job.subject for job in stage.jobs.all()] == [
            str(number) for number in range(KEPT_JOBS + 1, 1, -1)
        ]

    def test_one_is_found_by_its_id(self, stage):
        stage.done("remove", "one")
        stage.done("remove", "two")
        assert stage.jobs.find("job0").subject == "one"
        assert stage.jobs.find("job7") is None

    def test_lines_are_bounded(self, stage):
        stage.jobs.start("add", "o/r")
        stage.reactor.process.out(b"".join(b"%d\n" % number for number in range(KEPT_LINES + 1)))
        stage.reactor.process.out(b"x" * 10_000 + b"\n")
        lines = stage.newest.lines
        assert (len(lines), lines[0], len(lines[-1])) == (KEPT_LINES, "2", MAX_LINE_CHARACTERS)


class TestStopping:
    def test_ends_the_process_and_waits_for_it(self, stage):
        gone = []
        stage.jobs.start("add", "o/r")
        stage.jobs.stop().addCallback(gone.append)
        assert (stage.reactor.process.signals, gone) == (["SIGTERM"], [])
        stage.reactor.process.end(by=15)
        assert gone == [None]
        assert stage.newest.problem == "The server was stopped meanwhile."
        assert stage.reloads.count == 0

    def test_has_nothing_to_wait_for_otherwise(self, stage):
        stage.done()
        assert stage.jobs.stop().called

    def test_does_not_wait_for_a_reload(self, stage):
        stage.jobs.reload()
        assert stage.jobs.stop().called

    def test_lets_nothing_more_begin(self, stage):
        stage.jobs.start("add", "o/r")
        stage.jobs.reload_soon()
        stage.jobs.stop()
        stage.reactor.process.end(by=15)
        assert len(stage.jobs.all()) == 1
        assert refusal(stage.jobs.start, "add", "o/r").code == "unavailable"

    def test_lets_nobody_elses_change_begin_a_reload(self, stage):
        stage.jobs.stop()
        stage.jobs.reload_soon()
        assert stage.jobs.all() == []
