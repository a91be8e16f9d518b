"""Skills come, change and go while somebody talks: the conversation knows, and stays."""

from __future__ import annotations

import shutil

import pytest
from skill_folders import undone, write
from twisted.internet.task import Clock

from frames import Screen
from pytlas_wamp.assistant.host import Host, Person
from pytlas_wamp.assistant.interpreters import Interpreters
from pytlas_wamp.assistant.skills import SkillShelf
from pytlas_wamp.limits import Limits
from pytlas_wamp.understanding.patterns import PatternInterpreter
from pytlas_wamp.understanding.statistical import StatisticalInterpreter, training
from pytlas_wamp.wire.messages import Message
from workers_for_tests import InlineWorkers

SKILL = """
from pytlas import intent, training, translations

@intent("NAME_do")
def do(request):
    request.agent.answer(request._("said"))
    request.agent.done()

@training("en")
def sentences(): return '''
%[NAME_do]
  SENTENCE
  SENTENCE please
'''

@translations("en")
def texts(): return {"said": "ANSWER"}
"""


def statistical(language, cache):
    return StatisticalInterpreter(language, cache, train=training.train)


class Server:
    """One with skills in a folder, and a conversation."""

    def __init__(self, factory, folder):
        self.folder = folder / "skills"
        self.write("zv_tea", "put the kettle on")
        self.write("zv_song", "sing me a song")
        self.shelf = SkillShelf()
        self.shelf.load(self.folder)
        workers = InlineWorkers()
        self.interpreters = Interpreters(
            factory=factory,
            cache_directory=folder / "cache",
            workers=workers,
            packages=self.shelf.packages,
            gaps=self.shelf.gaps,
            now=lambda: 0.0,
        )
        self.host = Host(
            interpreters=self.interpreters,
            workers=workers,
            urgent=workers,
            clock=Clock(),
            limits=Limits(),
        )
        self.screen = Screen()
        self.host.join(Person(id=1, language="en-US", settings={}), self.screen)
        self.intents = self.interpreters.status()[0].intents

    def write(self, name, sentence, answer=None):
        code = SKILL.replace("SENTENCE", sentence).replace("ANSWER", answer or f"{name} here")
        write(self.folder, name, code)

    def reload(self):
        report = self.shelf.reload()
        ended = []
        self.interpreters.renew().addBoth(ended.append)
        assert ended == [None]
        return report

    def says(self, message):
        (conversation,) = self.host.conversations
        conversation.say(self.screen, Message(message=message))
        told = self.screen.look()
        assert told[-1] == "done"
        return [line.removeprefix("answer ") for line in told if line.startswith("answer ")]


@pytest.fixture(params=[PatternInterpreter, statistical], ids=["patterns", "statistical"])
def server(request, tmp_path):
    with undone(tmp_path):
        yield Server(request.param, tmp_path)


def test_a_new_skill_is_understood_and_has_its_texts(server):
    assert server.says("wash my car") == []
    server.write("zv_car", "wash my car")
    assert server.reload().added == ("zv_car",)
    assert server.says("wash my car") == ["zv_car here"]
    assert server.says("put the kettle on") == ["zv_tea here"]


def test_a_removed_one_is_not_understood_any_more(server):
    assert server.says("sing me a song") == ["zv_song here"]
    shutil.rmtree(server.folder / "zv_song")
    assert server.reload().removed == ("zv_song",)
    assert server.says("sing me a song") == []
    assert server.interpreters.status()[0].intents == server.intents - 1
    assert server.says("put the kettle on") == ["zv_tea here"]


def test_a_changed_one_has_its_new_sentences(server):
    server.write("zv_song", "count the sheep")
    server.reload()
    assert server.says("count the sheep") == ["zv_song here"]
    assert server.says("sing me a song") == []


def test_people_whose_language_had_none_have_it_in_the_same_conversation(server):
    shutil.rmtree(server.folder)
    server.folder.mkdir()
    server.reload()
    assert server.interpreters.status() == []
    assert server.says("put the kettle on") == []
    server.write("zv_car", "wash my car")
    server.reload()
    assert server.says("wash my car") == ["zv_car here"]
    assert server.intents - 1 == server.interpreters.status()[0].intents


def test_a_changed_one_answers_anew_although_nothing_is_to_be_learnt(server):
    server.write("zv_song", "sing me a song", answer="la la")
    server.reload()
    assert server.says("sing me a song") == ["la la"]


def test_a_broken_one_goes_on_as_before(server):
    write(server.folder, "zv_song", "1 / 0")
    assert server.reload().changed == ()
    assert server.says("sing me a song") == ["zv_song here"]


def test_one_whose_sentences_are_broken_stops_no_other(server):
    server.write("zv_song", "sing @[nothing]")
    server.reload()
    assert server.says("sing me a song") == []
    assert server.says("put the kettle on") == ["zv_tea here"]


def test_the_last_one_may_go(server):
    shutil.rmtree(server.folder)
    assert server.reload().removed == ("zv_song", "zv_tea")
    assert server.says("sing me a song") == []
    server.write("zv_tea", "put the kettle on")
    server.reload()
    assert server.says("put the kettle on") == ["zv_tea here"]


def test_whoever_comes_later_has_the_same(server):
    server.write("zv_car", "wash my car")
    server.reload()
    screen = Screen()
    server.host.join(Person(id=2, language="en-US", settings={}), screen)
    server.host.conversations[1].say(screen, Message(message="wash my car"))
    assert "answer zv_car here" in screen.look()
