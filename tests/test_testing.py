"""An agent for the tests of one skill, as `pytlas.testing` had it."""

from __future__ import annotations

import enum
import importlib
import os
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from dateutil.relativedelta import relativedelta

from pytlas_wamp import testing
from pytlas_wamp.testing import AgentModelMock, AttrDict, ModelMock, create_skill_agent

from pytlas.handling.hooks import GLOBAL_HOOKS  # isort: skip - compat comes first
from pytlas.handling.localization import GLOBAL_TRANSLATIONS  # isort: skip
from pytlas.handling.skill import GLOBAL_HANDLERS, GLOBAL_METAS  # isort: skip
from pytlas.understanding.training import GLOBAL_TRAININGS  # isort: skip

STORES = (GLOBAL_HANDLERS, GLOBAL_HOOKS, GLOBAL_METAS, GLOBAL_TRAININGS, GLOBAL_TRANSLATIONS)

# As skills of 2019 are: all in one module, which the package imports from.
LAMPS = '''
import re
from pytlas import intent, training, translations

imported = []

@training("en")
def english(): return """
%[lamp_on]
  switch on the lamp in the @[room]
  light the @[room]
  make it bright

%[lamp_when]
  switch the lamp on @[moment]
  light the lamp @[moment]

@[room]
  attic
  hall

@[moment](type=datetime)
  after 5pm
  tomorrow at 6am
"""

@training("fr")
def french(): return """
%[lamp_on]
  allume la lampe
"""

@intent("lamp_on")
def on_lamp(req):
    room = req.intent.slot("room").first().value
    if not room:
        return req.agent.ask("room", req._("Where?"), ["Attic", "Hall"])
    req.agent.answer(re.sub("x", "", req._("Light!")), room=room)
    return req.agent.done()

@intent("lamp_when")
def on_when(req):
    moment = req.intent.slot("moment").first()
    req.agent.answer(str(moment), value=moment.value)
    return req.agent.done()

@translations("fr")
def texts(): return {"Where?": "Où ?"}
'''

