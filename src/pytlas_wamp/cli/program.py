"""The command `pytlas-wamp` that all others stand under, and how they tell of problems."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from functools import partial, wraps
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from pytlas_wamp import __version__
from pytlas_wamp.config import Config, read_config
from pytlas_wamp.errors import ConfigError, OperatorError

ReadConfig = Callable[[], Config]

_OBJECTS_BETWEEN_COLLECTIONS = 50_000

OUT = Console(soft_wrap=True)


def told_plainly(command: Callable[..., Any]) -> Callable[..., Any]:
    """Show what a person can mend as a line, and end with exit code 1."""
    return _told(command, exit_code=1)


def told_as_trouble(command: Callable[..., Any]) -> Callable[..., Any]:
    """Show what a person can mend as a line, and end with exit code 2: 1 is an answer."""
    return _told(command, exit_code=2)


def _told(command: Callable[..., Any], *, exit_code: int) -> Callable[..., Any]:
    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except ConfigError as error:
            for problem in error.problems:
                click.echo(f"pytlas-wamp: {problem}", err=True)
        except OperatorError as error:
            click.echo(f"pytlas-wamp: {error}", err=True)
        sys.exit(exit_code)

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="pytlas-wamp")
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False),
    help="Where everything is kept, as given to the server.",
)
@click.option("--config", "config_file", type=click.Path(), help="The server's pytlas.ini.")
@click.pass_context
def main(context: click.Context, data_dir: str | None, config_file: str | None) -> None:
    """Look after a pytlas-wamp server, or talk to one."""
    # A command ends soon: to look for circles of garbage while it imports what it needs
    # takes an eighth of its time.
    context.call_on_close(partial(gc.set_threshold, *gc.get_threshold()))
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    context.obj = lambda: read_config(
        config_file=None if config_file is None else Path(config_file),
        options={"data_dir": data_dir},
        environ=os.environ,
    )
