"""Finds and imports skills; one that is broken never stops the others.

pytlas skills register themselves into pytlas' global stores while they are being
imported, under the name of their root package. So a skill is a folder with an
`__init__.py`, or a single file, directly inside a folder of skills.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from pathlib import Path
from typing import Any

from attrs import define, evolve, field, frozen
from twisted.logger import Logger

from pytlas_wamp import compat
from pytlas_wamp.assistant.training import BadTraining, merged_training

compat.import_pytlas()

from pytlas.handling.hooks import GLOBAL_HOOKS  # noqa: E402 - after compat
from pytlas.handling.localization import GLOBAL_TRANSLATIONS  # noqa: E402
from pytlas.handling.skill import GLOBAL_HANDLERS, GLOBAL_METAS, Meta  # noqa: E402
from pytlas.understanding.training import GLOBAL_TRAININGS  # noqa: E402

_log = Logger()

# Where skills register; pytlas has no way to take anything back.
_STORES = (GLOBAL_HANDLERS, GLOBAL_TRAININGS, GLOBAL_TRANSLATIONS, GLOBAL_METAS, GLOBAL_HOOKS)

BUNDLED_DIRECTORY = Path(__file__).parent.parent / "bundled_skills"


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


@define(eq=False)
class SkillShelf:
    """The skills of this process.

    Args:
      skills: in the order they were imported.
    """

    skills: list[Skill] = field(factory=list)
    _sound: dict[str, list[str]] = field(init=False, factory=dict)

    def load(
        self, directory: Path, *, bundled: bool = False, only: Sequence[str] | None = None
    ) -> None:
        """Import what a folder of skills holds.

        Args:
          directory: one that does not exist holds nothing.
          bundled: whether these came with the server.
          only: names to take; None takes all.
        """
        self._sound.clear()
        directory = directory.absolute()
        found = sorted(set(_names_in(directory))) if directory.is_dir() else []
        if found and str(directory) not in sys.path:
            # At the end: a skill must not take the place of an installed module.
            sys.path.append(str(directory))
        for name in found:
            if only is None or name in only:
                self.skills.append(_load(name, directory, bundled=bundled))

    def packages(self, language: str) -> list[str]:
        """Those whose training data in a language is sound and fits together.

        A fault is noted on its skill; the others are used without it (blocks).
        """
        if language in self._sound:
            return self._sound[language]
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
        self._sound[language] = good
        return good

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

    def _note(self, index: int, problem: str) -> None:
        skill = self.skills[index]
        if problem not in skill.problems:
            self.skills[index] = evolve(skill, problems=(*skill.problems, problem))
            _log.error("skill {name}: {problem}", name=skill.name, problem=problem)


def _names_in(directory: Path) -> Iterable[str]:
    for entry in directory.iterdir():
        if entry.name.startswith((".", "_")):
            continue
        if (entry / "__init__.py").is_file():
            yield entry.name
        elif entry.suffix == ".py" and entry.is_file():
            yield entry.stem


def _load(name: str, directory: Path, *, bundled: bool) -> Skill:
    skill = Skill(name=name, directory=directory, bundled=bundled)
    before = [{key: copy(value) for key, value in store._data.items()} for store in _STORES]  # noqa: SLF001 - no getter
    problem = _problem_of_name(name, directory) or _import(name, directory)
    if problem is not None:
        _restore(before)
        _log.error("skill {name} is left out: {problem}", name=name, problem=problem)
        return evolve(skill, problems=(problem,), loaded=False)
    problems = tuple(_drop_broken_resources(name))
    for sentence in problems:
        _log.error("skill {name}: {problem}", name=name, problem=sentence)
    return evolve(skill, problems=problems)


def _problem_of_name(name: str, directory: Path) -> str | None:
    """Say in one sentence why a skill of this name cannot be imported; imports nothing."""
    if not name.isidentifier():
        return f"{name!r} cannot be the name of a Python module; use letters, digits and _"
    importlib.invalidate_caches()
    spec = importlib.util.find_spec(name)
    origin = (spec and spec.origin) or ""
    if not Path(origin).is_relative_to(directory):
        where = origin if Path(origin).is_absolute() else "a part of Python"
        return f"the name {name!r} is taken by {where}; rename the skill"
    return None


def _import(name: str, directory: Path) -> str | None:
    """Import a module, or say in one sentence why not; none of it is left then."""
    try:
        importlib.import_module(name)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a skill may raise anything
        for module in [m for m in sys.modules if m == name or m.startswith(f"{name}.")]:
            del sys.modules[module]
        return _sentence(error, directory)
    return None


def _sentence(error: BaseException, directory: Path) -> str:
    """The error and the place in the skill it came from."""
    text = _first_line(error)
    inside = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.startswith(str(directory))
    ]
    if inside:
        text += f" ({Path(inside[-1].filename).relative_to(directory)}, line {inside[-1].lineno})"
    return text


def _restore(before: list[dict[str, Any]]) -> None:
    """Take back what a half-imported skill has registered, also in the place of another's."""
    for store, data in zip(_STORES, before, strict=True):
        store._data.clear()  # noqa: SLF001 - pytlas' stores have no way to remove
        store._data.update(data)  # noqa: SLF001 - the same


def _drop_broken_resources(name: str) -> Iterable[str]:
    """Remove translations and training functions that raise: pytlas calls them for everybody."""
    for what, store in (("translations", GLOBAL_TRANSLATIONS), ("training data", GLOBAL_TRAININGS)):
        by_language: dict[str, Callable[[], Any]] = store._data.get(name, {})  # noqa: SLF001 - no getter
        for language, function in list(by_language.items()):
            try:
                function()
            except (Exception, SystemExit) as error:  # noqa: BLE001 - a skill may raise anything
                del by_language[language]
                yield f"its {what} in {language!r} failed: {_first_line(error)}"


def _with_training(
    data: dict[str, Any], name: str, language: str
) -> tuple[dict[str, Any] | None, str | None]:
    """Training data with that of one more skill, None if it cannot be used; and why."""
    what = f"its training data in {language!r}"
    try:
        text = GLOBAL_TRAININGS.get(name, language)
    except Exception as error:  # noqa: BLE001 - a skill may raise anything
        return None, f"{what} failed: {_first_line(error)}"
    if not text:
        return None, f"{what} is empty"
    try:
        merged, unread = merged_training(data, text, language=language)
    except BadTraining as error:
        return None, f"{what} cannot be used: {error}"
    return merged, f"{what}: {unread}" if unread else None


def _first_line(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0]}" if text else type(error).__name__
