"""Backups as files: all comes back, and nothing else gets out of them."""

from __future__ import annotations

import io
import json
import os
import tarfile

import pytest
from attrs import evolve

from pytlas_wamp.accounts.backup import BadBackup, Dump
from pytlas_wamp.cli import archives
from pytlas_wamp.cli.archives import Backup, read_archive, write_archive
from pytlas_wamp.errors import OperatorError

BACKUP = Backup(
    version="0.1.0",
    created="2026-11-23T04:30:00Z",
    dump=Dump(
        revision="0002",
        last_user_id=3,
        tables={"users": [{"id": 1, "name": "é"}], "settings": []},
    ),
    secret="s" * 32,
    config=b"[pytlas]\n",
)


@pytest.fixture
def skills(tmp_path):
    folder = tmp_path / "skills"
    (folder / "tea" / ".git").mkdir(parents=True)
    (folder / "tea" / "__init__.py").write_text("pass\n")
    (folder / "tea" / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (folder / "lamp.py").write_text("pass\n")
    return folder


@pytest.fixture
def target(tmp_path):
    folder = tmp_path / "target"
    folder.mkdir()
    return folder


def written(backup=BACKUP, skills=None):
    out = io.BytesIO()
    left_out = write_archive(out, backup, skills) if skills else None
    if skills is None:
        with tarfile.open(fileobj=out, mode="w|gz") as archive:
            for name, content in archives._small_files(backup):
                add(archive, name, content)
    return out.getvalue(), left_out


def add(archive, name, content=b"", **attributes):
    member = tarfile.TarInfo(name)
    member.size = len(content)
    for attribute, value in attributes.items():
        setattr(member, attribute, value)
    archive.addfile(member, io.BytesIO(content))


def with_members(*members, backup=BACKUP):
    """A good archive, and what somebody has put behind it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in archives._small_files(backup):
            add(archive, name, content)
        for name, content, attributes in members:
            add(archive, name, content, **attributes)
    return out.getvalue()


def read(content, target):
    return read_archive(io.BytesIO(content), target)


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


class TestRoundTrip:
    def test_brings_everything_back(self, skills, target):
        content, left_out = written(skills=skills)

        assert read(content, target) == BACKUP
        assert files(target / "skills") == files(skills)
        assert left_out == []

    def test_without_configuration_and_skills(self, tmp_path, target):
        backup = evolve(BACKUP, config=None)
        content, _ = written(backup, skills=tmp_path / "nowhere")

        assert read(content, target) == backup
        assert list(target.iterdir()) == []

    def test_keeps_times_and_what_may_run(self, skills, target):
        os.utime(skills / "lamp.py", (1_000_000_000, 1_000_000_000))
        (skills / "lamp.py").chmod(0o755)

        read(written(skills=skills)[0], target)

        status = (target / "skills" / "lamp.py").stat()
        assert (status.st_mtime, status.st_mode & 0o777) == (1_000_000_000, 0o700)

    def test_keeps_links_inside(self, skills, target):
        (skills / "tea" / "lamp").symlink_to("../lamp.py")
        (skills / "also").symlink_to("tea")

        read(written(skills=skills)[0], target)

        assert (target / "skills" / "tea" / "lamp").readlink().as_posix() == "../lamp.py"
        assert (target / "skills" / "also").readlink().as_posix() == "tea"

    def test_says_nothing_about_the_machine(self, skills):
        with tarfile.open(fileobj=io.BytesIO(written(skills=skills)[0])) as archive:
            members = archive.getmembers()

        assert {(m.uid, m.gid, m.uname, m.gname) for m in members} == {(0, 0, "", "")}
        assert [m.name for m in members if m.mode & 0o077] == []

    def test_does_not_show_secrets_in_a_repr(self):
        assert "sss" not in repr(BACKUP)


class TestLeavingOut:
    def test_what_python_makes_anew(self, skills, target):
        (skills / "tea" / "__pycache__").mkdir()
        (skills / "tea" / "__pycache__" / "x.pyc").write_text("x")
        (skills / ".new-tea").mkdir()

        read(written(skills=skills)[0], target)

        names = {path.name for path in (target / "skills").rglob("*")}
        assert names == {"tea", "__init__.py", ".git", "HEAD", "lamp.py"}

    @pytest.mark.parametrize("link", ["/etc/passwd", "../../secret", "tea/../tea", "tea/../.."])
    def test_links_that_lead_elsewhere(self, skills, target, link):
        (skills / "away").symlink_to(link)

        content, left_out = written(skills=skills)

        assert left_out == [f"skills/away is a link to {link}, which is not in the folder."]
        assert read(content, target) == BACKUP

    def test_what_is_neither_file_nor_folder(self, skills):
        os.mkfifo(skills / "pipe")

        assert written(skills=skills)[1] == [
            "skills/pipe is neither a file nor a folder nor a link."
        ]

    def test_what_is_deleted_meanwhile(self, skills, target, monkeypatch):
        real = archives.os.walk
        monkeypatch.setattr(
            archives.os, "walk", lambda top: [(d, fs, [*ns, "gone"]) for d, fs, ns in real(top)]
        )

        content, left_out = written(skills=skills)

        assert left_out == []
        assert files(read(content, target) and target / "skills") == files(skills)


class TestNotWriting:
    def test_too_much(self, skills, monkeypatch):
        monkeypatch.setattr(archives, "MAX_MEMBERS", 6)

        with pytest.raises(OperatorError, match="too much in the folder of skills"):
            written(skills=skills)

    def test_a_file_that_shrinks(self, skills, monkeypatch):
        real = archives._member_of

        def longer(name, status):
            member = real(name, status)
            member.size += 10
            return member

        monkeypatch.setattr(archives, "_member_of", longer)

        with pytest.raises(OperatorError, match="changed while it was read"):
            written(skills=skills)

    def test_a_full_disk(self, skills):
        class Full(io.BytesIO):
            def write(self, _):
                raise OSError(28, "No space left on device")

        with pytest.raises(OSError, match="No space left"):
            write_archive(Full(), evolve(BACKUP, config=os.urandom(200_000)), skills)

    def test_what_may_not_be_read(self, skills, monkeypatch):
        def refuse(*_):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(archives, "_member_of", refuse)

        with pytest.raises(OperatorError, match="cannot be read: Permission denied"):
            written(skills=skills)


DIR = {"type": tarfile.DIRTYPE}


class TestHostileOnes:
    @pytest.mark.parametrize(
        ("name", "attributes"),
        [
            ("../evil", {}),
            ("/etc/evil", {}),
            ("evil", {}),
            ("skills/../../evil", {}),
            ("skills/../evil", {}),
            ("skills//evil", {}),
            ("skills/./evil", {}),
            ("skills", {}),
            ("secret/evil", {}),
            ("database/../evil.jsonl", {}),
            ("database/EVIL.jsonl", {}),
            ("skills/pipe", {"type": tarfile.FIFOTYPE}),
            ("skills/disk", {"type": tarfile.BLKTYPE}),
            ("skills/tty", {"type": tarfile.CHRTYPE}),
            ("skills/sparse", {"type": tarfile.GNUTYPE_SPARSE}),
            ("skills/hard", {"type": tarfile.LNKTYPE, "linkname": "secret"}),
            ("skills/away", {"type": tarfile.SYMTYPE, "linkname": "/etc"}),
            ("skills/away", {"type": tarfile.SYMTYPE, "linkname": "../.."}),
            ("skills/away", {"type": tarfile.SYMTYPE, "linkname": "a/../.."}),
            ("skills", {"type": tarfile.SYMTYPE, "linkname": "/etc"}),
            ("database", {"type": tarfile.SYMTYPE, "linkname": "/etc"}),
            ("secret", {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}),
            ("database/x.jsonl", DIR),
        ],
    )
    def test_are_refused(self, target, name, attributes):
        with pytest.raises(BadBackup, match="holds what it must not"):
            read(with_members((name, b"", attributes)), target)
        assert list(target.parent.rglob("evil")) == []

    def test_nothing_is_written_over_a_link(self, target):
        link = ("skills/a", b"", {"type": tarfile.SYMTYPE, "linkname": "b"})
        below = ("skills/a/evil", b"x", {})

        with pytest.raises(BadBackup, match="must not"):
            read(with_members(link, below), target)

    def test_links_do_not_lead_out_together(self, target):
        here = ("skills/a", b"", {"type": tarfile.SYMTYPE, "linkname": "."})
        out = ("skills/b", b"", {"type": tarfile.SYMTYPE, "linkname": "a/.."})

        with pytest.raises(BadBackup, match="must not"):
            read(with_members(here, out), target)

    def test_nothing_is_there_twice(self, target):
        with pytest.raises(BadBackup, match="must not"):
            read(with_members(("secret", b"x" * 32, {})), target)

    def test_names_with_control_characters_are_shown_harmlessly(self, target):
        with pytest.raises(BadBackup) as caught:
            read(with_members(("\x1b[2J" + "x" * 200, b"", {})), target)

        assert str(caught.value).isprintable()
        assert len(str(caught.value)) < 250

    def test_too_many(self, target, monkeypatch):
        monkeypatch.setattr(archives, "MAX_MEMBERS", 4)

        with pytest.raises(BadBackup, match="too big"):
            read(with_members(), target)

    def test_too_much(self, target, monkeypatch):
        monkeypatch.setattr(archives, "MAX_BYTES", 2_000)

        with pytest.raises(BadBackup, match="too big"):
            read(with_members(("skills/big", b"x" * 2_000, {})), target)

    @pytest.mark.parametrize("bound", ["MAX_SMALL_BYTES", "MAX_TABLE_BYTES"])
    def test_too_much_for_the_memory(self, target, monkeypatch, bound):
        monkeypatch.setattr(archives, bound, 5)

        with pytest.raises(BadBackup, match="is too big"):
            read(with_members(), target)


class TestBrokenOnes:
    @pytest.mark.parametrize(
        "content", [b"", b"this is no archive", b"\x1f\x8b" + b"x" * 200, b"\0" * 2_000]
    )
    def test_what_is_no_archive(self, target, content):
        with pytest.raises(BadBackup, match="This is no backup of pytlas-wamp"):
            read(content, target)

    def test_half_of_one(self, target, skills):
        (skills / "noise").write_bytes(os.urandom(100_000))
        content, _ = written(skills=skills)

        with pytest.raises(BadBackup, match="damaged or not complete"):
            read(content[: len(content) // 2], target)

    def test_one_with_another_byte(self, target, skills):
        (skills / "noise").write_bytes(os.urandom(100_000))
        content = bytearray(written(skills=skills)[0])
        content[len(content) // 2] ^= 0xFF

        with pytest.raises(BadBackup, match="damaged"):
            read(bytes(content), target)

    def test_another_programs_archive(self, target):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w:gz"):
            pass

        with pytest.raises(BadBackup, match=r"it has no manifest\.json"):
            read(out.getvalue(), target)

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"format": 2}, "newer version"),
            ({"format": "1"}, "makes no sense"),
            ({"revision": "../2"}, "makes no sense"),
            ({"revision": None}, "makes no sense"),
            ({"last_user_id": True}, "makes no sense"),
            ({"last_user_id": 1.5}, "makes no sense"),
            ({"rows": []}, "makes no sense"),
            ({"rows": {"users": 2, "settings": 0}}, "rows of its tables are missing"),
            ({"rows": {"users": 1}}, "rows of its tables are missing"),
        ],
    )
    def test_manifests_that_do_not_fit(self, target, monkeypatch, change, said):
        real = archives.json.dumps
        monkeypatch.setattr(
            archives.json,
            "dumps",
            lambda value, **how: real({**value, **change} if "format" in value else value, **how),
        )
        content = with_members()

        with pytest.raises(BadBackup, match=said):
            read(content, target)

    @pytest.mark.parametrize("manifest", [b"[]", b"{", b"\xff", b"[" * 90_000])
    def test_manifests_that_are_none(self, target, manifest):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w:gz") as archive:
            add(archive, "manifest.json", manifest)

        with pytest.raises(BadBackup):
            read(out.getvalue(), target)

    def test_no_secret(self, target, monkeypatch):
        small = [one for one in archives._small_files(BACKUP) if one[0] != "secret"]
        monkeypatch.setattr(archives, "_small_files", lambda _: small)

        with pytest.raises(BadBackup, match="the secret is missing"):
            read(with_members(), target)

    def test_a_secret_that_is_no_text(self, target, monkeypatch):
        small = [(n, b"\xff" if n == "secret" else c) for n, c in archives._small_files(BACKUP)]
        monkeypatch.setattr(archives, "_small_files", lambda _: small)

        with pytest.raises(BadBackup, match="is no text"):
            read(with_members(), target)


def test_the_manifest_tells_what_is_in_it(skills):
    with tarfile.open(fileobj=io.BytesIO(written(skills=skills)[0])) as archive:
        manifest = json.load(archive.extractfile("manifest.json"))

    assert manifest == {
        "format": 1,
        "version": "0.1.0",
        "created": "2026-11-23T04:30:00Z",
        "revision": "0002",
        "last_user_id": 3,
        "rows": {"users": 1, "settings": 0},
    }
