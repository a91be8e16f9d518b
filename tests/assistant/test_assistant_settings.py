"""Skills find their own settings and nobody else's."""

from __future__ import annotations

import pytest
from agent_rigs import Hosted
from pytlas.settings import CONFIG

from pytlas_wamp.assistant.settings import hand_to_skills

SECTIONS = {"pytlas": {"language": "en"}, "weather": {"api_key": "secret%5"}}


@pytest.fixture(autouse=True)
def _clean():
    before = (CONFIG._data, CONFIG.config, CONFIG._loaded_from_path)
    yield
    CONFIG._data, CONFIG.config, CONFIG._loaded_from_path = before


class TestHandToSkills:
    def test_skills_find_what_is_handed(self):
        hand_to_skills(SECTIONS, config_file=None)
        assert CONFIG.get("api_key", section="weather") == "secret%5"
        assert CONFIG.get("language") == "en"

    def test_skills_find_nothing_else(self):
        hand_to_skills({**SECTIONS, "web": {"secret": "s"}}, config_file=None)
        hand_to_skills(SECTIONS, config_file=None)
        for section in ("web", "database", "server"):
            assert CONFIG.get("secret", section=section) is None
        assert CONFIG.config.sections() == ["pytlas", "weather"]

    def test_what_is_no_more_is_gone(self):
        hand_to_skills({"pytlas": {"old": "1"}}, config_file=None)
        hand_to_skills({}, config_file=None)
        assert CONFIG.get("old") is None

    def test_the_environment_wins_for_skills(self, monkeypatch):
        monkeypatch.setenv("WEATHER_API_KEY", "from the environment")
        hand_to_skills(SECTIONS, config_file=None)
        assert CONFIG.get("api_key", section="weather") == "from the environment"

    def test_what_is_in_effect_for_pytlas_wins_over_the_environment(self, monkeypatch):
        monkeypatch.setenv("PYTLAS_LANGUAGE", "fr")
        hand_to_skills(SECTIONS, config_file=None)
        assert CONFIG.get("language") == "en"

    def test_paths_start_beside_the_file(self, tmp_path):
        hand_to_skills({"music": {"folder": "songs"}}, config_file=tmp_path / "pytlas.ini")
        assert CONFIG.getpath("folder", section="music") == str(tmp_path / "songs")

    def test_the_users_own_win_in_an_agent(self, gates):
        hand_to_skills(SECTIONS, config_file=None)
        agent = Hosted(WEATHER_API_KEY="mine").agent
        assert agent.settings.get("api_key", section="weather") == "mine"
        assert agent.settings.get("language") == "en"
