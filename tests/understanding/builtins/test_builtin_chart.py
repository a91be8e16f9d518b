"""The chart: what a small grammar finds."""

from __future__ import annotations

from functools import cache

from builtin_meanings import NOW
from pytlas_wamp.understanding.builtins import chart
from pytlas_wamp.understanding.builtins.chart import Node, Production
from pytlas_wamp.understanding.builtins.values import Context

CONTEXT = Context(NOW, twelve=True)


def total(_context, values, argument):
    return sum(values) * int(argument or 1)


def refuse(_context, _values, _argument):
    return None


def divide(_context, values, _argument):
    return values[0] / 0


def grammar(*rules):
    root = Node()
    for category, symbols, action, argument in rules:
        root.add(symbols.split(), Production(category=category, action=action, argument=argument))
    return root


def cells(root, text, seeds=()):
    by_start = {}
    for start, *seed in seeds:
        by_start.setdefault(start, []).append(tuple(seed))
    return chart.fill(root, text.split(), by_start, CONTEXT)


@cache
def numbers():
    return grammar(
        ("number", "<digit>", total, ""),
        ("number", "<number> {plus} <number>", total, ""),
        ("number", "twice <number>", total, "2"),
        ("{plus}", "plus", lambda *_: "", ""),
        ("broken", "<digit> plus", divide, ""),
        ("refused", "<digit> plus", refuse, ""),
    )


class TestChart:
    def test_constituents_grow_together(self):
        found = cells(numbers(), "1 plus 2", [(0, "digit", 1, 1), (2, "digit", 3, 2)])
        assert found[0]["number"] == [(1, 1), (3, 3)]

    def test_words_and_arguments(self):
        found = cells(numbers(), "twice 2", [(1, "digit", 2, 2)])
        assert found[0]["number"] == [(2, 4)]

    def test_a_text_may_end_within_a_rule(self):
        found = cells(numbers(), "1 plus", [(0, "digit", 1, 1)])
        assert found[0]["number"] == [(1, 1)]

    def test_actions_refuse_by_none_and_by_arithmetic(self):
        found = cells(numbers(), "1 plus x", [(0, "digit", 1, 1)])
        assert not {"broken", "refused"} & set(found[0])

    def test_only_so_many_readings_of_one_span(self):
        seeds = [(0, "digit", 1, value) for value in range(9)]
        assert len(cells(numbers(), "x", seeds)[0]["digit"]) == chart.MAX_READINGS

    def test_a_constituent_is_only_so_long(self):
        text = " plus ".join("1" * 40)
        seeds = [(2 * index, "digit", 2 * index + 1, 1) for index in range(40)]
        found = cells(numbers(), text, seeds)[0]["number"]
        assert max(end for end, _ in found) <= chart.MAX_SPAN

    def test_there_are_only_so_many_steps(self, monkeypatch):
        monkeypatch.setattr(chart, "MAX_STEPS", 3)
        found = cells(numbers(), "1 plus 2", [(0, "digit", 1, 1), (2, "digit", 3, 2)])
        assert found[0].get("number") is None

    def test_nothing_comes_of_nothing(self):
        assert cells(numbers(), "") == [{}]
