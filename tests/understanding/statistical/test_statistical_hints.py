"""What is known of the tokens of a sentence: values of lists, builtin entities, times."""

from __future__ import annotations

import json

import pytest

from pytlas_wamp.understanding.statistical import hints as hints_module
from pytlas_wamp.understanding.statistical.builtin_values import Builtins
from pytlas_wamp.understanding.statistical.hints import Gazetteer, Hints, general, names_of, recall
from statistical_training import read

LISTS = {
    "song": [("thriller",), ("purple", "rain"), ("rain", "in", "spain"), ("rain",)],
    "film": [("thriller",), ("purple", "rain")],
}


def tagged(text, hidden=None, lists=None):
    keys = text.split()
    hints = [[] for _ in keys]
    Gazetteer.of(LISTS if lists is None else lists).tag(keys, hints, hidden)
    return hints


def hints(text, language="en", builtins=(), lists=None, hidden=None):
    made = Hints(
        language=language,
        values=Gazetteer.of(lists or {}),
        builtins=Builtins.of(language, builtins),
    )
    return made.of(read(text), hidden)


def with_hint(text, name, **options):
    """The hints of one list, "-" where there is none."""
    found = []
    for token in hints(text, **options):
        told = [hint.rpartition("=")[2] for hint in token if hint.rpartition("=")[0] == name]
        assert len(told) <= 1
        found.append(told[0] if told else "-")
    return "".join(found)


class TestGazetteers:
    def test_all_values_are_found_the_longest_first(self):
        assert Gazetteer.of(LISTS).found(["purple", "rain", "in", "spain"]) == [
            (3, 1, "song"),
            (2, 0, "film"),
            (2, 0, "song"),
            (1, 1, "song"),
        ]

    def test_a_value_that_the_sentence_cuts_off_is_not_found(self):
        assert Gazetteer.of({"film": [("purple", "rain")]}).found(["purple"]) == []

    def test_no_lists_find_nothing(self):
        assert Gazetteer.of({}).found(["purple"]) == []

    def test_the_order_of_the_lists_and_values_does_not_matter(self):
        turned = {name: list(reversed(LISTS[name])) for name in reversed(LISTS)}
        keys = ["purple", "rain", "in", "spain", "thriller"]
        assert Gazetteer.of(turned).found(keys) == Gazetteer.of(LISTS).found(keys)

    def test_tokens_are_tagged_with_their_place_in_the_value(self):
        assert tagged("the thriller") == [[], ["film=U", "song=U"]]
        assert tagged("rain in spain") == [["song=B"], ["song=I"], ["song=L"]]

    def test_values_of_one_list_do_not_overlap(self):
        assert tagged("purple rain in spain") == [
            ["film=B"],
            ["song=B", "film=L"],
            ["song=I"],
            ["song=L"],
        ]

    def test_hidden_values_are_not_seen(self):
        seen = []

        def hidden(name, keys):
            seen.append((name, keys))
            return name == "song" and len(keys) > 1

        assert tagged("purple rain in spain", hidden) == [
            ["film=B"],
            ["film=L", "song=U"],
            [],
            [],
        ]
        assert ("song", ("rain", "in", "spain")) in seen


class TestHints:
    def test_there_is_one_list_per_token(self):
        assert len(hints("what a day, is it not?")) == 6

    def test_known_values_are_seen(self):
        assert with_hint("play purple rain now", "song", lists=LISTS) == "-BL-"

    def test_hidden_values_are_not(self):
        options = {"lists": LISTS, "hidden": lambda _name, _keys: True}
        assert with_hint("play purple rain now", "song", **options) == "----"

    def test_places_are_seen_even_if_values_are_hidden(self):
        options = {"hidden": lambda _name, _keys: True}
        assert with_hint("weather in new zealand", "geo:country", **options) == "--BL"

    def test_common_things_are_seen_by_language(self):
        assert with_hint("the living room", "kind:room") == "-BL"
        assert with_hint("the living room", "kind:room", language="xx") == "---"

    def test_times_are_seen(self):
        assert with_hint("wake me tomorrow morning", "time") == "--BI"

    def test_builtin_entities_are_seen(self):
        assert (
            with_hint("wake me in two hours, please", "snips/datetime", builtins=["snips/datetime"])
            == "--BIL-"
        )
        assert with_hint("play 5", "snips/number", builtins=["snips/number"]) == "-U"

    def test_builtin_entities_that_nobody_asked_for_are_not(self):
        assert with_hint("wake me in two hours", "snips/datetime") == "-----"

    def test_overlapping_entities_are_all_seen(self):
        both = ["snips/datetime", "snips/number"]
        assert with_hint("at 5 pm", "snips/number", builtins=both) == "-U-"
        assert "U" not in with_hint("at 5 pm", "snips/datetime", builtins=both)

    def test_a_sentence_without_a_token_has_none(self):
        assert hints("?!") == []


class TestNames:
    @pytest.mark.parametrize(
        ("told", "expected"),
        [
            ([], []),
            ([[], ["b=U"]], ["b"]),
            ([["b=B", "a=U"], ["b=L", "kind:x=U"]], ["b", "a", "kind:x"]),
        ],
    )
    def test_of_lists_come_once_in_order(self, told, expected):
        assert names_of(told) == expected


class TestTheListsOfALanguage:
    @pytest.fixture(autouse=True)
    def _unread(self, monkeypatch):
        monkeypatch.setattr(hints_module, "_GENERAL", {})

    def test_are_read_beforehand_and_once(self):
        Hints.prepare("en-US")
        lists = general("en")

        assert {name.partition(":")[0] for names in lists.names.values() for name in names} == {
            "geo",
            "kind",
            "cue",
        }
        assert general("en-GB") is lists

    def test_come_back_from_json_as_they_were(self):
        lists = general("en")
        again = Gazetteer.unpacked(json.loads(json.dumps(lists.packed())))

        assert again == lists
        # Thousands of places have the same lists: one tuple is enough.
        assert len({id(names) for names in again.names.values()}) < 1_000

    def test_are_packed_the_same_way_in_any_order(self):
        lists = Gazetteer.of(LISTS)
        turned = Gazetteer(
            names=dict(reversed(lists.names.items())), lengths=dict(reversed(lists.lengths.items()))
        )

        assert list(turned.names) != list(lists.names)
        assert turned.packed() == lists.packed()

    def test_are_not_read_when_they_are_recalled(self):
        recall("en-US", Gazetteer.of(LISTS).packed())

        assert general("en") == Gazetteer.of(LISTS)

    def test_stay_when_they_are_recalled_too_late(self):
        lists = general("xx")
        recall("xx", Gazetteer.of(LISTS).packed())

        assert general("xx") is lists
