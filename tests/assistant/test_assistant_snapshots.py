"""What a skill keeps is the same after a restart, or is left out and told."""

from __future__ import annotations

import json
import pickle
from collections import OrderedDict
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import IntEnum
from zoneinfo import ZoneInfo

import pytest
from dateutil import tz
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st
from kept_values import STATES, VALUES, shown
from pytlas.understanding import SlotValue, SlotValues, UnitValue
from twisted.logger import globalLogPublisher

from pytlas_wamp.assistant import snapshots
from pytlas_wamp.assistant.snapshots import BadSnapshot, dumps, loads, pack, unpack
from strategies import share


@pytest.fixture
def lines():
    """What the log says."""
    events = []
    snapshots._note.cache_clear()
    globalLogPublisher.addObserver(events.append)
    yield lambda: [(event["path"], event["reason"]) for event in events if "path" in event]
    globalLogPublisher.removeObserver(events.append)


def again(value):
    return loads(dumps({"value": value}))["value"]


class Number(IntEnum):
    ONE = 1


class Away(tzinfo):
    """A zone without an offset."""

    def utcoffset(self, _moment):
        return None

    def tzname(self, _moment):
        return "away"


class Broken(tzinfo):
    def utcoffset(self, _moment):
        raise RuntimeError("broken")


class Nameless(tzinfo):
    def utcoffset(self, _moment):
        return timedelta(hours=1)

    def dst(self, _moment):
        return None

    def tzname(self, _moment):
        return None


class TestKept:
    @share(2)
    @given(STATES)
    def test_a_state_comes_back_as_it_was(self, state):
        text = dumps(state)
        assert text.isascii()
        assert shown(loads(text)) == shown(state)

    @given(VALUES)
    def test_a_packed_value_comes_back_as_it_was(self, value):
        packed = pack(value, "value")
        assert packed == json.loads(json.dumps(packed, allow_nan=False))
        assert shown(unpack(packed)) == shown(value)

    @share(0.5)
    @given(STATES)
    def test_what_is_packed_can_be_written_like_anything_else(self, state):
        packed = pack(state, "state")
        assert shown(unpack(loads(dumps({"state": packed}))["state"])) == shown(state)

    def test_an_empty_state_is_an_empty_text(self):
        assert dumps({}) == ""
        assert loads("") == {}

    def test_what_json_has_is_packed_as_it_is(self):
        value = {"a": [1, 2.5, "x", None, True], "b": {}}
        assert pack(value, "value") == value

    def test_a_packed_value_does_not_change_with_its_origin(self):
        value = {"a": [1]}
        packed = pack(value, "value")
        value["a"].append(2)
        assert packed == {"a": [1]}

    @pytest.mark.parametrize("tag", ["$date", "$dict", "$", "$slot"])
    def test_a_dict_that_looks_like_a_tag_stays_a_dict(self, tag):
        assert again({tag: "2026-01-01"}) == {tag: "2026-01-01"}

    @pytest.mark.parametrize(
        "zone", [tz.gettz("Europe/Paris"), tz.tzoffset("X", 3600), tz.tzutc(), Nameless()]
    )
    def test_other_zones_keep_their_offset(self, zone):
        moment = datetime(2026, 7, 1, 12, tzinfo=zone)
        back = again(moment)
        assert back == moment
        assert type(back.tzinfo) is timezone
        if moment.tzname() is not None:
            assert back.tzname() == moment.tzname()

    def test_a_zone_whose_rules_have_changed_keeps_the_moment(self):
        kept = {"$datetime": ["2026-07-01T12:00:00", 0, ["Europe/Paris", 3600.0, "CET"]]}
        assert unpack(kept) == datetime(2026, 7, 1, 11, tzinfo=UTC)

    def test_a_zone_that_is_gone_keeps_the_moment(self):
        kept = {"$datetime": ["2026-07-01T12:00:00", 0, ["Europe/Atlantis", 3600.0, None]]}
        assert unpack(kept) == datetime(2026, 7, 1, 11, tzinfo=UTC)

    def test_a_time_of_a_day_in_a_zone_that_is_gone_has_none(self):
        assert unpack({"$time": ["12:00:00", 0, ["Europe/Atlantis", None, None]]}) == time(12)
        kept = unpack({"$time": ["12:00:00", 0, ["Europe/Atlantis", 3600.0, None]]})
        assert kept == time(12, tzinfo=timezone(timedelta(hours=1)))

    def test_slots_are_those_of_pytlas(self):
        slots = again(SlotValues([UnitValue(20.0, "degree"), date(2026, 1, 1)]))
        assert type(slots) is SlotValues
        assert (slots.first().value.value, slots.first().value.unit) == (20.0, "degree")
        assert slots.last().value == date(2026, 1, 1)

    def test_a_slot_may_have_meta_of_any_name(self):
        slot = SlotValue(1)
        slot.meta = {"self": 1, "raw_value": 2}
        assert again(slot).meta == {"self": 1, "raw_value": 2}


