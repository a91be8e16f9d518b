"""The few pages the server shows to people with a browser: no scripts, nothing loaded."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from html import escape
from typing import Final
from urllib.parse import quote

from pytlas_wamp.transport.replies import Reply

_STYLE: Final = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem;"
    "color:#222;background:#fff}a{color:#0b57d0}code{background:#f2f2f2;padding:0 .25rem}"
    "@media(prefers-color-scheme:dark){body{color:#ddd;background:#161616}a{color:#8ab4f8}"
    "code{background:#2a2a2a}}"
)

# The one style is allowed by its digest, and nothing else is.
_POLICY: Final = (
    "default-src 'none'; "
    f"style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def welcome() -> Reply:
    """Returns the page where the web client is not: what runs here, and where to go on."""
    return _page(
        "pytlas-wamp",
        "<p>An assistant is running here. It talks over a WebSocket at "
        "<code>/ws/assistant/</code>, after you sign in at <code>/api/token</code>.</p>"
        '<p>How to write a client stands in the <a href="spec/">protocol</a>, '
        "which every client may rely on.</p>"
        "<p>The web client, which would be here, has not been built: <code>make web</code> in the "
        "clone does it, or says what it lacks; then start the server again.</p>",
    )


def index(path: str, names: Iterable[str]) -> Reply:
    """Returns the page that lists a folder.

    Args:
      path: of the folder, as shown above the list ("/spec/schema/").
      names: what is in it, folders with a slash behind.
    """
    above = '<li><a href="../">one folder up</a></li>' if path.count("/") > 2 else ""  # noqa: PLR2004 - slashes of "/spec/"
    items = "".join(
        f'<li><a href="./{quote(name)}">{escape(name)}</a></li>' for name in sorted(names)
    )
    return _page(path, f"<ul>{above}{items}</ul>")


def _page(title: str, content: str) -> Reply:
    shown = escape(title)
    document = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{shown}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{shown}</h1>{content}</main></body></html>\n"
    )
    return Reply(
        content_type="text/html; charset=utf-8",
        body=document.encode(),
        headers={"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache"},
    )
