"""Processes of a cluster, each run as its systemd unit says, without a systemd."""

from __future__ import annotations

import configparser
import os
import shlex
import signal
import subprocess
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import define, field
from daemon import environment

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

_END_SECONDS = 40


@define(kw_only=True, eq=False)
class Unit:
    """One node or router; it can be started again and again.

    Args:
      name: of it.
      kind: "router", "worker" or "gateway".
      cluster: the folder that `cluster init` made.
      variables: of its environment.
      inside: has the thread that starts it be on the host that it is to be on.
    """

    name: str
    kind: str
    cluster: Path
    variables: dict[str, str] = field(factory=dict)
    inside: Callable[[], AbstractContextManager[None]] = nullcontext
    process: subprocess.Popen | None = field(init=False, default=None)
    # Whether it is to run: then systemd would start it again when it ends.
    is_wanted: bool = field(init=False, default=False)

    @property
    def folder(self) -> Path:
        """Its own."""
        return self.cluster / f"{self.kind}s" / self.name

    @property
    def log(self) -> Path:
        """What all its processes have printed."""
        return self.cluster / f"{self.name}.log"

    @property
    def has_failed(self) -> bool:
        """Whether it ended by itself."""
        return self.is_wanted and not self.is_running

    @property
    def is_running(self) -> bool:
        """Whether there is a process, though it may hang."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start it, and wait for nothing."""
        unit = configparser.RawConfigParser(strict=False)
        unit.optionxform = str
        unit.read(self.cluster / "systemd" / f"pytlas-{self.kind}@.service")
        command, place = (
            unit["Service"][key].replace("%i", self.name)
            for key in ("ExecStart", "WorkingDirectory")
        )
        self.is_wanted = True
        with self.log.open("ab") as log, self.inside():
            self.process = subprocess.Popen(  # noqa: S603 - our own command
                shlex.split(command),
                cwd=place,
                env=environment(**self.variables),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Crossbar's workers are killed with it.
                start_new_session=True,
            )

    def tell(self, number: signal.Signals) -> None:
        """Send a signal to all its processes."""
        os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """End it as a power cut does."""
        self.is_wanted = False
        self.tell(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> list[str]:
        """End it in order; what is wrong with how it ended."""
        self.is_wanted = False
        if not self.is_running:
            return [f"{self.name} ended by itself, with {self.process.returncode}"]
        self.process.terminate()
        try:
            code = self.process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return [f"{self.name} did not end within {_END_SECONDS} s"]
        return [] if code == 0 or self.kind == "router" else [f"{self.name} ended with {code}"]

    def end(self) -> None:
        """Leave nothing behind."""
        if self.process is not None:
            if self.is_running:
                self.kill()
            self.process.wait()

    def lines(self) -> list[str]:
        """What it has printed."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return text.splitlines()
