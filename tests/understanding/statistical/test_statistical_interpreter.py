"""The interpreter: what it learns when, what it tells, and what it answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytlas.understanding import TrainingsStore
from twisted.logger import LogLevel, formatEvent, globalLogPublisher

from pytlas_wamp.understanding.statistical import (
    StatisticalInterpreter,
    create,
    storage,
    training,
)
from pytlas_wamp.understanding.statistical.trainer import TrainingFailed, train_in_child
from statistical_training import CHATL, NOW, REWORDINGS, trained, training_data

THIN = "%[hi]\n  hello\n  good morning\n"
OTHER = "%[bye]\n  so long\n  farewell\n"


class School:
    """Trains as a test wants, and remembers it."""

    def __init__(self):
        self.lessons = []
        self.error = None
        self.steps = [("intents", 0, 1), ("intents", 1, 1)]
        self.meanwhile = lambda: None

    def __call__(self, data, language, progress=None):
        self.lessons.append(list(data["intents"]))
        for step in self.steps:
            progress(*step)
        self.meanwhile()
        if self.error is not None:
            raise self.error
        return training.train(data, language)


class Watch:
    """Two and a half seconds pass between two looks."""

    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        self.seconds += 2.5
        return self.seconds


@pytest.fixture
def school():
    return School()


@pytest.fixture
def log():
    """The lines of the log, warnings with an exclamation mark."""
    lines = []

    def observe(event):
        if event["log_namespace"].startswith("pytlas_wamp"):
            mark = "! " if event["log_level"] >= LogLevel.warn else ""
            lines.append(mark + formatEvent(event))

    globalLogPublisher.addObserver(observe)
    yield lines
    globalLogPublisher.removeObserver(observe)


@pytest.fixture
def make(school, tmp_path):
    """Makes interpreters that share a cache and a school."""

    def made(cache=tmp_path, **more):
        where = None if cache is None else str(cache)
        return StatisticalInterpreter("en", where, train=school, stopwatch=Watch(), **more)

    return made


@pytest.fixture
def path(tmp_path):
    return tmp_path / "understanding-en.zip"


def understood(interpreter, message, scopes=None):
    """The intent's name and its slot values, or None."""
    intents = interpreter.parse(message, scopes)
    if not intents:
        return None
    (intent,) = intents
    return intent.name, {name: [v.value for v in found] for name, found in intent.slots.items()}


@pytest.fixture(scope="module")
def fitted():
    """One that has learnt CHATL."""
    interpreter = StatisticalInterpreter(
        "en", train=lambda _data, _language, _progress=None: trained(), clock=lambda: NOW
    )
    interpreter.fit(training_data())
    return interpreter


class TestLearning:
    def test_is_from_the_skills(self, school):
        trainings = TrainingsStore({"one": {"en": lambda: THIN}, "two": {"en": lambda: OTHER}})
        interpreter = StatisticalInterpreter("en", trainings=trainings, train=school)
        interpreter.fit_from_skill_data(["two"])
        assert (interpreter.intents, school.lessons) == (["bye"], [["bye"]])
        assert understood(interpreter, "so long") == ("bye", {})

    def test_happens_in_a_process_of_its_own(self):
        interpreter = create("en", None)
        assert (interpreter._train, interpreter.cache_directory) == (train_in_child, None)
        assert interpreter.answers_while_fitting is True

    def test_of_nothing_is_told(self, make, school, log):
        interpreter = make()
        interpreter.fit(training_data(THIN))
        log.clear()
        interpreter.fit({"intents": {"hi": {"utterances": []}}, "entities": {}})
        assert (interpreter.intents, len(school.lessons)) == (["hi"], 1)
        assert log == ["! there is no sentence to learn 'en' from"]
        assert understood(interpreter, "hello") is None
        interpreter.fit({})
        assert interpreter.intents == []

    def test_the_old_answers_until_the_new_is_there(self, make, school):
        interpreter = make()
        interpreter.fit(training_data(THIN))
        meanwhile = []
        school.meanwhile = lambda: meanwhile.append(
            (understood(interpreter, "hello"), understood(interpreter, "so long"))
        )
        before = interpreter.intents
        interpreter.fit(training_data(OTHER))
        assert meanwhile == [(("hi", {}), None)]
        assert understood(interpreter, "so long") == ("bye", {})
        assert (before, interpreter.intents) == (["hi"], ["bye"])

    def test_that_fails_leaves_the_old(self, make, school, path):
        interpreter = make()
        interpreter.fit(training_data(THIN))
        kept = path.read_bytes()
        school.error = TrainingFailed("no")
        with pytest.raises(TrainingFailed):
            interpreter.fit(training_data(OTHER))
        assert understood(interpreter, "hello") == ("hi", {})
        assert (interpreter.intents, path.read_bytes()) == (["hi"], kept)


