"""`pytlas-wamp` called as a person calls it, but in the process of the tests."""

from __future__ import annotations

import sys
from contextlib import contextmanager

from click.testing import CliRunner

from pytlas_wamp.assistant.skills import BUNDLED_DIRECTORY
from pytlas_wamp.cli import main

from pytlas.handling.hooks import GLOBAL_HOOKS  # isort: skip - compat comes first
from pytlas.handling.localization import GLOBAL_TRANSLATIONS  # isort: skip
from pytlas.handling.skill import GLOBAL_HANDLERS, GLOBAL_METAS  # isort: skip
from pytlas.settings import CONFIG  # isort: skip
from pytlas.understanding.training import GLOBAL_TRAININGS  # isort: skip


def called(*words, typed=""):
    """What came of a call, as Click tells it."""
    words = [str(word) for word in words]
    runner = CliRunner(mix_stderr=False)
    return runner.invoke(main, words, input=typed, catch_exceptions=False)


@contextmanager
def pytlas_as_new():
    """Loads skills into pytlas' global stores, and leaves those as they were."""
    stores = (GLOBAL_HANDLERS, GLOBAL_TRAININGS, GLOBAL_TRANSLATIONS, GLOBAL_METAS, GLOBAL_HOOKS)
    before = [(store, store._data) for store in stores]
    config, path = CONFIG.config, list(sys.path)
    # Skills register themselves while they are imported: what is there already would not.
    modules = _taken_out_skill_modules()
    for store in stores:
        store.reset()
    try:
        yield
    finally:
        for store, data in before:
            store._data = data
        CONFIG.reset()
        CONFIG.config = config
        sys.path[:] = path
        _taken_out_skill_modules()
        sys.modules.update(modules)


def _taken_out_skill_modules():
    """Takes the modules of skills, also of those that tests write, out of those imported."""
    roots = {name: name.partition(".")[0] for name in sys.modules}
    return {
        name: sys.modules.pop(name)
        for name, root in roots.items()
        if (BUNDLED_DIRECTORY / root).is_dir() or root.startswith("author_")
    }
