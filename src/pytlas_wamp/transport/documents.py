"""The contract's files, as the server shows them under `/spec/` (spec 6.8).

They are read once and served from memory. So a request never touches the disk, and
no spelling of an address leads out of the folder.
"""

# mypy: untyped-calls-exclude=twisted

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from attrs import field, frozen
from twisted.web.http import datetimeToString, stringToDatetime

from pytlas_wamp.errors import OperatorError
from pytlas_wamp.transport.endpoints import NOWHERE, Endpoint, Methods, Segments
from pytlas_wamp.transport.headers import header_value, header_values
from pytlas_wamp.transport.http import HttpRequest
from pytlas_wamp.transport.pages import index
from pytlas_wamp.transport.replies import Reply, moved

_PACKAGE: Final = Path(__file__).parents[1]

_NAME: Final = "spec"
_PATH: Final = "/" + _NAME

# By the end of the name; the first that fits counts.
_TYPES: Final = (
    (".schema.json", "application/schema+json"),
    (".json", "application/json"),
    (".yaml", "application/yaml"),
    (".md", "text/markdown; charset=utf-8"),
    (".txt", "text/plain; charset=utf-8"),
    (".svg", "image/svg+xml"),
    (".mjs", "text/javascript; charset=utf-8"),
    ("", "application/octet-stream"),
)


def spec_directory(package: Path = _PACKAGE) -> Path:
    """Returns where the contract's files are: in the package, or in the checkout around it.

    Args:
      package: the folder of the package.

    Raises:
      OperatorError: when they are at neither place.
    """
    places = (package / "spec", package.parents[1] / "spec")
    for place in places:
        if (place / "errors.json").is_file():
            return place
    raise OperatorError(
        f"The files of the protocol are missing: they should be in {places[0]}. "
        "Install pytlas-wamp again."
    )


@frozen(kw_only=True)
class Document:
    """A file as it is served.

    Args:
      content_type: the value of that header.
      body: all of it.
      modified: whole seconds since the epoch.
    """

    content_type: str
    body: bytes = field(repr=False)
    modified: int
    _tag: str = field(init=False)

    @_tag.default
    def _digest(self) -> str:
        return f'"{sha256(self.body).hexdigest()[:32]}"'

    def answer(self, request: HttpRequest) -> Reply:
        """Returns the file, or 304 when the client has it."""
        headers = {
            "ETag": self._tag,
            "Last-Modified": datetimeToString(self.modified).decode(),
            "Cache-Control": "no-cache",  # may be kept, but has to be asked for
        }
        if self._is_known(request):
            return Reply(status=304, headers=headers)
        return Reply(content_type=self.content_type, body=self.body, headers=headers)

    def _is_known(self, request: HttpRequest) -> bool:
        tags = header_values(request.requestHeaders, "If-None-Match")
        if tags:  # and then the date does not count (RFC 9110 13.1.3)
            known = {tag.strip().removeprefix("W/") for tag in ",".join(tags).split(",")}
            return "*" in known or self._tag in known
        since = header_value(request.requestHeaders, "If-Modified-Since") or ""
        try:
            return bool(since) and stringToDatetime(since.encode()) >= self.modified
        except ValueError:  # no date: as if it were not there
            return False


@frozen
class Documents:
    """A folder of files and folders, served under `/spec/`.

    Args:
      files: each by its names below that.
    """

    _files: Mapping[Segments, Document]
    _folders: Mapping[Segments, frozenset[str]] = field(init=False)

    @_folders.default
    def _listed(self) -> Mapping[Segments, frozenset[str]]:
        folders: dict[Segments, set[str]] = {(): set()}
        for names in self._files:
            for depth, name in enumerate(names):
                shown = name if depth == len(names) - 1 else name + "/"
                folders.setdefault(names[:depth], set()).add(shown)
        return {names: frozenset(shown) for names, shown in folders.items()}

    def endpoint(self, names: Segments) -> Endpoint:
        """Returns what answers at this place below the path.

        Args:
          names: from folder to folder; the last one is empty behind a slash.
        """
        if names in self._files:
            return Methods({"GET": self._files[names].answer})
        if names[-1:] == ("",) and names[:-1] in self._folders:
            heading = "/".join((_PATH, *names))
            page = index(heading, self._folders[names[:-1]])
            return Methods({"GET": lambda _: page})
        if names in self._folders:
            place = moved(f"{(_NAME, *names)[-1]}/")
            return Methods({"GET": lambda _: place})
        return NOWHERE


def load_documents(folder: Path) -> Documents:
    """Reads all files below a folder (see `spec_directory`).

    Links are left out, since they could lead anywhere, and so is what is hidden.
    """
    return Documents(
        {file.relative_to(folder).parts: _document(file) for file in _files_below(folder)}
    )


def _files_below(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            file = Path(place, name)
            if file.is_file() and not file.is_symlink() and not name.startswith("."):
                yield file


def _document(file: Path) -> Document:
    content_type = next(kind for ending, kind in _TYPES if file.name.endswith(ending))
    return Document(
        content_type=content_type, body=file.read_bytes(), modified=int(file.stat().st_mtime)
    )
