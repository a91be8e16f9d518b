"""Does to a running server what happens to servers, and prints what came of it.

`python tests/reliability/run_chaos.py [--keep FOLDER] [WORD...]`, or `tox -e chaos`; with words,
only faults whose name has one of them. The table is that of docs/explanation/reliability.md.
Fails when a message is lost, or anything else that verdict.py looks for is violated.
"""

# ruff: noqa: T201 - a script

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
import tempfile
import time
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "service")]

from postgres import PostgresServer  # noqa: E402 - found by the line above
from reliability.chaos import HEAD, Fault, Finding, suffer  # noqa: E402
from reliability.faults import FAULTS, without_postgresql  # noqa: E402

SEED = 1
SHOWN = 10


def main(arguments: list[str]) -> int:
    """Do it all; 0 when nothing was lost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", type=Path, help="a new folder where all is left behind")
    parser.add_argument("words", nargs="*")
    options = parser.parse_args(arguments)
    words = options.words
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 16_384)), hard))
    faults, server, began = list(FAULTS), None, time.monotonic()
    try:
        server = PostgresServer.start()
        faults.insert(1, without_postgresql(server))
    except (pytest.fail.Exception, pytest.skip.Exception) as missing:
        print(f"SKIPPED: database gone: {missing}")
    try:
        chosen = [one for one in faults if not words or any(word in one.name for word in words)]
        findings = [found(fault, options.keep) for fault in chosen]
    finally:
        if server is not None:
            server.stop()
    print("\n".join([*HEAD, *(finding.row() for finding in findings)]))
    print(f"{time.monotonic() - began:.0f} s")
    return int(any(finding.verdict.violations or finding.lost for finding in findings))


def found(fault: Fault, keep: Path | None) -> Finding:
    """Do one, and show what is wrong at once."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) if keep is None else keep / "".join(filter(str.isalnum, fault.name))
        folder.mkdir(parents=True, exist_ok=True)
        finding = asyncio.run(suffer(fault, folder, SEED))
    print(f"{fault.name}: {finding.lost} lost, {len(finding.verdict.violations)} violations")
    for violation in finding.verdict.violations[:SHOWN]:
        print(f"  VIOLATION: {violation}", flush=True)
    return finding


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
