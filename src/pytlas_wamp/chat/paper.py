"""Turns what Rich draws into text for one terminal."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import Any

from attrs import frozen
from rich.console import Console, RenderableType

from pytlas_wamp.chat.view import MAX_WIDTH


@frozen(kw_only=True)
class Paper:
    """What is drawn on.

    Args:
      columns: returns how wide the terminal is now.
      color_system: of Rich, None for a terminal without colours.
    """

    columns: Callable[[], int]
    color_system: Any = None

    def draw(self, page: RenderableType) -> str:
        """Returns a page with its escape sequences, each line ended."""
        sheet = StringIO()
        console = Console(
            file=sheet,
            force_terminal=self.color_system is not None,
            color_system=self.color_system,
            width=max(min(self.columns(), MAX_WIDTH), 20),
            legacy_windows=False,
            markup=False,
            highlight=False,
            emoji=False,
        )
        console.print(page)
        lines = sheet.getvalue().split("\n")
        return "\n".join(line.rstrip() for line in lines)
