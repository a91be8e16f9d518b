"""The skill of write-a-skill.md is loaded, trained, and says what the page says."""

from __future__ import annotations

import importlib
import sys

import pytest
from attrs import define, field
from dateutil.relativedelta import relativedelta
from docs_pages import marked
from pytlas.handling.hooks import GLOBAL_HOOKS
from pytlas.handling.localization import GLOBAL_TRANSLATIONS
from pytlas.handling.skill import GLOBAL_HANDLERS, GLOBAL_METAS
from pytlas.understanding.training import GLOBAL_TRAININGS

from pytlas_wamp.assistant.agent import HostedAgent
from pytlas_wamp.assistant.skills import SkillShelf
from pytlas_wamp.assistant.turns import Turn
from pytlas_wamp.assistant.worker import make_guard
from pytlas_wamp.understanding.patterns import create
from pytlas_wamp.wire.messages import Answer, Ask, Context, Done

PAGE = "how-to/write-a-skill.md"
FILES = {block.mark.split(" ")[1]: block.text for block in marked(PAGE, "file")}
TALKS = {block.mark.split(" ")[2]: block.text for block in marked(PAGE, "skill")}
STORES = (GLOBAL_HANDLERS, GLOBAL_HOOKS, GLOBAL_METAS, GLOBAL_TRAININGS, GLOBAL_TRANSLATIONS)


@pytest.fixture
def tea(tmp_path, monkeypatch):
    """A shelf with the skill, written to a folder as the page says."""
    for store in STORES:
        empty = {name: [] for name in store._data} if store is GLOBAL_HOOKS else {}
        monkeypatch.setattr(store, "_data", empty)
    monkeypatch.setattr(sys, "path", [*sys.path])
    for path, text in FILES.items():
        file = tmp_path / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    shelf = SkillShelf()
    shelf.load(tmp_path)
    yield shelf
    sys.modules.pop("tea", None)


@define
class FakeTimer:
    """A timer that rings when a test says so."""

    seconds: float
    ring: object
    daemon: bool = False

    def start(self):
        TIMERS.append(self)


TIMERS = []


@define
class Talk:
    """A user at the agent that the server uses; `says` returns the lines that come back."""

    agent: HostedAgent = field(init=False)
    told: list = field(factory=list)

    def begin(self, shelf, language, **meta):
        interpreter = create(language, None)
        interpreter.fit_from_skill_data(shelf.packages(language))
        self.agent = HostedAgent(
            interpreter,
            guard=make_guard(),
            emit=self.told.append,
            settled=lambda _: None,
            wake=lambda: self.agent.run_queued(Turn()),
            meta={"uid": 1, **meta},
        )
        return self

    def says(self, sentence):
        self.agent.take(Turn(text=sentence))
        return self.heard()

    def heard(self):
        frames, self.told[:] = self.told[:], []
        return [line for frame in frames for line in lines(frame)]


def lines(frame):
    data = frame.fields.get("data")
    if frame.kind is Answer:
        cards = [line for card in data.cards or () for line in (card.raw_header, card.raw_text)]
        return [data.raw_text, *cards]
    if frame.kind is Ask:
        return [data.raw_text, *(f"{n}. {text}" for n, text in enumerate(data.choices or (), 1))]
    return []


@pytest.fixture
def talk(tea, monkeypatch):
    """`talk("en")`: a user at the skill."""
    TIMERS.clear()
    monkeypatch.setattr(importlib.import_module("tea"), "Timer", FakeTimer)
    return lambda language, **meta: Talk().begin(tea, language, **meta)


def exchanges(text):
    """What is said, and the lines that the page promises."""
    parts = [part.splitlines() for part in text.split("> ")[1:]]
    return [(said, [line for line in answer if line]) for said, *answer in parts]


