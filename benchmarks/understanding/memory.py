"""What a trained language costs a process that only understands: measured in one of its own."""

from __future__ import annotations

import gc
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pytlas_wamp.understanding.statistical import storage
from pytlas_wamp.understanding.statistical.model import Model

_KIB_PER_MB = 1024


def memory_of(model: Model) -> str:
    """The resident memory of a model, and the time it takes to load it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model"
        storage.save(model, path, "none")
        size = path.stat().st_size / 1e6
        asked = subprocess.run(  # noqa: S603 - our own file
            [sys.executable, __file__, str(path)], check=True, capture_output=True, text=True
        )
    return f"{asked.stdout.strip()}, file {size:.1f} MB"


def _resident_mb() -> float:
    gc.collect()
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / _KIB_PER_MB
    raise RuntimeError("This system does not tell the memory of a process.")


def main() -> None:
    """Load a model, and print what it costs."""
    before = _resident_mb()
    begin = time.perf_counter()
    found = storage.load(Path(sys.argv[1]))
    if found is None:
        raise RuntimeError("The model cannot be loaded.")
    seconds = time.perf_counter() - begin
    found[0].read("what will the weather be tomorrow in a town", lambda _: True)
    after = _resident_mb()
    loaded = [name for name in ("sklearn", "scipy") if name in sys.modules]
    sys.stdout.write(
        f"{after - before:.1f} MB, loaded in {seconds:.2f} s, "
        f"{', '.join(loaded) or 'scikit-learn not'} loaded\n"
    )


if __name__ == "__main__":
    main()