BELLS = '''
from pytlas import intent, training

@training("en")
def english(): return """
%[bell_ring]
  ring the bell
"""

@intent("bell_ring")
def on_bell(req):
    req.agent.answer("Ding")
    return req.agent.done()
'''


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Folders of skills, and pytlas and temporary files as nobody has used them."""
    for store in STORES:
        data = {name: [] for name in store._data} if store is GLOBAL_HOOKS else {}
        monkeypatch.setattr(store, "_data", data)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(testing.tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    for name, code in (("my_lamps", LAMPS), ("my_bells", BELLS)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f"from .{name[3:]} import *\n")
        (tmp_path / name / f"{name[3:]}.py").write_text(code)
    importlib.invalidate_caches()
    yield tmp_path
    for name in [each for each in sys.modules if each.startswith(("my_lamps", "my_bells"))]:
        del sys.modules[name]


@pytest.fixture
def lamps(folder):
    return str(folder / "my_lamps")


class TestTheAgent:
    def test_understands_and_answers(self, lamps):
        agent = create_skill_agent(lamps)
        agent.parse("light the attic")
        call = agent.model.on_answer.get_call()
        assert (call.text, call.room, call.cards) == ("Light!", "attic", None)

    def test_understands_rewordings(self, lamps):
        agent = create_skill_agent(lamps)
        agent.parse("please switch the lamp on in the hall")
        assert agent.model.on_answer.get_call().room == "hall"

    def test_asks_for_a_slot_and_takes_the_reply(self, lamps):
        agent = create_skill_agent(lamps)
        agent.parse("make it bright")
        asked = agent.model.on_ask.get_call()
        assert (asked.slot, asked.text, asked.choices) == ("room", "Where?", ["Attic", "Hall"])
        agent.parse("attic")
        assert agent.model.on_answer.get_call().room == "attic"

    def test_speaks_another_language(self, lamps):
        agent = create_skill_agent(lamps, lang="fr")
        agent.parse("allume la lampe")
        assert agent.model.on_ask.get_call().text == "Où ?"

    def test_knows_no_other_skill(self, folder, lamps):
        create_skill_agent(str(folder / "my_bells")).parse("ring the bell")
        agent = create_skill_agent(lamps)
        agent.parse("ring the bell")
        assert agent._interpreter.intents == ["lamp_on", "lamp_when"]
        assert sorted(agent._handlers._data) == ["lamp_on", "lamp_when"]
        assert not agent.model.on_answer.called

    def test_knows_skills_that_are_named(self, folder, lamps):
        agent = create_skill_agent(str(folder / "my_bells"), additional_skills=["my_lamps"])
        for sentence in ("ring the bell", "light the hall"):
            agent.parse(sentence)
        answers = [agent.model.on_answer.get_call(number).text for number in (0, 1)]
        assert answers == ["Ding", "Light!"]

    def test_a_skill_that_cannot_be_imported_is_told(self, folder):
        with pytest.raises(ImportError, match="my_nothing"):
            create_skill_agent(str(folder / "my_nothing"))


class TestImporting:
    def test_a_second_time_reloads_nothing_that_others_use(self, lamps):
        create_skill_agent(lamps)
        before = re.RegexFlag, re.Pattern, enum.Enum, sys.modules["my_lamps"].imported
        agent = create_skill_agent(lamps)
        agent.parse("light the attic")
        after = re.RegexFlag, re.Pattern, enum.Enum, sys.modules["my_lamps"].imported
        assert [one is other for one, other in zip(before, after, strict=True)] == [True] * 4
        assert re.sub("a", "b", "a", flags=re.IGNORECASE) == "b"

    def test_a_skill_that_pytlas_forgot_is_run_again(self, folder, lamps, monkeypatch):
        create_skill_agent(lamps)
        flag = re.RegexFlag
        (folder / "my_lamps" / "test_lamps.py").write_text("1 / 0\n")
        monkeypatch.setitem(sys.modules, "my_lamps.test_lamps", object())
        for store in STORES[:1] + STORES[3:]:
            monkeypatch.setattr(store, "_data", {})
        agent = create_skill_agent(lamps)
        agent.parse("light the attic")
        assert agent.model.on_answer.get_call().text == "Light!"
        assert re.RegexFlag is flag

    def test_a_skill_without_training_data_is_left_as_it_is(self, folder, lamps):
        (folder / "my_bells" / "bells.py").write_text(
            "from pytlas import intent\n\nran = []\n\n"
            "@intent('bell_ring')\ndef ring(req): return req.agent.done()\n"
        )
        create_skill_agent(lamps, additional_skills=["my_bells"])
        ran = sys.modules["my_bells"].ran
        create_skill_agent(lamps, additional_skills=["my_bells"])
        assert sys.modules["my_bells"].ran is ran

    def test_neither_snips_nor_pkg_resources_is_needed(self, lamps):
        code = (
            "import sys\n"
            "sys.modules['snips_nlu'] = sys.modules['pkg_resources'] = None\n"
            "from pytlas_wamp.testing import create_skill_agent\n"
            f"agent = create_skill_agent({lamps!r})\n"
            "agent.parse('light the attic')\n"
            "print(agent.model.on_answer.get_call().text)\n"
        )
        process = subprocess.run(  # noqa: S603 - our own code
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
        assert (process.stdout, process.returncode) == ("Light!\n", 0)


class TestValues:
    def test_an_interval_may_be_open(self, lamps):
        agent = create_skill_agent(lamps)
        agent.parse("switch the lamp on after 5pm")
        call = agent.model.on_answer.get_call()
        begin, end = call.value
        assert (begin.hour, end) == (17, None)
        assert call.text == f"{begin}, None"

    def test_a_moment_is_one(self, lamps):
        agent = create_skill_agent(lamps)
        agent.parse("light the lamp tomorrow at 6am")
        value = agent.model.on_answer.get_call().value
        tomorrow = datetime.now(value.tzinfo) + relativedelta(days=1)
        assert (value.date(), value.hour) == (tomorrow.date(), 6)


class TestWhatIsKept:
    def test_the_same_training_data_is_learnt_once(self, folder, lamps, monkeypatch):
        create_skill_agent(lamps)
        monkeypatch.setattr(testing.training, "train", None)
        agent = create_skill_agent(lamps)
        assert agent._interpreter.intents == ["lamp_on", "lamp_when"]

    def test_each_training_data_has_a_folder_of_its_own(self, folder, lamps):
        create_skill_agent(lamps)
        create_skill_agent(lamps, lang="fr")
        [private] = (folder / "tmp").iterdir()
        assert len(list(private.iterdir())) == 2

    def test_nobody_else_can_write_there(self, folder, lamps):
        create_skill_agent(lamps)
        [private] = (folder / "tmp").iterdir()
        assert private.stat().st_mode & 0o777 == 0o700

    @pytest.mark.parametrize("make", [Path.touch, lambda path: path.symlink_to("/tmp")])  # noqa: S108
    def test_what_is_no_folder_of_ours_is_not_used(self, folder, lamps, make):
        create_skill_agent(lamps)
        [private] = (folder / "tmp").iterdir()
        private.rename(folder / "elsewhere")
        make(private)
        agent = create_skill_agent(lamps)
        assert agent._interpreter.cache_directory is None
        assert agent._interpreter.intents == ["lamp_on", "lamp_when"]

    def test_users_need_no_numbers(self, folder, lamps, monkeypatch):
        monkeypatch.delattr(testing.os, "getuid")
        assert create_skill_agent(lamps)._interpreter.intents == ["lamp_on", "lamp_when"]
        assert [path.name for path in (folder / "tmp").iterdir()] == ["pytlas-wamp-testing-0"]

    def test_a_folder_of_somebody_else_is_not_used(self, lamps, monkeypatch):
        somebody = os.getuid() + 1
        monkeypatch.setattr(testing.os, "getuid", lambda: somebody)
        assert create_skill_agent(lamps)._interpreter.cache_directory is None


class TestTheModel:
    def test_arguments_have_names(self):
        mock = ModelMock().has_arguments_mapping(["text", "cards"])
        mock("hello", None, raw="x")
        assert mock.get_call() == {"text": "hello", "cards": None, "raw": "x"}

    def test_calls_have_numbers(self):
        mock = ModelMock().has_arguments_mapping(["text"])
        for text in ("one", "two"):
            mock(text)
        assert [mock.get_call(number).text for number in (0, 1, -1, -2)] == [
            *("one", "two"),
            *("two", "one"),
        ]

    @pytest.mark.parametrize("number", [2, -3])
    def test_a_call_that_was_not_made_fails_the_test(self, number):
        mock = ModelMock()
        mock()
        mock()
        with pytest.raises(AssertionError, match=f"there is no call {number}; there were 2"):
            mock.get_call(number)

    def test_arguments_beyond_the_names_are_left_out(self):
        mock = ModelMock()
        mock("hello")
        assert mock.get_call() == {}

    def test_reset_forgets_all_calls_and_keeps_the_names(self):
        model = AgentModelMock()
        mocks = (model.on_answer, model.on_ask, model.on_done, model.on_context)
        for mock in (*mocks, model.on_thinking):
            mock("x")
        model.reset()
        assert not any(mock.called for mock in (*mocks, model.on_thinking))
        for mock in mocks:
            mock("y")
        assert [list(mock.get_call()) for mock in mocks] == [
            *(["text"], ["slot"], ["require_input"]),
            ["context_name"],
        ]

    def test_a_name_that_is_not_there_is_no_attribute(self):
        with pytest.raises(AttributeError, match="there is no 'cards', only text"):
            _ = AttrDict(text="x").cards
