"""`/api/skills`: what the assistant can do, and how administrators change it."""

from __future__ import annotations

import json
import re

import pytest
from admin_stage import AdminStage, FakeInterpreter, FakeShelf
from attrs import Factory, define, field
from hypothesis import example, given
from hypothesis import strategies as st
from processes_for_tests import FakeReactor
from twisted.internet.defer import Deferred, maybeDeferred

from pytlas_wamp.transport.api.skills import SkillEndpoints
from pytlas_wamp.transport.jobs import Jobs
from pytlas_wamp.transport.skill_folder import SkillFolder

CHANGES = [
    ("POST", "/api/skills"),
    ("DELETE", "/api/skills/o__weather"),
    ("POST", "/api/skills/o__weather/update"),
]
# Texts, and what is nearly a source; about one in two is one.
_WORDS = st.sampled_from(
    ["o", "r", "my-name", "re.po", "-o", "--upload-pack=x", "ext::sh", "..", ""]
)
SOURCES = st.one_of(
    st.text(max_size=30),
    st.tuples(_WORDS, _WORDS).map("/".join),
    st.tuples(
        st.sampled_from(["https://", "ssh://", "git@", "http://", "file://", ""]),
        _WORDS.map("{}.example".format),
        st.sampled_from(["/", ":"]),
        st.tuples(_WORDS, _WORDS).map("/".join),
    ).map("".join),
)


@define
class Stage:
    folder: SkillFolder
    may_install: bool = True
    interpreters: list[FakeInterpreter] = Factory(list)
    reactor: FakeReactor = Factory(FakeReactor)
    jobs: Jobs = field(init=False)
    site: AdminStage = field(init=False)

    def __attrs_post_init__(self):
        """Put the site together."""
        self.jobs = Jobs(
            reactor=self.reactor,
            now=lambda: 1_800_000_000,
            make_id=lambda: "job-1",
            sources=self.folder,
            reload=Deferred,
        )
        self.site = AdminStage(
            lambda doors: SkillEndpoints(
                doors=doors,
                jobs=self.jobs,
                shelf=FakeShelf(),
                interpreters=lambda: self.interpreters,
                folder=self.folder,
                may_install=self.may_install,
                run=maybeDeferred,
            ).routes()
        )

    def list(self, query="", **options):
        answer = self.site.ask("GET", f"/api/skills{query}", **options)
        return {skill["name"]: skill for skill in answer.json()["skills"]}

    def add(self, document, **options):
        return self.site.send("POST", "/api/skills", json.dumps(document).encode(), **options)

    def begun(self, answer):
        """The job that an answer says has begun, and the end of its program's arguments."""
        assert answer.status == 202
        assert answer.header("Location") == "/api/jobs/job-1"
        job = answer.json()
        return job["kind"], job["subject"], self.reactor.process.arguments[-4:]


@pytest.fixture
def folder(tmp_path):
    directory = tmp_path / "skills"
    (directory / "o__weather" / ".git").mkdir(parents=True)
    (directory / "own").mkdir()
    (tmp_path / "outside").mkdir()
    return SkillFolder(directory=directory, environ={})


@pytest.fixture
def stage(folder):
    return Stage(folder)


