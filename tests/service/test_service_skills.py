"""The skills of a server, as it loads them."""

from __future__ import annotations

import sys

from pytlas_wamp.config import read_config
from pytlas_wamp.service.skills import load_skills


class TestLoadSkills:
    def test_ours_come_first_and_only_those_that_are_wanted(self, tmp_path, monkeypatch):
        monkeypatch.setattr(sys, "path", [*sys.path])
        config = read_config(
            config_file=None,
            options={"data_dir": str(tmp_path)},
            environ={"SERVER_BUNDLED_SKILLS": "home_basics"},
        )
        (tmp_path / "skills").mkdir()
        (tmp_path / "skills" / "a_skill_of_mine.py").write_text("")
        shelf = load_skills(config)
        assert [skill.name for skill in shelf.skills] == ["home_basics", "a_skill_of_mine"]
        for name in ("home_basics", "a_skill_of_mine"):
            sys.modules.pop(name)
