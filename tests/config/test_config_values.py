"""How values are written in the configuration, and what is said of those that are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytlas_wamp.config import values

BASE = Path("/srv/pytlas")

READ = [
    (values.items_of(str.isalpha, "words"), "a, b\nc,", ("a", "b", "c")),
    (values.items_of(str.isalpha, "words", empty=True), " ", ()),
    (values.matching("[a-z]+", "small letters"), "abc", "abc"),
    (values.number(int, 1), "7", 7),
    (values.number(float, 0.5, 2), "2", 2.0),
    (values.parse_path, "x/../y", BASE / "y"),
    (values.parse_path, "/srv/x", Path("/srv/x")),
    (values.parse_yes_or_no, " Yes ", True),
    (values.parse_yes_or_no, "off", False),
    (values.parse_zone, "Europe/Paris", "Europe/Paris"),
    (values.parse_database_file, "x.db", "sqlite:////srv/pytlas/x.db"),
    (values.parse_database_url, "postgresql://h/d", "postgresql://h/d"),
    (values.parse_database_url, "sqlite:///x.db?a=1", "sqlite:////srv/pytlas/x.db?a=1"),
    (values.parse_database_url, "sqlite:////x.db", "sqlite:////x.db"),
    (values.parse_skill_deadlines, "weather: 120, b.c-d:0.1", {"weather": 120.0, "b.c-d": 0.1}),
    (values.parse_skill_deadlines, "", {}),
    (values.parse_bundled, "all", None),
    (values.parse_bundled, "none", ()),
    (values.parse_bundled, "home_basics, home_lights", ("home_basics", "home_lights")),
    (values.parse_anything, " = ; ", " = ; "),
]

REFUSED = [
    (values.items_of(str.isalpha, "words"), "a, 1", "words"),
    (values.items_of(str.isalpha, "words"), " ", "words"),
    (values.matching("[a-z]+", "small letters"), "aB", "small letters"),
    (values.number(int, 1), "x", "a whole number of at least 1"),
    (values.number(int, 1), "0", "a whole number of at least 1"),
    (values.number(float, 0.5, 2), "2.1", "a number of at least 0.5, such as 3.0 and at most 2"),
    (values.number(float, 0.5), "inf", "a number of at least 0.5"),
    (values.parse_path, "", "a path without"),
    (values.parse_path, "a?b", "a path without"),
    (values.parse_path, "~nobody-is-called-so/x", "a path whose ~"),
    (values.parse_yes_or_no, "maybe", "yes or no"),
    (values.parse_zone, "Mars/Base", "a time zone"),
    (values.parse_database_url, "x.db", "a database URL"),
    (values.parse_skill_deadlines, "weather", "names of skills with their seconds"),
    (values.parse_skill_deadlines, "a: 1, a: 2", "names of skills with their seconds"),
    (values.parse_skill_deadlines, "a: 0.05", "names of skills with their seconds"),
]


@pytest.mark.parametrize(("parse", "text", "expected"), READ)
def test_are_read(parse, text, expected):
    assert parse(text, BASE) == expected


@pytest.mark.parametrize(("parse", "text", "expected"), REFUSED)
def test_are_refused_with_what_they_must_be(parse, text, expected):
    with pytest.raises(ValueError, match=expected):
        parse(text, BASE)


@pytest.mark.parametrize(
    "text", ["tcp:8000", "tcp:port=80:interface=::", "unix:/run/x", "haproxy:tcp:1", "onion:80:x"]
)
def test_endpoints_are_known_by_their_shape(text):
    assert values._is_endpoint(text)


@pytest.mark.parametrize("text", ["8000", "localhost:80", "tcp:x", "tcp:70000", "1x:2"])
def test_what_is_no_endpoint_is_told(text):
    assert not values._is_endpoint(text)


@pytest.mark.parametrize(("text", "valid"), [("10.0.0.0/8", True), ("unix", True), ("x", False)])
def test_proxies_are_networks(text, valid):
    assert values._is_proxy(text) is valid
