"""What every job ends with: the skills are brought up to date."""

from __future__ import annotations

from attrs import Factory, define, frozen
from twisted.internet.defer import Deferred, fail
from twisted.logger import capturedLogs

from pytlas_wamp.transport.skill_reload import SkillReload
from workers_for_tests import InlineWorkers


@frozen
class FakeSkill:
    name: str
    problems: tuple[str, ...] = ()
    loaded: bool = True


@frozen
class FakeReport:
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


@define
class FakeShelf:
    skills: list[FakeSkill] = Factory(list)
    coming: list[FakeSkill] = Factory(list)
    report: FakeReport = FakeReport()

    def reload(self):
        self.skills = self.coming
        return self.report


def reloaded(before=(), after=(), renew=lambda: None, **report):
    shelf = FakeShelf(list(before), list(after), FakeReport(**report))
    outcomes = []
    reload = SkillReload(shelf=shelf, renew=renew, run=InlineWorkers().run)
    reload().addCallback(outcomes.append)
    (outcome,) = outcomes
    return outcome


class TestReload:
    def test_tells_what_was_done(self):
        outcome = reloaded(added=("a", "b"), changed=("c",), removed=("d",))
        assert outcome.lines == ("added: a, b", "changed: c", "removed: d")

    def test_tells_when_there_was_nothing_to_do(self):
        assert reloaded().lines == ("no skill was added, changed or removed",)

    def test_tells_what_is_wrong_with_skills(self):
        skills = [FakeSkill("a", ("p1", "p2")), FakeSkill("b")]
        outcome = reloaded(skills, skills, removed=("d",))
        assert outcome.lines == ("removed: d", "skill a: p1", "skill a: p2")
        assert outcome.failed == {}

    def test_names_those_that_do_not_take_part(self):
        broken, odd = FakeSkill("a", ("bad",), loaded=False), FakeSkill("b", ("odd",))
        outcome = reloaded(after=[broken, odd], added=("b",))
        assert (outcome.failed, outcome.newly_failed) == ({"a": "bad"}, {"a"})

    def test_names_those_whose_new_version_cannot_be_used(self):
        before, after = FakeSkill("a", ("odd",)), FakeSkill("a", ("odd", "the one before goes on"))
        outcome = reloaded([before], [after])
        assert outcome.failed == {"a": "the one before goes on"}
        assert outcome.newly_failed == {"a"}

    def test_does_not_name_those_that_changed_and_are_merely_odd(self):
        outcome = reloaded([FakeSkill("a")], [FakeSkill("a", ("odd",))], changed=("a",))
        assert (outcome.failed, outcome.newly_failed) == ({}, frozenset())

    def test_knows_those_that_were_broken_before(self):
        old = FakeSkill("old", ("bad",), loaded=False)
        before, after = FakeSkill("a", ("bad",), loaded=False), FakeSkill("a", ("x",), loaded=False)
        outcome = reloaded([old, before], [old, after])
        assert outcome.failed == {"old": "bad", "a": "x"}
        assert outcome.newly_failed == {"a"}

    def test_has_the_interpreters_learn_and_does_not_wait_for_them(self):
        learning: list[Deferred] = []

        def renew():
            learning.append(Deferred())
            return learning[0]

        assert reloaded(added=("a",), renew=renew).lines == ("added: a",)
        assert len(learning) == 1

    def test_stands_when_they_cannot_learn(self):
        with capturedLogs() as logs:
            outcome = reloaded(added=("a",), renew=lambda: fail(ZeroDivisionError()))
        assert outcome.lines == ("added: a",)
        assert logs[0]["log_failure"].type is ZeroDivisionError