CIRCLE: list = []
CIRCLE.append(CIRCLE)


def nested(levels):
    value: list = []
    for _ in range(levels - 1):
        value = [value]
    return value


LOST = [
    (object(), "object"),
    ({1, 2}, "set"),
    (b"x", "bytes"),
    (Decimal(1), "Decimal"),
    (Number.ONE, "Number"),
    (OrderedDict(a=1), "OrderedDict"),
    (len, "builtin_function_or_method"),
    (datetime(2026, 1, 1, tzinfo=Away()), "datetime in a zone without an offset"),
    (time(12, tzinfo=Away()), "time in a zone without an offset"),
    (datetime(2026, 1, 1, tzinfo=Broken()), "a zone that fails: Broken"),
    ("x" * 262_144, "str, too much"),
    (10**400_000, "int, too much"),
]


@pytest.mark.parametrize("number", [10**4_400, -(10**4_400)], ids=["high", "low"])
def test_a_number_may_be_too_long_for_decimals(number):
    assert again(number) == number


class TestLeftOut:
    @pytest.mark.parametrize(("value", "reason"), LOST, ids=[reason for _, reason in LOST])
    def test_other_values_are_told_by_place_and_type(self, lines, value, reason):
        packed = pack({"a": {"b": [0, value]}, "c": 1}, "meta")
        assert packed == {"a": {"b": [0]}, "c": 1}
        assert [(path, told.rpartition(".")[2]) for path, told in lines()] == [
            ("meta.a.b[]", reason)
        ]

    def test_a_value_in_a_circle_is_left_out(self, lines):
        assert pack([1, CIRCLE], "x") == [1, []]
        assert lines() == [("x[][]", "list that contains itself")]

    def test_the_same_value_twice_is_no_circle(self, lines):
        same = [1]
        assert pack([same, same], "x") == [[1], [1]]
        assert lines() == []

    def test_a_value_that_is_nested_too_deeply_is_cut(self, lines):
        assert unpack(pack(nested(20), "x")) == nested(20)
        assert lines() == []
        assert unpack(pack(nested(21), "x")) == nested(20)
        assert lines()[0][1] == "list, nested too deeply"

    def test_what_is_packed_can_be_written_however_deep(self):
        deep: object = 1
        for _ in range(20):
            deep = {"$x": deep}
        packed = pack(deep, "x")
        assert unpack(again(packed)) == deep

    def test_what_is_small_is_kept_beside_what_is_too_much(self):
        assert pack({"a": "x" * 300_000, "b": 1}, "meta") == {"b": 1}

    def test_values_without_end_are_cut(self, lines):
        kept = pack(list(range(100_000)), "x")
        assert kept == list(range(len(kept)))
        assert 20_000 < len(kept) < 33_000
        assert lines() == [("x", "too much")]

    def test_keys_without_end_are_cut(self, lines):
        kept = unpack(pack(dict.fromkeys(range(100000)), "x"))
        assert list(kept) == list(range(len(kept)))
        assert 10_000 < len(kept) < 17_000
        assert lines()[-1] == ("x", "too much")
        assert len(lines()) <= 2

    def test_few_lines_are_enough(self, lines):
        pack({str(number): object() for number in range(100)}, "x")
        assert lines() == [(f"x.{number}", "object") for number in range(10)]

    @pytest.mark.parametrize(
        "value",
        [
            (1, object()),
            UnitValue(object(), "m"),
            SlotValue(object()),
            relativedelta(days=Decimal(1)),
        ],
    )
    def test_a_value_goes_with_the_part_that_it_needs(self, value):
        assert pack([1, value], "x") == [1]

    def test_a_slot_does_without_a_part_of_its_meta(self):
        slot = unpack(pack(SlotValue("v", a=1, b=object()), "x"))
        assert (slot.value, slot.meta) == ("v", {"a": 1})

    def test_a_whole_value_may_be_left_out(self, lines):
        assert pack(object(), "meta.x") is None
        assert lines() == [("meta.x", "object")]

    def test_a_key_that_cannot_be_kept_goes_with_its_value(self, lines):
        assert unpack(pack({frozenset(): 1, 2: 3}, "x")) == {2: 3}
        assert lines() == [("x.[frozenset]", "frozenset")]

    def test_it_is_told_once(self, lines):
        pack({"a": object()}, "x")
        pack({"a": object()}, "x")
        assert lines() == [("x.a", "object")]

    def test_no_value_is_told(self, lines):
        pack({"a": ["secret", {"secret"}, b"secret", ("secret", object())]}, "x")
        assert len(lines()) == 3
        assert "secret" not in str(lines())

    def test_a_dict_may_change_meanwhile(self):
        class Changing(tzinfo):
            def utcoffset(self, _moment):
                value["new"] = 1
                return timedelta(0)

            def tzname(self, _moment):
                return "X"

        value: dict = {"a": datetime(2026, 1, 1, tzinfo=Changing())}
        assert list(unpack(pack(value, "x"))) == ["a"]
        assert list(value) == ["a", "new"]


