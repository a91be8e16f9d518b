"""Folders of skills that a test writes, with pytlas' stores and Python's modules put back."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import Any

from pytlas.handling.hooks import GLOBAL_HOOKS
from pytlas.handling.localization import GLOBAL_TRANSLATIONS
from pytlas.handling.skill import GLOBAL_HANDLERS, GLOBAL_METAS
from pytlas.understanding.training import GLOBAL_TRAININGS

STORES = (GLOBAL_HANDLERS, GLOBAL_METAS, GLOBAL_TRANSLATIONS, GLOBAL_TRAININGS, GLOBAL_HOOKS)

GOOD = '''
from pytlas import intent, meta, training, translations

@intent("NAME_do")
def do(request):
    request.agent.answer(request._("hello"))
    request.agent.done()

@meta()
def about(_): return {"name": _("NAME"), "description": "good"}

@translations("en")
def english_texts(): return {"hello": "hello from NAME"}

@translations("fr")
def french(): return {"NAME": "NOM"}

@training("en")
def english(): return """
%[NAME_do]
  do NAME
  please do NAME now
"""
'''


@contextmanager
def undone(folder: Path) -> Iterator[None]:
    """Within this block, skills of a folder may be loaded; nothing of them stays."""
    stores = [store._data for store in STORES]
    for store, data in zip(STORES, registered(), strict=True):
        store._data = data
    before, path = dict(sys.modules), list(sys.path)
    try:
        yield
    finally:
        for store, data in zip(STORES, stores, strict=True):
            store._data = data
        sys.path[:] = path
        for name in set(sys.modules) - set(before):
            if str(folder) in (getattr(sys.modules[name], "__file__", None) or ""):
                del sys.modules[name]


def write(folder: Path, name: str, code: str, *, package: bool = True, file: str = "") -> Path:
    """Write a skill; a file that is written again has another time, as after an hour."""
    path = folder / name / (file or "__init__.py") if package else folder / f"{name}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.stat().st_mtime_ns if path.exists() else None
    path.write_text(code.replace("NAME", name), encoding="utf-8")
    if before is not None:
        os.utime(path, ns=(before, before + 3_600_000_000_000))
    return path


def registered() -> list[dict[str, Any]]:
    """A copy of what is registered."""
    return [{key: copy(value) for key, value in store._data.items()} for store in STORES]
