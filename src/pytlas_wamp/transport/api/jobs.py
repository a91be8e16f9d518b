"""`/api/jobs`: what is being done to the folder of skills, and what was (spec 6.15)."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from pytlas_wamp.transport.api.calls import Call
from pytlas_wamp.transport.api.doors import Access, Doors, Routes, nothing_here
from pytlas_wamp.transport.api.times import written_time
from pytlas_wamp.transport.jobs import Job, Jobs
from pytlas_wamp.transport.replies import Reply, created, json_reply


@frozen(kw_only=True)
class JobEndpoints:
    """The functions behind `/api/jobs`.

    Args:
      doors: let administrators in.
      jobs: of this process.
    """

    doors: Doors
    jobs: Jobs

    def routes(self) -> Routes:
        """Returns each path with what is there."""
        return {
            "/api/jobs": self.doors.prompt(Access.ADMIN, {"GET": self._list}),
            "/api/jobs/{id}": self.doors.prompt(Access.ADMIN, {"GET": self._show}),
        }

    def _list(self, _: Call) -> Reply:
        return json_reply({"jobs": [_document(job) for job in self.jobs.all()]})

    def _show(self, call: Call) -> Reply:
        job = self.jobs.find(call.parameters["id"])
        if job is None:
            raise nothing_here()
        return json_reply(_document(job))


def job_begun(job: Job) -> Reply:
    """Returns the answer to the request that has begun a job: 202, with the job's address."""
    return created(_document(job), f"/api/jobs/{job.id}", status=202)


def _document(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "kind": job.kind,
        "subject": job.subject,
        "state": job.state,
        "created_at": written_time(job.created_at),
        "ended_at": written_time(job.ended_at),
        "lines": list(job.lines),
        "problem": job.problem,
    }
