"""What `pytlas-wamp cluster init` was asked for, checked, and written as files."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from attrs import field, frozen

from pytlas_wamp.cli.cluster_folder import (
    COMPOSE_NAME,
    Folder,
    Kind,
    Shared,
    check_host,
    checked_port,
    filled,
    router_url,
    write,
    write_router,
)
from pytlas_wamp.cli.cluster_routers import RouterConfig, endpoint
from pytlas_wamp.errors import OperatorError

# They stand in units and scripts, where other characters would have to be written otherwise.
_PATH: Final = re.compile(r"/[A-Za-z0-9/._-]*")
_KINDS: Final[tuple[Kind, ...]] = ("router", "worker", "gateway")


@frozen(kw_only=True)
class Plan:
    """A cluster that is to be made.

    Args:
      place: the folder, absolute.
      counts: how many there are of each kind.
      port: of the first gateway.
      router_port: of the first router.
      host: where the routers are; None when everything is on this machine.
      database: a URL.
      crossbar: the program.
    """

    place: Path
    counts: dict[Kind, int]
    port: int
    router_port: int
    host: str | None
    database: str = field(repr=False)
    crossbar: Path

    def check(self) -> None:
        """Find what cannot work, before anything is written.

        Raises:
          OperatorError: when something cannot.
        """
        for path in (self.place, self.crossbar):
            if not _PATH.fullmatch(str(path)):
                raise OperatorError(
                    f"{path} cannot be used: it stands in units and scripts, and may only have "
                    "letters, digits and / . _ - in it"
                )
        check_host(self.host)
        both = set(self._ports("gateway")) & set(self._ports("router"))
        if both:
            raise OperatorError(
                f"A gateway and a router would both listen at port {min(both)}: choose another "
                "--port or --router-port"
            )
        _check_database(self.database)
        try:
            if os.path.lexists(self.place) and any(self.place.iterdir()):
                raise OperatorError(f"{self.place} is there already, and is not overwritten")
        except OSError as error:
            raise OperatorError(f"{self.place} cannot be used: {error.strerror}") from error

    def write(self) -> None:
        """Write everything, or nothing.

        Raises:
          OperatorError: when it cannot be written.
        """
        try:
            with _whole(self.place) as draft:
                self._write_nodes(Folder(draft))
                self._write_helps(draft)
        except OSError as error:
            raise OperatorError(f"{self.place} cannot be made: {error.strerror}") from error

    def names(self, kind: Kind) -> list[str]:
        """What the routers, gateways or workers are called."""
        return [f"{kind}{number}" for number in range(1, self.counts[kind] + 1)]

    def _ports(self, kind: Kind) -> range:
        first = self.port if kind == "gateway" else self.router_port
        return range(first, checked_port(first + self.counts[kind] - 1) + 1)

    def _write_nodes(self, draft: Folder) -> None:
        shared = Shared(
            # In a pytlas.ini, a percent sign stands twice.
            database=self.database.replace("%", "%%"),
            routers=tuple(router_url(self.host, port) for port in self._ports("router")),
            secret=secrets.token_hex(32),
        )
        gateways = dict(zip(self.names("gateway"), self._ports("gateway"), strict=True))
        known = [draft.write_node(name, "worker", shared) for name in self.names("worker")]
        known += [
            draft.write_node(name, "gateway", shared, port=gateways[name]) for name in gateways
        ]
        for name, port in zip(self.names("router"), self._ports("router"), strict=True):
            place = endpoint(port, tls=self.host is not None)
            router = RouterConfig.at(draft.place("router", name), place)
            for principal in known:
                router.add(principal)
            write_router(router)

    def _write_helps(self, draft: Path) -> None:
        """What starts it all, and tells how."""
        programs = Path(sys.executable).parent
        places = {"dir": self.place, "bin": programs, "crossbar": self.crossbar}
        (draft / "skills").mkdir(mode=0o700)
        (draft / "systemd").mkdir(mode=0o700)
        for unit in (*(f"pytlas-{kind}@.service" for kind in _KINDS), "pytlas-cluster.target"):
            write(draft / "systemd" / unit, filled(unit, **places))
        for script in ("start", "stop"):
            write(draft / script, filled(script, **places), 0o700)
        write(draft / COMPOSE_NAME, self._compose())
        write(draft / ".env", f"POSTGRES_PASSWORD={secrets.token_hex(16)}\n")
        readme = filled(
            "README.md",
            **places,
            venv=self.crossbar.parents[1],
            tool=f"{programs}/pytlas-wamp --data-dir {self.place}/gateways/gateway1",
            url=f"http://127.0.0.1:{self.port}",
            units=" ".join(f"pytlas-{kind}@{name}" for kind in _KINDS for name in self.names(kind)),
            tls="" if self.host is None else filled("README-tls.md", host=self.host),
        )
        write(draft / "README.md", readme)

    def _compose(self) -> str:
        ports = [f'      - "127.0.0.1:{port}:{port}"' for port in self._ports("gateway")]
        owner = f"{os.getuid()}:{os.getgid()}"
        text = filled(COMPOSE_NAME, owner=owner, ports="\n".join(ports))
        for kind in _KINDS:
            text += "".join(
                filled(f"compose-{kind}.yaml", name=name, port=self.port + number)
                for number, name in enumerate(self.names(kind))
            )
        return text


@contextmanager
def _whole(place: Path) -> Iterator[Path]:
    """A folder, for its owner only, that gets its name when it is complete."""
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        yield draft
        draft.rename(place)
    except BaseException:
        shutil.rmtree(draft)
        raise


def _check_database(url: str) -> None:
    from pytlas_wamp.accounts.database_urls import parse_url  # noqa: PLC0415 - SQLAlchemy is slow

    if any(character.isspace() for character in url):
        raise OperatorError("The database's URL cannot have white space in it")
    if parse_url(url).get_backend_name() != "postgresql":
        raise OperatorError(
            "The processes of a cluster share a database in PostgreSQL: write "
            "--database postgresql+psycopg://user:password@host/database"
        )
