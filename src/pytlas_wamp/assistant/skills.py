"""Finds, imports and reloads skills; one that is broken never stops the others.

pytlas skills register themselves into pytlas' global stores while they are being
imported, under the name of their root package.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Literal

from attrs import define, evolve, field, frozen
from twisted.logger import Logger

from pytlas_wamp import compat
from pytlas_wamp.assistant.registrations import Registrations, collected, publish, registered
from pytlas_wamp.assistant.settings_form import SettingField, fields
from pytlas_wamp.assistant.skill_modules import (
    Fingerprint,
    fingerprint,
    first_line,
    forget,
    import_anew,
    import_skill,
    make_importable,
    names_in,
)
from pytlas_wamp.assistant.training import BadTraining, merged_training
from pytlas_wamp.assistant.worker import make_guard

compat.import_pytlas()

from pytlas.handling.skill import GLOBAL_HANDLERS, GLOBAL_METAS, Meta  # noqa: E402 - after compat
from pytlas.understanding.training import GLOBAL_TRAININGS  # noqa: E402

_log = Logger()

BUNDLED_DIRECTORY = Path(__file__).parent.parent / "bundled_skills"

_OLD_GOES_ON = "its new version cannot be used, so the one before goes on: "


@frozen(kw_only=True)
class Skill:
    """One skill, as it was found.

    Args:
      name: its package.
      directory: the folder of skills it was found in.
      bundled: whether it came with the server.
      problems: what is wrong with it, one sentence each; empty when all is well.
      loaded: whether it takes part, perhaps without what the problems name.
    """

    name: str
    directory: Path
    bundled: bool
    problems: tuple[str, ...] = ()
    loaded: bool = True

    @property
    def intents(self) -> list[str]:
        """What it handles."""
        return sorted(
            name
            for name, handler in GLOBAL_HANDLERS._data.items()  # noqa: SLF001 - pytlas has no getter
            if getattr(handler, "__pytlas_package__", None) == self.name
        )

    @property
    def languages(self) -> list[str]:
        """Those it has training data for."""
        return sorted(GLOBAL_TRAININGS._data.get(self.name, {}))  # noqa: SLF001 - pytlas has no getter

    def meta(self, language: str) -> Meta:
        """Its metadata in a language; an empty one when it has none that works."""
        try:
            return GLOBAL_METAS.get(self.name, language) or Meta(self.name, description="")
        except Exception:  # noqa: BLE001 - a skill may raise anything
            return Meta(self.name, description="")

    def settings(self, language: str) -> list[SettingField]:
        """The settings it declares, described in a language as far as it can."""
        return fields([self], language)


@frozen(kw_only=True)
class ReloadReport:
    """What a reload did.

    Args:
      added: the names of skills that take part from now on.
      removed: those of skills that are no more.
      changed: those of skills that are another version now.
      problems: a sentence for each fault that is left, beginning with the skill's name.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    problems: tuple[str, ...]


@frozen(kw_only=True)
class _Home:
    """A folder of skills that may change."""

    directory: Path
    only: Sequence[str] | None


@frozen(kw_only=True)
class _Step:
    """What became of a skill in a reload."""

    kind: Literal["added", "changed", "same", "failed"]
    skill: Skill


