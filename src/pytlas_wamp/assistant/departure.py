"""A conversation that another process is to go on with, or goes on with already."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field

from pytlas_wamp.assistant.audience import Device


@define(eq=False)
class Departure:
    """Keeps what devices say while nobody knows yet who has the conversation.

    Attributes:
      is_over: whether another process has it, or may have it.
    """

    is_over: bool = field(init=False, default=False)
    _held: list[Callable[[], None]] = field(init=False, factory=list)

    def hold(self, again: Callable[[], None], device: Device | None = None) -> None:
        """Keep something that was said, or say that this is not the place.

        Args:
          again: says it again.
          device: who said it, and is to say it elsewhere; None when it is said to all.
        """
        if not self.is_over:
            self._held.append(again)
        elif device is not None:
            device.moved()

    def stay(self) -> None:
        """Take what was said meanwhile: nobody else has it after all."""
        held, self._held = self._held, []
        for again in held:
            again()

    def end(self) -> None:
        """Forget what was said meanwhile: who has not been answered says it elsewhere."""
        self.is_over = True
        self._held.clear()
