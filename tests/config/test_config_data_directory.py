"""The first start, the later ones, and directories and secrets that will not do."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from config_places import SECRET, read

from pytlas_wamp.config import prepare_data_dir
from pytlas_wamp.errors import ConfigError, OperatorError


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def make_secret() -> str:
    return SECRET * 2


def refuse(*_args, **_kwargs):
    raise PermissionError(1, "Operation not permitted")


class TestPrepareDataDir:
    def test_a_first_start_creates_everything_for_the_owner_only(self, place):
        data = place / "data" / "deep" / "new"
        prepared = prepare_data_dir(
            read(place, options={"data_dir": data}), make_secret=make_secret
        )

        created = (data, data / "skills", data / "cache", data / "secret")
        assert (prepared.path, prepared.secret) == (data, SECRET * 2)
        assert prepared.created == created
        assert [mode(path) for path in created] == [0o700, 0o700, 0o700, 0o600]
        assert sorted(data.iterdir()) == sorted(created[1:])

    def test_a_second_start_creates_nothing(self, place):
        config = read(place)
        prepare_data_dir(config, make_secret=make_secret)

        again = prepare_data_dir(config, make_secret=refuse)

        assert (again.created, again.secret) == ((), SECRET * 2)

    def test_a_configured_secret_needs_no_file(self, place):
        config = read(place, environ={"WEB_SECRET": SECRET})

        assert prepare_data_dir(config, make_secret=make_secret).secret == SECRET
        assert not (place / "data" / "secret").exists()

    def test_a_configured_skills_directory_is_not_created(self, place):
        config = read(place, options={"skills_dir": "mine", "listen": ["tcp:1"]})
        prepare_data_dir(config, make_secret=make_secret)

        assert not config.skills_dir.exists()
        assert not (place / "data" / "skills").exists()

    @pytest.mark.parametrize("wide", [0o640, 0o604, 0o777])
    def test_wide_permissions_of_the_secret_are_tightened(self, place, wide):
        secret = place / "data" / "secret"
        secret.write_text(SECRET)
        secret.chmod(wide)

        assert prepare_data_dir(read(place), make_secret=make_secret).secret == SECRET
        assert mode(secret) == 0o600

    @pytest.mark.parametrize(("content", "length"), [(b"", 0), (b"\n \n", 0), (b"hush-hush\n", 9)])
    def test_a_short_secret_in_the_file_is_refused_and_not_shown(self, place, content, length):
        path = place / "data" / "secret"
        path.write_bytes(content)

        with pytest.raises(ConfigError) as caught:
            prepare_data_dir(read(place), make_secret=make_secret)

        assert caught.value.problems == (
            (
                f"The secret in {path} has {length} characters, it must have at least 16; "
                "delete the file to have a new one made (everybody logs in again)"
            ),
        )

    @pytest.mark.parametrize("links", [True, False])
    def test_of_two_starters_the_first_secret_counts(self, place, monkeypatch, links):
        path = place / "data" / "secret"
        if not links:
            monkeypatch.setattr(Path, "hardlink_to", refuse)

        def slow_make_secret():
            path.write_text(SECRET)
            return make_secret()

        prepared = prepare_data_dir(read(place), make_secret=slow_make_secret)

        assert prepared.secret == SECRET
        assert path not in prepared.created
        assert [one.name for one in path.parent.glob("secret*")] == ["secret"]

    def test_a_file_system_without_links_will_do(self, place, monkeypatch):
        monkeypatch.setattr(Path, "hardlink_to", refuse)

        prepared = prepare_data_dir(read(place), make_secret=make_secret)

        assert prepared.secret == SECRET * 2
        assert mode(place / "data" / "secret") == 0o600
        assert [one.name for one in (place / "data").glob("secret*")] == ["secret"]

    def test_a_directory_in_a_file_cannot_be_made(self, place):
        (place / "file").write_text("")
        config = read(place, options={"data_dir": place / "file" / "data"})

        with pytest.raises(OperatorError) as caught:
            prepare_data_dir(config, make_secret=make_secret)

        assert str(caught.value) == (
            f"The directory {place}/file/data cannot be made: Not a directory"
        )

    def test_a_directory_that_is_not_writable_is_refused(self, place, monkeypatch):
        # The tests may run as root, who may write everywhere.
        monkeypatch.setattr(os, "access", lambda path, wanted: False)

        with pytest.raises(OperatorError) as caught:
            prepare_data_dir(read(place), make_secret=make_secret)

        assert str(caught.value) == (
            f"The directory {place}/data cannot be written to: Permission denied"
        )

    def test_a_secret_that_cannot_be_read_is_refused(self, place):
        (place / "data" / "secret").mkdir(mode=0o700)

        with pytest.raises(OperatorError) as caught:
            prepare_data_dir(read(place), make_secret=make_secret)

        assert str(caught.value) == (
            f"The secret file {place}/data/secret cannot be used: Is a directory"
        )

    def test_a_repr_shows_no_secret(self, place):
        assert SECRET not in repr(prepare_data_dir(read(place), make_secret=make_secret))