class TestListing:
    def test_tells_everybody_what_there_is(self, stage):
        skills = stage.list(token="person")
        assert list(skills) == ["home_clock", "o__weather", "single"]
        assert [skill["bundled"] for skill in skills.values()] == [True, False, False]

    @pytest.mark.parametrize(
        ("token", "problem"),
        [
            ("admin", "SyntaxError: bad"),
            ("person", "It cannot be loaded; administrators see why."),
        ],
    )
    def test_tells_administrators_only_what_exactly_is_wrong(self, stage, token, problem):
        assert stage.list(token=token)["single"]["problems"] == [problem]

    @pytest.mark.parametrize(
        ("token", "query", "language"),
        [
            ("person", "", "fr"),
            ("admin", "", "en"),
            ("person", "?language=en", "en"),
            ("person", "?language=DE-at", "de"),
        ],
    )
    def test_is_in_the_language_of_the_caller_or_in_another(self, stage, token, query, language):
        skills = stage.list(query, token=token)
        assert skills["o__weather"]["title"] == f"o__weather in {language}"

    @pytest.mark.parametrize(
        "query", ["?language=", "?language=english", "?language=en&language=fr", "?language=%00"]
    )
    def test_refuses_what_is_no_language(self, stage, query):
        answer = stage.site.ask("GET", f"/api/skills{query}")
        assert (answer.problem(), answer.field()) == ((400, "invalid-request"), "language")

    def test_tells_in_which_languages_a_skill_is_understood(self, stage):
        stage.interpreters = [
            FakeInterpreter("fr", "learning"),
            FakeInterpreter("en"),
            FakeInterpreter("de", "failed"),
            FakeInterpreter("it", "learning", 0),
        ]
        trained = {name: skill["trained"] for name, skill in stage.list().items()}
        assert trained == {"home_clock": ["en"], "o__weather": ["en", "fr"], "single": []}

    def test_needs_a_token(self, stage):
        answer = stage.site.ask("GET", "/api/skills", token=None)
        assert answer.problem() == (401, "token-missing")


class TestAdding:
    def test_begins_a_job(self, stage, folder):
        begun = stage.begun(stage.add({"source": " atlassistant/weather "}))
        assert begun == (
            "add",
            "atlassistant/weather",
            ["add", str(folder.directory), "--", "atlassistant/weather"],
        )

    @pytest.mark.parametrize(
        "source",
        [
            "weather",
            "--upload-pack=x/y",
            "ext::sh -c x/y",
            "file:///tmp/x/y",
            "/etc/passwd",
            "http://example.org/o/r",
            "https://me:pw@example.org/o/r",
            "../outside/x",
        ],
    )
    def test_refuses_what_git_should_not_get(self, stage, source):
        answer = stage.add({"source": source})
        assert (answer.problem(), answer.field()) == ((400, "invalid-request"), "source")
        assert b"pw" not in answer.body
        assert stage.reactor.processes == []

    @pytest.mark.parametrize(
        ("document", "name"),
        [
            ({}, "source"),
            ({"source": None}, "source"),
            ({"source": ""}, "source"),
            ({"source": "o/" + "r" * 1024}, "source"),
            ({"source": "o/r\n"}, "source"),
            ({"source": "o/r", "name": "x"}, "name"),
        ],
    )
    def test_refuses_other_bodies(self, stage, document, name):
        answer = stage.add(document)
        assert (answer.problem(), answer.field()) == ((400, "invalid-request"), name)

    def test_is_for_administrators(self, stage):
        answer = stage.add({"source": "o/r"}, token="person")
        assert answer.problem() == (403, "forbidden")
        assert stage.reactor.processes == []

    def test_needs_json(self, stage):
        answer = stage.site.ask("POST", "/api/skills")
        assert answer.problem() == (415, "unsupported-media-type")

    @given(SOURCES)
    @example("o/r")
    @example(" o/r ")
    @example("https://example.org/o/r")
    @example("-o/r")
    @example("--upload-pack=x/y")
    @example("https://--upload-pack=x/o/r")
    @example("git@-oProxyCommand=x:o/r")
    def test_never_gives_git_an_option(self, source):
        stage = Stage(SkillFolder(directory=None, environ={}))
        answer = stage.add({"source": source})
        begun = [process.arguments[-2:] for process in stage.reactor.processes]
        if answer.status == 202:
            assert begun == [["--", source.strip()]]
        else:
            assert (answer.problem(), begun) == ((400, "invalid-request"), [])
        assert not re.search(r"(?:^|//|@)-", source.strip()) or answer.status == 400

    @pytest.mark.parametrize(
        "source",
        ["o/r", "my-name/my.repo-1", "https://example.org/o/r.git", "ssh://git@example.org/o/r"],
    )
    def test_takes_what_git_may_get(self, stage, source):
        assert stage.begun(stage.add({"source": source}))[2][-2:] == ["--", source]


