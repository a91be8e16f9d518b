"""The skill that the clients of these programs talk to, as the text of a file.

It appends one line per call to a file, before it does anything: the user's number and the id
of the message, which travels in `meta`. So a message that ran twice stands there twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_TEXT = '''
import os
import time

from pytlas import intent, training

RUNS = {runs!r}
# While this file is there, whoever hangs does so; a minute is beyond every deadline here.
HANGING = {hanging!r}


def begin(req):
    line = "%s %s\\n" % (req.agent.meta["uid"], req.intent.meta["message_id"])
    file = os.open(RUNS, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(file, line.encode())
    os.close(file)
    return req.intent.slot("who").first().value


@intent("quick")
def on_quick(req):
    who = begin(req)
    req.agent.answer("A greeting to %s" % who)
    return req.agent.done()


@intent("slow")
def on_slow(req):
    who = begin(req)
    time.sleep(sum(req.intent.meta["message_id"].encode()) % 10 / 12)
    req.agent.answer("A slow greeting to %s" % who)
    return req.agent.done()


@intent("two")
def on_two(req):
    who = begin(req)
    req.agent.answer("First greeting to %s" % who)
    time.sleep(0.05)
    req.agent.answer("Second greeting to %s" % who)
    return req.agent.done()


@intent("open")
def on_open(req):
    who = begin(req)
    room = req.intent.slot("room").first().value
    if room is None:
        return req.agent.ask("room", "Which room for %s?" % who)
    req.agent.answer("For %s: %s" % (who, room))
    return req.agent.done()


@intent("hang")
def on_hang(req):
    who = begin(req)
    for _ in range(600):
        if not os.path.exists(HANGING):
            break
        time.sleep(0.1)
    req.agent.answer("Back with %s" % who)
    return req.agent.done()


@training("en")
def english():
    return """
%[quick]
  quick greeting to @[who]

%[slow]
  slow greeting to @[who]

%[two]
  greet @[who] two times

%[open]
  open a room for @[who]

%[hang]
  hang around with @[who]

@[who]
  somebody
  nobody

@[room]
  hall
"""
'''


def install(skills: Path, *, runs: Path, hanging: Path) -> None:
    """Write the skill into a folder of skills.

    Args:
      skills: the folder; it is made.
      runs: the file that gets a line for each call.
      hanging: as long as it is there, `hang around with ...` does not end.
    """
    skills.mkdir(parents=True, exist_ok=True)
    skill = _TEXT.format(runs=str(runs), hanging=str(hanging))
    (skills / "greetings_of_the_house.py").write_text(skill, encoding="utf-8")
