"""Trains interpreters as the server does, in this process, and tells how it goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, cast

import click
from attrs import frozen
from rich.console import Console

from pytlas_wamp.config import Config
from pytlas_wamp.errors import OperatorError

if TYPE_CHECKING:
    from twisted.logger import ILogObserver

Tell = Callable[[str, int, int], None]

# No package can have this name; an empty list would mean all skills to pytlas.
_NO_SKILL = "-"


@frozen(kw_only=True)
class Learnt:
    """A language that was learnt.

    Args:
      interpreter: fitted.
      language: of two letters.
      sentences: how many there were, with all that follow from synonyms.
      seconds: how long it took.
      kept_bytes: what is kept on disk for the next start; 0 for nothing.
      trained: whether there was something to learn; otherwise all was kept from before.
      warnings: the weak spots of the training data, and what the interpreter warned of.
    """

    interpreter: Any
    language: str
    sentences: int
    seconds: float
    kept_bytes: int
    trained: bool
    warnings: tuple[str, ...]


def learn(config: Config, shelf: Any, language: str, name: str, tell: Tell) -> Learnt:
    """Train an interpreter where the server will look for what it has learnt (blocks).

    Args:
      config: says where that is.
      shelf: the skills.
      language: of two letters.
      name: of the interpreter.
      tell: is called with a step, how much of it is done, and how much there is.

    Raises:
      OperatorError: it cannot be trained, or there is no such interpreter.
    """
    from pytlas_wamp.assistant.interpreters import find_interpreter  # noqa: PLC0415 - takes long

    make = find_interpreter(name)
    cache = config.cache_dir / name / language
    packages = list(shelf.packages(language))
    seen: list[Mapping[str, Any]] = []
    before, began = _written(cache), perf_counter()
    with heard_warnings() as warnings:
        kept = _made(cache, warnings)
        try:
            interpreter = _watched(make(language, kept), seen, tell)
            interpreter.fit_from_skill_data(packages or [_NO_SKILL])
        except OperatorError:
            raise
        except Exception as error:
            raise OperatorError(f"training {language!r} failed: {error}") from error
    if packages and not interpreter.intents:
        raise OperatorError(f"training {language!r} failed: {'; '.join(warnings) or 'no intents'}")
    seconds, after = perf_counter() - began, _written(cache)
    return Learnt(
        interpreter=interpreter,
        language=language,
        sentences=sum(_sentences(data) for data in seen),
        seconds=seconds,
        kept_bytes=sum(size for _when, size in after.values()),
        trained=after != before or not after,
        warnings=(*shelf.gaps(language), *_weak(seen), *warnings),
    )


def _made(folder: Path, warnings: list[str]) -> str | None:
    """A folder to keep what is learnt in; None, and a warning, where it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        warnings.append(f"what is learnt is not kept: {error}")
        return None
    return str(folder)


def _watched(interpreter: Any, seen: list[Mapping[str, Any]], tell: Tell) -> Any:
    """The interpreter; it shows the data that it learns from, and tells how it goes on."""
    fit = interpreter.fit

    def watched(data: dict[str, Any]) -> None:
        seen.append(data)
        fit(data)

    interpreter.fit = watched
    if hasattr(interpreter, "on_progress"):
        interpreter.on_progress = tell
    return interpreter


def _sentences(data: Mapping[str, Any]) -> int:
    return sum(len(each["utterances"]) for each in data["intents"].values())


def _weak(seen: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    from pytlas_wamp.understanding.statistical.weaknesses import (  # noqa: PLC0415 - takes long
        weaknesses,
    )

    for data in seen:
        yield from weaknesses(data)


def _written(folder: Path) -> dict[str, tuple[int, int]]:
    """When each file of a folder was written, and its size."""
    try:
        found = {path.name: path.stat() for path in folder.iterdir() if path.is_file()}
    except OSError:
        return {}
    return {name: (stat.st_mtime_ns, stat.st_size) for name, stat in found.items()}


@contextmanager
def heard_warnings() -> Iterator[list[str]]:
    """Collect what pytlas and interpreters log meanwhile, from warnings up.

    Weak spots of the data are left out: they are only logged by who learns anew.
    """
    # Every command imports this module, and few of them listen or show how it goes on.
    from twisted.logger import LogLevel, formatEvent, globalLogPublisher  # noqa: PLC0415

    heard: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(record.getMessage())

    def hear(event: dict[str, Any]) -> None:
        if event["log_level"] >= LogLevel.warn and "weakness" not in event:
            heard.append(formatEvent(event))

    ear, observer = Ear(level=logging.WARNING), cast("ILogObserver", hear)
    logging.getLogger().addHandler(ear)
    globalLogPublisher.addObserver(observer)
    try:
        yield heard
    finally:
        globalLogPublisher.removeObserver(observer)
        logging.getLogger().removeHandler(ear)


@contextmanager
def shown_progress(console: Console, title: str, *, plain: bool) -> Iterator[Tell]:
    """A bar on a terminal; elsewhere a line for each step, or nothing.

    Args:
      console: where.
      title: what is going on.
      plain: whether there are lines where there is no terminal.
    """
    if not console.is_terminal:
        yield _lines(title) if plain else _silence
        return
    from rich.progress import (  # noqa: PLC0415 - as above
        BarColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda step, done, total: bar.update(
            task, description=f"{title}: {step}", completed=done, total=total
        )


def _silence(_step: str, _done: int, _total: int) -> None:
    """Tell nobody."""


def _lines(title: str) -> Tell:
    told: list[str] = []

    def tell(step: str, _done: int, _total: int) -> None:
        if step not in told:
            told.append(step)
            click.echo(f"{title}: {step}", err=True)

    return tell


def chosen_languages(shelf: Any, asked: Sequence[str]) -> list[str]:
    """The two-letter codes of languages that were asked for, else all that skills speak.

    Raises:
      OperatorError: no skill has training data in one of them.
    """
    spoken = sorted({code for skill in shelf.skills if skill.loaded for code in skill.languages})
    wanted = list(dict.fromkeys(each[:2].lower() for each in asked)) or spoken
    for language in wanted:
        if language not in spoken:
            known = ", ".join(spoken) or "none"
            raise OperatorError(f"no skill speaks {language!r}; the skills' languages: {known}")
    if not wanted:
        raise OperatorError("no skill has training data, so there is nothing to learn")
    return wanted
