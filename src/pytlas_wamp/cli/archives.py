"""Backups as files: a compressed tar archive, written whole and read with suspicion.

    manifest.json           what made it and when, and how many rows each table has
    database/TABLE.jsonl    the rows, one a line
    secret                  with which tokens are signed
    pytlas.ini              if there is a configuration file
    skills/...              the folder of skills

What is read may have been made by anybody: nothing in it is written outside of the
folder that is named, and nothing but files, folders, and links within that folder.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import posixpath
import re
import stat
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Final

from attrs import define, field, frozen

from pytlas_wamp.accounts.backup import BadBackup, Dump, as_lines, from_lines
from pytlas_wamp.errors import OperatorError

FORMAT: Final = 1

# A household's backup has some megabytes; more than this is no backup, or fills the disk.
MAX_BYTES: Final = 8 * 2**30
MAX_MEMBERS: Final = 500_000
# These are held in memory.
MAX_TABLE_BYTES: Final = 2**30
MAX_SMALL_BYTES: Final = 2**20

_CHUNK_BYTES: Final = 2**16

_MANIFEST: Final = "manifest.json"
_SECRET: Final = "secret"  # noqa: S105 - the name of the file
_CONFIG: Final = "pytlas.ini"
_TABLE: Final = re.compile(r"database/([a-z_]{1,40})\.jsonl")
_SKILLS: Final = "skills"
_REVISION: Final = re.compile(r"[0-9A-Za-z]{1,32}")

# Python makes these anew, and a skill that is being fetched is none yet.
_LEFT_OUT: Final = re.compile(r"__pycache__|\.new-.*|\.pytlas-backup-.*")


@frozen(kw_only=True)
class Backup:
    """What a backup holds, but for the skills.

    Args:
      version: of the program that made it.
      created: when, as RFC 3339.
      dump: what was in the database.
      secret: with which tokens are signed.
      config: the text of pytlas.ini, if there was one.
    """

    version: str
    created: str
    dump: Dump
    secret: str = field(repr=False)
    config: bytes | None = field(repr=False)


# Writing


def write_archive(out: IO[bytes], backup: Backup, skills: Path) -> list[str]:
    """Writes an archive (blocks).

    Args:
      out: takes it; need not be seekable.
      backup: all but the skills.
      skills: the folder of skills; may be missing.

    Returns:
      what was left out, a sentence each.

    Raises:
      OperatorError: a file cannot be read or has changed meanwhile, or all is too much.
      OSError: it cannot be written.
    """
    with tarfile.open(fileobj=out, mode="w|gz", format=tarfile.PAX_FORMAT) as archive:
        writer = _Writer(archive)
        for name, content in _small_files(backup):
            writer.add_content(name, content)
        writer.add_folder(skills)
        return writer.left_out


def _small_files(backup: Backup) -> Iterator[tuple[str, bytes]]:
    manifest = {
        "format": FORMAT,
        "version": backup.version,
        "created": backup.created,
        "revision": backup.dump.revision,
        "last_user_id": backup.dump.last_user_id,
        "rows": {name: len(rows) for name, rows in backup.dump.tables.items()},
    }
    yield _MANIFEST, json.dumps(manifest, indent=1).encode()
    for name, rows in backup.dump.tables.items():
        yield f"database/{name}.jsonl", as_lines(rows)
    yield _SECRET, backup.secret.encode()
    if backup.config is not None:
        yield _CONFIG, backup.config


@define
class _Writer:
    _archive: tarfile.TarFile
    left_out: list[str] = field(factory=list)
    _bytes: int = field(init=False, default=0)
    _members: int = field(init=False, default=0)

    def add_content(self, name: str, content: bytes) -> None:
        self._add(_member(name, size=len(content)), io.BytesIO(content))

    def add_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            return
        for directory, folders, files in os.walk(folder):
            folders[:] = _kept(folders)
            for name in (*folders, *_kept(files)):
                path = Path(directory, name)
                self._add_path(path, posixpath.join(_SKILLS, path.relative_to(folder).as_posix()))

    def _add_path(self, path: Path, name: str) -> None:
        try:
            status = path.lstat()
            if stat.S_ISLNK(status.st_mode):
                self._add_link(name, str(path.readlink()))
            elif stat.S_ISDIR(status.st_mode):
                self._add(_member(name, kind=tarfile.DIRTYPE, mode=0o700))
            elif stat.S_ISREG(status.st_mode):
                with path.open("rb") as content:
                    self._add(_member_of(name, os.fstat(content.fileno())), content)
            else:
                self.left_out.append(f"{name} is neither a file nor a folder nor a link.")
        except FileNotFoundError:
            # Somebody has deleted it while the others were read.
            return
        except PermissionError as error:
            raise OperatorError(f"{path} cannot be read: {error.strerror}.") from error

    def _add_link(self, name: str, target: str) -> None:
        if _stays_inside(name, target):
            self._add(_member(name, kind=tarfile.SYMTYPE, target=target))
        else:
            self.left_out.append(f"{name} is a link to {target}, which is not in the folder.")

    def _add(self, member: tarfile.TarInfo, content: IO[bytes] | None = None) -> None:
        self._bytes += member.size
        self._members += 1
        if self._bytes > MAX_BYTES or self._members > MAX_MEMBERS:
            raise OperatorError(
                "There is too much in the folder of skills for a backup: "
                f"it may have {MAX_BYTES // 2**30} GiB and {MAX_MEMBERS} files."
            )
        try:
            self._archive.addfile(member, content)
        except OSError as error:
            # That of tarfile itself has no number: the file was shorter than it had said.
            if error.errno is not None:
                raise
            raise OperatorError(f"{member.name} changed while it was read: try again.") from error


def _kept(names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if not _LEFT_OUT.fullmatch(name))


def _member(
    name: str, *, size: int = 0, mode: int = 0o600, kind: bytes = tarfile.REGTYPE, target: str = ""
) -> tarfile.TarInfo:
    """A member of an archive, without what says who made it on which machine."""
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.type, member.linkname = size, mode, kind, target
    return member


def _member_of(name: str, status: os.stat_result) -> tarfile.TarInfo:
    member = _member(name, size=status.st_size, mode=status.st_mode & 0o700)
    member.mtime = int(status.st_mtime)
    return member


def _stays_inside(name: str, target: str) -> bool:
    """Whether a link leads into the folder of skills, also over other such links."""
    ways = [part == ".." for part in target.split("/")]
    # After another link ".." would lead out of the place to which that one leads.
    if posixpath.isabs(target) or "\0" in target or ways != sorted(ways, reverse=True):
        return False
    end = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
    return end == _SKILLS or end.startswith(f"{_SKILLS}/")


# Reading


def read_archive(source: IO[bytes], folder: Path) -> Backup:
    """Reads an archive, and puts the skills into a folder, under `skills` (blocks).

    Args:
      source: need not be seekable.
      folder: empty, and nobody else's.

    Raises:
      BadBackup: it is none, damaged, or holds what it must not.
      OSError: it cannot be read, or the skills cannot be written.
    """
    reader = _Reader(folder)
    try:
        # Unlike tarfile's own, this one compares checksums, at the end of the file.
        with (
            gzip.GzipFile(fileobj=source) as unpacked,
            tarfile.open(fileobj=unpacked, mode="r|") as archive,
        ):
            for member in archive:
                reader.take(member, archive)
            while unpacked.read(_CHUNK_BYTES):
                pass
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, UnicodeError) as error:
        raise BadBackup(
            "This is no backup of pytlas-wamp, or it is damaged or not complete."
        ) from error
    return reader.backup()


@define
class _Reader:
    _folder: Path
    _small: dict[str, bytes] = field(init=False, factory=dict)
    _seen: set[str] = field(init=False, factory=set)
    _links: set[str] = field(init=False, factory=set)
    _bytes: int = field(init=False, default=0)

    def take(self, member: tarfile.TarInfo, archive: tarfile.TarFile) -> None:
        self._count(member)
        name = member.name
        if name.partition("/")[0] == _SKILLS:
            self._check_skill(member)
            archive.extract(member, self._folder, filter="data")
            return
        if not member.isreg() or not (name in _SMALL or _TABLE.fullmatch(name)):
            raise _must_not(name)
        if member.size > (MAX_SMALL_BYTES if name in _SMALL else MAX_TABLE_BYTES):
            raise BadBackup(f"{_shown(name)} in the backup is too big.")
        found = archive.extractfile(member)
        self._small[name] = b"" if found is None else found.read()

    def _count(self, member: tarfile.TarInfo) -> None:
        self._bytes += member.size
        if member.size < 0 or self._bytes > MAX_BYTES or len(self._seen) >= MAX_MEMBERS:
            raise BadBackup(
                f"The backup is too big: it may hold {MAX_BYTES // 2**30} GiB and "
                f"{MAX_MEMBERS} files."
            )
        if member.name in self._seen:
            raise _must_not(member.name)
        self._seen.add(member.name)

    def _check_skill(self, member: tarfile.TarInfo) -> None:
        """Refuses what would not stay in its place, or come to lie in another's."""
        name = member.name
        good_kind = (member.isreg() or member.isdir() or member.issym()) and not member.issparse()
        parts = name.split("/")
        if not good_kind or {"", ".", ".."} & set(parts) or "\0" in name:
            raise _must_not(name)
        parents = {"/".join(parts[:end]) for end in range(1, len(parts))}
        if parents & self._links:
            raise _must_not(name)
        if len(parts) == 1 and not member.isdir():
            raise _must_not(name)
        if member.issym():
            if not _stays_inside(name, member.linkname):
                raise _must_not(name)
            self._links.add(name)

    def backup(self) -> Backup:
        manifest = self._manifest()
        tables = {
            found[1]: from_lines(content)
            for name, content in self._small.items()
            if (found := _TABLE.fullmatch(name))
        }
        if {name: len(rows) for name, rows in tables.items()} != manifest["rows"]:
            raise BadBackup("The backup is not complete: rows of its tables are missing.")
        if _SECRET not in self._small:
            raise BadBackup("The backup is not complete: the secret is missing.")
        return Backup(
            version=manifest["version"],
            created=manifest["created"],
            dump=Dump(
                revision=manifest["revision"],
                last_user_id=manifest["last_user_id"],
                tables=tables,
            ),
            secret=_secret_of(self._small[_SECRET]),
            config=self._small.get(_CONFIG),
        )

    def _manifest(self) -> Mapping[str, Any]:
        try:
            manifest = json.loads(self._small[_MANIFEST])
        except (KeyError, ValueError, RecursionError) as error:
            raise BadBackup(
                "This is no backup of pytlas-wamp: it has no manifest.json that can be read."
            ) from error
        if isinstance(manifest, dict) and isinstance(manifest.get("format"), int):
            if manifest["format"] > FORMAT:
                raise BadBackup(
                    "The backup was made by a newer version of pytlas-wamp: install that version."
                )
            if _is_sound(manifest):
                return manifest
        raise BadBackup("The backup is damaged: its manifest.json makes no sense.")


_SMALL: Final = frozenset({_MANIFEST, _SECRET, _CONFIG})


def _is_sound(manifest: Mapping[str, Any]) -> bool:
    last = manifest.get("last_user_id")
    texts = [manifest.get(name) for name in ("version", "created", "revision")]
    return (
        isinstance(last, int)
        and not isinstance(last, bool)
        and isinstance(manifest.get("rows"), dict)
        and all(isinstance(text, str) for text in texts)
        and _REVISION.fullmatch(manifest["revision"]) is not None
    )


def _secret_of(content: bytes) -> str:
    try:
        return content.decode().strip()
    except UnicodeDecodeError as error:
        raise BadBackup("The backup is damaged: the secret in it is no text.") from error


def _must_not(name: str) -> BadBackup:
    return BadBackup(f"The backup holds what it must not ({_shown(name)}): nothing was restored.")


def _shown(name: str) -> str:
    return ascii(name if len(name) <= 100 else f"{name[:100]}...")  # noqa: PLR2004 - fits a line
