"""Every example of the documentation is sound, whatever else runs it."""

# ruff: noqa: N815 - the names of Twisted's options

from __future__ import annotations

import ast
import json
import re
import shlex
import tomllib

import click
import pytest
from docs_pages import DOCS, PAGES, ROOT, all_blocks, block_id, blocks, generator, marked, name
from twisted.python.usage import Options, UsageError

from pytlas_wamp import cli
from pytlas_wamp.config import read_config
from pytlas_wamp.tap import Options as PytlasOptions

KINDS = {
    *("", "text", "console", "python", "javascript", "json", "toml", "ini", "markdown", "mermaid"),
    *("nginx", "caddy", "haproxy", "systemd"),
}
COMMANDS = [
    (block, line.removeprefix("$ "))
    for block in all_blocks("console")
    for line in block.text.splitlines()
    if line.startswith("$ ")
]
TARGETS = set(re.findall(r"^(\S[^:=]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))


class TwistdOptions(Options):
    """As much of twistd's own options as the documentation uses."""

    optFlags = [["nodaemon", "n", ""]]  # noqa: RUF012 - Twisted's way
    optParameters = [["pidfile", None, None], ["log-format", None, None]]  # noqa: RUF012
    subCommands = [["pytlas", None, PytlasOptions, ""]]  # noqa: RUF012


def shown(command):
    """A command's words, without who runs it and from where."""
    words = shlex.split(command, comments=True)
    if words[:2] == ["sudo", "-u"]:
        words = words[3:]
    elif words[0] == "sudo":
        words = words[1:]
    if "|" in words:
        words = words[words.index("|") + 1 :]
    return [words[0].rsplit("/", 1)[-1], *words[1:]]


def accept_pytlas_wamp(words):
    """Parse a command line as click does, without running anything."""
    command, context = cli.main, click.Context(cli.main, info_name="pytlas-wamp")
    while isinstance(command, click.Group):
        rest = command.make_context(context.info_name, words).protected_args
        context = command.make_context(context.info_name, words)
        words = [*rest, *context.args]
        command = command.commands[words.pop(0)]
    command.make_context("command", words)


def accept_twistd(words):
    """Parse a command line as twistd does, but take no abbreviations."""
    known = {f"--{name}" for options in (TwistdOptions, PytlasOptions) for name in options().docs}
    given = {word.partition("=")[0] for word in words if word.startswith("--")}
    if not given <= known:
        raise UsageError(f"{given - known}")
    TwistdOptions().parseOptions(words)


def accept_make(words):
    """Accept targets of the Makefile, and what is handed on to their programs."""
    known = {target for names in TARGETS for target in names.split()}
    wanted = {word for word in words if not word.startswith("ARGS=")}
    if not wanted <= known:
        raise UsageError(f"{wanted} not in {known}")


def accept_python(words):
    """Accept a script that is there, or a module."""
    if words[0] != "-m" and not (ROOT / words[0]).is_file():
        raise UsageError(f"there is no {words[0]}")


def accept(_words):
    """Accept what is not ours."""


ACCEPT = {
    "pytlas-wamp": accept_pytlas_wamp,
    "twistd": accept_twistd,
    "twist": accept_twistd,
    "make": accept_make,
    "python": accept_python,
    **dict.fromkeys(("python3", "pip", "tox", "ruff", "curl", "useradd", "systemctl"), accept),
    **dict.fromkeys(("export", "createuser", "createdb", "kill", "rsync"), accept),
    # The scripts that `pytlas-wamp cluster init` writes.
    **dict.fromkeys(("start", "stop"), accept),
}


@pytest.mark.parametrize(
    "page", [page for page in PAGES if not name(page).startswith("spec/")], ids=name
)
def test_blocks_say_what_they_are(page):
    assert {block.kind for block in blocks(page)} - KINDS == set()


@pytest.mark.parametrize("block", all_blocks("python"), ids=block_id)
def test_python_compiles(block):
    ast.parse(block.text)


@pytest.mark.parametrize(
    "block",
    [block for page in PAGES for block in blocks(page) if block.kind.split(" ")[0] == "json"],
    ids=block_id,
)
def test_json_parses(block):
    json.loads(block.text)


@pytest.mark.parametrize("block", all_blocks("toml"), ids=block_id)
def test_toml_parses(block):
    tomllib.loads(block.text)


@pytest.mark.parametrize("block", all_blocks("ini"), ids=block_id)
def test_configurations_are_accepted_without_unknown_keys(block, tmp_path):
    file = tmp_path / "pytlas.ini"
    file.write_text(block.text, encoding="utf-8")

    config = read_config(config_file=file, options={}, environ={})

    assert [warning for warning in config.warnings if "is not a setting" in warning] == []


@pytest.mark.parametrize(("block", "command"), COMMANDS, ids=[line for _, line in COMMANDS])
def test_commands_exist_with_these_options(block, command):
    program, *words = shown(command)
    ACCEPT[program](words)


@pytest.mark.parametrize(
    "command", ["pytlas-wamp user add alice --king", "twistd pytlas --no", "make money"]
)
def test_other_commands_would_not_pass(command):
    program, *words = shown(command)
    with pytest.raises((click.UsageError, UsageError)):
        ACCEPT[program](words)


def test_the_unit_starts_the_daemon_with_options_it_has():
    [unit] = marked("how-to/run-behind-a-proxy.md", "unit")
    program, *words = shown(re.search("^ExecStart=(.*)$", unit.text, re.MULTILINE)[1])

    assert program == "twist"
    accept_twistd(words)


def test_every_mark_belongs_to_a_test():
    marks = {block.mark.split(" ")[0] for page in PAGES for block in blocks(page)}
    known = {"", "file", "skill", "entry", "talk", "client", "configuration", "unit"}

    assert marks == known


@pytest.mark.parametrize("part", generator().PARTS)
def test_every_generated_part_has_a_place(part):
    places = [
        page
        for page in DOCS.rglob("*.md")
        if f"<!-- generated: {part} -->" in page.read_text("utf-8")
    ]

    assert len(places) == 1
