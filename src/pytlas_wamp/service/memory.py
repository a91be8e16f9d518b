"""Memory that nobody uses any more, given back to the system."""

from __future__ import annotations

import ctypes
from typing import Any, Final

# How often; what there is to give back comes slowly.
INTERVAL_SECONDS: Final = 60.0


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
