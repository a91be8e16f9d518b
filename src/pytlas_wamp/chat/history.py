"""What the user said before, kept between runs for the Up key."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from prompt_toolkit.history import FileHistory, History, InMemoryHistory

_OWNER_ONLY: Final = 0o600


def open_history(path: Path) -> History:
    """Returns the history in this file, which only its owner can read.

    What people say to an assistant is private. Where no file can be written the
    history lives as long as the program.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, _OWNER_ONLY)
        try:
            os.fchmod(descriptor, _OWNER_ONLY)
        finally:
            os.close(descriptor)
    except OSError:
        return InMemoryHistory()
    return FileHistory(path)
