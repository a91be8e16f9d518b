"""Tests skills: an agent that has learnt one skill, and a client that remembers what it got.

Stands in for `pytlas.testing`, whose interpreter cannot be installed any more: tests of
skills run when they import from here instead.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import stat
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

from pytlas_wamp import compat  # noqa: F401 - pytlas does not import without it
from pytlas_wamp.understanding.statistical import StatisticalInterpreter, training

from pytlas.conversing import Agent  # isort: skip - compat comes first
from pytlas.handling import HandlersStore  # isort: skip
from pytlas.handling.skill import GLOBAL_HANDLERS  # isort: skip
from pytlas.understanding.training import GLOBAL_TRAININGS  # isort: skip

__all__ = ["AgentModelMock", "AttrDict", "ModelMock", "create_skill_agent"]


class AttrDict(dict[str, Any]):
    """A dict whose values can be read as attributes: `call.text` is `call["text"]`."""

    def __getattr__(self, name: str) -> Any:
        """The value of a key.

        Raises:
          AttributeError: there is no such key.
        """
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"there is no {name!r}, only {', '.join(self)}") from None


class ModelMock(MagicMock):
    """A mock that knows the names of the arguments it is called with by position."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._argument_names: Sequence[str] = ()

    def has_arguments_mapping(self, mapping: Sequence[str]) -> ModelMock:
        """Give names to the arguments, in their order.

        Returns:
          the mock itself.
        """
        self._argument_names = mapping
        return self

    def get_call(self, number: int = -1) -> AttrDict:
        """The arguments of a call, each by its name.

        Args:
          number: 0 for the first call; the last one by default.

        Raises:
          AssertionError: there were not as many calls.
        """
        calls = self.call_args_list
        if not -len(calls) <= number < len(calls):
            raise AssertionError(f"there is no call {number}; there were {len(calls)}")
        # Arguments without a name are not interesting enough to have one.
        named = zip(self._argument_names, calls[number].args, strict=False)
        return AttrDict({**dict(named), **calls[number].kwargs})


class AgentModelMock:
    """A client that remembers what the agent told it, for tests to look at.

    `agent.model.on_answer.get_call().text` is the last answer; `on_ask` has `slot`, `text` and
    `choices`, `on_answer` has `text` and `cards`, `on_done` has `require_input`, `on_context`
    has `context_name`, `on_thinking` nothing.
    """

    def __init__(self) -> None:
        self.on_answer = ModelMock().has_arguments_mapping(["text", "cards"])
        self.on_ask = ModelMock().has_arguments_mapping(["slot", "text", "choices"])
        self.on_done = ModelMock().has_arguments_mapping(["require_input"])
        self.on_context = ModelMock().has_arguments_mapping(["context_name"])
        self.on_thinking = ModelMock().has_arguments_mapping([])

    def reset(self) -> None:
        """Forget all calls."""
        for mock in (self.on_answer, self.on_ask, self.on_done, self.on_context, self.on_thinking):
            mock.reset_mock()


def create_skill_agent(
    skill_folder: str, lang: str = "en", additional_skills: Sequence[str] = ()
) -> Any:
    """Make an agent that has learnt one skill with the `statistical` interpreter.

    What it learns is kept in a folder for temporary files, so that tests of unchanged
    training data start at once.

    Args:
      skill_folder: the skill's folder, usually `os.path.dirname(__file__)`.
      lang: the language to learn.
      additional_skills: packages that can be imported, to be learnt as well.

    Returns:
      a pytlas `Agent` whose `model` is an `AgentModelMock`.

    Raises:
      ImportError: the skill cannot be imported; the same for whatever else it raises.
    """
    folder = Path(skill_folder).absolute()
    if str(folder.parent) not in sys.path:
        sys.path.append(str(folder.parent))
    packages = [folder.name, *additional_skills]
    for package in packages:
        _import(package)
    # In this process: one more would take longer to start than a skill takes to learn.
    interpreter = StatisticalInterpreter(
        lang, _cache_directory(packages, lang), train=training.train
    )
    interpreter.fit_from_skill_data(packages)
    handlers = HandlersStore(
        {
            intent: handler
            for intent, handler in GLOBAL_HANDLERS._data.items()  # noqa: SLF001 - pytlas has no getter
            if handler.__module__.partition(".")[0] in packages
        }
    )
    return Agent(interpreter, model=AgentModelMock(), handlers_store=handlers)


def _import(package: str) -> None:
    """Import a skill; one that was imported before is only run again if pytlas forgot it.

    pytlas reloads it with every module it can reach, down to `re` and `os`, whose
    constants then are others than those that the rest of the process has.
    """
    module = importlib.import_module(package)
    if package in GLOBAL_TRAININGS._data or _handles(package):  # noqa: SLF001 - no getter
        return
    inside = [
        each
        for name, each in sys.modules.items()
        if name.startswith(f"{package}.") and not _is_a_test(name)
    ]
    for each in [*inside, module]:
        importlib.reload(each)


def _is_a_test(module: str) -> bool:
    # The one that is being run is in the middle of its import.
    return module.rpartition(".")[2].startswith(("test", "conftest"))


def _handles(package: str) -> bool:
    handlers = GLOBAL_HANDLERS._data.values()  # noqa: SLF001 - pytlas has no getter
    return any(handler.__module__.partition(".")[0] == package for handler in handlers)


def _cache_directory(packages: Sequence[str], language: str) -> str | None:
    """A folder for what is learnt of this training data; None where there can be none."""
    texts = [GLOBAL_TRAININGS.get(package, language) for package in sorted(packages)]
    key = hashlib.sha256(repr([language, texts]).encode()).hexdigest()[:16]
    # Windows has no such numbers, and a folder for temporary files for each user.
    user = getattr(os, "getuid", int)()
    private = Path(tempfile.gettempdir()) / f"pytlas-wamp-testing-{user}"
    try:
        private.mkdir(mode=0o700, exist_ok=True)
        found = private.lstat()
    except OSError:
        return None
    # Others may write into the parent, and must not choose what is read here.
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != user:
        return None
    return str(private / key)
