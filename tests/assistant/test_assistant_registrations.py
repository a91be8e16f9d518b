"""What skills register becomes known at once, or not at all."""

from __future__ import annotations

import importlib

import pytest
from pytlas.handling.hooks import GLOBAL_HOOKS, ON_AGENT_CREATED
from pytlas.handling.skill import GLOBAL_HANDLERS
from skill_folders import GOOD, STORES, undone, write
from skill_folders import registered as all_registered

from pytlas_wamp.assistant.registrations import Registrations, collected, publish, registered
from pytlas_wamp.assistant.skill_modules import forget, make_importable

HOOKED = """
from pytlas.handling.hooks import on_agent_created

@on_agent_created()
def hook(agent): pass
"""


@pytest.fixture
def folder(tmp_path):
    with undone(tmp_path):
        make_importable(tmp_path)
        yield tmp_path


def take(name):
    """What a skill registers when it is imported."""
    forget(name)
    importlib.invalidate_caches()
    with collected(name) as found:
        importlib.import_module(name)
    return found


def hooks():
    return [hook.__module__ for hook in GLOBAL_HOOKS._data[ON_AGENT_CREATED]]


class TestCollecting:
    def test_what_is_registered_is_kept_aside(self, folder):
        write(folder, "zr_a", GOOD + HOOKED)
        before = all_registered()
        found = take("zr_a")
        assert all_registered() == before
        own = found.pop("zr_a")
        assert found == {}
        assert list(own.handlers) == ["zr_a_do"]
        assert list(own.metas) == ["zr_a"]
        assert {name: list(each) for name, each in own.trainings.items()} == {"zr_a": ["en"]}
        assert {name: list(each) for name, each in own.translations.items()} == {
            "zr_a": ["en", "fr"]
        }
        assert [hook.__name__ for hook in own.hooks[ON_AGENT_CREATED]] == ["hook"]

    def test_afterwards_all_is_as_before(self, folder):
        write(folder, "zr_a", "raise ValueError")
        with pytest.raises(ValueError, match=r"^$"):
            take("zr_a")
        assert [store for store in STORES if "register" in vars(store)] == []
        GLOBAL_HANDLERS.register("zr_late", lambda _: None, "zr_late")
        assert "zr_late" in GLOBAL_HANDLERS._data

    def test_what_another_skill_registers_meanwhile_is_that_ones(self, folder):
        write(folder, "zr_a", "import zr_b\n" + GOOD)
        write(folder, "zr_b", GOOD + HOOKED)
        found = take("zr_a")
        assert {name: list(each.handlers) for name, each in found.items()} == {
            "zr_a": ["zr_a_do"],
            "zr_b": ["zr_b_do"],
        }
        assert list(found["zr_b"].hooks) == [ON_AGENT_CREATED]

    def test_what_belongs_to_nobody_is_that_of_the_skill(self, folder):
        code = GOOD.replace("import intent", "import intent as of")
        code = code.replace('@intent("NAME_do")', '@of("NAME_do", package="nobody")')
        write(folder, "zr_a", code.replace("@meta()", '@meta(package="nobody")'))
        found = take("zr_a")
        assert list(found) == ["zr_a"]
        assert (list(found["zr_a"].handlers), list(found["zr_a"].metas)) == (
            ["zr_a_do"],
            ["nobody"],
        )

    def test_a_skill_that_registers_nothing_has_nothing(self, folder):
        write(folder, "zr_a", "")
        assert take("zr_a") == {}


class TestWhatIsThere:
    def test_is_found_by_the_package(self, folder):
        write(folder, "zr_a", GOOD + HOOKED)
        own = take("zr_a")["zr_a"]
        publish({"zr_a": own})
        assert registered("zr_a") == own

    def test_is_a_copy(self, folder):
        write(folder, "zr_a", GOOD)
        publish(take("zr_a"))
        registered("zr_a").trainings["zr_a"].clear()
        assert list(registered("zr_a").trainings["zr_a"]) == ["en"]

    def test_may_be_nothing(self):
        assert registered("zr_missing") == Registrations()


class TestPublishing:
    def test_what_was_there_before_is_replaced(self, folder):
        write(folder, "zr_a", GOOD + HOOKED)
        publish(take("zr_a"))
        old = GLOBAL_HANDLERS.get("zr_a_do")
        write(folder, "zr_a", GOOD.replace("NAME_do", "NAME_again") + HOOKED)
        publish(take("zr_a"))
        assert GLOBAL_HANDLERS.get("zr_a_do") is None
        assert GLOBAL_HANDLERS.get("zr_a_again") is not old
        assert hooks() == ["zr_a"]

    def test_twice_is_as_once(self, folder):
        write(folder, "zr_a", GOOD + HOOKED)
        own = take("zr_a")
        publish(own)
        once = all_registered()
        publish(own)
        assert all_registered() == once

    def test_those_who_go_leave_nothing(self, folder):
        before = all_registered()
        write(folder, "zr_a", GOOD + HOOKED)
        publish(take("zr_a"))
        publish({}, ["zr_a"])
        assert all_registered() == before

    def test_others_keep_theirs(self, folder):
        for name in ("zr_a", "zr_ab"):
            write(folder, name, GOOD + HOOKED)
            publish(take(name))
        publish({}, ["zr_a"])
        assert registered("zr_ab").handlers.keys() == {"zr_ab_do"}
        assert hooks() == ["zr_ab"]

    def test_of_two_the_later_counts(self, folder):
        for name in ("zr_a", "zr_b"):
            write(folder, name, GOOD.replace("NAME_do", "zr_same"))
        both = {**take("zr_a"), **take("zr_b")}
        publish(both)
        assert GLOBAL_HANDLERS.get("zr_same").__module__ == "zr_b"
        publish({"zr_a": both["zr_a"]}, ["zr_b"])
        assert GLOBAL_HANDLERS.get("zr_same").__module__ == "zr_a"

    def test_whoever_reads_meanwhile_sees_a_whole(self, folder):
        write(folder, "zr_a", GOOD + HOOKED)
        publish(take("zr_a"))
        views = [(store._data, dict(store._data)) for store in STORES]
        publish({}, ["zr_a"])
        assert [view for view, was in views if view != was] == []
        assert [
            view for (view, _), store in zip(views, STORES, strict=True) if view is store._data
        ] == []

    def test_a_handler_of_a_library_belongs_to_the_skill(self, folder):
        before = all_registered()
        (folder / "zr_library.py").write_text("def handler(request): pass\n")
        code = "import zr_library\nfrom pytlas import intent\nintent('zr_do')(zr_library.handler)\n"
        write(folder, "zr_a", code)
        found = take("zr_a")
        assert list(found) == ["zr_a"]
        publish(found)
        publish({}, ["zr_a"])
        assert all_registered() == before


class TestAdding:
    def test_both_are_registered(self):
        one, two = (lambda _: None), (lambda _: None)
        own = Registrations(handlers={"a": one}, hooks={"x": [one]})
        own.add(
            Registrations(
                handlers={"b": two},
                metas={"m": two},
                trainings={"t": {"en": two}},
                translations={"s": {"en": two}},
                hooks={"x": [one, two], "y": [two]},
            )
        )
        assert own == Registrations(
            handlers={"a": one, "b": two},
            metas={"m": two},
            trainings={"t": {"en": two}},
            translations={"s": {"en": two}},
            hooks={"x": [one, two], "y": [two]},
        )
