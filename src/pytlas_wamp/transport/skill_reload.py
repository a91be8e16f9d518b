"""Brings the skills of this process up to date with their folders, while they are in use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from attrs import frozen
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.logger import Logger

from pytlas_wamp.transport.jobs import Reloaded

_log = Logger()


class LoadedSkill(Protocol):
    """A skill, as far as it matters here."""

    @property
    def name(self) -> str:
        """Its package."""

    @property
    def loaded(self) -> bool:
        """Whether it takes part."""

    @property
    def problems(self) -> Sequence[str]:
        """What is wrong with it, one sentence each."""


class Report(Protocol):
    """What a look at the folders has changed, by package."""

    @property
    def added(self) -> Sequence[str]:
        """Those that were not there."""

    @property
    def removed(self) -> Sequence[str]:
        """Those that are gone."""

    @property
    def changed(self) -> Sequence[str]:
        """Those that are not what they were."""


class Shelf(Protocol):
    """The skills of this process."""

    @property
    def skills(self) -> Sequence[LoadedSkill]:
        """All of them."""

    def reload(self) -> Report:
        """Looks at the folders and takes up what has changed; blocks."""


@frozen(kw_only=True)
class SkillReload:
    """What every job ends with; called in the reactor's thread.

    It fires when the skills are loaded. Learning their sentences goes on, and what was
    understood before is understood meanwhile (spec 6.15).

    Args:
      shelf: the skills.
      renew: lets the interpreters learn what there is now to learn.
      run: calls a function in another thread; fires with what it returns.
    """

    shelf: Shelf
    renew: Callable[[], object]
    run: Callable[[Callable[[], Report]], Deferred[Report]]

    def __call__(self) -> Deferred[Reloaded]:
        """Do it."""
        known = frozenset(_faults(self.shelf.skills))
        return self.run(self.shelf.reload).addCallback(self._learn, known)

    def _learn(self, report: Report, known: frozenset[tuple[str, str]]) -> Reloaded:
        renewing: Deferred[Any] = maybeDeferred(self.renew)
        renewing.addErrback(lambda failure: _log.failure("learning anew failed", failure=failure))
        faults = list(_faults(self.shelf.skills))
        # What takes part although it has got worse is as it was, or lost to another skill.
        lost = {skill.name for skill in self.shelf.skills if not skill.loaded}
        worse = {name for name, _ in set(faults) - known} - {*report.added, *report.changed}
        failed = [(name, problem) for name, problem in faults if name in lost | worse]
        return Reloaded(
            lines=(*_told(report), *(f"skill {name}: {problem}" for name, problem in faults)),
            failed=dict(failed),
            newly_failed=frozenset(
                name for name, problem in failed if (name, problem) not in known
            ),
        )


def _told(report: Report) -> Iterator[str]:
    kinds = (("added", report.added), ("changed", report.changed), ("removed", report.removed))
    told = [f"{what}: {', '.join(names)}" for what, names in kinds if names]
    yield from told or ["no skill was added, changed or removed"]


def _faults(skills: Sequence[LoadedSkill]) -> Iterator[tuple[str, str]]:
    for skill in skills:
        for problem in skill.problems:
            yield skill.name, problem
