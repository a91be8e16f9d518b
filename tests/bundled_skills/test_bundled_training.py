"""What the shipped skills are made of: training data, handlers, translations, metadata."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path
from types import ModuleType

import pytest

from pytlas_wamp import compat  # noqa: F401 - pytlas does not import without it
from pytlas_wamp.understanding.normalisation import read

import pychatl  # isort: skip - compat comes first
from pychatl.adapters import snips  # isort: skip
from pychatl.augment import Augment  # isort: skip
from pytlas.handling.localization import GLOBAL_TRANSLATIONS  # isort: skip
from pytlas.handling.skill import GLOBAL_HANDLERS, GLOBAL_METAS  # isort: skip
from pytlas.understanding.training import GLOBAL_TRAININGS  # isort: skip

LANGUAGES = ("en", "fr")
FEWEST_SENTENCES = 6

pytestmark = pytest.mark.usefixtures("skills")


@pytest.fixture(params=LANGUAGES)
def lang(request):
    return request.param


def merged(lang):
    data = {}
    for text in GLOBAL_TRAININGS.all(lang).values():
        data = pychatl.merge(data, pychatl.parse(text))
    return data


def sentences(lang):
    """Every sentence of every intent, written out, with entities as `<name>`."""
    data = merged(lang)
    for name, trained in Augment(data).get_intents().items():
        for sentence in trained["data"]:
            yield (
                name,
                "".join(
                    f"<{part['value']}>" if part["type"] == "entity" else part["value"]
                    for part in sentence
                ),
            )


class TestTrainingData:
    def test_pychatl_reads_every_line_of_it(self, lang):
        """Pychatl stops without a word at the first thing that it does not understand."""
        for text in GLOBAL_TRAININGS.all(lang).values():
            data = pychatl.parse(text)
            kinds = [data["intents"], data["entities"], data["synonyms"]]
            definitions = re.findall(r"^[%@~]\[", text, re.MULTILINE)
            lines = re.findall(r"^ +\S", text, re.MULTILINE)
            assert sum(len(kind) for kind in kinds) == len(definitions)
            assert sum(len(one["data"]) for kind in kinds for one in kind.values()) == len(lines)

    def test_pytlas_gets_training_data_from_it(self, lang):
        data = snips(merged(lang), language=lang)
        assert set(data["intents"]) == set(merged(lang)["intents"])

    def test_no_two_intents_share_a_sentence(self, lang):
        owners = defaultdict(set)
        for name, sentence in sentences(lang):
            owners[read(sentence).keys].add(name)
        assert {key: names for key, names in owners.items() if len(names) > 1} == {}

    def test_every_intent_has_sentences_enough(self, lang):
        counts = {name: len(one["data"]) for name, one in merged(lang)["intents"].items()}
        assert {name: n for name, n in counts.items() if n < FEWEST_SENTENCES} == {}

    def test_nothing_is_used_that_is_not_defined_in_the_same_skill(self, lang):
        for package, text in GLOBAL_TRAININGS.all(lang).items():
            data = pychatl.parse(text)
            sentences_only = re.sub(r"^[@~].*", "", text, flags=re.MULTILINE)
            used = set(re.findall(r"[@~]\[([^]?]+)", sentences_only))
            assert (package, used) == (package, set(data["entities"]) | set(data["synonyms"]))

    @pytest.mark.parametrize("kind", ["intents", "entities", "synonyms"])
    def test_no_name_belongs_to_two_skills(self, lang, kind):
        """Of two with the same name, in whichever skills, pychatl makes one."""
        texts = GLOBAL_TRAININGS.all(lang).values()
        names = [name for text in texts for name in pychatl.parse(text)[kind]]
        assert sorted(names) == sorted(set(names))

    def test_both_languages_have_the_same_intents_and_entities(self):
        english, french = merged("en"), merged("fr")
        assert set(english["intents"]) == set(french["intents"])
        assert set(english["entities"]) == set(french["entities"])


class TestHandlers:
    def test_every_trained_intent_has_one(self, lang):
        assert set(merged(lang)["intents"]) <= set(GLOBAL_HANDLERS._data)

    def test_the_others_are_fallbacks(self, lang):
        others = set(GLOBAL_HANDLERS._data) - set(merged(lang)["intents"])
        assert others == {"__fallback__", "guess_game/__fallback__"}

    def test_each_belongs_to_the_skill_that_is_named_like_its_folder(self):
        packages = {handler.__pytlas_package__ for handler in GLOBAL_HANDLERS._data.values()}
        assert packages == set(GLOBAL_TRAININGS._data) == set(GLOBAL_METAS._data)


class TestTranslations:
    @staticmethod
    def texts_of(skill):
        """Whatever a skill hands to `_`, and what it hands over from tables."""
        texts = set(getattr(skill, "COLORS", ()))
        for path in Path(skill.__file__).parent.glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                    if name in {"_", "translate"} and isinstance(node.args[0], ast.Constant):
                        texts.add(node.args[0].value)
        return texts

    def test_every_text_exists_in_french_and_no_other_does(self, skills):
        for name, skill in vars(skills).items():
            french = GLOBAL_TRANSLATIONS.get(name, "fr")
            assert (name, self.texts_of(skill)) == (name, set(french))

    def test_french_texts_have_the_same_places_to_fill(self, skills):
        places = re.compile(r"\{\w+\}")
        for name in vars(skills):
            for english, french in GLOBAL_TRANSLATIONS.get(name, "fr").items():
                assert sorted(places.findall(english)) == sorted(places.findall(french))


class TestModules:
    def test_none_holds_a_foreign_module(self, skills):
        """Pytlas reloads the modules that it finds in a skill, the standard library too."""
        for name, skill in vars(skills).items():
            held = [v.__name__ for v in vars(skill).values() if isinstance(v, ModuleType)]
            assert [one for one in held if not one.startswith(f"{name}.")] == []

    def test_metadata_speaks_both_languages(self):
        for english, french in zip(GLOBAL_METAS.all("en"), GLOBAL_METAS.all("fr"), strict=True):
            assert english.name
            assert english.version == "1.0.0"
            assert english.name != french.name
            assert english.description != french.description
