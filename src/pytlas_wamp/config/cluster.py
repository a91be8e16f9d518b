"""What a process is in a cluster, and which settings that goes with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

from attrs import field, frozen

Role = Literal["all", "gateway", "worker"]

KEY_FILE_NAME: Final = "cluster.key"
# More processes than a machine has processors; a mistyped number is rather above.
MOST_PROCESSES: Final = 256


@frozen(kw_only=True)
class ClusterConfig:
    """The section `[cluster]`, checked.

    Args:
      role: what this process does: everything, what has to do with connections, or what has
        to do with conversations.
      name: of this node; None when it needs none.
      routers: by which nodes reach each other, as WebSocket URLs; none among the processes of
        one machine.
      key: the file with this node's private key.
      languages: two-letter codes that a worker serves; none for all.
      processes: how many workers a server of one machine starts; 0 for none.
    """

    role: Role = "all"
    name: str | None = None
    routers: tuple[str, ...] = ()
    key: Path = field(factory=lambda: Path(KEY_FILE_NAME))
    languages: tuple[str, ...] = ()
    processes: int = 0

    def problems(self, database_url: str) -> Iterator[str]:
        """Yields a sentence for each setting that does not go with the others."""
        if self.role == "all":
            return
        if self.name is None:
            yield (
                f"[cluster] name: a {self.role} needs a name that no other node has, such as "
                "kitchen"
            )
        if not self.routers:
            yield (
                f"[cluster] routers: a {self.role} needs the router that it shares with others, "
                "such as wss://router.example.org/ws"
            )
        if self.processes:
            yield (
                f"[cluster] processes: a {self.role} is one process; start another one for more, "
                "or leave the role out"
            )
        if database_url.startswith("sqlite"):
            yield (
                f"[server] database: a {self.role} needs PostgreSQL: several machines share it, "
                "and SQLite is a file of one"
            )

    def warnings(self) -> Iterator[str]:
        """Yields a sentence for each setting that does nothing."""
        if self.role == "all" and self.routers:
            yield "[cluster] routers has no effect, as this process does everything (role = all)"
        if self.role != "worker" and self.languages:
            yield f"[cluster] languages has no effect for the role {self.role}"
