"""Loads the skills of a server, which imports pytlas and runs their code."""

from __future__ import annotations

from pytlas_wamp.assistant.settings import hand_to_skills
from pytlas_wamp.assistant.skills import BUNDLED_DIRECTORY, SkillShelf
from pytlas_wamp.config import Config


def load_skills(config: Config) -> SkillShelf:
    """Give skills their settings and import them, ours first (blocks)."""
    hand_to_skills(config.skill_sections, config_file=config.config_file)
    shelf = SkillShelf()
    shelf.load(BUNDLED_DIRECTORY, bundled=True, only=config.bundled_skills)
    shelf.load(config.skills_dir)
    shelf.examine()
    return shelf