class TestWhatIsTold:
    def test_steps_time_and_weak_spots(self, make, log):
        make().fit(training_data(THIN))
        assert log == [
            "! 'en': 1 intent has fewer than 5 sentences; more would be understood better: hi (2)",
            "training 'en': intents",
            "learnt 1 intents of 'en' in 2.5 s",
        ]

    def test_nothing_if_all_is_known_already(self, make, log):
        make().fit(training_data(THIN))
        log.clear()
        again = make()
        again.fit(training_data(THIN))
        again.fit(training_data(THIN))
        assert log == []

    def test_ten_lines_at_most_of_a_long_step(self, make, school, log):
        school.steps = [("slots", done, 400) for done in range(401)]
        make(None).fit(training_data(THIN))
        told = [line for line in log if "slots" in line]
        tenths = [f"training 'en': slots {done} of 400" for done in range(40, 401, 40)]
        assert told == ["training 'en': slots", *tenths]

    def test_every_part_of_a_short_step(self, make, school, log):
        school.steps = [("slots", done, 2) for done in range(3)] + [("none", 0, 0)]
        make(None).fit(training_data(THIN))
        assert log[1:-1] == [
            "training 'en': slots",
            "training 'en': slots 1 of 2",
            "training 'en': slots 2 of 2",
            "training 'en': none",
        ]

    def test_everything_to_whoever_wants_to_know(self, make, school):
        school.steps = [("slots", done, 400) for done in range(401)]
        told = []
        interpreter = make(on_progress=lambda *step: told.append(step))
        interpreter.fit(training_data(THIN))
        assert told == school.steps


