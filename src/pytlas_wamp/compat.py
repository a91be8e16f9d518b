"""Imports pytlas on the Pythons of today.

pytlas 5.1.3 and pychatl 2.0.4 are the newest there are. pychatl takes `Mapping`
from `collections`, where it was until Python 3.9; pytlas and its Markdown take two
names from `pkg_resources`, which setuptools had until version 81, and which takes longer
to import than pytlas where it is there; and fuzzywuzzy warns about a faster optional
library. All is put right while they are being imported, and nothing stays changed
afterwards. Every module of ours that uses pytlas or pychatl imports this one first.
"""

from __future__ import annotations

import collections
import collections.abc
import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType

from packaging import requirements

_PKG_RESOURCES = "pkg_resources"


def import_pytlas() -> None:
    """Import pytlas and pychatl; a second call does nothing."""
    had_mapping = hasattr(collections, "Mapping")
    with warnings.catch_warnings(), pkg_resources_for_pytlas():
        warnings.simplefilter("ignore")
        if not had_mapping:
            collections.Mapping = collections.abc.Mapping  # type: ignore[attr-defined]
        try:
            import_module("pychatl")
            import_module("pytlas")
        finally:
            if not had_mapping:
                del collections.Mapping  # type: ignore[attr-defined]


@contextmanager
def pkg_resources_for_pytlas() -> Iterator[None]:
    """Within this block, there is as much of `pkg_resources` as pytlas needs to be imported.

    The parts of pytlas that need it are imported before the block ends; whoever imports it
    later finds what setuptools has.
    """
    before = {name: sys.modules[name] for name in (_PKG_RESOURCES,) if name in sys.modules}
    sys.modules[_PKG_RESOURCES] = _stand_in()
    try:
        yield
        # Skills import it, to list or install others.
        import_module("pytlas.supporting")
    finally:
        del sys.modules[_PKG_RESOURCES]
        sys.modules.update(before)


def _stand_in() -> ModuleType:
    module = ModuleType(_PKG_RESOURCES)
    module.Requirement = Requirement  # type: ignore[attr-defined]
    module.iter_entry_points = _iter_entry_points  # type: ignore[attr-defined]
    return module


def _iter_entry_points(group: str, name: str | None = None) -> Iterable[EntryPoint]:
    return entry_points(group=group) if name is None else entry_points(group=group, name=name)


class Requirement(requirements.Requirement):
    """A requirement with the names that it has in `pkg_resources`."""

    @classmethod
    def parse(cls, line: str) -> Requirement:
        """A requirement such as `pytlas~=5.0`, maybe with a comment behind it.

        Raises:
          ValueError: the line is none.
        """
        return cls(line.partition(" #")[0].strip())

    @property
    def project_name(self) -> str:
        """What is required."""
        return self.name

    @property
    def specs(self) -> list[tuple[str, str]]:
        """Operators and versions."""
        return [(each.operator, each.version) for each in self.specifier]


import_pytlas()
