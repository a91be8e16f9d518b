"""What the benchmark talks to: it says again what it is told, at once or after two seconds.

`BENCH_INTENTS` in the environment says how many intents there are in all. All but two are
never meant by anybody; they are there because assistants have them.
"""

import os
import time

from pytlas import intent, training

SLOW_SECONDS = 2.0
_WORDS = """
open close start stop show hide lift lower clean paint move sell
roof window door garage curtain oven heater fan kettle printer gate shutter fridge
radio piano engine camera sprinkler boiler tractor elevator pump mill ladder kiln
"""
_VERBS, *_THINGS = map(str.split, _WORDS.strip().splitlines())
_OTHERS = max(0, int(os.environ.get("BENCH_INTENTS", "34")) - 2)
_NAMES = [(verb, thing) for line in _THINGS for thing in line for verb in _VERBS]
if len(_NAMES) < _OTHERS:
    raise ValueError(f"there are words for {len(_NAMES)} intents, not for {_OTHERS}")


@intent("bench_echo")
def on_echo(req):
    req.agent.answer(req.intent.slot("text").first().value)
    return req.agent.done()


@intent("bench_slow")
def on_slow(req):
    time.sleep(SLOW_SECONDS)
    req.agent.answer("It was worth it.")
    return req.agent.done()


def on_other(req):
    return req.agent.done()


for _verb, _thing in _NAMES[:_OTHERS]:
    intent(f"bench_{_verb}_{_thing}")(on_other)


@training("en")
def english():
    parts = [
        """
%[bench_echo]
  it is @[text]
  she says it is @[text]

%[bench_slow]
  wait for two seconds
  wait two seconds

@[text]
  cold
  warm and sunny
"""
    ]
    parts += [
        f"%[bench_{verb}_{thing}]\n  {verb} the {thing}\n  please {verb} my {thing} now\n"
        f"  would you {verb} the old {thing}\n"
        for verb, thing in _NAMES[:_OTHERS]
    ]
    return "\n".join(parts)
