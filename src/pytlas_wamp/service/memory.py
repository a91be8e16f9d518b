"""What the process does about its memory."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

# How often; what there is to give back comes slowly.
INTERVAL_SECONDS: Final = 30.0


@contextmanager
def set_apart() -> Iterator[None]:
    """Have the collector rest within this block, and never look at what there is at its end.

    To be put around all that is loaded at a start. Python looks through old objects for
    circles of which nobody knows any more when there are a quarter more of them than the
    last time; with some hundred thousand of them in modules alone, which stay, the remains
    of many conversations wait for that. To look through them while they come would take a
    quarter of a second, and once more at the end an eighth, for a megabyte or two.
    """
    was_at_work = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if was_at_work:
            gc.enable()


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
