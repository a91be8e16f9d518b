"""`pytlas-wamp backup` and `restore`: everything that cannot be made anew, in one file."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final

import click
from attrs import define, field

from pytlas_wamp import __version__
from pytlas_wamp.cli.accounts import Opened, open_server
from pytlas_wamp.cli.program import ReadConfig, main, told_plainly
from pytlas_wamp.cli.showing import as_json_option, show_json
from pytlas_wamp.config import CONFIG_FILE_NAME, SECRET_FILE_NAME, SHORTEST_SECRET, Config
from pytlas_wamp.errors import ConfigError, OperatorError
from pytlas_wamp.transport.api.times import written_time

_STANDARD: Final = "-"
_UNUSED_CONFIG: Final = f"{CONFIG_FILE_NAME}.restored"


@main.command()
@click.argument("file", metavar="FILE")
@as_json_option
@click.pass_obj
@told_plainly
def backup(read: ReadConfig, file: str, *, as_json: bool) -> None:
    """Save accounts, settings, keys, configuration and skills to FILE; - is standard output.

    The server may go on meanwhile. Keep the file safe: who has it can be anybody.
    """
    from pytlas_wamp.accounts.backup import dump  # noqa: PLC0415 - SQLAlchemy takes half a second
    from pytlas_wamp.cli.archives import Backup, write_archive  # noqa: PLC0415 - the same

    if file == _STANDARD and as_json:
        raise click.UsageError("Standard output cannot take the backup and JSON: name a file.")
    opened = open_server(read)
    saved = Backup(
        version=__version__,
        created=written_time(time.time()),
        dump=dump(opened.store.database),
        secret=opened.secret,
        config=_config_text(opened.config),
    )
    with _written(file) as out:
        left_out = [
            *_frames_left_out(saved.dump.left_out),
            *write_archive(out, saved, opened.config.skills_dir),
        ]
    for sentence in left_out:
        click.echo(f"warning: left out: {sentence}", err=True)
    people = len(saved.dump.tables["users"])
    if as_json:
        path = Path(file).absolute()
        show_json(
            {
                "file": str(path),
                "bytes": path.stat().st_size,
                "created": saved.created,
                "accounts": people,
                "left_out": left_out,
            }
        )
    elif file != _STANDARD:
        click.echo(f"saved {_accounts(people)} and the skills to {file}")


def _accounts(number: int) -> str:
    return f"{number} account{'' if number == 1 else 's'}"


def _frames_left_out(number: int) -> list[str]:
    return [f"the {number} oldest frames of conversations."] if number else []


def _config_text(config: Config) -> bytes | None:
    if config.config_file is None:
        return None
    with _told(f"{config.config_file} cannot be read"):
        return config.config_file.read_bytes()


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Say what the system refused, and why."""
    try:
        yield
    except OSError as error:
        raise OperatorError(f"{what}: {error.strerror or error}") from error


