"""Small training data for the `statistical` interpreter, and what is learnt from it."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pytlas_wamp import compat  # noqa: F401 - pychatl does not import without it
from pytlas_wamp.understanding import normalisation
from pytlas_wamp.understanding.statistical import StatisticalInterpreter, training

import pychatl  # isort: skip
import pychatl.adapters  # isort: skip

if TYPE_CHECKING:
    from pytlas_wamp.understanding.normalisation import Sentence
    from pytlas_wamp.understanding.statistical.model import Model

# A Monday.
NOW = datetime(2026, 11, 23, 10, 30, tzinfo=ZoneInfo("Europe/Paris"))

CHATL = """
%[lamp_on]
  turn on the light
  turn on the light in the @[room]
  switch the @[room] lamp on
  light up the @[room]
  make it bright in the @[room]

%[lamp_off]
  turn off the light
  turn off the light in the @[room]
  switch the @[room] lamp off
  make it dark in the @[room]
  lights out

%[paint]
  paint the @[room] @[color]
  make the @[room] walls @[color]
  I want @[color] walls in the @[room]
  color the @[room] in @[color]
  please paint everything @[color]

%[friend_remove]
  remove @[person] from my friends list
  delete @[person] from my friends
  take @[person] off the list of friends
  I am no longer a friend of @[person]
  unfriend @[person]

%[wake]
  wake me up at @[moment]
  set an alarm for @[moment]
  I must get up at @[moment]
  alarm @[moment]
  ring the alarm @[moment]

@[room]
  kitchen
  ~[living room]
  bedroom

~[living room]
  lounge

@[color](extensible=false)
  red
  ~[blue]

~[blue]
  azure

@[person]
  anna
  peter parker
  my brother

@[moment](type=datetime)
  tomorrow at 7 am
  noon
"""

# What a sentence of CHATL may be called, in words that none of its sentences has.
REWORDINGS = {
    "kindly switch off the lights": "lamp_off",
    "please light up the cellar": "lamp_on",
    "please remove donald from my friends list": "friend_remove",
    "wake me up please at 6 am": "wake",
}


def training_data(chatl: str = CHATL, language: str = "en") -> dict[str, Any]:
    """The Snips-format data of a chatl text."""
    return pychatl.adapters.snips(pychatl.parse(chatl), language=language)


@cache
def trained(chatl: str = CHATL, language: str = "en") -> Model:
    """The model of a chatl text, learnt once for all tests."""
    return training.train(training_data(chatl, language), language)


def fitted(chatl: str = CHATL, language: str = "en") -> StatisticalInterpreter:
    """An interpreter that learnt in this process, whose clock stands at NOW."""
    interpreter = StatisticalInterpreter(
        language, clock=lambda: NOW, train=lambda *_: trained(chatl, language)
    )
    interpreter.fit(training_data(chatl, language))
    return interpreter


def read(text: str) -> Sentence:
    """The tokens of a text that has some."""
    sentence = normalisation.read(text)
    assert sentence is not None
    return sentence