class TestUpdating:
    def test_begins_a_job(self, stage, folder):
        begun = stage.begun(stage.site.ask("POST", "/api/skills/o__weather/update"))
        assert begun == (
            "update",
            "o__weather",
            ["update", str(folder.directory), "--", "o__weather"],
        )

    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("own", "did not come with git"),
            ("home_clock", "bundled_skills"),
            ("single", "a single file"),
            ("none", "no skill of this name"),
        ],
    )
    def test_needs_what_git_has_fetched(self, stage, name, reason):
        answer = stage.site.ask("POST", f"/api/skills/{name}/update")
        assert answer.problem() == (404, "not-found")
        assert reason in answer.detail()


class TestRemoving:
    @pytest.mark.parametrize("name", ["o__weather", "own"])
    def test_begins_a_job(self, stage, folder, name):
        begun = stage.begun(stage.site.ask("DELETE", f"/api/skills/{name}"))
        assert begun == ("remove", name, ["remove", str(folder.directory), "--", name])

    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("home_clock", "bundled_skills"),
            ("single", "a single file"),
            ("none", "no skill of this name"),
            ("..%2Foutside", "nothing at this address"),
            ("%2E%2E", "no skill of this name"),
            (".", "no skill of this name"),
            ("-own", "no skill of this name"),
            ("x" * 300, "no skill of this name"),
            ("%00", "no skill of this name"),
        ],
    )
    def test_never_reaches_beyond_the_folder(self, stage, name, reason):
        answer = stage.site.ask("DELETE", f"/api/skills/{name}")
        assert answer.problem() == (404, "not-found")
        assert reason in answer.detail()
        assert stage.reactor.processes == []


class TestReloading:
    @pytest.mark.parametrize("may_install", [False, True])
    def test_begins_a_job_in_any_case(self, folder, may_install):
        stage = Stage(folder, may_install)
        answer = stage.site.ask("POST", "/api/skills/reload")
        assert (answer.status, answer.json()["kind"]) == (202, "reload")
        assert stage.reactor.processes == []

    def test_is_for_administrators(self, stage):
        answer = stage.site.ask("POST", "/api/skills/reload", token="person")
        assert answer.problem() == (403, "forbidden")


class TestPermission:
    @pytest.mark.parametrize(("method", "path"), CHANGES)
    def test_is_given_by_the_configuration(self, folder, method, path):
        stage = Stage(folder, may_install=False)
        answer = stage.site.ask(method, path)
        assert answer.problem() == (403, "not-enabled")
        assert "skill_installation = yes" in answer.detail()
        assert "[server]" in answer.detail()
        assert stage.reactor.processes == []

    @pytest.mark.parametrize(("method", "path"), CHANGES)
    def test_is_not_told_to_others(self, folder, method, path):
        stage = Stage(folder, may_install=False)
        answer = stage.site.ask(method, path, token="person")
        assert answer.problem() == (403, "forbidden")

    @pytest.mark.parametrize(("method", "path"), CHANGES)
    def test_needs_a_token(self, stage, method, path):
        assert stage.site.ask(method, path, token=None).problem() == (401, "token-missing")


class TestOneAtATime:
    @pytest.mark.parametrize(("method", "path"), [*CHANGES[1:], ("POST", "/api/skills/reload")])
    def test_another_job_is_refused(self, stage, method, path):
        stage.jobs.start("remove", "own")
        answer = stage.site.ask(method, path)
        assert answer.problem() == (409, "job-running")
        assert "remove own" in answer.detail()

    def test_another_skill_is_not_added_meanwhile(self, stage):
        stage.jobs.reload()
        assert stage.add({"source": "o/r"}).problem() == (409, "job-running")


class TestMethods:
    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("DELETE", "/api/skills"),
            ("PUT", "/api/skills"),
            ("GET", "/api/skills/reload"),
            ("GET", "/api/skills/own"),
            ("PATCH", "/api/skills/own"),
            ("GET", "/api/skills/own/update"),
        ],
    )
    def test_are_only_those_of_the_contract(self, stage, method, path):
        assert stage.site.ask(method, path).problem() == (405, "method-not-allowed")
