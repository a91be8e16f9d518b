"""`twistd pytlas` and `twist pytlas`: options, and what a start tells the person who started it."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from twisted.application.service import IService
from twisted.logger import Logger
from twisted.python.usage import Options as UsageOptions

from pytlas_wamp.config import CONFIG_FILE_NAME, Config, read_config, server_secrets_in
from pytlas_wamp.config.addresses import urls
from pytlas_wamp.errors import ConfigError, OperatorError

_log = Logger()

# Options that are given once, and settings.
_SINGLE = (
    *("data-dir", "skills-dir", "database", "interpreter"),
    *("role", "name", "processes"),
)


class Options(UsageOptions):
    """Options of the daemon; what they leave open comes from the environment and the file."""

    optParameters = [  # noqa: RUF012 - Twisted's way
        ["config", "c", None, "The configuration, a pytlas.ini [default: DATA-DIR/pytlas.ini]"],
        ["data-dir", "d", None, "Where everything is kept [default: the user's data folder]"],
        ["skills-dir", "s", None, "The folder with your skills [default: DATA-DIR/skills]"],
        ["database", None, None, "The database, as a URL [default: SQLite in DATA-DIR]"],
        ["interpreter", "i", None, "What understands sentences [default: statistical]"],
        ["role", None, None, "all, or a part of a cluster: gateway or worker [default: all]"],
        ["name", None, None, "What the other nodes of the cluster call this one [default: none]"],
        ["processes", None, None, "How many processes have the conversations [default: 0]"],
    ]

    def __init__(self) -> None:
        super().__init__()
        self.listen: list[str] = []
        self.router: list[str] = []

    def opt_listen(self, endpoint: str) -> None:
        """Where to listen, a Twisted endpoint; may be given several times
        [default: tcp:8000:interface=127.0.0.1]
        """  # noqa: D205, D415 - twistd prints this text as it stands
        self.listen.append(endpoint)

    opt_l = opt_listen

    def opt_router(self, url: str) -> None:
        """The router between the nodes of the cluster, as a WebSocket URL; may be given
        several times [default: none]
        """  # noqa: D205, D415 - twistd prints this text as it stands
        self.router.append(url)

    def read(self) -> Config:
        """The configuration in effect.

        Raises:
          ConfigError: with everything that is wrong with it.
        """
        given = {key.replace("-", "_"): self[key] for key in _SINGLE}
        file = self["config"]
        return read_config(
            config_file=None if file is None else Path(file),
            options={**given, "listen": self.listen, "router": self.router},
            environ=os.environ,
        )


def makeService(options: Options, reactor: Any = None) -> IService:  # noqa: N802 - Twisted's name
    """Make the server; whatever is wrong ends the process with one line each, without a trace."""
    if reactor is None:
        from twisted.internet import reactor  # noqa: PLC0415 - must not be imported with the plugin
    from pytlas_wamp.service.memory import set_apart  # noqa: PLC0415 - only who serves needs it

    with set_apart():
        return _make_service(options, reactor)


def _make_service(options: Options, reactor: Any) -> IService:
    # Heavy, and Autobahn looks at the reactor.
    from pytlas_wamp.assistant.worker import log_failed_threads  # noqa: PLC0415
    from pytlas_wamp.service.assembly import build  # noqa: PLC0415
    from pytlas_wamp.service.discretion import keep_discretion  # noqa: PLC0415
    from pytlas_wamp.service.json_log import log_as_json  # noqa: PLC0415

    keep_discretion()
    log_failed_threads()
    try:
        config = options.read()
        # Skills run in this process: they must not find our secrets in its environment.
        for name in server_secrets_in(os.environ):
            del os.environ[name]
        built = build(config, reactor=reactor)
    except ConfigError as error:
        raise SystemExit("\n".join(f"pytlas-wamp: {line}" for line in error.problems)) from None
    except OperatorError as error:
        raise SystemExit(f"pytlas-wamp: {error}") from None
    in_json = config.log_format == "json"
    tell = _log_line if in_json else _print
    for warning in config.warnings:
        tell(f"warning: {warning}")
    for line in greeting(
        config,
        built.created,
        broken=_broken(built.shelf),
        setup_code=built.setup_code,
        has_people=built.has_people,
    ):
        tell(line)
    return log_as_json(built.service, options.parent) if in_json else built.service


def greeting(
    config: Config,
    created: Sequence[Path],
    *,
    broken: Sequence[str],
    setup_code: str | None,
    has_people: bool,
) -> list[str]:
    """What a person needs to know after a start."""
    lines = [f"data is kept in {config.data_dir}"]
    lines += [f"created {path}" for path in created]
    lines += [f"skill {line}" for line in broken]
    lines += _in_a_cluster(config)
    addresses = urls(config)
    if config.cluster.role == "worker":
        return lines + [f"it tells how it is at {url}/readyz" for url in addresses]
    if not has_people:
        lines += _first_steps(config, addresses, setup_code)
    for url in addresses:
        lines.append(f"talk to your assistant in a browser, at {url}")
        lines.append(f"    or in a terminal: {_command(config, 'chat', url)}")
    return lines


def _in_a_cluster(config: Config) -> list[str]:
    cluster = config.cluster
    if cluster.role != "all":
        return [f"this is {cluster.role} {cluster.name}, by way of {', '.join(cluster.routers)}"]
    if cluster.processes:
        return [f"conversations are in processes of their own: {cluster.processes}"]
    return []


def _first_steps(config: Config, addresses: Sequence[str], setup_code: str | None) -> list[str]:
    command = f"    {_command(config, 'user', 'add', 'NAME', '--admin')}"
    if setup_code is None:
        return ["nobody has an account any more; create one in another terminal:", command]
    where = f"in a browser, at {addresses[0]}" if addresses else "over HTTP (POST /api/setup)"
    return [
        f"nobody has an account yet; create the first one {where},",
        f"    with the setup code {setup_code}, or in another terminal:",
        command,
    ]


def _command(config: Config, *words: str) -> str:
    """The command line tool as this person has to call it."""
    tool = "pytlas-wamp"
    beside = Path(sys.executable).parent / tool
    if shutil.which(tool) is None and beside.exists():
        tool = str(beside)
    options: list[str] = []
    if words[0] != "chat":
        # It has to find the same database.
        if config.data_dir != _default_data_dir():
            options += ["--data-dir", str(config.data_dir)]
        if config.config_file not in {None, config.data_dir / CONFIG_FILE_NAME}:
            options += ["--config", str(config.config_file)]
    return shlex.join([tool, *options, *words])


def _default_data_dir() -> Path:
    return read_config(config_file=None, options={}, environ={}).data_dir


def _broken(shelf: Any) -> list[str]:
    return [f"{skill.name}: {problem}" for skill in shelf.skills for problem in skill.problems]


def _log_line(line: str) -> None:
    # Nobody writes the log yet; it keeps what comes until somebody does.
    _log.info("{line}", line=line)


def _print(line: str) -> None:
    sys.stdout.write(f"pytlas-wamp: {line}\n")
    sys.stdout.flush()
