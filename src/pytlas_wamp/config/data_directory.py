"""The data directory: made on the first start, with the secret that signs tokens."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from attrs import field, frozen

from pytlas_wamp.config.reading import Config
from pytlas_wamp.config.values import SHORTEST_SECRET
from pytlas_wamp.errors import ConfigError, OperatorError

SECRET_FILE_NAME: Final = "secret"  # noqa: S105 - the name of the file, not what is in it


@frozen(kw_only=True)
class DataDirectory:
    """The data directory, ready for use.

    Attributes:
      secret: the key for tokens, configured or from the file.
      created: the directories and files that were not there before; empty on later starts.
    """

    path: Path
    secret: str = field(repr=False)
    created: tuple[Path, ...]


def prepare_data_dir(config: Config, *, make_secret: Callable[[], str]) -> DataDirectory:
    """Create what is missing of the data directory, for its owner only, and get the secret.

    A configured skills directory is not created: that it is missing is a mistake to be seen.

    Args:
      config: says where.
      make_secret: returns a new secret of 64 hexadecimal digits from a safe random source.

    Raises:
      OperatorError: a directory or the secret file cannot be made or used.
      ConfigError: the secret file holds no usable secret.
    """
    default_skills = config.data_dir / "skills"
    skills = (default_skills,) if config.skills_dir == default_skills else ()
    wanted = (config.data_dir, *skills, config.cache_dir)
    created = [path for path in wanted if _make_directory(path)]
    secret = config.secret
    if secret is None:
        path = config.data_dir / SECRET_FILE_NAME
        try:
            created += [path] if _make_secret_file(path, make_secret) else []
            secret = _read_secret_file(path)
        except OSError as error:
            raise OperatorError(
                f"The secret file {path} cannot be used: {error.strerror}"
            ) from error
    return DataDirectory(path=config.data_dir, secret=secret, created=tuple(created))


def _make_directory(path: Path) -> bool:
    try:
        existed = path.exists()
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise OperatorError(f"The directory {path} cannot be made: {error.strerror}") from error
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise OperatorError(f"The directory {path} cannot be written to: Permission denied")
    return not existed


def _make_secret_file(path: Path, make_secret: Callable[[], str]) -> bool:
    """Create the file with its content in one step, so that nobody ever reads half a secret."""
    if path.exists():
        return False
    descriptor, name = tempfile.mkstemp(prefix="secret.", dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(make_secret() + "\n")
        _publish(draft, path)
    except FileExistsError:
        # Another starter was faster; its secret is the one that counts.
        return False
    finally:
        draft.unlink()
    return True


def _publish(draft: Path, path: Path) -> None:
    try:
        path.hardlink_to(draft)
    except OSError:
        # A file system without hard links, or another starter was faster: O_EXCL tells them apart.
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
        with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
            file.write(draft.read_bytes())


def _read_secret_file(path: Path) -> str:
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    secret = path.read_text(encoding="utf-8", errors="replace").strip()
    if len(secret) < SHORTEST_SECRET:
        problem = (
            f"The secret in {path} has {len(secret)} characters, it must have at least "
            f"{SHORTEST_SECRET}; delete the file to have a new one made (everybody logs in again)"
        )
        raise ConfigError([problem])
    return secret
