"""Trains in a process of its own, so that what training needs never stays in memory.

scikit-learn and what it brings along are some 150 MB that a server would keep for a
second of work.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack, suppress
from typing import IO, TYPE_CHECKING, Any, Protocol

from pytlas_wamp.errors import OperatorError
from pytlas_wamp.understanding.statistical import storage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytlas_wamp.understanding.statistical.model import Model

    # Told the step, how much of it is done, and of how much.
    Progress = Callable[[str, int, int], None]

# -P: what lies about in the current directory must not take the place of a module.
COMMAND = (sys.executable, "-P", "-m", f"{__package__}.child")

# The step of the line that the model follows.
MODEL = "model"

# Sums that several threads share come out differently from run to run.
_ONE_THREAD = {
    f"{library}_NUM_THREADS": "1"
    for library in ("OMP", "OPENBLAS", "MKL", "BLIS", "VECLIB_MAXIMUM", "NUMEXPR")
}

# A process that has closed its output is about to end, unless something is very wrong.
_PATIENCE_SECONDS = 10.0

_LONGEST_REMARK = 300


class Train(Protocol):
    """A way to train."""

    def __call__(
        self, data: Mapping[str, Any], language: str, progress: Progress | None = None, /
    ) -> Model:
        """A model of Snips-format training data."""


class TrainingFailed(OperatorError):
    """A language could not be learnt; the text says why."""


def train_in_child(
    data: Mapping[str, Any],
    language: str,
    progress: Progress | None = None,
    *,
    command: Sequence[str] = COMMAND,
) -> Model:
    """Train in a child process: the same model as `training.train` gives, bit for bit (blocks).

    The child ends with whoever waits for it, however that ends.

    Args:
      data: Snips-format training data.
      language: as pytlas names it.
      progress: told the step, how much of it is done, and of how much. What it raises ends
        the training.
      command: what to run.

    Raises:
      TrainingFailed: the child could not be started, or ended without a model.
    """
    with ExitStack() as stack:
        try:
            # The child cannot tidy up when it is killed, so its files are in a folder of ours.
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            remarks = stack.enter_context(tempfile.TemporaryFile())
            child = subprocess.Popen(  # noqa: S603 - our own module
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=remarks,
                env={**os.environ, **_ONE_THREAD, "TMPDIR": folder},
                # An interrupt from the keyboard is for us; we tell the child ourselves.
                start_new_session=True,
            )
        except OSError as error:
            raise TrainingFailed(
                f"training {language!r} failed: no process could be started for it: {error}"
            ) from error
        raw = _outcome(child, [data, language], progress)
        if raw is None:
            why = _why(child.returncode, remarks)
            raise TrainingFailed(f"training {language!r} failed: {why}")
    return storage.from_bytes(raw)[0]


def _outcome(
    child: subprocess.Popen[bytes], question: Any, progress: Progress | None
) -> bytes | None:
    """The file that the child sends, None if it ends before; it is gone then."""
    try:
        _ask(child.stdin, question)
        raw = _answer(child.stdout, progress or (lambda _step, _done, _total: None))
        if raw is None:
            _await_end(child)
        return raw
    finally:
        child.kill()
        child.wait()
        for stream in (child.stdin, child.stdout):
            _close(stream)


def _ask(stream: IO[bytes] | None, question: Any) -> None:
    assert stream is not None  # noqa: S101 - it was asked for
    # A child that is gone already: how it ended says more.
    with suppress(BrokenPipeError):
        stream.write(json.dumps(question).encode() + b"\n")
        # It stays open: its end would tell the child that we are gone.
        stream.flush()


def _answer(stream: IO[bytes] | None, progress: Progress) -> bytes | None:
    assert stream is not None  # noqa: S101 - it was asked for
    for line in stream:
        step, done, total = json.loads(line)
        if step == MODEL:
            raw = stream.read(total)
            return raw if len(raw) == total else None
        progress(step, done, total)
    return None


def _await_end(child: subprocess.Popen[bytes]) -> None:
    try:
        child.wait(_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()


def _close(stream: IO[bytes] | None) -> None:
    assert stream is not None  # noqa: S101 - it was asked for
    # What could not be sent is sent once more when it is closed.
    with suppress(BrokenPipeError):
        stream.close()


def _why(code: int, remarks: IO[bytes]) -> str:
    remarks.seek(0)
    lines = remarks.read().decode(errors="replace").strip().splitlines()
    how = f"exit code {code}" if code >= 0 else f"signal {-code} ({signal.strsignal(-code)})"
    last = f": {lines[-1].strip()[:_LONGEST_REMARK]}" if lines else ""
    return f"its process ended with {how}{last}"
