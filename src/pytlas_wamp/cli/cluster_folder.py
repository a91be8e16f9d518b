"""The folder of a cluster: what `pytlas-wamp cluster init` writes, and what is added later.

Each router and node has a folder of its own in it, which is all that has to be copied to another
machine. Nothing is kept about the cluster beside them, so what operators change by hand counts.
"""

from __future__ import annotations

import configparser
import os
import re
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal

from attrs import field, frozen

from pytlas_wamp.cli.cluster_routers import Principal, RouterConfig
from pytlas_wamp.config import CONFIG_FILE_NAME
from pytlas_wamp.config.cluster import KEY_FILE_NAME
from pytlas_wamp.config.data_directory import SECRET_FILE_NAME
from pytlas_wamp.errors import OperatorError

Kind = Literal["router", "gateway", "worker"]

COMPOSE_NAME: Final = "compose.yaml"
FIRST_PORT: Final = 8_000
FIRST_ROUTER_PORT: Final = 8_100
LAST_PORT: Final = 65_535

_FOLDERS: Final[dict[Kind, str]] = {
    "router": "routers",
    "gateway": "gateways",
    "worker": "workers",
}
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
_ROUTERS_LINE: Final = re.compile(r"^routers[ \t]*[=:].*(?:\n[ \t]+\S.*)*", re.MULTILINE)


@frozen(kw_only=True)
class Shared:
    """What all nodes have in common.

    Args:
      database: its URL, as it stands in pytlas.ini.
      routers: URLs of their WebSockets.
      secret: signs tokens.
    """

    database: str = field(repr=False)
    routers: tuple[str, ...]
    secret: str = field(repr=False)


@frozen
class Folder:
    """A cluster, as its folder has it.

    Args:
      path: of the folder, absolute.
    """

    path: Path

    def of(self, kind: Kind) -> list[Path]:
        """The folders of all routers, gateways or workers."""
        parent = self.path / _FOLDERS[kind]
        return sorted(parent.iterdir()) if parent.is_dir() else []

    def place(self, kind: Kind, name: str) -> Path:
        """Where the folder of a router or node is, or will be."""
        return self.path / _FOLDERS[kind] / name

    def nodes(self) -> list[Path]:
        """The folders of all nodes.

        Raises:
          OperatorError: when there are none.
        """
        # Workers first: so they are changed, and started anew, when something is new.
        found = [*self.of("worker"), *self.of("gateway")]
        if not found:
            raise OperatorError(
                f"There is no cluster in {self.path}: make one with `pytlas-wamp cluster init`"
            )
        return found

    def check_new(self, name: str) -> None:
        """See to it that a name is one, and free: routers know nodes by it alone.

        Raises:
          OperatorError: when it is not.
        """
        check_name(name)
        for kind in _FOLDERS:
            if os.path.lexists(self.place(kind, name)):
                raise OperatorError(f"There is a {kind} {name} in {self.path} already")

    def shared(self) -> Shared:
        """What one more node has to have in common with those that are there.

        Raises:
          OperatorError: when it cannot be read.
        """
        node = self.nodes()[0]
        settings = _settings(node)
        secret = node / SECRET_FILE_NAME
        try:
            return Shared(
                database=settings["server"]["database"],
                routers=tuple(re.findall(r"[^,\s]+", settings["cluster"]["routers"])),
                secret=secret.read_text(encoding="ascii").strip(),
            )
        except KeyError as error:
            raise OperatorError(f"{node / CONFIG_FILE_NAME} has no {error.args[0]}") from error
        except OSError as error:
            raise OperatorError(f"{secret} cannot be read: {error.strerror}") from error

    def next_gateway_port(self) -> int:
        """A port above those of all gateways here.

        Raises:
          OperatorError: when it cannot be told.
        """
        listens = [
            _settings(one).get("server", "listen", fallback="") for one in self.of("gateway")
        ]
        ports = [int(port) for text in listens for port in re.findall(r"\btcp6?:([0-9]+)", text)]
        return checked_port(max(ports, default=FIRST_PORT - 1) + 1)

    def next_router_port(self) -> int:
        """A port above those of all routers here.

        Raises:
          OperatorError: when it cannot be told.
        """
        found = [port for folder in self.of("router") for port in RouterConfig.read(folder).ports()]
        return checked_port(max(found, default=FIRST_ROUTER_PORT - 1) + 1)

    def add_container(self, text: str) -> None:
        """Add to the services of the compose file, if it is still there."""
        path = self.path / COMPOSE_NAME
        if path.exists():
            replace(path, _text(path).rstrip("\n") + "\n" + text)

    def write_node(
        self, name: str, role: Kind, shared: Shared, *, port: int | None = None
    ) -> Principal:
        """Write the folder of a node, its key pair included.

        Args:
          name: of the node.
          role: not "router".
          shared: see there.
          port: where a gateway listens.

        Returns:
          the node as routers have to know it.
        """
        folder = self.place(role, name)
        _make(folder)
        text = filled(
            "pytlas.ini",
            name=name,
            role=role,
            database=shared.database,
            listen="" if port is None else f"listen = tcp:{port}:interface=127.0.0.1\n",
            routers=", ".join(shared.routers),
        )
        write(folder / CONFIG_FILE_NAME, text)
        write(folder / SECRET_FILE_NAME, f"{shared.secret}\n")
        return Principal(name=name, role=role, public_key=write_key(folder / KEY_FILE_NAME))


