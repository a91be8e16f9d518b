"""Somebody with a browser: a page that must not complain, and what is done on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from attrs import define, field
from playwright.sync_api import BrowserContext, ConsoleMessage, Page

# Chromium says these by itself when a test takes the network or the token away.
NETWORK = ("net::ERR_", "WebSocket connection to", "Failed to load resource")
AXE = Path(__file__).parents[2] / "clients" / "web" / "node_modules" / "axe-core" / "axe.min.js"


@define(eq=False)
class Visitor:
    """A page, and what was wrong with it so far.

    Args:
      context: a profile of its own: its tabs share what is stored, and no others do.
      url: of the server.
    """

    context: BrowserContext
    url: str
    faults: list[str] = field(init=False, factory=list)
    page: Page = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Open an empty page."""
        self.page = self.tab()

    def tab(self) -> Page:
        """One more tab, which is listened to as well."""
        page = self.context.new_page()
        page.on("console", lambda message: self._heard(message))  # noqa: PLW0108 - Playwright marks methods
        page.on("pageerror", lambda error: self.faults.append(f"raised: {error}"))
        page.on("request", lambda request: self._asked(request.url))
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not any(
            word in message.text for word in NETWORK
        ):
            self.faults.append(f"{message.type}: {message.text}")

    def _asked(self, url: str) -> None:
        ours = (self.url, self.url.replace("http", "ws", 1), "data:", "blob:")
        if not url.startswith(ours):
            self.faults.append(f"asked somebody else: {url}")

    def open(self, path: str = "/") -> Page:
        """Go to a page of the server."""
        self.page.goto(self.url + path)
        return self.page

    def sees_well(self, page: Page | None = None) -> None:
        """Hold the page as it is now against the rules of accessibility."""
        page = page or self.page
        # Given to the browser by the test; the page itself may load no such thing.
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        grave = [one for one in found["violations"] if one["impact"] in {"serious", "critical"}]
        assert [_told(one) for one in grave] == []
        assert found["passes"], "nothing was looked at"


def _told(violation: Any) -> str:
    nodes = [json.dumps(node["target"]) for node in violation["nodes"]]
    return f"{violation['id']}: {violation['help']} ({', '.join(nodes)})"
