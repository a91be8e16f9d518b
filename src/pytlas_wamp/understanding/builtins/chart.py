"""Finds every constituent of a token sequence: a bottom-up chart over a grammar of rules.

Positions are filled from the last to the first, so that whatever may follow a constituent
is known when it is built. Every bound is a number here, whatever the text: time never
depends on more than the number of tokens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pytlas_wamp.understanding.builtins.values import Context

# Rule applications for one text; a sentence of ten words needs some hundreds.
MAX_STEPS = 60_000
# "from monday the 3rd of september 2018 at half past six in the morning to ..." has 25.
MAX_SPAN = 32
# Readings of one span under one category: "at five" is 5:00 and 17:00 at most.
MAX_READINGS = 2

# What a step of the grammar can go through: the chart of one position, by category.
Cell = dict[str, list[tuple[int, Any]]]


@frozen(kw_only=True, eq=False)
class Production:
    """What a completed rule makes.

    Args:
      category: of the new constituent.
      action: makes its value from those of the parts; None as a value means that the
        parts do not go together.
      argument: handed to the action as it stands in the rule.
    """

    category: str
    action: Callable[[Context, tuple[Any, ...], str], Any]
    argument: str = ""


@define(slots=True, eq=False)
class Node:
    """A step of the grammar: what may come next, and what is complete here.

    Args:
      words: by token.
      categories: by constituent whose value counts.
      marks: by constituent that only has to be there ("at", "of").
      productions: the rules that end here.
    """

    words: dict[str, Node] = field(factory=dict)
    categories: dict[str, Node] = field(factory=dict)
    marks: dict[str, Node] = field(factory=dict)
    productions: list[Production] = field(factory=list)

    def add(self, symbols: Iterable[str], production: Production) -> None:
        """Add a rule: words as they are, `<category>`, `{mark}`."""
        node = self
        for symbol in symbols:
            if symbol[0] == "<":
                node = node.categories.setdefault(symbol[1:-1], Node())
            elif symbol[0] == "{":
                node = node.marks.setdefault(symbol, Node())
            else:
                node = node.words.setdefault(symbol, Node())
        node.productions.append(production)


@define(slots=True, eq=False)
class _Filling:
    """The chart of one text while it is being filled."""

    root: Node
    keys: Sequence[str]
    context: Context
    cells: list[Cell]
    start: int = 0
    steps: int = 0
    agenda: list[tuple[str, int, Any]] = field(factory=list)

    def fill(self, seeds: Mapping[int, Iterable[tuple[str, int, Any]]]) -> None:
        words = self.root.words
        for start in range(len(self.keys) - 1, -1, -1):
            self.start = start
            for category, end, value in seeds.get(start, ()):
                self._found(category, end, value)
            node = words.get(self.keys[start])
            if node is not None:
                self._walk(node, start + 1, ())
            while self.agenda:
                self._extend(*self.agenda.pop())

    def _extend(self, category: str, end: int, value: Any) -> None:
        node = self.root.categories.get(category)
        if node is not None:
            self._walk(node, end, (value,))
        node = self.root.marks.get(category)
        if node is not None:
            self._walk(node, end, ())

    def _walk(self, node: Node, end: int, values: tuple[Any, ...]) -> None:
        self.steps += 1
        if self.steps > MAX_STEPS or end - self.start > MAX_SPAN:
            return
        for production in node.productions:
            self._complete(production, end, values)
        if end == len(self.keys):
            return
        following = node.words.get(self.keys[end])
        if following is not None:
            self._walk(following, end + 1, values)
        cell = self.cells[end]
        if not cell:
            return
        for category, following in node.categories.items():
            for reached, value in cell.get(category, ()):
                self._walk(following, reached, (*values, value))
        for category, following in node.marks.items():
            for reached, _ in cell.get(category, ()):
                self._walk(following, reached, values)

    def _complete(self, production: Production, end: int, values: tuple[Any, ...]) -> None:
        try:
            value = production.action(self.context, values, production.argument)
        except (ArithmeticError, ValueError):
            # A day that no month has, a year beyond the calendar: not what was meant.
            return
        if value is not None:
            self._found(production.category, end, value)

    def _found(self, category: str, end: int, value: Any) -> None:
        found = self.cells[self.start].setdefault(category, [])
        same_span = [known for reached, known in found if reached == end]
        if len(same_span) < MAX_READINGS and value not in same_span:
            found.append((end, value))
            self.agenda.append((category, end, value))


def fill(
    root: Node,
    keys: Sequence[str],
    seeds: Mapping[int, Iterable[tuple[str, int, Any]]],
    context: Context,
) -> list[Cell]:
    """The constituents that begin at each position, by category.

    Args:
      root: the grammar.
      keys: the tokens.
      seeds: constituents known beforehand by position: category, end, value.
      context: handed to the actions.
    """
    cells: list[Cell] = [{} for _ in range(len(keys) + 1)]
    _Filling(root, keys, context, cells).fill(seeds)
    return cells
