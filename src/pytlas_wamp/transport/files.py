"""Files that are read once and served from memory.

So a request never touches the disk, and no spelling of an address leads out of the folder.
"""

# mypy: untyped-calls-exclude=twisted

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Final

from attrs import field, frozen
from twisted.web.http import datetimeToString, stringToDatetime

from pytlas_wamp.transport.endpoints import Segments
from pytlas_wamp.transport.headers import header_value, header_values, prefers_gzip
from pytlas_wamp.transport.http import HttpRequest
from pytlas_wamp.transport.replies import Reply

# By the end of the name; the first that fits counts.
_TYPES: Final = (
    (".schema.json", "application/schema+json"),
    (".json", "application/json"),
    (".map", "application/json"),
    (".yaml", "application/yaml"),
    (".md", "text/markdown; charset=utf-8"),
    (".txt", "text/plain; charset=utf-8"),
    (".html", "text/html; charset=utf-8"),
    (".css", "text/css; charset=utf-8"),
    (".js", "text/javascript; charset=utf-8"),
    (".mjs", "text/javascript; charset=utf-8"),
    (".webmanifest", "application/manifest+json"),
    (".svg", "image/svg+xml"),
    (".png", "image/png"),
    (".ico", "image/x-icon"),
    (".woff2", "font/woff2"),
    ("", "application/octet-stream"),
)

# May be kept, but has to be asked for.
MAY_CHANGE: Final = MappingProxyType({"Cache-Control": "no-cache"})

# What becomes hardly smaller, pictures above all, is not worth the work of unpacking.
_WORTH_PACKING: Final = 0.9


@frozen
class _Form:
    """The bytes of a file, in one of the ways they may be sent."""

    body: bytes = field(repr=False)
    tag: str = field(init=False)

    @tag.default
    def _digest(self) -> str:
        return f'"{sha256(self.body).hexdigest()[:32]}"'


@frozen(kw_only=True)
class ServedFile:
    """A file as it is served.

    Args:
      content_type: the value of that header.
      modified: whole seconds since the epoch.
      body: all of it.
      headers: further ones, such as how long it may be kept.
      compress: whether clients that like it better get it compressed. It is done once, ahead.
    """

    content_type: str
    modified: int
    _plain: _Form = field(alias="body", converter=_Form)
    _headers: Mapping[str, str]
    _compress: bool
    _gzip: _Form | None = field(init=False)

    @_gzip.default
    def _packed(self) -> _Form | None:
        if not self._compress:
            return None
        # Without a time in it: the same file has the same tag after each start.
        packed = gzip.compress(self._plain.body, mtime=0)
        return _Form(packed) if len(packed) < _WORTH_PACKING * len(self._plain.body) else None

    def answer(self, request: HttpRequest) -> Reply:
        """Returns the file, or 304 when the client has it."""
        headers = {
            **self._headers,
            "Last-Modified": datetimeToString(self.modified).decode(),
            **({} if self._gzip is None else {"Vary": "Accept-Encoding"}),
        }
        form, coding = self._plain, {}
        if self._gzip is not None and prefers_gzip(request.requestHeaders):
            form, coding = self._gzip, {"Content-Encoding": "gzip"}
        headers["ETag"] = form.tag
        if self._is_known(request, form.tag):
            return Reply(status=304, headers=headers)
        return Reply(content_type=self.content_type, body=form.body, headers=headers | coding)

    def _is_known(self, request: HttpRequest, tag: str) -> bool:
        tags = header_values(request.requestHeaders, "If-None-Match")
        if tags:  # and then the date does not count (RFC 9110 13.1.3)
            known = {one.strip().removeprefix("W/") for one in ",".join(tags).split(",")}
            return "*" in known or tag in known
        since = header_value(request.requestHeaders, "If-Modified-Since") or ""
        try:
            return bool(since) and stringToDatetime(since.encode()) >= self.modified
        except ValueError:  # no date: as if it were not there
            return False


def files_below(folder: Path) -> Iterator[tuple[Segments, Path]]:
    """Yields all files in a folder and in those below, each with its names from there.

    Links are left out, since they could lead anywhere, and so is what is hidden.
    """
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            file = Path(place, name)
            if file.is_file() and not file.is_symlink() and not name.startswith("."):
                yield file.relative_to(folder).parts, file


def read_file(file: Path, headers: Mapping[str, str], *, compress: bool = False) -> ServedFile:
    """Reads a file to be served, with the type of its name.

    Args:
      file: where it is.
      headers: see `ServedFile`.
      compress: see `ServedFile`.
    """
    return ServedFile(
        content_type=next(kind for ending, kind in _TYPES if file.name.endswith(ending)),
        modified=int(file.stat().st_mtime),
        body=file.read_bytes(),
        headers=headers,
        compress=compress,
    )