class TestTheSkillOfThePage:
    def test_it_is_loaded_without_a_problem(self, tea):
        assert [(skill.name, skill.problems) for skill in tea.skills] == [("tea", ())]

    def test_its_training_data_is_sound_in_both_languages(self, tea):
        assert [tea.packages("en"), tea.packages("fr")] == [["tea"], ["tea"]]

    @pytest.mark.parametrize("language", TALKS)
    def test_it_answers_as_the_page_says(self, talk, language):
        user = talk(language)

        heard = [(said, user.says(said)) for said, _ in exchanges(TALKS[language])]

        assert heard == exchanges(TALKS[language])

    def test_it_makes_no_tea_that_it_does_not_know(self, talk):
        assert talk("en").says("make coffee tea") == []

    def test_it_speaks_up_when_the_tea_is_ready(self, talk):
        user = talk("en")
        user.says("make green tea")

        TIMERS[0].ring()

        assert (TIMERS[0].seconds, user.heard()) == (180, ["Your green tea is ready!"])

    def test_a_setting_of_the_user_reaches_it(self, talk):
        talk("en", TEA_MINUTES="4").says("make green tea")

        assert TIMERS[0].seconds == 240

    def test_a_cancel_leaves_its_context(self, talk):
        user = talk("en")
        user.says("let me taste the tea")
        user.told.clear()

        user.agent.cancel(Turn())

        assert [(e.kind, dict(e.fields)) for e in user.told] == [
            (Context, {"name": None}),
            (Done, {"require_input": False}),
        ]


class TestTrapsOfChatl:
    """What the page says about training data is so."""

    @pytest.fixture
    def trained(self, monkeypatch):
        def train(chatl):
            from pychatl import adapters, parse  # noqa: PLC0415 - the shelf has imported compat

            interpreter = create("en", None)
            interpreter.fit(adapters.snips(parse(chatl), language="en"))
            return interpreter

        return train

    def test_without_a_blank_line_a_definition_is_a_sentence(self, trained):
        training = "%[brew]\n  make ~[tea]\n~[tea]\n  chai\n"

        assert [intent.name for intent in trained(training).parse("chai")] == ["brew"]

    @pytest.mark.parametrize(
        "training",
        [
            "%[first]\n  hello\n   \n%[brew]\n  make tea\n",
            "%[first]\n  write to me@home\n\n%[brew]\n  make tea\n",
            "%[first]\n  half a % of it\n\n%[brew]\n  make tea\n",
            "%[brew]\n  hello\n# a comment\n  make tea\n",
            "%[first]\n  hello\n\nstray\n\n%[brew]\n  make tea\n",
        ],
    )
    def test_what_cannot_be_read_ends_the_file_without_an_error(self, trained, training):
        assert trained(training).parse("make tea") == []

    @pytest.mark.parametrize(
        ("training", "error"),
        [
            ("%[brew]\n  make @[tea]\n", AttributeError),
            ("%[brew]\n  make @[tea]\n\n@[tea](type=number)\n", IndexError),
        ],
    )
    def test_a_slot_without_values_cannot_be_used(self, trained, training, error):
        with pytest.raises(error):
            trained(training)

    def test_an_undefined_synonym_takes_its_sentence_away(self, trained):
        assert trained("%[brew]\n  make ~[tea]\n  brew\n").parse("make tea") == []

    def test_numbers_are_floats_whether_in_digits_or_in_words(self, trained):
        interpreter = trained("%[brew]\n  wait @[n] minutes\n\n@[n](type=number)\n  3\n")

        values = [
            interpreter.parse(f"wait {said} minutes")[0].slot("n").first().value
            for said in ("5", "2.5", "1,000", "five")
        ]
        replies = [
            interpreter.parse_slot("brew", "n", said)[0].value for said in ("five", "a while")
        ]

        assert (values, replies) == ([5, 2.5, 1000, 5], [5, "a while"])

    def test_times_are_values_and_what_is_none_stays_text(self, trained):
        interpreter = trained(
            "%[brew]\n  brew for @[long]\n\n@[long](type=duration)\n  3 minutes\n"
        )

        values = [
            interpreter.parse(f"brew for {said}")[0].slot("long").first().value
            for said in ("four minutes", "me")
        ]

        assert values == [relativedelta(minutes=4), "me"]

    def test_a_slot_takes_any_words_unless_it_is_not_extensible(self, trained):
        training = "%[brew]\n  make @[tea]\n\n@[tea]{}\n  green\n"

        closed, free = (trained(training.format(p)) for p in ("(extensible=false)", ""))

        assert [bool(each.parse("make coffee")) for each in (closed, free)] == [False, True]

    def test_two_slots_of_a_kind_need_two_names(self, trained):
        interpreter = trained(
            "%[go]\n  go from @[from] to @[to]\n\n@[from](type=city)\n  rome\n\n"
            "@[to](type=city)\n  paris\n\n@[city]\n  rome\n  paris\n"
        )

        intent = interpreter.parse("go from paris to rome")[0]

        assert [intent.slot(name).first().value for name in ("from", "to")] == ["paris", "rome"]
