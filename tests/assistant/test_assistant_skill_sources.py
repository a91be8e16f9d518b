"""What git is given was looked at first."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytlas.supporting.manager import path_to_skill_folder

from pytlas_wamp.assistant.skill_sources import (
    BadSource,
    Source,
    UnknownSkill,
    check_installed,
    check_source,
    command,
    environment,
)

HUB = "https://github.com/"


class TestSources:
    @pytest.mark.parametrize(
        ("text", "url", "folder"),
        [
            ("me/tea", f"{HUB}me/tea", "me__tea"),
            (" me/tea-time ", f"{HUB}me/tea-time", "me__tea-time"),
            ("3d/tea_2", f"{HUB}3d/tea_2", "3d__tea_2"),
            ("https://git.example.org/me/tea", None, "me__tea"),
            ("https://git.example.org:8443/me/tea.git", None, "me__tea"),
            ("https://git.example.org/me/tea/", "https://git.example.org/me/tea", "me__tea"),
            ("https://git.example.org/group/me/tea.git", None, "me__tea"),
            ("git@git.example.org:me/tea.git", None, "me__tea"),
            ("ssh://git@git.example.org:22/me/tea.git", None, "me__tea"),
            ("ssh://git.example.org/me/tea", None, "me__tea"),
        ],
    )
    def test_these_will_do(self, text, url, folder):
        assert check_source(text) == Source(url=url or text, folder=folder)

    @pytest.mark.parametrize(
        "text",
        [
            "tea",
            "-me/tea",
            "me/-tea",
            "--upload-pack=id/tea",
            "me/tea time",
            "me/te\na",
            "me/te\0a",
            "me/../tea",
            "me/tea..",
            "me\\tea",
            "a/b/c",
            "é/tea",
            "ext::sh -c id",
            "file:///srv/me/tea",
            "/srv/me/tea",
            "git://git.example.org/me/tea",
            "https://git.example.org/tea",
            "https://git.example.org/me/tea?x",
            "https://git.example.org/me/tea#x",
            "https://git.example.org/me/%2e%2e/tea",
            "https://-oProxyCommand=id/me/tea",
            "https:///me/tea",
            "ssh://-oProxyCommand=id/me/tea",
            "git@-oProxyCommand=id:me/tea",
            "git@git.example.org:tea",
            "you@git.example.org:me/tea",
            "me/tea" + "a" * 500,
        ],
    )
    def test_others_are_refused(self, text):
        with pytest.raises(BadSource, match=r"^The skill's source '.* cannot be used: write it"):
            check_source(text)

    def test_what_is_refused_is_shown_in_part(self):
        with pytest.raises(BadSource) as caught:
            check_source("x" * 9_000)
        assert len(str(caught.value)) < 300

    def test_the_refusal_is_one_of_the_api(self):
        assert (BadSource.code, UnknownSkill.code) == ("invalid-request", "not-found")

    @pytest.mark.parametrize("text", ["", "  "])
    def test_nothing_is_told(self, text):
        with pytest.raises(BadSource, match="is empty"):
            check_source(text)

    def test_without_encryption_is_told(self):
        with pytest.raises(BadSource, match=r"is not encrypted: write https://\.$"):
            check_source("http://git.example.org/me/tea")

    @pytest.mark.parametrize(
        "login", ["https://me:pass-word", "https://pass-word", "ssh://a:pass-word"]
    )
    def test_credentials_are_refused_and_not_shown(self, login):
        with pytest.raises(BadSource, match="name or password") as caught:
            check_source(f"{login}@git.example.org/me/tea")
        assert "pass-word" not in str(caught.value)

    @pytest.mark.parametrize("text", ["first.last/tea", f"{HUB}_me/tea", f"{HUB}~me/tea"])
    def test_a_name_that_cannot_be_imported_is_told(self, text):
        with pytest.raises(BadSource, match="which Python cannot import"):
            check_source(text)

    @given(st.text() | st.text("ab-_./:@~ghtpsi", max_size=40))
    def test_whatever_passes_stays_in_the_folder(self, text):
        try:
            source = check_source(text)
        except BadSource:
            return
        assert Path("/skills", source.folder).parent == Path("/skills")
        assert f"_{source.folder}".replace("-", "_").isidentifier()
        assert source.url.startswith(("https://", "ssh://", "git@"))
        assert source.folder == path_to_skill_folder(source.url)


class TestLocalSources:
    @pytest.fixture
    def repository(self, tmp_path):
        path = tmp_path / "me" / "tea.git"
        path.mkdir(parents=True)
        return str(path)

    @pytest.mark.parametrize("prefix", ["", "file://"])
    def test_will_do_where_they_are_allowed(self, repository, prefix):
        source = check_source(prefix + repository, allow_local=True)
        assert source == Source(url=f"file://{repository}", folder="me__tea")

    @pytest.mark.parametrize("prefix", ["", "file://"])
    def test_are_refused_elsewhere(self, repository, prefix):
        with pytest.raises(BadSource):
            check_source(prefix + repository)

    def test_must_be_there(self):
        with pytest.raises(BadSource):
            check_source("/no/such/folder", allow_local=True)

    def test_others_stay_possible(self):
        assert check_source("me/tea", allow_local=True).url == f"{HUB}me/tea"


class TestInstalled:
    @pytest.mark.parametrize("name", ["me__tea", "me/tea", " me__tea"])
    def test_a_skill_is_found_by_its_folder_or_source(self, tmp_path, name):
        (tmp_path / "me__tea").mkdir()
        assert check_installed(name, tmp_path) == "me__tea"

    @pytest.mark.parametrize(
        "name", ["", ".", "..", "../x", "/", "a/b/../..", ".new-1", "_private", "tea", "x.py", "-x"]
    )
    def test_nothing_else_is(self, tmp_path, name):
        folder = tmp_path / "skills"
        for path in (folder / ".new-1", folder / "_private", tmp_path / "x"):
            path.mkdir(parents=True)
        (folder / "x.py").touch()
        with pytest.raises(UnknownSkill, match="There is no folder of a skill"):
            check_installed(name, folder)


class TestTheProcess:
    def test_is_this_python(self):
        assert command("add", Path("/skills"), ["me/tea", "me/jam"]) == [
            sys.executable,
            "-P",
            "-m",
            "pytlas_wamp.assistant.skill_child",
            "add",
            "/skills",
            "--",
            "me/tea",
            "me/jam",
        ]

    def test_may_use_what_is_local_if_told(self):
        assert "--allow-local" in command("update", Path("/skills"), [], allow_local=True)
        assert environment({}, allow_local=True)["GIT_ALLOW_PROTOCOL"] == "https:ssh:file"

    def test_asks_nobody(self):
        environ = environment({"SSH_ASKPASS": "ask", "GIT_ASKPASS": "ask"})
        assert "SSH_ASKPASS" not in environ
        assert (environ["GIT_ASKPASS"], environ["GIT_TERMINAL_PROMPT"]) == ("", "0")
        assert environ["GIT_SSH_COMMAND"] == "ssh -o BatchMode=yes"
        assert environ["GIT_ALLOW_PROTOCOL"] == "https:ssh"

    def test_keeps_the_operators_own_ssh(self):
        environ = environment({"GIT_SSH_COMMAND": "ssh -i key"})
        assert environ["GIT_SSH_COMMAND"] == "ssh -i key -o BatchMode=yes"

    def test_finds_the_programs_of_this_python_first(self):
        here = str(Path(sys.executable).parent)
        assert environment({"PATH": "/a:/b"})["PATH"].split(os.pathsep) == [here, "/a", "/b"]
        assert environment({})["PATH"].split(os.pathsep)[0] == here

    def test_keeps_the_rest_but_for_what_leads_git_astray(self):
        environ = environment({"HOME": "/home/me", "GIT_DIR": "/elsewhere", "https_proxy": "p"})
        assert (environ["HOME"], environ["https_proxy"]) == ("/home/me", "p")
        assert "GIT_DIR" not in environ