@define(eq=False)
class SkillShelf:
    """The skills of this process.

    Loading, reloading and looking at training data may be asked for in any thread; one
    happens after the other.

    Args:
      skills: in the order they were imported.
    """

    skills: list[Skill] = field(factory=list)
    _sound: dict[str, list[str]] = field(init=False, factory=dict)
    _homes: list[_Home] = field(init=False, factory=list)
    _registered: dict[str, Registrations] = field(init=False, factory=dict)
    _seen: dict[str, Fingerprint] = field(init=False, factory=dict)
    # What training data has against it depends on that of the other skills.
    _noted: set[tuple[str, str]] = field(init=False, factory=set)
    _guard: AbstractContextManager[Any] = field(init=False, factory=make_guard)

    def load(
        self, directory: Path, *, bundled: bool = False, only: Sequence[str] | None = None
    ) -> None:
        """Import what a folder of skills holds.

        Args:
          directory: one that does not exist holds nothing.
          bundled: whether these came with the server; they are never reloaded.
          only: names to take; None takes all.
        """
        with self._guard:
            home = _Home(directory=directory.absolute(), only=only)
            if not bundled:
                self._homes.append(home)
            new = [self._import(name, home.directory, bundled=bundled) for name in _names_at(home)]
            self._put([*self.skills, *new])

    def reload(self) -> ReloadReport:
        """Take up what has changed in the folders of skills since they were loaded (blocks).

        A skill counts as changed when a file of it has another size or time, is new, or is
        gone; one that did not work is tried again in any case. A changed skill that cannot
        be imported stays what it was. Agents go on meanwhile: they find what the old skills
        have registered, or what the new ones have. Those that came with the server are not
        looked at, and libraries that skills import are not imported anew: that takes a
        restart.
        """
        with self._guard:
            before = {
                (skill.directory, skill.name): skill
                for skill in self.skills
                if self._may_change(skill)
            }
            steps = [
                self._step(before.pop((home.directory, name), None), name, home.directory)
                for home in self._homes
                for name in _names_at(home)
            ]
            gone = list(before.values())
            stay = [skill for skill in self.skills if not self._may_change(skill)]
            self._put([*stay, *(step.skill for step in steps)], gone=gone)
            self.examine()
            return ReloadReport(
                added=tuple(step.skill.name for step in steps if step.kind == "added"),
                removed=tuple(skill.name for skill in gone),
                changed=tuple(step.skill.name for step in steps if step.kind == "changed"),
                problems=tuple(
                    f"{skill.name}: {problem}"
                    for skill in self.skills
                    if self._may_change(skill)
                    for problem in skill.problems
                ),
            )

    def packages(self, language: str) -> list[str]:
        """Those whose training data in a language is sound and fits together.

        A fault is noted on its skill; the others are used without it (blocks).
        """
        with self._guard:
            if language not in self._sound:
                self._sound[language] = self._sound_in(language)
            return self._sound[language]

    def gaps(self, language: str) -> list[str]:
        """One sentence that names the skills which know other languages, but not this one."""
        lacking = [
            f"{skill.name} (it has {', '.join(skill.languages)})"
            for skill in self.skills
            if skill.loaded and skill.languages and language not in skill.languages
        ]
        if not lacking:
            return []
        what = "skill has" if len(lacking) == 1 else "skills have"
        return [f"{len(lacking)} {what} no sentences in {language!r}: {', '.join(lacking)}"]

    def examine(self) -> None:
        """Look at the training data of every language, so that faults are known (blocks)."""
        for language in sorted({code for skill in self.skills for code in skill.languages}):
            self.packages(language)

    def _sound_in(self, language: str) -> list[str]:
        good: list[str] = []
        data: dict[str, Any] = {}
        for index, skill in enumerate(self.skills):
            if skill.loaded and language in skill.languages:
                merged, problem = _with_training(data, skill.name, language)
                if problem is not None:
                    self._note(index, problem)
                if merged is not None:
                    good.append(skill.name)
                    data = merged
        return good

    def _note(self, index: int, problem: str) -> None:
        skill = self.skills[index]
        if problem not in skill.problems:
            self.skills[index] = evolve(skill, problems=(*skill.problems, problem))
            self._noted.add((skill.name, problem))
            _log.error("skill {name}: {problem}", name=skill.name, problem=problem)

    def _without_notes(self, skill: Skill) -> Skill:
        left = tuple(each for each in skill.problems if (skill.name, each) not in self._noted)
        return evolve(skill, problems=left)

    def _may_change(self, skill: Skill) -> bool:
        return not skill.bundled and any(skill.directory == home.directory for home in self._homes)

    def _put(self, skills: list[Skill], gone: Sequence[Skill] = ()) -> None:
        """Have these skills, and no others; first in the stores, then on the shelf."""
        lost = [skill.name for skill in gone if skill.loaded]
        for name in lost:
            del self._registered[name], self._seen[name]
        # In the order of the skills: where two handle an intent, the later one does.
        names = [*self._registered, *(skill.name for skill in skills if skill.loaded)]
        order = sorted(self._registered, key=lambda name: _last(names, name))
        publish({name: self._registered[name] for name in order}, lost)
        self.skills = [self._without_notes(skill) for skill in skills]
        self._sound.clear()
        self._noted.clear()
        for name in lost:
            forget(name)

    def _step(self, known: Skill | None, name: str, directory: Path) -> _Step:
        if known is None or not known.loaded:
            skill = self._import(name, directory, bundled=False)
            if not skill.loaded:
                return _Step(kind="failed", skill=skill)
            return _Step(kind="added" if known is None else "changed", skill=skill)
        seen = fingerprint(name, directory)
        if seen == self._seen[name]:
            return _Step(kind="same", skill=known)
        with collected(name) as found:
            problem = import_anew(name, directory)
        own = found.pop(name, Registrations())
        self._keep(found)
        if problem is not None:
            _log.error("skill {name} stays as it was: {problem}", name=name, problem=problem)
            problems = [each for each in known.problems if not each.startswith(_OLD_GOES_ON)]
            skill = evolve(known, problems=(*problems, _OLD_GOES_ON + problem))
            return _Step(kind="failed", skill=skill)
        self._seen[name] = seen
        return _Step(kind="changed", skill=self._accept(evolve(known, problems=()), own))

    def _import(self, name: str, directory: Path, *, bundled: bool) -> Skill:
        make_importable(directory)
        skill = Skill(name=name, directory=directory, bundled=bundled)
        seen = fingerprint(name, directory)
        with collected(name) as found:
            problem = import_skill(name, directory)
        # It may have been imported before: by another skill, or for another shelf.
        own = found.pop(name, None) or self._registered.get(name) or registered(name)
        self._keep(found)
        if problem is not None:
            _log.error("skill {name} is left out: {problem}", name=name, problem=problem)
            return evolve(skill, problems=(problem,), loaded=False)
        self._seen[name] = seen
        return self._accept(skill, own)

    def _accept(self, skill: Skill, own: Registrations) -> Skill:
        """Keep what a skill has registered, but for what raises."""
        problems = tuple(_drop_broken_resources(skill.name, own))
        for sentence in problems:
            _log.error("skill {name}: {problem}", name=skill.name, problem=sentence)
        self._registered[skill.name] = own
        return evolve(skill, problems=problems)

    def _keep(self, found: dict[str, Registrations]) -> None:
        """Keep what packages have registered that a skill has imported."""
        for package, more in found.items():
            self._registered.setdefault(package, Registrations()).add(more)


