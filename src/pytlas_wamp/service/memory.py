"""What the process does about its memory."""

from __future__ import annotations

import ctypes
import gc
from typing import Any, Final

# How often; what there is to give back comes slowly.
INTERVAL_SECONDS: Final = 30.0


def set_apart() -> None:
    """Have the collector never look again at what there is now (takes a fifth of a second).

    To be called when everything is loaded. Python looks through old objects for circles
    of which nobody knows any more when there are a quarter more of them than the last
    time; with some hundred thousand of them in modules alone, which stay, the remains of
    many conversations wait for that.
    """
    gc.collect()
    gc.freeze()


def give_back(library: Any = None) -> bool:
    """Have the C library return what it keeps for later (blocks, so from a thread).

    What comes and goes in threads of different sizes, as conversations and the pages of a
    database do, leaves holes that glibc keeps: a twentieth of all memory after some ten
    thousand visits, and more later.

    Args:
      library: whose; None for that of the process.

    Returns:
      whether there was any; False also with libraries that do not know how.
    """
    trim = getattr(ctypes.CDLL(None) if library is None else library, "malloc_trim", None)
    return trim is not None and bool(trim(0))
