"""`/api/jobs`: what is done to the folder of skills."""

from __future__ import annotations

import pytest
from admin_stage import AdminStage
from attrs import define
from processes_for_tests import FakeReactor
from twisted.internet.defer import succeed

from pytlas_wamp.transport.api.jobs import JobEndpoints, job_begun
from pytlas_wamp.transport.jobs import Job, Jobs, Reloaded

RUNNING = Job(
    id="abc",
    kind="add",
    subject="o/r",
    created_at=1_800_000_000.5,
    ended_at=None,
    lines=("cloning",),
    problem=None,
)


class FakeSources:
    def command(self, kind, subject, /):
        return ["child", kind, subject]

    def environment(self):
        return {}


@define
class Ids:
    count: int = 0

    def __call__(self):
        self.count += 1
        return f"job-{self.count}"


@pytest.fixture
def reactor():
    return FakeReactor()


@pytest.fixture
def jobs(reactor):
    return Jobs(
        reactor=reactor,
        now=lambda: 1_800_000_000 + reactor.seconds(),
        make_id=Ids(),
        sources=FakeSources(),
        reload=lambda: succeed(Reloaded(lines=("added: r",), failed={}, newly_failed=frozenset())),
    )


@pytest.fixture
def stage(jobs):
    return AdminStage(lambda doors: JobEndpoints(doors=doors, jobs=jobs).routes())


class TestJobs:
    def test_there_are_none_at_first(self, stage):
        assert stage.ask("GET", "/api/jobs").json() == {"jobs": []}

    def test_are_listed_newest_first(self, stage, jobs, reactor):
        jobs.reload()
        jobs.start("add", "o/r")
        listed = stage.ask("GET", "/api/jobs").json()["jobs"]
        assert [(job["id"], job["kind"], job["subject"], job["state"]) for job in listed] == [
            ("job-2", "add", "o/r", "running"),
            ("job-1", "reload", "", "succeeded"),
        ]

    def test_can_be_followed_until_they_succeed(self, stage, jobs, reactor):
        jobs.start("add", "o/r")
        reactor.process.out(b"cloning\n")
        running = stage.ask("GET", "/api/jobs/job-1").json()
        assert running == {
            "id": "job-1",
            "kind": "add",
            "subject": "o/r",
            "state": "running",
            "created_at": "2027-01-15T08:00:00Z",
            "ended_at": None,
            "lines": ["cloning"],
            "problem": None,
        }
        reactor.advance(3)
        reactor.process.end()
        assert stage.ask("GET", "/api/jobs/job-1").json() == {
            **running,
            "state": "succeeded",
            "ended_at": "2027-01-15T08:00:03Z",
            "lines": ["cloning", "added: r"],
        }

    def test_say_why_they_failed(self, stage, jobs, reactor):
        jobs.start("add", "o/r")
        reactor.process.end(1)
        job = stage.ask("GET", "/api/jobs/job-1").json()
        assert (job["state"], job["problem"]) == (
            "failed",
            "It failed with exit code 1; its lines say why.",
        )

    @pytest.mark.parametrize("name", ["job-2", "..", "%00", "job-1%2F"])
    def test_others_are_nowhere(self, stage, jobs, name):
        jobs.reload()
        assert stage.ask("GET", f"/api/jobs/{name}").problem() == (404, "not-found")


class TestAccess:
    @pytest.mark.parametrize("path", ["/api/jobs", "/api/jobs/job-1"])
    @pytest.mark.parametrize(
        ("token", "problem"),
        [
            (None, (401, "token-missing")),
            ("stranger", (401, "token-invalid")),
            ("operator", (401, "token-invalid")),
            ("person", (403, "forbidden")),
        ],
    )
    def test_is_for_administrators(self, stage, path, token, problem):
        assert stage.ask("GET", path, token=token).problem() == problem

    @pytest.mark.parametrize("path", ["/api/jobs", "/api/jobs/job-1"])
    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
    def test_is_for_reading(self, stage, path, method):
        answer = stage.ask(method, path)
        assert answer.problem() == (405, "method-not-allowed")
        assert answer.header("Allow") == "GET, HEAD, OPTIONS"


class TestBeginning:
    def test_answers_at_once_and_says_where_to_look(self):
        reply = job_begun(RUNNING)
        assert (reply.status, reply.headers["Location"]) == (202, "/api/jobs/abc")
        assert b'"state":"running"' in reply.body
