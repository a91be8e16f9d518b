"""`pytlas-wamp skills` and `pytlas-wamp check`: what there is, and what is wrong with it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import click

from pytlas_wamp.cli.accounts import open_people
from pytlas_wamp.cli.program import ReadConfig, main, told_plainly
from pytlas_wamp.cli.showing import as_json_option, show_json, show_table
from pytlas_wamp.config import Config
from pytlas_wamp.errors import ConfigError, OperatorError


@main.group()
def skills() -> None:
    """What the assistant can do."""


@skills.command("list")
@click.option("--language", help="Show names and descriptions in this language.")
@as_json_option
@click.pass_obj
@told_plainly
def list_skills(read: ReadConfig, language: str | None, *, as_json: bool) -> None:
    """Show all skills, and what is wrong with broken ones."""
    config = read()
    shelf = load_shelf(config)
    spoken = (language or config.language)[:2].lower()
    if as_json:
        show_json({"skills": _documents(shelf, spoken)})
    else:
        _show_shelf(shelf, spoken)
    broken = problems_of(shelf)
    for line in broken:
        click.echo(line, err=True)
    if broken:
        sys.exit(1)


def _show_shelf(shelf: Any, language: str) -> None:
    documents = _documents(shelf, language)
    show_table(
        ("skill", "version", "languages", "intents", "description"),
        (
            (
                one["name"] if one["loaded"] else f"{one['name']} (left out)",
                one["version"],
                ", ".join(one["languages"]),
                str(len(one["intents"])),
                one["description"],
            )
            for one in documents
        ),
    )


def _documents(shelf: Any, language: str) -> list[dict[str, Any]]:
    """What the API tells about skills; here those count as trained that can be."""
    from pytlas_wamp.transport.api.skill_documents import skill_document  # noqa: PLC0415 - slow

    spoken = sorted({code for skill in shelf.skills for code in skill.languages})
    sound = {code: shelf.packages(code) for code in spoken}
    return [
        skill_document(skill, language, [code for code in spoken if skill.name in sound[code]])
        for skill in shelf.skills
    ]


def load_shelf(config: Config) -> Any:
    """The skills of a server, imported into this process."""
    from pytlas_wamp.service.skills import load_skills  # noqa: PLC0415 - the same

    return load_skills(config)


def problems_of(shelf: Any) -> list[str]:
    """What is wrong with skills, one line each."""
    return [f"skill {one.name}: {problem}" for one in shelf.skills for problem in one.problems]


@main.command()
@as_json_option
@click.pass_obj
def check(read: ReadConfig, *, as_json: bool) -> None:
    """Look at the configuration, the database and the skills, and show all problems at once."""
    problems, warnings = _examine(read)
    if as_json:
        show_json({"problems": problems, "warnings": list(warnings)})
        sys.exit(1 if problems else 0)
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
