"""`/api/skills`: what the assistant can do (spec 6.13), and how that is changed (spec 6.15)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Protocol

from attrs import frozen
from twisted.internet.defer import Deferred

from pytlas_wamp.accounts.model import BadLanguage, clean_language
from pytlas_wamp.assistant.skill_sources import BadSource
from pytlas_wamp.errors import ClientError
from pytlas_wamp.transport.api.calls import Call
from pytlas_wamp.transport.api.doors import Access, Doors, Routes
from pytlas_wamp.transport.api.jobs import job_begun
from pytlas_wamp.transport.api.objects import Shown, invalid
from pytlas_wamp.transport.api.skill_documents import ShownSkill, skill_document
from pytlas_wamp.transport.api.status import InterpreterStatus
from pytlas_wamp.transport.jobs import Change, Jobs
from pytlas_wamp.transport.replies import Reply, json_reply
from pytlas_wamp.transport.skill_folder import SkillFolder


class Shelf(Protocol):
    """The skills of this process."""

    @property
    def skills(self) -> Sequence[ShownSkill]:
        """All of them."""

    def packages(self, language: str) -> Sequence[str]:
        """Those whose sentences can be used in a language; blocks."""


@frozen(kw_only=True)
class _NewSkill:
    source: Annotated[str, Shown(1, 1024)]


@frozen(kw_only=True)
class SkillEndpoints:
    """The functions behind `/api/skills`.

    Args:
      doors: let people in, and administrators.
      jobs: change the folder of skills.
      shelf: the skills.
      interpreters: returns how each language in use is; called in the reactor's thread.
      folder: that of the user's skills, the only one that may be changed.
      may_install: whether the operator allows to change that folder over HTTP.
      run: calls what skills say of themselves, which is their code and may block.
    """

    doors: Doors
    jobs: Jobs
    shelf: Shelf
    interpreters: Callable[[], Sequence[InterpreterStatus]]
    folder: SkillFolder
    may_install: bool
    run: Callable[..., Deferred[Any]]

    def routes(self) -> Routes:
        """Returns each path with what is there."""
        prompt = self.doors.prompt
        return {
            "/api/skills": prompt(Access.PERSON, {"GET": self._list, "POST": self._add}),
            "/api/skills/reload": prompt(Access.ADMIN, {"POST": self._reload}),
            "/api/skills/{name}": prompt(Access.ADMIN, {"DELETE": self._remove}),
            "/api/skills/{name}/update": prompt(Access.ADMIN, {"POST": self._update}),
        }

    def _list(self, call: Call) -> Deferred[Reply]:
        language = _asked_language(call)[:2].lower()
        # What was learnt before answers while the new is being learnt.
        in_use = [
            one.language for one in self.interpreters() if one.intents and one.state != "failed"
        ]
        return self.run(self._in_worker_list, language, in_use, with_reasons=call.caller.admin)

    def _in_worker_list(self, language: str, in_use: Sequence[str], *, with_reasons: bool) -> Reply:
        understood = {code: frozenset(self.shelf.packages(code)) for code in sorted(in_use)}
        documents = [
            skill_document(
                skill,
                language,
                [code for code, names in understood.items() if skill.name in names],
                with_reasons=with_reasons,
            )
            for skill in self.shelf.skills
        ]
        return json_reply({"skills": documents})

    def _add(self, call: Call) -> Reply:
        if not call.caller.admin:  # who may see skills may not add them
            raise ClientError("forbidden", "Only administrators may do this.")
        self._check_permission()
        source = call.read(_NewSkill).source.strip()
        try:
            self.folder.check_source(source)
        except BadSource as error:
            raise ClientError(error.code, str(error), field="source") from None
        return job_begun(self.jobs.start("add", source))

    def _reload(self, _: Call) -> Reply:
        return job_begun(self.jobs.reload())

    def _remove(self, call: Call) -> Deferred[Reply]:
        return self._with_folder("remove", call.parameters["name"])

    def _update(self, call: Call) -> Deferred[Reply]:
        return self._with_folder("update", call.parameters["name"])

    def _with_folder(self, kind: Change, name: str) -> Deferred[Reply]:
        self._check_permission()
        checked = self.run(self._in_worker_check_folder, name, needs_git=kind == "update")
        return checked.addCallback(lambda _: job_begun(self.jobs.start(kind, name)))

    def _check_permission(self) -> None:
        if not self.may_install:
            raise ClientError(
                "not-enabled",
                "Skills can be changed over HTTP only if the configuration has"
                " skill_installation = yes in the section [server].",
            )

    def _in_worker_check_folder(self, name: str, *, needs_git: bool) -> None:
        if self.folder.has(name):
            if needs_git and not self.folder.has_git(name):
                raise _none(f"The skill {name} did not come with git: there is nothing to fetch.")
            return
        known = [skill for skill in self.shelf.skills if skill.name == name]
        if any(skill.bundled for skill in known):
            raise _none(
                f"The skill {name} came with the server: bundled_skills in the section [server]"
                " of the configuration says which of these are loaded."
            )
        if known:
            raise _none(f"The skill {name} is a single file: change it where it is.")
        raise _none("There is no skill of this name.")


def _asked_language(call: Call) -> str:
    asked = call.query("language")
    if asked is None:
        return call.caller.language
    try:
        return clean_language(asked)
    except BadLanguage:
        raise invalid("language", "has to be written like fr-FR, fr_FR or fr") from None


def _none(detail: str) -> ClientError:
    return ClientError("not-found", detail)
