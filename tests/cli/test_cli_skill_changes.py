"""Adding, updating and removing skills on the command line, from folders of this machine."""

from __future__ import annotations

import subprocess
import sys

import pytest
from outcomes import refused, said, told

from pytlas_wamp.accounts.sql import SqlAccountStore
from pytlas_wamp.cli import skill_changes

SKILL = "from pytlas import meta\n\n@meta()\ndef about(_):\n    return {'name': 'Tea'}\n"


def git(folder, *words):
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(  # noqa: S603 - words of this module
        ["git", *identity, *words],  # noqa: S607 - wherever it is installed
        cwd=folder,
        check=True,
        capture_output=True,
    )


@pytest.fixture
def author(tmp_path):
    """A repository with a skill, as its author has it."""
    folder = tmp_path / "author" / "tea"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(SKILL)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "Tea")
    return folder


@pytest.fixture
def skills(tmp_path):
    return tmp_path / "data" / "skills"


@pytest.fixture
def notes(tmp_path):
    """How often running servers were told to look for skills."""

    def count():
        store = SqlAccountStore(tmp_path / "data" / "pytlas.sqlite3")
        kinds = [change.kind for change in store.changes(0)]
        store.close()
        return kinds.count("skills")

    return count


class TestWithGit:
    def test_added_updated_and_removed(self, call, author, skills, notes):
        shown = said(call("skills", "add", str(author)))
        [folder] = [path for path in skills.iterdir() if not path.name.startswith(".")]
        assert (folder / "__init__.py").read_text() == SKILL
        assert shown.splitlines()[-1] == "added; running servers take the skills up now"
        assert shown.count("\n") > 1

        (author / "__init__.py").write_text(SKILL + "# newer\n")
        git(author, "commit", "-qam", "Newer")
        done = told(call("skills", "update", folder.name, "--json"))
        assert (done["kind"], done["subjects"], done["state"]) == (
            "update",
            [folder.name],
            "succeeded",
        )
        assert done["lines"]
        assert (folder / "__init__.py").read_text().endswith("# newer\n")

        assert "removed; " in said(call("skills", "remove", folder.name))
        assert not folder.exists()
        assert notes() == 3

    def test_what_fails_says_why(self, call, tmp_path, notes):
        (tmp_path / "nothing").mkdir()

        result = call("skills", "add", str(tmp_path / "nothing"), "--json")

        assert result.exit_code == 1
        assert '"state": "failed"' in result.stdout
        assert result.stderr.startswith("pytlas-wamp: not everything was done")
        assert notes() == 1


class TestRefusals:
    @pytest.mark.parametrize("source", ["--upload-pack=x", "http://example.org/a/b", "ext::sh/x"])
    def test_sources_that_cannot_be_used(self, call, source, notes):
        refused(call("skills", "add", "--", source))

    @pytest.mark.parametrize("command", ["update", "remove"])
    def test_skills_that_are_not_there(self, call, command):
        assert "no folder of a skill 'tea'" in refused(call("skills", command, "tea"))


class TestReload:
    def test_tells_running_servers(self, call, notes):
        assert said(call("skills", "reload")) == "running servers look for changed skills now\n"
        assert notes() == 1

    def test_tells_programs(self, call):
        assert told(call("skills", "reload", "--json")) == {"kind": "reload", "state": "succeeded"}


class TestChild:
    def test_learns_no_secret_of_the_server(self, call, tmp_path, monkeypatch):
        seen = []
        monkeypatch.setenv("WEB_SECRET", "s" * 40)
        monkeypatch.setattr(
            skill_changes,
            "_run",
            lambda arguments, environ, **_: seen.append(environ) or ([], 0),
        )

        said(call("skills", "update"))

        assert "WEB_SECRET" not in seen[0]

    def test_lines_are_harmless(self, tmp_path, capsys):
        script = "print('\\x1b[31mred'); print(); print('x' * 900)"

        lines, code = skill_changes._run(
            [sys.executable, "-c", script], {}, directory=tmp_path, shown=True
        )

        assert (lines[0], len(lines), len(lines[1]), code) == ("red", 2, 500, 0)
        assert capsys.readouterr().out.splitlines() == lines


class TestInterruption:
    def test_ends_the_process_too(self, tmp_path, monkeypatch):
        """It would wait for ever: nothing else tells it that nobody listens any more."""

        def interrupt(_line):
            raise KeyboardInterrupt

        monkeypatch.setattr(skill_changes.click, "echo", interrupt)
        patient = "import time; print('begun', flush=True); time.sleep(600)"
        with pytest.raises(KeyboardInterrupt):
            skill_changes._run([sys.executable, "-c", patient], {}, directory=tmp_path, shown=True)
