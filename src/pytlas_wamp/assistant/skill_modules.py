"""The modules of skills: found in a folder, imported, imported anew, and forgotten.

A skill is a folder with an `__init__.py`, or a single file, directly inside a folder of
skills; its name is that of the Python module it becomes.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType

# Path, bytes and nanoseconds of the last change of each file.
Fingerprint = frozenset[tuple[str, int, int]]


def names_in(directory: Path) -> list[str]:
    """The names of the skills in a folder, sorted.

    Args:
      directory: one that does not exist holds nothing.
    """
    return sorted(set(_names_in(directory))) if directory.is_dir() else []


def _names_in(directory: Path) -> Iterator[str]:
    for entry in directory.iterdir():
        if entry.name.startswith((".", "_")):
            continue
        if (entry / "__init__.py").is_file():
            yield entry.name
        elif entry.suffix == ".py" and entry.is_file():
            yield entry.stem


def make_importable(directory: Path) -> None:
    """Have Python look into a folder of skills."""
    if str(directory) not in sys.path:
        # At the end: a skill must not take the place of an installed module.
        sys.path.append(str(directory))


def fingerprint(name: str, directory: Path) -> Fingerprint:
    """What changes as soon as any file of a skill does; hidden folders do not count."""
    found = set()
    for path in _files_of(name, directory):
        with suppress(OSError):
            about = path.stat()
            found.add((str(path), about.st_size, about.st_mtime_ns))
    return frozenset(found)


def _files_of(name: str, directory: Path) -> Iterator[Path]:
    yield directory / f"{name}.py"
    for where, folders, files in os.walk(directory / name):
        folders[:] = [
            folder for folder in folders if folder != "__pycache__" and not folder.startswith(".")
        ]
        yield from (Path(where, file) for file in files)


def import_skill(name: str, directory: Path) -> str | None:
    """Import a skill, or say in one sentence why not; none of it is left then.

    Args:
      name: its module; one that was imported already stays as it is.
      directory: the folder of skills it must come from.
    """
    problem = _problem_of_name(name, directory)
    if problem is not None:
        return problem
    try:
        importlib.import_module(name)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a skill may raise anything
        forget(name)
        return _sentence(error, directory)
    return None


def import_anew(name: str, directory: Path) -> str | None:
    """Import a skill that has changed, or say why not; it stays as it was then.

    Modules of the skill that somebody else has a hold of go on as they are.
    """
    for path in _files_of(name, directory):
        if path.suffix == ".py":
            # Python takes compiled code for current when the second and the size are.
            with suppress(OSError, NotImplementedError):
                Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)
    before = forget(name)
    problem = import_skill(name, directory)
    if problem is not None:
        sys.modules.update(before)
    return problem


def forget(name: str) -> dict[str, ModuleType]:
    """Have the next import of a skill run it again.

    Returns:
      its modules.
    """
    mine = [module for module in sys.modules if module == name or module.startswith(f"{name}.")]
    return {module: sys.modules.pop(module) for module in mine}


def first_line(error: BaseException) -> str:
    """What kind of error it is, and the first line of what it says."""
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0]}" if text else type(error).__name__


def _problem_of_name(name: str, directory: Path) -> str | None:
    """Say in one sentence why a skill of this name cannot be imported; imports nothing."""
    # pytlas names folders after repositories, which have a hyphen more often than not.
    if not f"_{name.replace('-', '_')}".isidentifier():
        return f"{name!r} cannot be the name of a Python module; use letters, digits, - and _"
    importlib.invalidate_caches()
    spec = importlib.util.find_spec(name)
    origin = (spec and spec.origin) or ""
    if not Path(origin).is_relative_to(directory):
        where = origin if Path(origin).is_absolute() else "a part of Python"
        return f"the name {name!r} is taken by {where}; rename the skill"
    return None


def _sentence(error: BaseException, directory: Path) -> str:
    """The error and the place in the skill it came from."""
    text = first_line(error)
    inside = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.startswith(str(directory))
    ]
    if inside:
        text += f" ({Path(inside[-1].filename).relative_to(directory)}, line {inside[-1].lineno})"
    return text
