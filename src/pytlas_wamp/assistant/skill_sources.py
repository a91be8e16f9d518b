"""Where skills come from, and the process that fetches them.

pytlas' own SkillsManager clones with git and installs with pip, and both run what
somebody else wrote. So what it is asked for is looked at first, and it works in a
process of its own (`skill_child`), which asks nobody for passwords.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Final, Literal
from urllib.parse import urlsplit

from attrs import frozen

from pytlas_wamp import compat
from pytlas_wamp.errors import OperatorError

compat.import_pytlas()

from pytlas.supporting.manager import (  # noqa: E402 - after compat
    extract_repo_data,
    path_to_skill_folder,
    to_skill_folder,
)

Kind = Literal["add", "update", "remove"]

CHILD: Final = f"{__package__}.skill_child"

_HUB: Final = "https://github.com/"
_MAX_CHARACTERS: Final = 500

_RIGHT: Final = (
    "write it like owner/repository (on GitHub), https://host/owner/repository"
    " or git@host:owner/repository.git"
)
# Of what a module can be named; a leading hyphen would be an option to git.
_FOLDER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_PART: Final = r"[A-Za-z0-9_~][A-Za-z0-9._~-]*"
_HOST: Final = r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?"
_SHORT: Final = re.compile(rf"{_PART}/{_PART}")
_URL: Final = re.compile(
    rf"(?:https://|ssh://(?:[A-Za-z0-9_][A-Za-z0-9_.-]*@)?){_HOST}(?:/{_PART}){{2,}}"
)
_SCP: Final = re.compile(rf"git@{_HOST.partition('(?::')[0]}:{_PART}(?:/{_PART})+")

# They would have git look elsewhere than it is told to.
_MISLEADING: Final = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_DIR",
        "GIT_INDEX_FILE",
        "GIT_NAMESPACE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_WORK_TREE",
        "SSH_ASKPASS",
    }
)


class BadSource(OperatorError):
    """Skills cannot be fetched from there; the text says what would be right."""

    code: ClassVar[str] = "invalid-request"


class UnknownSkill(OperatorError):
    """There is no such skill in the folder of skills."""

    code: ClassVar[str] = "not-found"


@frozen(kw_only=True)
class Source:
    """Where a skill comes from.

    Args:
      url: what git is given.
      folder: what the skill will be called: that of pytlas, `owner__repository`.
    """

    url: str
    folder: str


def check_source(text: str, *, allow_local: bool = False) -> Source:
    """What somebody asked for, if skills may be fetched from there.

    Args:
      text: `owner/repository` on GitHub, or an address for git with TLS or SSH.
      allow_local: whether a folder of this machine will do as well, as an absolute path or
        a `file://` address: for tests, and for where there is no network.

    Raises:
      BadSource: it is none of these.
    """
    asked = text.strip()
    shown = repr(asked if len(asked) <= _MAX_CHARACTERS else asked[:40] + "…")
    if not asked:
        raise BadSource(f"The skill's source is empty: {_RIGHT}.")
    if _has_credentials(asked):
        # Not shown: it would be in the log.
        raise BadSource(
            "The skill's source contains a name or password: leave it out, and let git find"
            " it where it keeps credentials."
        )
    if asked.startswith("http://"):
        raise BadSource(f"The skill's source {shown} is not encrypted: write https://.")
    url = _url_of(asked, allow_local=allow_local)
    if url is None:
        raise BadSource(f"The skill's source {shown} cannot be used: {_RIGHT}.")
    folder = to_skill_folder(*extract_repo_data(url))
    if _FOLDER.fullmatch(folder) is None:
        raise BadSource(
            f"The skill would be called {folder!r}, which Python cannot import: its owner and its"
            " repository may have letters, digits, - and _ only, and begin with a letter or digit."
        )
    return Source(url=url, folder=folder)


def check_installed(name: str, directory: Path) -> str:
    """The folder of a skill that is there, so that it can be updated or removed.

    Args:
      name: that of the skill's package, or `owner/repository`.
      directory: the folder of skills.

    Raises:
      UnknownSkill: it is not there as a folder.
    """
    folder = path_to_skill_folder(name.strip())
    if _FOLDER.fullmatch(folder) is None or not (directory / folder).is_dir():
        raise UnknownSkill(f"There is no folder of a skill {name!r} in {directory}.")
    return str(folder)


def command(
    kind: Kind, directory: Path, names: Sequence[str], *, allow_local: bool = False
) -> list[str]:
    """The program and arguments that do it.

    It writes lines about its progress to its standard output, and ends with 0, or with 1
    when something failed. On SIGTERM it tidies up and ends.

    Args:
      kind: what to do.
      directory: the folder of skills.
      names: sources to add; folders to update or remove. Without names, all that came
        through git are updated.
      allow_local: as `check_source` has it; give `environment` the same.
    """
    options = ["--allow-local"] if allow_local else []
    # -P: what lies about in the current directory must not take the place of a module.
    return [sys.executable, "-P", "-m", CHILD, *options, kind, str(directory), "--", *names]


def environment(environ: Mapping[str, str], *, allow_local: bool = False) -> dict[str, str]:
    """The environment for that program: git and pip ask nobody, and use nothing but TLS or SSH.

    Args:
      environ: that of the server.
      allow_local: as `command` has it.
    """
    kept = {name: value for name, value in environ.items() if name not in _MISLEADING}
    programs = [str(Path(sys.executable).parent), environ.get("PATH", os.defpath)]
    return {
        **kept,
        # So that pip is that of this Python, for skills that call it too.
        "PATH": os.pathsep.join(programs),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "GCM_INTERACTIVE": "never",
        "GIT_SSH_COMMAND": environ.get("GIT_SSH_COMMAND", "ssh") + " -o BatchMode=yes",
        "GIT_ALLOW_PROTOCOL": "https:ssh:file" if allow_local else "https:ssh",
        "GIT_MERGE_AUTOEDIT": "no",
        "PIP_NO_INPUT": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8:replace",
    }


def _has_credentials(asked: str) -> bool:
    scheme, found, rest = asked.partition("://")
    if not found:
        return False
    login, at, _ = rest.partition("/")[0].rpartition("@")
    return bool(at) and (scheme != "ssh" or ":" in login)


def _url_of(asked: str, *, allow_local: bool) -> str | None:
    if len(asked) > _MAX_CHARACTERS:
        return None
    if allow_local:
        path = urlsplit(asked).path if asked.startswith("file://") else asked
        if Path(path).is_absolute() and Path(path).is_dir():
            return f"file://{path}"
    address = asked.rstrip("/")
    if ".." in address:
        return None
    if _SHORT.fullmatch(address):
        return _HUB + address
    return address if _URL.fullmatch(address) or _SCP.fullmatch(address) else None
