"""What processes use: time of the processor, and memory (Linux)."""

from __future__ import annotations

import os
from pathlib import Path

_PROC = Path("/proc")
_KIB = 1024


def tree(pid: int) -> list[int]:
    """A process and all that it has started."""
    found = [pid]
    for parent in found:
        try:
            # One that ends meanwhile has no folder any more.
            paths = list(_PROC.glob(f"{parent}/task/*/children"))
        except OSError:
            continue
        for path in paths:
            try:
                found.extend(int(child) for child in path.read_text().split())
            except OSError:
                continue
    return found


class CpuClock:
    """How long all threads of some processes have run, in nanoseconds.

    Threads and processes that have ended keep what was last read of them.

    Args:
      pid: the process that has started the others.
      proc: where the system tells of processes.
      children: whether the others count.
    """

    def __init__(self, pid: int, proc: Path = _PROC, *, children: bool = True) -> None:
        self._pid = pid
        self._proc = proc
        self._children = children and proc == _PROC
        self._threads: dict[str, int] = {}

    def read(self) -> int:
        """The sum by now."""
        for pid in tree(self._pid) if self._children else [self._pid]:
            folder = self._proc / str(pid) / "task"
            try:
                threads = list(folder.iterdir())
            except OSError:
                continue
            for thread in threads:
                try:
                    text = (thread / "schedstat").read_text()
                except OSError:
                    continue
                self._threads[thread.name] = int(text.split()[0])
        return sum(self._threads.values())


def resident_bytes(pid: int, *, children: bool = True) -> int:
    """The memory that a process and all that it has started hold."""
    total = 0
    for each in tree(pid) if children else [pid]:
        try:
            lines = (_PROC / str(each) / "status").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) * _KIB for line in lines if line.startswith("VmRSS"))
    return total


def busy_seconds(proc: Path = _PROC) -> float:
    """How long all processors have done something, for whomever, since the machine was started."""
    fields = (proc / "stat").read_text().split("\n", 1)[0].split()[1:]
    user, nice, system, _idle, _waiting, irq, soft, stolen = map(int, fields[:8])
    return (user + nice + system + irq + soft + stolen) / os.sysconf("SC_CLK_TCK")


def cores() -> tuple[int, int]:
    """The core for servers and the one for clients; the same where there is only one."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[-1]
