"""What trains a language, run as a process of its own: `python -m` this module.

It reads one line of JSON, `[data, language]`, and writes lines of JSON,
`[step, done, total]`, while it learns. The last line is `["model", n]`, and the n bytes
of the model's file follow.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import signal
import sys

from pytlas_wamp.understanding.statistical import storage, training
from pytlas_wamp.understanding.statistical.trainer import MODEL

# No step takes as long, not even on a small board: whoever is silent so long is stuck.
_LONGEST_SILENCE_SECONDS = 3_600


def main() -> None:
    """Learn what comes on standard input; the result leaves on standard output."""
    outgoing = os.dup(1)
    # Whatever libraries print must not get between our lines.
    os.dup2(2, 1)
    serve(0, outgoing)


def serve(incoming: int, outgoing: int) -> None:
    """Learn one language.

    Args:
      incoming: the descriptor to read from. When its other end is closed, the process ends.
      outgoing: the descriptor to write to; it is closed at the end.
    """
    with os.fdopen(incoming, "rb", closefd=False) as asked, os.fdopen(outgoing, "wb") as answer:
        data, language = json.loads(asked.readline())
        _end_with_parent(incoming)

        def tell(step: str, done: int, total: int) -> None:
            signal.alarm(_LONGEST_SILENCE_SECONDS)
            answer.write(json.dumps([step, done, total]).encode() + b"\n")
            answer.flush()

        # The parent knows the checksum; this file has none.
        raw = storage.to_bytes(training.train(data, language, tell), "")
        tell(MODEL, len(raw), len(raw))
        answer.write(raw)
    signal.alarm(0)


def _end_with_parent(descriptor: int) -> None:
    """Have the kernel end this process when nobody holds the other end of a pipe any more.

    Where it cannot do so, the next line that is told finds no reader, and that ends it.
    """
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(descriptor, fcntl.F_SETOWN, os.getpid())
    flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | os.O_ASYNC)
    if select.select([descriptor], [], [], 0)[0]:
        sys.exit("nobody waits for the result any more")


if __name__ == "__main__":  # pragma: no cover - only in the process itself
    main()
