"""What people are told about a skill (spec 6.13); its author wrote it, so it may be anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from pytlas_wamp.accounts.model import MAX_SETTING_KEY_CHARACTERS
from pytlas_wamp.assistant.bodies import plain
from pytlas_wamp.assistant.settings_form import SettingField, fields
from pytlas_wamp.transport.lines import plain_line, without_credentials

# More than anybody reads.
MAX_TEXT_CHARACTERS: Final = 2_000
MAX_LINE_CHARACTERS: Final = 200
MAX_ITEMS: Final = 200

# Of a text with Markdown no more is looked at: reading it takes time.
_READ_CHARACTERS: Final = 2 * MAX_TEXT_CHARACTERS

# Instead of what an exception says, which may be anything: paths, addresses, a password.
_NOT_LOADED: Final = "It cannot be loaded; administrators see why."
_NOT_WHOLE: Final = "Something is wrong with it; administrators see what."

# What pytlas fills in where a skill says nothing.
_NO_VERSION: Final = "?.?.?"

# A skill may even exit.
_ANYTHING: Final = (Exception, SystemExit)


class ShownSkill(Protocol):
    """A skill, as far as people are told about it."""

    @property
    def name(self) -> str:
        """Its package."""

    @property
    def bundled(self) -> bool:
        """Whether it came with the server."""

    @property
    def loaded(self) -> bool:
        """Whether it takes part."""

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with it, a sentence each."""

    @property
    def intents(self) -> list[str]:
        """What it handles."""

    @property
    def languages(self) -> list[str]:
        """Those it has sentences for."""

    def meta(self, language: str) -> Any:
        """What it says of itself."""


def skill_document(
    skill: ShownSkill, language: str, trained: Iterable[str], *, with_reasons: bool = True
) -> dict[str, Any]:
    """Returns what people are told about a skill; calls code of the skill, and never raises.

    Args:
      skill: which.
      language: two letters; that of its texts as far as the skill has them in it.
      trained: the languages in which it is understood.
      with_reasons: whether to tell what exactly is wrong with it, which is for
        administrators; others are told that something is.
    """
    meta = _whatever(lambda: skill.meta(language), None)
    version = _line(meta, "version")
    return {
        "name": skill.name,
        "title": _line(meta, "name"),
        "description": _text(meta, "description"),
        "version": "" if version == _NO_VERSION else version,
        "author": _line(meta, "author"),
        "homepage": _address(_line(meta, "homepage", most=MAX_TEXT_CHARACTERS)),
        "bundled": skill.bundled,
        "intents": _names(lambda: skill.intents),
        "languages": _names(lambda: skill.languages),
        "trained": list(trained),
        "loaded": skill.loaded,
        "problems": _reasons(skill) if with_reasons else _in_general(skill),
        "settings": [_setting(one) for one in _settings(skill, language)],
    }


def _reasons(skill: ShownSkill) -> list[str]:
    return [plain_line(without_credentials(one), MAX_TEXT_CHARACTERS) for one in skill.problems]


def _in_general(skill: ShownSkill) -> list[str]:
    if not skill.loaded:
        return [_NOT_LOADED]
    return [_NOT_WHOLE] if skill.problems else []


def _whatever(ask: Callable[[], Any], otherwise: Any) -> Any:
    """What a skill's code returns, if it returns anything."""
    try:
        return ask()
    except _ANYTHING:
        return otherwise


def _raw(meta: Any, name: str) -> str:
    value = _whatever(lambda: getattr(meta, name), None)
    return "" if value is None else str(_whatever(lambda: str(value), ""))


def _line(meta: Any, name: str, *, most: int = MAX_LINE_CHARACTERS) -> str:
    return plain_line(_raw(meta, name)[:_READ_CHARACTERS], most)


def _text(meta: Any, name: str) -> str:
    """Several lines without their Markdown."""
    raw = _raw(meta, name)[:_READ_CHARACTERS]
    lines = _whatever(lambda: plain(raw), raw).splitlines()
    shown = "\n".join(plain_line(line, MAX_TEXT_CHARACTERS) for line in lines).strip()
    return shown[:MAX_TEXT_CHARACTERS]


def _address(text: str) -> str:
    """The text if it is the address of a web page, which browsers may be sent to."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    is_page = parts.scheme in {"http", "https"} and parts.hostname is not None
    return text if is_page and " " not in text else ""


def _names(ask: Callable[[], Iterable[Any]]) -> list[str]:
    names = _whatever(lambda: [str(name) for name in ask()], [])
    return [plain_line(name, MAX_LINE_CHARACTERS) for name in names[:MAX_ITEMS]]


def _settings(skill: ShownSkill, language: str) -> list[SettingField]:
    found = _whatever(lambda: fields([skill], language), [])
    # Nobody could set those with a longer name.
    kept = [one for one in found if 0 < len(one.key) <= MAX_SETTING_KEY_CHARACTERS]
    return kept[:MAX_ITEMS]


def _setting(one: SettingField) -> dict[str, Any]:
    return {
        "key": one.key,
        "section": one.section,
        "name": one.name,
        "type": one.type,
        "description": plain_line(one.description[:_READ_CHARACTERS], MAX_TEXT_CHARACTERS),
        "secret": one.secret,
    }
