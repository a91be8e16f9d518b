"""`train`, `understand` and `evaluate`: what the assistant understands, for authors of skills."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console

from pytlas_wamp.cli.learning import (
    Learnt,
    Tell,
    chosen_languages,
    heard_warnings,
    learn,
    shown_progress,
)
from pytlas_wamp.cli.program import OUT, ReadConfig, main, told_as_trouble, told_plainly
from pytlas_wamp.cli.skills import load_shelf, problems_of
from pytlas_wamp.config import Config
from pytlas_wamp.errors import OperatorError

_interpreter = click.option(
    "--interpreter", metavar="NAME", help="Another one than the server's, such as patterns."
)
_language = click.option(
    "--language", metavar="CODE", help="Such as fr; otherwise that of the configuration."
)
_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


@main.command()
@click.option(
    "--language",
    "languages",
    metavar="CODE",
    multiple=True,
    help="Such as fr, also several times; otherwise all that skills speak.",
)
@_interpreter
@click.pass_obj
@told_plainly
def train(read: ReadConfig, languages: Sequence[str], interpreter: str | None) -> None:
    """Learn the skills' sentences, so that the server need not when it starts."""
    config = read()
    shelf = load_shelf(config)
    for language in chosen_languages(shelf, languages):
        learnt = _learn(config, shelf, language, interpreter, plain=True)
        for warning in learnt.warnings:
            click.echo(f"{language}: warning: {warning}")
        click.echo(_summary(learnt))
    _tell_of_skills(shelf)


def _summary(learnt: Learnt) -> str:
    intents = len(learnt.interpreter.intents)
    kept = f"{learnt.kept_bytes / 1e6:.1f} MB kept" if learnt.kept_bytes else "nothing kept"
    took = f"{learnt.seconds:.1f} s" if learnt.trained else "nothing new to learn"
    return f"{learnt.language}: {intents} intents, {learnt.sentences} sentences, {took}, {kept}"


def _tell_of_skills(shelf: Any) -> None:
    """Say what is wrong with skills, if anything, and end with exit code 1 then."""
    broken = problems_of(shelf)
    for line in broken:
        click.echo(line, err=True)
    if broken:
        sys.exit(1)


def _learn(
    config: Config, shelf: Any, language: str, interpreter: str | None, *, plain: bool
) -> Learnt:
    with shown_progress(Console(stderr=True), f"learning {language}", plain=plain) as tell:
        return learn(config, shelf, language, interpreter or config.interpreter, tell)


@main.command()
@click.argument("sentence")
@_language
@_interpreter
@click.option(
    "--scope",
    "scopes",
    metavar="NAME",
    multiple=True,
    help="An intent that may be understood, or a context with a slash behind it, such as"
    " playing/; also several times. Otherwise what is understood at the start of a conversation.",
)
@click.option("--explain", is_flag=True, help="Say how it was decided, and why it was refused.")
@_as_json
@click.pass_obj
@told_as_trouble
def understand(
    read: ReadConfig,
    sentence: str,
    language: str | None,
    interpreter: str | None,
    scopes: Sequence[str],
    *,
    explain: bool,
    as_json: bool,
) -> None:
    """Show what SENTENCE means to the assistant; with -, each line of standard input.

    The exit code is 0 when all was understood, 1 when something was refused, and 2 when
    there was a problem.
    """
    from pytlas_wamp.understanding.answers import answer, answer_lines  # noqa: PLC0415 - pytlas is slow

    config = read()
    shelf = load_shelf(config)
    [spoken] = chosen_languages(shelf, [language or config.language])
    fitted = _learn(config, shelf, spoken, interpreter, plain=False).interpreter
    names = _scopes(fitted.intents, scopes)
    refused = False
    for text in _sentences(sentence):
        with _interpreters_fault(f"understanding {text!r} failed"):
            result = answer(fitted, text, names, explain=explain)
        refused = refused or result["intent"] is None
        lines = [json.dumps(result, ensure_ascii=False)] if as_json else answer_lines(result)
        for line in lines:
            click.echo(line)
    sys.exit(1 if refused else 0)


