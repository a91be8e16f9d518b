"""`pytlas-wamp skills` and `pytlas-wamp check`: what there is, and what is wrong with it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import click
from rich.table import Table

from pytlas_wamp.cli.accounts import open_people
from pytlas_wamp.cli.program import OUT, ReadConfig, main, told_plainly
from pytlas_wamp.config import Config
from pytlas_wamp.errors import ConfigError, OperatorError


@main.group()
def skills() -> None:
    """What the assistant can do."""


@skills.command("list")
@click.option("--language", help="Show names and descriptions in this language.")
@click.pass_obj
@told_plainly
def list_skills(read: ReadConfig, language: str | None) -> None:
    """Show all skills, and what is wrong with broken ones."""
    from pytlas_wamp.assistant.bodies import plain  # noqa: PLC0415 - pytlas takes half a second

    config = read()
    shelf = load_shelf(config)
    spoken = language or config.language
    table = Table("skill", "version", "languages", "intents", "description")
    for skill in shelf.skills:
        meta = skill.meta(spoken[:2])
        table.add_row(
            skill.name if skill.loaded else f"{skill.name} (left out)",
            "" if meta.version == "?.?.?" else str(meta.version),
            ", ".join(skill.languages),
            str(len(skill.intents)),
            plain(str(meta.description)),
        )
    OUT.print(table)
    broken = problems_of(shelf)
    for line in broken:
        click.echo(line, err=True)
    if broken:
        sys.exit(1)


def load_shelf(config: Config) -> Any:
    """The skills of a server, imported into this process."""
    from pytlas_wamp.service import load_skills  # noqa: PLC0415 - the same

    return load_skills(config)


def problems_of(shelf: Any) -> list[str]:
    """What is wrong with skills, one line each."""
    return [f"skill {one.name}: {problem}" for one in shelf.skills for problem in one.problems]


@main.command()
@click.pass_obj
def check(read: ReadConfig) -> None:
    """Look at the configuration, the database and the skills, and show all problems at once."""
    problems, warnings = _examine(read)
    for warning in warnings:
        click.echo(f"warning: {warning}")
    for problem in problems:
        click.echo(f"problem: {problem}")
    if problems:
        sys.exit(1)
    click.echo("all is well")


def _examine(read: ReadConfig) -> tuple[list[str], Sequence[str]]:
    """All problems, and all warnings."""
    from pytlas_wamp.assistant.interpreters import find_interpreter  # noqa: PLC0415 - the same

    try:
        config = read()
    except ConfigError as error:
        return list(error.problems), ()
    problems: list[str] = []

    def attempt(step: Callable[[], Any]) -> Any:
        try:
            return step()
        except OperatorError as error:
            problems.append(str(error))
            return None

    attempt(lambda: find_interpreter(config.interpreter))
    attempt(lambda: open_people(lambda: config).people())
    problems.extend(problems_of(load_shelf(config)))
    return problems, config.warnings
