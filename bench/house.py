"""A data directory for our server: its configuration, people, and an interpreter for it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from attrs import field, frozen

from pytlas_wamp.config import prepare_data_dir, read_config
from pytlas_wamp.service.accounts import make_secret, open_accounts

HERE: Final = Path(__file__).parent
# All clients are at one address, and all say something at once, as nobody does. Everything else
# is as it comes.
_LIMITS: Final = {
    "max_connections": 20_000,
    "max_connections_per_address": 20_000,
    "message_burst": 1_000_000,
    "message_rate_per_second": 1_000_000,
    "max_skill_threads": 1_200,
    "max_abandoned_threads": 1_200,
}
_ENTRY_POINTS: Final = "[pytlas_wamp.interpreters]\nfirst-word = bench.interpreter:create\n"


@frozen(kw_only=True)
class House:
    """Everything that is kept for one server.

    Args:
      folder: where; may be empty.
      interpreter: as in `[server]`.
      limits: what differs from the defaults beyond what the load needs.
    """

    folder: Path
    interpreter: str = "first-word"
    limits: dict[str, float] = field(factory=dict)

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.folder / "data"

    @property
    def plugins(self) -> Path:
        """A folder for PYTHONPATH, by which the server finds the interpreter."""
        return self.folder / "plugins"

    def furnish(self) -> None:
        """Write the configuration."""
        self.data.mkdir(parents=True)
        lines = [f"{name} = {value}" for name, value in {**_LIMITS, **self.limits}.items()]
        text = "\n".join(
            [
                *("[server]", f"interpreter = {self.interpreter}", "bundled_skills = none"),
                *(*lines, "[pytlas]", f"skills_dir = {HERE / 'skills'}", "lang = en"),
            ]
        )
        (self.data / "pytlas.ini").write_text(text + "\n", encoding="utf-8")
        metadata = self.plugins / "bench_interpreter-1.dist-info"
        metadata.mkdir(parents=True)
        (metadata / "METADATA").write_text("Name: bench-interpreter\nVersion: 1\n")
        (metadata / "entry_points.txt").write_text(_ENTRY_POINTS)

    def settle(self, count: int) -> list[str]:
        """Make so many accounts; the token of a device for each."""
        config = read_config(
            config_file=self.data / "pytlas.ini", options={"data_dir": str(self.data)}, environ={}
        )
        directory = prepare_data_dir(config, make_secret=make_secret)
        accounts, store = open_accounts(config, directory.secret)
        tokens = []
        for number in range(count):
            # Nobody signs in with a password: it need not be hashed at some cost.
            account = store.add(f"user{number}", "none", language="en-US", admin=False)
            tokens.append(accounts.add_device(account.id, "bench")[1])
        store.close()
        return tokens
