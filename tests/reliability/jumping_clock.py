"""Runs twistd with a clock that can be set while it runs.

`python jumping_clock.py FILE ARGUMENTS OF TWISTD`: the first 8 bytes of FILE are a number of
seconds that is added to what `time.time` says, to which Twisted's timers and all of the
server's code listen. What asks the system past Python, as SQLite does, is not deceived.
"""

from __future__ import annotations

import mmap
import struct
import sys
import time
from pathlib import Path

_SECONDS = struct.Struct("d")


def set_clock(file: Path, seconds: float) -> None:
    """Let the clock of a daemon be so much ahead from now on."""
    if not file.exists():
        file.write_bytes(_SECONDS.pack(seconds))
        return
    with file.open("r+b") as opened, mmap.mmap(opened.fileno(), _SECONDS.size) as shared:
        _SECONDS.pack_into(shared, 0, seconds)


def deceive(file: Path) -> None:
    """Have `time.time` follow the file, in this process."""
    with file.open("r+b") as opened:
        shared = mmap.mmap(opened.fileno(), _SECONDS.size)
    real = time.time

    def jumping() -> float:
        return real() + _SECONDS.unpack_from(shared)[0]

    time.time = jumping


if __name__ == "__main__":
    deceive(Path(sys.argv.pop(1)))
    # A daemon finds no modules of the tests either.
    sys.path.pop(0)
    from twisted.scripts.twistd import run

    sys.exit(run())