GOOD = dumps({"a": [date(2026, 1, 1), relativedelta(days=1), SlotValue(1), (1, 2)]})
DAMAGED = [
    "x",
    "null",
    "1",
    "[]",
    '[1,{"a":1},2]',
    "[1,[]]",
    '[2,{"a":1}]',
    '[1,{"$tuple":[1]}]',
    '[1,{"a":{"$new":1}}]',
    '[1,{"a":{"$date":1}}]',
    '[1,{"a":{"$date":"2026-13-01"}}]',
    '[1,{"a":{"$date":"2026-01-01","b":1}}]',
    '[1,{"a":{"$dict":[[[],1]]}}]',
    '[1,{"a":{"$dict":1}}]',
    '[1,{"a":{"$relativedelta":[{"dt1":1},null]}}]',
    '[1,{"a":{"$relativedelta":[{"years":1.5},null]}}]',
    '[1,{"a":{"$timedelta":[1e300]}}]',
    '[1,{"a":{"$int":"z"}}]',
    '[1,{"a":{"$datetime":["2026-01-01T00:00:00",7,null]}}]',
    '[1,{"a":{"$datetime":["2026-01-01T00:00:00",0,["",1e9,null]]}}]',
    '[1,{"a":' + "[" * 100_000 + "]" * 100_000 + "}]",
    '[1,{"a":' + "9" * 5_000 + "}]",
    GOOD[:-1],
]


class TestDamaged:
    @pytest.mark.parametrize("text", DAMAGED)
    def test_a_damaged_text_raises_one_error(self, text):
        with pytest.raises(BadSnapshot, match="damaged"):
            loads(text)

    def test_a_damaged_value_raises_the_same(self):
        with pytest.raises(BadSnapshot):
            unpack({"$unknown": 1})

    def test_a_pickle_is_no_snapshot(self):
        with pytest.raises(BadSnapshot):
            loads(pickle.dumps({"a": 1}, protocol=0).decode())

    @share(3)
    @given(
        st.integers(0, len(GOOD)),
        st.integers(0, 5),
        st.text('[]{}",:$0123456789abcdlnu', max_size=5),
    )
    def test_nothing_else_is_ever_raised(self, place, length, text):
        try:
            state = loads(GOOD[:place] + text + GOOD[place + length :])
        except BadSnapshot:
            return
        assert isinstance(state, dict)


def test_a_named_zone_is_the_very_zone():
    assert again(datetime(2026, 1, 1, tzinfo=ZoneInfo("Asia/Tokyo"))).tzinfo is ZoneInfo(
        "Asia/Tokyo"
    )
