"""The folder of the user's skills: what is in it, and which processes change it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import field, frozen

from pytlas_wamp.assistant.skill_sources import check_source, command, environment
from pytlas_wamp.transport.jobs import Change

# What pytlas makes of owner and repository, and what is a module: nothing hidden, no
# option of a program, and nothing that leads out of the folder.
_NAME: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,99}")


@frozen(kw_only=True)
class SkillFolder:
    """Where skills are installed.

    Args:
      directory: the folder.
      environ: the environment of the server.
      allow_local: whether sources may be on this machine (for tests).
    """

    directory: Path
    environ: Mapping[str, str] = field(repr=False)
    allow_local: bool = False

    def check_source(self, text: str) -> None:
        """Raises BadSource when skills cannot be fetched from there."""
        check_source(text, allow_local=self.allow_local)

    def has(self, name: str) -> bool:
        """Says whether a folder of this name is in it (blocks a little)."""
        return _NAME.fullmatch(name) is not None and (self.directory / name).is_dir()

    def has_git(self, name: str) -> bool:
        """Says whether git can fetch what is new for it (blocks a little)."""
        return self.has(name) and (self.directory / name / ".git").is_dir()

    def command(self, kind: Change, subject: str) -> list[str]:
        """Returns the program that makes a change, with its arguments.

        Args:
          kind: what to do.
          subject: the source, or the name of the skill.
        """
        return command(kind, self.directory, [subject], allow_local=self.allow_local)

    def environment(self) -> dict[str, str]:
        """Returns the environment for that program."""
        return environment(self.environ, allow_local=self.allow_local)