def write_key(path: Path) -> str:
    """Make a key pair: the secret in a file, the public key in another beside it.

    Returns:
      the public key.

    Raises:
      OperatorError: when there is one already, or it cannot be written.
    """
    from pytlas_wamp.cluster import identity  # noqa: PLC0415 - cryptography is slow to import

    key = identity.make_key()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise OperatorError(f"{path} cannot be written: {error.strerror}") from error
    identity.write_key(key, path)
    replace(path.with_name(f"{path.name}.pub"), f"{key.public}\n")
    return key.public


def write_router(router: RouterConfig) -> None:
    """Write the folder of a router, with its configuration."""
    _make(router.path.parent)
    write(router.path, router.text())


def check_name(name: str) -> None:
    """See to it that a node or router can have a name.

    Raises:
      OperatorError: when it cannot.
    """
    if not _NAME.fullmatch(name):
        raise OperatorError(
            f"{name!r} cannot be a name here: it has at most 32 characters of a-z, 0-9 and _, "
            "a letter first"
        )


def router_url(host: str | None, port: int) -> str:
    """How nodes reach a router: on this machine, or on another with TLS."""
    return f"ws://127.0.0.1:{port}/ws" if host is None else f"wss://{host}:{port}/ws"


def check_host(host: str | None) -> None:
    """See to it that a machine can have a name, if there is one.

    Raises:
      OperatorError: when it cannot.
    """
    if host is not None and not _HOST.fullmatch(host):
        raise OperatorError(f"{host!r} is not the name of a machine, nor its IPv4 address")


def checked_port(port: int) -> int:
    """Return a port.

    Raises:
      OperatorError: when there is none with this number.
    """
    if port > LAST_PORT:
        raise OperatorError(f"There is no port {port}: name one with --port")
    return port


def with_router(node: Path, url: str) -> str:
    """The configuration of a node that knows one more router.

    Raises:
      OperatorError: when it cannot be read, or names no routers.
    """
    path = node / CONFIG_FILE_NAME
    text = _text(path)
    found = _ROUTERS_LINE.search(text)
    if found is None:
        raise OperatorError(f"{path} names no routers")
    return f"{text[: found.end()].rstrip(', ')}, {url}{text[found.end() :]}"


def filled(template: str, **values: object) -> str:
    """The text of a template, each @NAME@ in it replaced by the value of `name`."""
    text = (files("pytlas_wamp.cluster") / "templates" / template).read_text(encoding="utf-8")
    return re.sub(r"@([A-Z]+)@", lambda gap: str(values[gap[1].lower()]), text)


def write(path: Path, text: str, mode: int = 0o600) -> None:
    """Write a file that is not there yet."""
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def replace(path: Path, text: str) -> None:
    """Write a file anew, in one step and for its owner only."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).replace(path)


def _make(folder: Path) -> None:
    """Make a folder, and that which it is in."""
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(mode=0o700)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}") from error


def _settings(node: Path) -> configparser.ConfigParser:
    # What is read goes into another such file as it stands.
    settings = configparser.ConfigParser(interpolation=None)
    path = node / CONFIG_FILE_NAME
    try:
        settings.read_string(_text(path))
    except configparser.Error as error:
        raise OperatorError(f"{path} cannot be read: {error}") from error
    return settings
