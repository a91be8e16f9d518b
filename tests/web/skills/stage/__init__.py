"""Says what the pages must be able to show, the harmless and the hostile.

Each sentence is an intent of its own, so that the plainest interpreter knows it.
"""

import time
from pathlib import Path

from pytlas import intent, meta, training
from pytlas.handling import Card, Meta, Setting

PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SCRIPT = "<script>window.wasHurt = 1</script>"
HOSTILE = (
    f"{SCRIPT}<img src=x onerror='window.wasHurt = 1'><svg onload='window.wasHurt = 1'></svg>"
    "<iframe srcdoc='<script>parent.wasHurt = 1</script>'></iframe>"
    "<style>body { display: none }</style><form action='/api/token'><input></form>"
    "[a link](javascript:window.wasHurt=1) [data](data:text/html,<script>1</script>)"
    " <a href='javascript:window.wasHurt=1' onclick='window.wasHurt=1'>html link</a>"
    " **strong words**"
)
MARKDOWN = """# Weather

It is **21 degrees** in *Paris*, see [the forecast](https://weather.example/paris).

- bread
- milk

| day | sky |
|---|---|
| Monday | rain |

`code` and

```
a block
```
"""
RIGHT_TO_LEFT = "\u202eevil\u202c \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627"


@meta()
def about(_):
    return Meta(
        name=f"Stage {SCRIPT}",
        description="Shows everything.",
        author="<b>nobody</b>",
        settings=[
            Setting("stage", "town", str, "Where you are"),
            Setting("stage", "people", int, "How many you are"),
            Setting("stage", "loud", bool, "Whether to shout"),
            Setting("stage", "api_key", str, f"A secret {SCRIPT}"),
        ],
    )


def say(req, text, cards=None):
    req.agent.answer(text, cards=cards)
    return req.agent.done()


@intent("show_markdown")
def show_markdown(req):
    return say(req, MARKDOWN)


@intent("show_cards")
def show_cards(req):
    return say(
        req,
        "Two cards.",
        [
            Card(
                "Paris",
                "*21* degrees",
                subhead="Today",
                header_link="https://weather.example/paris",
                media=PIXEL,
            ),
            Card("Lyon", "Rain", media="/nothing-is-here.png"),
        ],
    )


@intent("show_hostile")
def show_hostile(req):
    return say(
        req,
        HOSTILE,
        [
            Card(
                HOSTILE,
                HOSTILE,
                subhead=HOSTILE,
                header_link="javascript:window.wasHurt=1",
                media="javascript:1",
            )
        ],
    )


@intent("show_long")
def show_long(req):
    return say(req, "A long story. " + "word " * 20_000)


@intent("show_backwards")
def show_backwards(req):
    return say(req, RIGHT_TO_LEFT)


@intent("take_your_time")
def take_your_time(req):
    # Until the test takes the file away, and never for longer than a test lasts.
    flag = Path(__file__).with_name("wait")
    late = time.monotonic() + 60
    while flag.exists() and time.monotonic() < late:
        time.sleep(0.02)
    return say(req, "Here I am.")


@intent("fail_now")
def fail_now(req):
    raise RuntimeError("this is on purpose")


@intent("choose_a_color")
def choose_a_color(req):
    color = req.intent.slot("color").first().value
    if not color:
        return req.agent.ask("color", "Which **color**?", ["Red", "Green", SCRIPT])
    return say(req, f"You chose {color}.")


@intent("introduce_me")
def introduce_me(req):
    name = req.intent.slot("name").first().value
    if not name:
        return req.agent.ask("name", "What is your name?")
    return say(req, f"Hello {name}.")


@intent("where_am_i")
def where_am_i(req):
    town = req.agent.settings.get("town", section="stage")
    return say(req, f"You are in {town or 'a place that I do not know'}.")


@training("en")
def english():
    return """
%[show_markdown]
  show markdown

%[show_cards]
  show cards

%[show_hostile]
  show hostile things

%[show_long]
  tell a long story

%[show_backwards]
  write backwards

%[take_your_time]
  take your time

%[fail_now]
  fail now

%[choose_a_color]
  choose a color

%[introduce_me]
  introduce me

%[where_am_i]
  where am I
"""


@training("fr")
def french():
    return """
%[where_am_i]
  où suis-je

%[choose_a_color]
  choisis une couleur
"""
