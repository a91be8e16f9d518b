"""Debian's Chromium, as the tests start it."""

from __future__ import annotations

import os
import shutil

from playwright.sync_api import Browser, Playwright

# Without these Chromium asks its makers for this and that.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


# The first costs a third of what the others do: it shows pages, and has no windows around them.
NAMES = ("chromium-headless-shell", "chromium", "chrome")


def chromium() -> str:
    """Where it is installed."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    assert found, f"this needs Chromium: install the package {NAMES[0]}, or name it in CHROMIUM"
    return found


def launched(playwright: Playwright) -> Browser:
    """A browser without a window."""
    return playwright.chromium.launch(executable_path=chromium(), args=QUIET)
