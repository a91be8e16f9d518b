"""The shipped skills as the server loads them, and a user who talks to them."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from attrs import define, field

import pytlas_wamp
from pytlas_wamp import compat  # noqa: F401 - pytlas does not import without it
from pytlas_wamp.understanding.patterns import create

from pytlas import Agent  # isort: skip - compat comes first
from pytlas.handling.hooks import GLOBAL_HOOKS  # isort: skip
from pytlas.handling.localization import GLOBAL_TRANSLATIONS  # isort: skip
from pytlas.handling.skill import GLOBAL_HANDLERS, GLOBAL_METAS  # isort: skip
from pytlas.understanding import Intent, Interpreter  # isort: skip
from pytlas.understanding.training import GLOBAL_TRAININGS  # isort: skip

FOLDER = Path(pytlas_wamp.__file__).parent / "bundled_skills"
NAMES = sorted(path.name for path in FOLDER.iterdir() if path.name.startswith("home_"))
STORES = (GLOBAL_HANDLERS, GLOBAL_HOOKS, GLOBAL_METAS, GLOBAL_TRAININGS, GLOBAL_TRANSLATIONS)


def forget_skills():
    for name in [name for name in sys.modules if name.split(".")[0] in NAMES]:
        del sys.modules[name]


@pytest.fixture
def skills(monkeypatch):
    """The skills by name, freshly imported, and nobody else's in pytlas' stores."""
    for store in STORES:
        data = {name: [] for name in store._data} if store is GLOBAL_HOOKS else {}
        monkeypatch.setattr(store, "_data", data)
    monkeypatch.syspath_prepend(FOLDER)
    forget_skills()
    yield SimpleNamespace(**{name: importlib.import_module(name) for name in NAMES})
    forget_skills()


class Script(Interpreter):
    """Understands `name` or `name slot=value`, and whatever else not at all.

    It has every trained intent of the skills, and respects scopes as real ones do.
    """

    def __init__(self, lang, intents):
        super().__init__("script", lang)
        self.intents = intents

    def parse(self, msg, scopes=None):
        name, _, slots = msg.partition(" ")
        if name not in self.intents or (scopes is not None and name not in scopes):
            return []
        given = [slot.split("=") for slot in slots.split("; ") if slot]
        return [Intent(name, **dict(given))]


@define
class Talk:
    """A user at an agent: `says` returns what came back, without Markdown.

    Args:
      cards: those of the last answer.
      choices: those of the last question.
      events: everything the agent reported, in order.
    """

    agent: Agent = field(init=False)
    cards: list | None = None
    choices: list | None = None
    events: list = field(factory=list)
    texts: list = field(factory=list)

    def says(self, message):
        self.events.clear()
        self.texts.clear()
        self.agent.parse(message)
        return self.heard()

    def heard(self):
        said = " | ".join(self.texts)
        self.texts.clear()
        return said

    def on_answer(self, text, cards, raw_text, **_):
        self.cards = cards
        self.events.append("answer")
        self.texts.append(raw_text)

    def on_ask(self, slot, text, choices, raw_text, **_):
        self.choices = choices
        self.events.append(f"ask {slot}")
        self.texts.append(raw_text)

    def on_done(self, require_input):
        self.events.append("done, go on" if require_input else "done")

    def on_context(self, name):
        self.events.append(f"context {name}")


def trained_intents(lang):
    from pychatl import parse  # noqa: PLC0415 - compat comes first

    return [name for text in GLOBAL_TRAININGS.all(lang).values() for name in parse(text)["intents"]]


@pytest.fixture
def talk(skills):
    """`talk("fr", uid="ada")`: a user whose messages are names of intents (see Script)."""

    def start(lang="en", interpreter=None, **meta):
        user = Talk()
        user.agent = Agent(interpreter or Script(lang, trained_intents(lang)), model=user, **meta)
        return user

    return start


FITTED = {}


@pytest.fixture
def chat(skills, talk):
    """`chat("fr")`: a user whose messages the `patterns` interpreter understands."""

    def start(lang="en", **meta):
        if lang not in FITTED:
            FITTED[lang] = create(lang, None)
            FITTED[lang].fit_from_skill_data()
        return talk(lang, FITTED[lang], **meta)

    return start
