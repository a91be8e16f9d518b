"""What skills register with pytlas: collected aside, and published in one step.

A skill registers while it is being imported, straight into stores that all agents read,
and pytlas has no way to take anything back. Here nobody sees half a skill, a skill that
breaks off leaves nothing behind, and one that goes takes what it had registered along.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from attrs import Factory, define

from pytlas_wamp import compat

compat.import_pytlas()

from pytlas.handling.hooks import GLOBAL_HOOKS, HooksStore  # noqa: E402 - after compat
from pytlas.handling.localization import (  # noqa: E402
    GLOBAL_TRANSLATIONS,
    TranslationsStore,
)
from pytlas.handling.skill import (  # noqa: E402
    GLOBAL_HANDLERS,
    GLOBAL_METAS,
    HandlersStore,
    MetasStore,
)
from pytlas.pkgutils import get_root_package_name  # noqa: E402
from pytlas.understanding.training import GLOBAL_TRAININGS, TrainingsStore  # noqa: E402


@define(kw_only=True)
class Registrations:
    """What one skill has registered, as pytlas keeps it.

    Args:
      handlers: by intent.
      metas: by package.
      trainings: by package and language.
      translations: the same.
      hooks: by the name of what they are told.
    """

    handlers: dict[str, Any] = Factory(dict)
    metas: dict[str, Any] = Factory(dict)
    trainings: dict[str, dict[str, Any]] = Factory(dict)
    translations: dict[str, dict[str, Any]] = Factory(dict)
    hooks: dict[str, list[Any]] = Factory(dict)

    def add(self, more: Registrations) -> None:
        """Have what is registered later as well."""
        self.handlers.update(more.handlers)
        self.metas.update(more.metas)
        self.trainings.update(more.trainings)
        self.translations.update(more.translations)
        for name, hooks in more.hooks.items():
            mine = self.hooks.setdefault(name, [])
            mine.extend(hook for hook in hooks if hook not in mine)


def registered(package: str) -> Registrations:
    """What a package has registered already, before anybody looked.

    Args:
      package: its root.
    """
    everything = _split([store._data for store in _STORES], importing="")  # noqa: SLF001 - no getter
    return everything.get(package, Registrations())


@contextmanager
def collected(importing: str) -> Iterator[dict[str, Registrations]]:
    """Within this block, what is registered reaches nobody; the rest of the process goes on.

    Args:
      importing: the skill that is being imported.

    Returns:
      what was registered, by package, filled at the end of the block: a skill that imports
      another one has that register too.
    """
    found: dict[str, Registrations] = {}
    aside = (HandlersStore(), MetasStore(), TrainingsStore(), TranslationsStore(), HooksStore())
    for store, instead in zip(_STORES, aside, strict=True):
        # On the object, so that the decorators find it; without a function between, because
        # pytlas looks for the caller's name a fixed number of frames away.
        store.register = instead.register
    try:
        yield found
    finally:
        for store in _STORES:
            del store.register
        found.update(_split([store._data for store in aside], importing=importing))  # noqa: SLF001 - no getter


def publish(present: Mapping[str, Registrations], gone: Sequence[str] = ()) -> None:
    """Make this what the packages have registered; others keep theirs.

    Every store changes in one step, from one whole to another: agents may be reading.

    Args:
      present: by package; where two register the same, the later one counts.
      gone: packages that shall have nothing registered any more.
    """
    packages = {*present, *gone}
    parts = list(present.values())
    for store, data in (
        (GLOBAL_METAS, _joined(part.metas for part in parts)),
        (GLOBAL_TRAININGS, _joined(part.trainings for part in parts)),
        (GLOBAL_TRANSLATIONS, _joined(part.translations for part in parts)),
    ):
        others = {key: value for key, value in store._data.items() if _root(key) not in packages}  # noqa: SLF001 - no getter
        store._data = others | data  # noqa: SLF001 - pytlas has no way to replace
    handlers = {
        intent: handler
        for intent, handler in GLOBAL_HANDLERS._data.items()  # noqa: SLF001 - no getter
        if packages.isdisjoint(_owners(handler))
    }
    GLOBAL_HANDLERS._data = handlers | _joined(part.handlers for part in parts)  # noqa: SLF001 - no way to replace
    GLOBAL_HOOKS._data = {  # noqa: SLF001 - the same
        name: [hook for hook in hooks if packages.isdisjoint(_owners(hook))]
        + [hook for part in parts for hook in part.hooks.get(name, ())]
        for name, hooks in GLOBAL_HOOKS._data.items()  # noqa: SLF001 - no getter
    }


_STORES = (GLOBAL_HANDLERS, GLOBAL_METAS, GLOBAL_TRAININGS, GLOBAL_TRANSLATIONS, GLOBAL_HOOKS)


def _joined(parts: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {key: value for part in parts for key, value in part.items()}


def _split(stores: Sequence[dict[str, Any]], *, importing: str) -> dict[str, Registrations]:
    """Everything by the package it belongs to; what belongs to none is the importing one's."""
    handlers, metas, trainings, translations, hooks = stores
    found: dict[str, Registrations] = {}

    def of(*packages: str) -> Registrations:
        loaded = [package for package in packages if package in sys.modules]
        return found.setdefault(loaded[0] if loaded else importing, Registrations())

    for intent, handler in handlers.items():
        of(*_owners(handler)).handlers[intent] = handler
    for package, function in metas.items():
        of(_root(package)).metas[package] = function
    for package, functions in trainings.items():
        of(_root(package)).trainings[package] = dict(functions)
    for package, functions in translations.items():
        of(_root(package)).translations[package] = dict(functions)
    for name, functions in hooks.items():
        for hook in functions:
            of(*_owners(hook)).hooks.setdefault(name, []).append(hook)
    return found


def _owners(function: Any) -> list[str]:
    """The package that a function was registered for, if it knows, and the one it is from."""
    names = (getattr(function, name, None) for name in ("__pytlas_package__", "__module__"))
    return [_root(name) for name in names if name]


def _root(package: str) -> str:
    root: str = get_root_package_name(package)
    return root
