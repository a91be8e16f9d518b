"""Training data: what is wrong with it, and where."""

from __future__ import annotations

import sys
from threading import Barrier, Thread

import pytest
from pychatl import parse

from pytlas_wamp.assistant.training import BadTraining, merged_training

LIGHTS = """%[lights_on]
  turn on the lights in the @[room] ~[please?]
  lights on

@[room]
  kitchen

~[please]
  please
"""


def merged(text: str, data=None):
    return merged_training(data or {}, text, language="en")


def fault(text: str) -> str:
    with pytest.raises(BadTraining) as caught:
        merged(text)
    return str(caught.value)


class TestGoodTraining:
    def test_is_what_pychatl_reads(self):
        whole, unread = merged(LIGHTS)

        assert unread is None
        assert whole["intents"].keys() == {"lights_on"}
        assert whole["entities"].keys() == {"room"}

    def test_is_put_beside_that_of_other_skills(self):
        before, _ = merged(LIGHTS)
        whole, _ = merged("%[bye]\n  so long\n", before)

        assert whole["intents"].keys() == {"lights_on", "bye"}
        assert before["intents"].keys() == {"lights_on"}

    def test_may_use_what_another_skill_defines(self):
        before, _ = merged(LIGHTS)
        whole, unread = merged("%[open]\n  open the window in the @[room]\n", before)

        assert unread is None
        assert "open" in whole["intents"]

    def test_may_use_a_variant_that_has_values(self):
        text = "%[a]\n  at @[hour#fixed]\n\n@[hour]\n  noon\n\n@[hour#fixed]\n  ten\n"

        assert merged(text)[1] is None

    def test_a_type_takes_the_values_of_another_entity(self):
        text = "%[go]\n  to the @[goal]\n\n@[goal](type=room)\n  x\n\n@[room]\n  kitchen\n"

        assert merged(text)[1] is None


class TestTrainingThatIsReadInPart:
    @pytest.mark.parametrize(
        ("text", "line", "shown"),
        [
            ("%[a]\n  hello\n   \n%[b]\n  bye\n", 3, "%[b]"),
            ("%[a]\n  hello\n  mail me@home\n\n%[b]\n  bye\n", 3, "@home"),
        ],
    )
    def test_names_the_line_where_reading_ended(self, text, line, shown):
        whole, unread = merged(text)

        assert whole["intents"].keys() == {"a"}
        assert f"line {line} " in unread
        assert shown in unread


class TestBadTraining:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("", ["NoMatch"]),
            ("this is prose\n", ["NoMatch"]),
            ("%[a]\n  in the @[room]\n", ["'a'", "@[room]", "defined nowhere"]),
            ("%[a]\n  lights on ~[please]\n", ["'a'", "~[please]", "defined nowhere"]),
            ("%[a]\n  give me @[n]\n\n@[n](type=number)\n", ["'a'", "@[n]", "no values"]),
            ("%[a]\n  at @[h#x]\n\n@[h]\n  noon\n", ["'a'", "@[h#x]", "no values"]),
            (
                "%[a]\n  at @[h]\n\n@[h](strictness=very)\n  noon\n",
                ["ValueError", "very"],
            ),
        ],
    )
    def test_is_refused_with_its_place(self, text, words):
        sentence = fault(text)

        assert "\n" not in sentence
        for word in words:
            assert word in sentence

    def test_leaves_what_is_known_as_it_was(self):
        before, _ = merged(LIGHTS)

        with pytest.raises(BadTraining):
            merged("%[lights_on]\n  in @[nowhere]\n", before)

        assert before == merged(LIGHTS)[0]


@pytest.fixture
def restless():
    """Makes threads take turns as often as can be."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("restless")
class TestParser:
    def test_many_threads_may_parse_at_once(self):
        """Without the guard, the one parser mixes the texts of its callers."""
        texts = [f"%[intent_{n}]\n" + f"  say {n} once more\n" * 40 for n in range(8)]
        wrong: list[int] = []
        together = Barrier(len(texts))

        def work(number: int) -> None:
            together.wait(timeout=10)
            for _ in range(3):
                try:
                    found = parse(texts[number])["intents"].keys()
                except Exception:  # noqa: BLE001 - whatever a mixed-up parser raises
                    found = {"nothing"}
                if found != {f"intent_{number}"}:
                    wrong.append(number)

        threads = [Thread(target=work, args=[n], daemon=True) for n in range(len(texts))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)

        assert wrong == []
        assert not any(thread.is_alive() for thread in threads)
