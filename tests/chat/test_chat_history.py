"""What the user said before, kept between runs."""

from __future__ import annotations

import stat

from prompt_toolkit.history import FileHistory, InMemoryHistory

from pytlas_wamp.chat.history import open_history


class TestHistory:
    def test_it_is_kept_between_runs(self, tmp_path):
        open_history(tmp_path / "state" / "h").store_string("hello")

        again = open_history(tmp_path / "state" / "h")
        assert isinstance(again, FileHistory)
        assert list(again.load_history_strings()) == ["hello"]

    def test_only_its_owner_can_read_it(self, tmp_path):
        (tmp_path / "h").touch(mode=0o644)

        open_history(tmp_path / "h")

        assert stat.S_IMODE((tmp_path / "h").stat().st_mode) == 0o600

    def test_without_a_place_to_write_it_lives_in_memory(self, tmp_path):
        (tmp_path / "file").touch()

        assert isinstance(open_history(tmp_path / "file" / "h"), InMemoryHistory)
