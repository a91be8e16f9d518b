"""The web client: what was built of clients/web, and a page for when nothing was."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from pytlas_wamp.transport.endpoints import Endpoint, Methods, Segments
from pytlas_wamp.transport.files import MAY_CHANGE, files_below, read_file
from pytlas_wamp.transport.pages import welcome

WEB_DIRECTORY: Final = Path(__file__).parents[1] / "web"

_UNBUILT_PAGE: Final = Methods({"GET": lambda _: welcome()})

UNBUILT: Final[Mapping[str, Endpoint]] = MappingProxyType(
    {"/": _UNBUILT_PAGE, "/manage": _UNBUILT_PAGE}
)

# Scripts, styles and requests go nowhere but here; in today's browsers 'self' covers the
# WebSocket, too. Pictures and sounds are the exception: skills name them in cards.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data: blob: https: http:; media-src 'self' data: https: http:; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_OF_PAGES: Final = {**MAY_CHANGE, "Content-Security-Policy": _POLICY}

# Under such a name there is never anything else: it has a digest of the contents in it.
_FOR_EVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
_HASHED = re.compile(r".+-[A-Za-z0-9_-]{8,}(\.[a-z0-9]+)+")


def load_web_client(folder: Path = WEB_DIRECTORY) -> Mapping[str, Endpoint]:
    """Reads the built files, and returns what answers at which address.

    `index.html` is at `/`, every other page at its name without the ending, and each other
    file where it is in the folder.

    Args:
      folder: with an `index.html`; otherwise the answer is a page that says what to do.
    """
    found = {
        _address(names): Methods({"GET": read_file(file, _headers(names), compress=True).answer})
        for names, file in files_below(folder)
    }
    return found if "/" in found else UNBUILT


def _address(names: Segments) -> str:
    path = "/" + "/".join(names)
    return "/" if path == "/index.html" else path.removesuffix(".html")


def _headers(names: Segments) -> Mapping[str, str]:
    if names[-1].endswith(".html"):
        return _OF_PAGES
    hashed = names[0] == "assets" and _HASHED.fullmatch(names[-1])
    return _FOR_EVER if hashed else MAY_CHANGE