def _names_at(home: _Home) -> list[str]:
    return [name for name in names_in(home.directory) if home.only is None or name in home.only]


def _last(names: Sequence[str], name: str) -> int:
    return len(names) - names[::-1].index(name)


def _drop_broken_resources(name: str, found: Registrations) -> Iterator[str]:
    """Remove translations and training functions that raise: pytlas calls them for everybody."""
    for what, by_package in (
        ("translations", found.translations),
        ("training data", found.trainings),
    ):
        by_language: dict[str, Callable[[], Any]] = by_package.get(name, {})
        for language, function in list(by_language.items()):
            try:
                function()
            except (Exception, SystemExit) as error:  # noqa: BLE001 - a skill may raise anything
                del by_language[language]
                yield f"its {what} in {language!r} failed: {first_line(error)}"


def _with_training(
    data: dict[str, Any], name: str, language: str
) -> tuple[dict[str, Any] | None, str | None]:
    """Training data with that of one more skill, None if it cannot be used; and why."""
    what = f"its training data in {language!r}"
    try:
        text = GLOBAL_TRAININGS.get(name, language)
    except Exception as error:  # noqa: BLE001 - a skill may raise anything
        return None, f"{what} failed: {first_line(error)}"
    if not text:
        return None, f"{what} is empty"
    try:
        merged, unread = merged_training(data, text, language=language)
    except BadTraining as error:
        return None, f"{what} cannot be used: {error}"
    return merged, f"{what}: {unread}" if unread else None
