"""A real server with the skills of these tests, which can be killed and started again."""

from __future__ import annotations

import json
import shutil
import socket
import sys
import urllib.request
from pathlib import Path
from typing import Any

from attrs import define, field
from docs_server import PATIENCE_SECONDS, Program

SKILLS = Path(__file__).with_name("skills")


def free_port() -> int:
    """A port that nobody listens on, so that a server can come back to it."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@define(eq=False)
class House:
    """A server in a process.

    Args:
      folder: where it keeps everything.
      options: further ones of the daemon.
    """

    folder: Path
    options: tuple[str, ...] = ()
    port: int = field(init=False, factory=free_port)
    server: Program = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Have the skills where they may write beside themselves."""
        shutil.copytree(SKILLS, self.folder / "skills")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it; returns when it listens."""
        self.server = Program.start(
            self.folder,
            sys.executable,
            Path(__file__).with_name("cheap_twistd.py"),
            "--nodaemon",
            "--pidfile=",
            "pytlas",
            "--data-dir",
            self.folder,
            "--listen",
            f"tcp:{self.port}:interface=127.0.0.1",
            # It learns nothing, so that it is back soon.
            "--interpreter",
            "patterns",
            *self.options,
        )
        self.server.wait_for(r"listening on http://127\.0\.0\.1")

    def kill(self) -> None:
        """End it without a word, as a power failure would."""
        self.server.process.kill()
        self.server.end()

    def setup_code(self) -> str:
        """What the server has printed for whoever makes the first account."""
        return str(self.server.wait_for(r"\b([a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4})\b")[1])

    def ask(self, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
        """One request of the API; the JSON that it is answered with."""
        headers = {"Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - ours
            self.url + path, data=data, method=method, headers=headers
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310
            content = answer.read()
        return json.loads(content) if content else None

    def set_up(self, name: str, password: str, language: str = "en-US") -> str:
        """Make the first account; returns a token of it."""
        body = {
            "code": self.setup_code(),
            "username": name,
            "password": password,
            "language": language,
        }
        return str(self.ask("POST", "/api/setup", body)["access"])

    @property
    def flag(self) -> Path:
        """While this file is there, who takes their time goes on doing so."""
        return self.folder / "skills" / "stage" / "wait"