class TestTheCache:
    def test_the_same_data_is_learnt_once(self, make, school):
        make().fit(training_data(THIN))
        again = make()
        again.fit(training_data(THIN))
        again.fit(training_data(THIN))
        assert (len(school.lessons), understood(again, "hello")) == (1, ("hi", {}))

    def test_other_data_is_learnt_and_kept(self, make, school, path):
        make().fit(training_data(THIN))
        make().fit(training_data(OTHER))
        assert school.lessons == [["hi"], ["bye"]]
        assert storage.read(path)[1] == storage.checksum(training_data(OTHER), "en")

    def test_it_can_be_had_without_learning(self, make, school):
        make().fit(training_data(THIN))
        again = make()
        again.load_from_cache()
        assert (len(school.lessons), again.intents) == (1, ["hi"])
        again.fit(training_data(THIN))
        assert len(school.lessons) == 1

    @pytest.mark.parametrize("cache", [None, "empty"])
    def test_none_is_no_error(self, make, tmp_path, log, cache):
        interpreter = make(cache and tmp_path / cache)
        interpreter.load_from_cache()
        assert (interpreter.intents, log) == ([], [])

    def test_without_one_it_learns_each_time(self, make, school):
        for _ in range(2):
            make(None).fit(training_data(THIN))
        assert len(school.lessons) == 2

    @pytest.mark.parametrize(
        ("spoil", "why"),
        [
            (lambda raw: raw[: len(raw) // 2], "is damaged"),
            (lambda raw: bytes(len(raw)), "is damaged"),
            (lambda raw: b"", "is damaged"),
            (None, "was written by another version"),
        ],
    )
    def test_one_that_cannot_be_used_is_replaced(
        self, make, school, path, log, monkeypatch, spoil, why
    ):
        if spoil is None:
            monkeypatch.setattr(storage, "VERSION", 0)
        make().fit(training_data(THIN))
        monkeypatch.undo()
        if spoil is not None:
            path.write_bytes(spoil(path.read_bytes()))
        log.clear()
        interpreter = make()
        interpreter.load_from_cache()
        interpreter.fit(training_data(THIN))
        warned = [line for line in log if line.startswith("!") and "fewer" not in line]
        assert warned == [f"! {path} {why}; 'en' is learnt anew"]
        assert understood(interpreter, "hello") == ("hi", {})
        assert storage.read(path)[0].names == ["hi"]
        assert len(school.lessons) == 2

    def test_a_folder_in_its_place_is_told_once_and_stays(self, make, path, log):
        path.mkdir()
        interpreter = make()
        interpreter.load_from_cache()
        interpreter.fit(training_data(THIN))
        warned = [line for line in log if line.startswith("!") and "fewer" not in line]
        assert warned == [f"! {path} cannot be read: Is a directory; 'en' is learnt anew"]
        assert understood(interpreter, "hello") == ("hi", {})
        assert path.is_dir()

    def test_one_that_cannot_be_written_is_told_once(self, make, log, monkeypatch):
        def read_only(*_):
            raise OSError(30, "Read-only file system")

        monkeypatch.setattr(storage, "save", read_only)
        interpreter = make()
        interpreter.fit(training_data(THIN))
        warned = [line for line in log if line.startswith("!") and "fewer" not in line]
        assert warned == ["! what was learnt of 'en' is not kept: [Errno 30] Read-only file system"]
        assert understood(interpreter, "hello") == ("hi", {})


class TestUnderstanding:
    def test_a_sentence_of_the_training(self, fitted):
        assert understood(fitted, "paint the kitchen azure") == (
            "paint",
            {"room": ["kitchen"], "color": ["blue"]},
        )

    @pytest.mark.parametrize(("message", "intent"), REWORDINGS.items())
    def test_rewordings(self, fitted, message, intent):
        assert understood(fitted, message)[0] == intent

    def test_slots_tell_where_they_are(self, fitted):
        (intent,) = fitted.parse("paint the Lounge red")
        value = intent.slot("room").first()
        assert value.value == "living room"
        assert value.meta == {
            "rawValue": "Lounge",
            "range": {"start": 10, "end": 16},
            "entity": "room",
            "slotName": "room",
            "known": True,
        }

    def test_scopes_are_never_left(self, fitted):
        assert understood(fitted, "turn on the light", ["lamp_off"]) != ("lamp_on", {})
        assert understood(fitted, "turn on the light", []) is None
        assert understood(fitted, "turn on the light", ["lamp_on"]) == ("lamp_on", {})

    def test_without_learning_it_understands_nothing(self):
        interpreter = create("en", None)
        assert interpreter.parse("hello") == []
        assert interpreter.explain("hello").intent is None
        assert [value.value for value in interpreter.parse_slot("a", "b", "hello")] == ["hello"]

    @pytest.mark.parametrize(
        "message", ["", " ", "\x00\x1b[2J", "🎂🎂", "word " * 13_000, "ла la 啦"]
    )
    def test_bad_input_is_refused(self, fitted, message):
        assert fitted.parse(message) == []

    @pytest.mark.parametrize("call", ["parse", "explain"])
    def test_what_is_no_text_is_an_error(self, fitted, call):
        with pytest.raises(TypeError, match="A message is a str, not bytes"):
            getattr(fitted, call)(b"hello")

    def test_why_is_explained(self, fitted):
        assert fitted.explain("turn on the light").stage == "template"
        assert fitted.explain("kindly switch off the lights").scores[0][0] == "lamp_off"

    @given(st.text())
    def test_any_text_gives_the_same_every_time(self, fitted, message):
        first, second = understood(fitted, message), understood(fitted, message)
        assert first == second

    @given(st.lists(st.sampled_from([*CHATL.split(), "please", "donald", ","]), max_size=12))
    def test_spans_lie_in_the_text_and_closed_entities_stay_closed(self, fitted, words):
        message = " ".join(words)
        for intent in fitted.parse(message, ["paint", "friend_remove"]):
            assert intent.name in ("paint", "friend_remove")
            for values in intent.slots.values():
                for value in values:
                    span = value.meta["range"]
                    assert message[span["start"] : span["end"]] == value.meta["rawValue"]
            assert {v.value for v in intent.slot("color")} <= {"red", "blue"}


class TestReplies:
    def reply(self, fitted, slot, message, intent="paint"):
        return [value.value for value in fitted.parse_slot(intent, slot, message)]

    def test_known_values_count_wherever_they_are(self, fitted):
        assert self.reply(fitted, "room", "in the lounge please") == ["living room"]
        assert self.reply(fitted, "color", "azure, or red") == ["blue", "red"]

    def test_what_is_unknown_is_taken_without_the_small_words(self, fitted):
        assert self.reply(fitted, "room", "in the attic please") == ["attic"]
        assert self.reply(fitted, "room", "in there") == ["in there"]

    def test_a_closed_entity_takes_nothing_unknown(self, fitted):
        assert self.reply(fitted, "color", "pink") == []

    def test_builtin_entities_are_values(self, fitted):
        (noon,) = self.reply(fitted, "moment", "at noon, please", "wake")
        assert (noon.hour, noon.tzinfo) == (12, NOW.tzinfo)
        (seven,) = self.reply(fitted, "moment", "tomorrow at 7 am", "wake")
        assert (seven.day, seven.hour) == (24, 7)
        assert self.reply(fitted, "moment", "no idea", "wake") == []

    def test_a_slot_nobody_knows_takes_all(self, fitted):
        assert self.reply(fitted, "hat", "the red one") == ["the red one"]
        assert self.reply(fitted, "room", "the red one", "hats") == ["the red one"]

    def test_one_without_words(self, fitted):
        assert self.reply(fitted, "room", "?") == []
        assert self.reply(fitted, "room", "") == []

    def test_a_very_long_one_is_taken_whole(self, fitted):
        message = " so " + "long " * 5_000
        (value,) = fitted.parse_slot("paint", "room", message)
        assert value.value == message.strip()
        assert value.meta["range"] == {"start": 1, "end": len(message) - 1}

    def test_what_is_no_text_is_an_error(self, fitted):
        with pytest.raises(TypeError, match="A message is a str, not NoneType"):
            fitted.parse_slot("paint", "room", None)