@contextmanager
def _written(file: str) -> Iterator[IO[bytes]]:
    """A file that is there as a whole or not at all, for its owner only."""
    if file == _STANDARD:
        if sys.stdout.isatty():
            raise OperatorError("A backup is nothing for a terminal: name a file, or use a pipe.")
        with _told("The backup cannot be written"):
            yield click.get_binary_stream("stdout")
        return
    path = Path(file)
    with _told(f"{file} cannot be written"):
        if path.is_dir():
            raise OperatorError(f"{file} is a directory: name a file, such as backup.tar.gz.")
        descriptor, name = tempfile.mkstemp(prefix=".pytlas-backup-", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as out:
                yield out
                out.flush()
                os.fsync(out.fileno())
            Path(name).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise


@main.command()
@click.argument("file", metavar="FILE")
@click.option(
    "--replace", is_flag=True, help="Lose the accounts that are there, and skills of the same name."
)
@as_json_option
@click.pass_obj
@told_plainly
def restore(read: ReadConfig, file: str, *, replace: bool, as_json: bool) -> None:
    """Bring back what `pytlas-wamp backup` saved to FILE; - is standard input.

    The database may be of another kind than the one that was saved.
    """
    config = read()
    had_secret = (config.data_dir / SECRET_FILE_NAME).exists()
    opened = open_server(read)
    with (
        _told(f"{file} cannot be restored"),
        tempfile.TemporaryDirectory(prefix=".restore-", dir=config.data_dir) as name,
        _source(file) as source,
    ):
        restored = _Restored(opened=opened, folder=Path(name), replace=replace)
        restored.read(source)
        restored.load()
        restored.put_secret(was_in_use=had_secret)
        restored.put_skills()
        restored.put_config(read)
        # Now that they are in their place.
        opened.store.note_skills()
    if as_json:
        show_json(restored.document())
        return
    click.echo(f"restored {_accounts(restored.people)} as of {restored.backup.created}")
    for note in restored.notes:
        click.echo(note)


def _source(file: str) -> Any:
    if file == _STANDARD:
        return _Open(click.get_binary_stream("stdin"))
    return Path(file).open("rb")


@define
class _Open:
    """A stream that somebody else closes."""

    _stream: IO[bytes]

    def __enter__(self) -> IO[bytes]:
        return self._stream

    def __exit__(self, *_: object) -> None:
        """Leaves it open."""


@define(kw_only=True)
class _Restored:
    """The steps of a restoration, in their order.

    Args:
      opened: where everything comes to.
      folder: empty, beside the places of what is restored.
      replace: whether what is there may go.
    """

    _opened: Opened
    _folder: Path
    _replace: bool
    backup: Any = field(init=False)
    people: int = field(init=False)
    notes: list[str] = field(init=False, factory=list)
    skills: list[str] = field(init=False, factory=list)

    def read(self, source: IO[bytes]) -> None:
        """Read all of it, and change nothing yet."""
        from pytlas_wamp.accounts.backup import BadBackup  # noqa: PLC0415 - SQLAlchemy is slow
        from pytlas_wamp.cli.archives import read_archive  # noqa: PLC0415 - the same

        self.backup = read_archive(source, self._folder)
        if len(self.backup.secret) < SHORTEST_SECRET:
            raise BadBackup("The backup is damaged: the secret in it is too short.")

    def load(self) -> None:
        """Fill the database, or nothing of it."""
        from pytlas_wamp.accounts.backup import NotEmpty, load  # noqa: PLC0415 - the same

        database = self._opened.store.database
        try:
            self.people = load(database, self.backup.dump, replace=self._replace)
        except NotEmpty as error:
            raise OperatorError(
                f"There are accounts or keys in {database.place} already: say --replace to lose "
                "them, or name another database or --data-dir."
            ) from error

    def put_secret(self, *, was_in_use: bool) -> None:
        """Sign with the secret of the backup, so that people stay signed in."""
        secret = self.backup.secret
        if secret == self._opened.secret:
            return
        if self._opened.config.secret is not None:
            self.notes.append(
                "this server's secret is set in its configuration and not the one of the backup: "
                "people have to sign in again, unless you set it to the one in the backup"
            )
            return
        _write(self._opened.config.data_dir / SECRET_FILE_NAME, f"{secret}\n".encode())
        if was_in_use:
            self.notes.append(
                "restart the server if it runs: tokens are signed with the secret of the backup"
            )

    def put_skills(self) -> None:
        """Put each skill in its place, unless there is one that may not go."""
        found, place = self._folder / "skills", self._opened.config.skills_dir
        if not found.is_dir():
            return
        place.mkdir(parents=True, exist_ok=True)
        for skill in sorted(found.iterdir()):
            target = place / skill.name
            if os.path.lexists(target):
                if not self._replace:
                    self.notes.append(f"kept the skill {skill.name} that was there already")
                    continue
                shutil.move(target, Path(tempfile.mkdtemp(dir=self._folder), skill.name))
            shutil.move(skill, target)
            self.skills.append(skill.name)

    def put_config(self, read: ReadConfig) -> None:
        """Use the configuration of the backup, unless there is one or it leads elsewhere."""
        config, text = self._opened.config, self.backup.config
        if text is None or text == _config_text(config):
            return
        place = config.data_dir / CONFIG_FILE_NAME
        why = "there is another one"
        if config.config_file is None:
            _write(place, text)
            why = self._trouble_with_config(read)
            if not why:
                return
            place.unlink()
        unused = config.data_dir / _UNUSED_CONFIG
        _write(unused, text)
        self.notes.append(f"the configuration of the backup is not used, because {why}: {unused}")

    def _trouble_with_config(self, read: ReadConfig) -> str:
        try:
            new = read()
        except ConfigError as error:
            return f"it is not valid here ({error.problems[0]})"
        before = self._opened.config
        if (new.database_url, new.data_dir) != (before.database_url, before.data_dir):
            return "it names another database or data directory"
        if new.skills_dir != before.skills_dir:
            return "it names another folder of skills"
        if new.secret not in {None, self.backup.secret}:
            return "it has another secret"
        return ""

    def document(self) -> dict[str, Any]:
        """What programs are told."""
        return {
            "created": self.backup.created,
            "version": self.backup.version,
            "accounts": self.people,
            "skills": self.skills,
            "notes": self.notes,
        }


def _write(path: Path, content: bytes) -> None:
    """Replace a file in one step, for its owner only."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
    Path(name).replace(path)
