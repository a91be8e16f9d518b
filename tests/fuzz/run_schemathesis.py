"""Holds a running server against spec/openapi.yaml with schemathesis.

`python tests/fuzz/run_schemathesis.py PATH/TO/schemathesis [ITS OPTIONS]`, or `tox -e api`.
Schemathesis lives in an environment of its own: it needs a newer click than pytlas. What
it must not do, and as whom it asks, says api_hooks.py beside this file; which refusals are
right, schemathesis.toml.
"""

# ruff: noqa: T201 - a script

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SPEC = HERE.parents[1] / "spec" / "openapi.yaml"
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "service")]

from daemon import Daemon, accounts_of, twistd  # noqa: E402 - found by the line above

LEAST_CASES = 2_000
NAME, PASSWORD = "keeper-of-the-house", "a horse of many colours"

# The WebSocket is spoken to by other tests, and has no place in a client of HTTP.
NOT_ASKED = ("converse",)


def main(arguments: list[str]) -> int:
    """Run it; 0 when every answer was one of the contract and enough were asked for."""
    command, *options = arguments
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        daemon = Daemon.start(
            twistd("--data-dir", folder / "data", "--listen", "tcp:0:interface=127.0.0.1"), folder
        )
        try:
            host, port = daemon.address()
            accounts_of(folder / "data").create(NAME, PASSWORD, admin=True)
            url = f"http://{host}:{port}"
            code, shown = run(command, url, folder, options)
            problems = [*faults(daemon), *too_few(shown)]
        finally:
            daemon.stop()
    for problem in problems:
        print(problem)
    return code or bool(problems)


def run(command: str, url: str, folder: Path, options: list[str]) -> tuple[int, str]:
    """Run schemathesis and show what it says while it says it; its exit code and its words."""
    excluded = [word for name in NOT_ASKED for word in ("--exclude-operation-id", name)]
    process = subprocess.Popen(  # noqa: S603 - our own command
        [
            command,
            "--config-file",
            str(HERE / "schemathesis.toml"),
            "run",
            str(SPEC),
            "--url",
            url,
            *excluded,
            "--seed",
            "1",
            *options,
        ],
        cwd=folder,
        env={
            **os.environ,
            "SCHEMATHESIS_HOOKS": "api_hooks",
            "PYTHONPATH": str(HERE),
            "API_URL": url,
            "API_NAME": NAME,
            "API_PASSWORD": PASSWORD,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines = []
    assert process.stdout is not None
    for line in process.stdout:
        print(line, end="", flush=True)
        lines.append(line)
    return process.wait(), "".join(lines)


def faults(daemon: Daemon) -> list[str]:
    """What the server logged that no request may lead to."""
    return [line for line in daemon.lines if re.search(r"Traceback|Unhandled|failed\.$", line)]


def too_few(shown: str) -> list[str]:
    """A complaint, unless enough cases were made."""
    made = [int(found.replace(",", "")) for found in re.findall(r"([\d,]+) generated", shown)]
    if made and made[-1] >= LEAST_CASES:
        return []
    return [f"only {made[-1] if made else 0} cases were generated: {LEAST_CASES} are needed"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