def _sentences(argument: str) -> Iterator[str]:
    """The sentences to understand; what is no Unicode in them is replaced."""
    if argument != "-":
        yield argument.encode(errors="replace").decode()
        return
    for line in click.get_text_stream("stdin", encoding="utf-8", errors="replace"):
        if line.strip():
            yield line.rstrip("\r\n")


@contextmanager
def _interpreters_fault(what: str) -> Iterator[None]:
    """Tell of whatever an interpreter raises as of something that can be mended."""
    try:
        yield
    except OperatorError:
        raise
    except Exception as error:
        raise OperatorError(f"{what}: {type(error).__name__}: {error}") from error


def _scopes(intents: Sequence[str], asked: Sequence[str]) -> list[str]:
    """The intents that may be understood."""
    from pytlas_wamp.understanding.evaluation import scopes_of  # noqa: PLC0415 - the same

    contexts = scopes_of(intents)
    if not asked:
        return contexts[None]
    names: list[str] = []
    for name in asked:
        if name in intents:
            names.append(name)
        elif name.endswith("/") and name[:-1] in contexts:
            names.extend(contexts[name[:-1]])
        else:
            known = ", ".join([*intents, *(f"{context}/" for context in contexts if context)])
            raise OperatorError(f"there is no intent or context {name!r}; there are: {known}")
    return names


@main.command()
@click.argument("skills", nargs=-1, metavar="[SKILL]...")
@_language
@_interpreter
@click.option(
    "--folds",
    type=click.IntRange(min=2),
    default=4,
    show_default=True,
    help="Into how many parts the sentences are divided; more take longer and hold back fewer.",
)
@click.option(
    "--worst",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    help="How many sentences to show that were not understood.",
)
@_as_json
@click.pass_obj
@told_plainly
def evaluate(
    read: ReadConfig,
    skills: Sequence[str],
    language: str | None,
    interpreter: str | None,
    folds: int,
    worst: int,
    *,
    as_json: bool,
) -> None:
    """Test how well SKILLs understand their own sentences: each is held back once.

    Without SKILL, all skills are tested. They are tested inside the whole assistant.
    """
    config = read()
    shelf = load_shelf(config)
    [spoken] = chosen_languages(shelf, [language or config.language])
    with (
        shown_progress(Console(stderr=True), f"testing {spoken}", plain=not as_json) as tell,
        heard_warnings(),
        _interpreters_fault("testing failed"),
    ):
        report = _report(config, shelf, skills, spoken, interpreter, folds, tell)
    if as_json:
        from pytlas_wamp.cli.evaluations import as_data  # noqa: PLC0415 - the same

        click.echo(json.dumps({"language": spoken, **as_data(report)}, ensure_ascii=False))
    else:
        from pytlas_wamp.cli.evaluations import lines_of, table_of  # noqa: PLC0415 - the same

        OUT.print(table_of(report))
        for line in lines_of(report, worst):
            click.echo(line)
    _tell_of_skills(shelf)


def _report(
    config: Config,
    shelf: Any,
    skills: Sequence[str],
    language: str,
    interpreter: str | None,
    folds: int,
    tell: Tell,
) -> Any:
    from pytlas_wamp.assistant.interpreters import find_interpreter  # noqa: PLC0415 - the same
    from pytlas_wamp.cli.evaluations import merged, trees_of  # noqa: PLC0415 - the same
    from pytlas_wamp.understanding.evaluation import evaluate as run  # noqa: PLC0415 - the same

    trees = trees_of(shelf, language)
    for name in skills:
        if name not in trees:
            known = ", ".join(trees)
            raise OperatorError(
                f"no skill {name!r} has sound training data in {language!r}; those that do: {known}"
            )
    factory = find_interpreter(interpreter or config.interpreter)
    return run(
        merged(trees.values()),
        list(
            dict.fromkeys(intent for name in skills or trees for intent in trees[name]["intents"])
        ),
        language=language,
        make=lambda: factory(language, None),
        folds=folds,
        tell=tell,
    )
