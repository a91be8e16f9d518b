"""The contract's files, as the server shows them under `/spec/` (spec 6.8)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import field, frozen

from pytlas_wamp.errors import OperatorError
from pytlas_wamp.transport.endpoints import NOWHERE, Endpoint, Methods, Segments
from pytlas_wamp.transport.files import MAY_CHANGE, ServedFile, files_below, read_file
from pytlas_wamp.transport.pages import index
from pytlas_wamp.transport.replies import moved

_PACKAGE: Final = Path(__file__).parents[1]

_NAME: Final = "spec"
_PATH: Final = "/" + _NAME


def spec_directory(package: Path = _PACKAGE) -> Path:
    """Returns where the contract's files are: in the package, or in the checkout around it.

    Args:
      package: the folder of the package.

    Raises:
      OperatorError: when they are at neither place.
    """
    places = (package / "spec", package.parents[1] / "spec")
    for place in places:
        if (place / "errors.json").is_file():
            return place
    raise OperatorError(
        f"The files of the protocol are missing: they should be in {places[0]}. "
        "Install pytlas-wamp again."
    )


@frozen
class Documents:
    """A folder of files and folders, served under `/spec/`.

    Args:
      files: each by its names below that.
    """

    _files: Mapping[Segments, ServedFile]
    _folders: Mapping[Segments, frozenset[str]] = field(init=False)

    @_folders.default
    def _listed(self) -> Mapping[Segments, frozenset[str]]:
        folders: dict[Segments, set[str]] = {(): set()}
        for names in self._files:
            for depth, name in enumerate(names):
                shown = name if depth == len(names) - 1 else name + "/"
                folders.setdefault(names[:depth], set()).add(shown)
        return {names: frozenset(shown) for names, shown in folders.items()}

    def endpoint(self, names: Segments) -> Endpoint:
        """Returns what answers at this place below the path.

        Args:
          names: from folder to folder; the last one is empty behind a slash.
        """
        if names in self._files:
            return Methods({"GET": self._files[names].answer})
        if names[-1:] == ("",) and names[:-1] in self._folders:
            heading = "/".join((_PATH, *names))
            page = index(heading, self._folders[names[:-1]])
            return Methods({"GET": lambda _: page})
        if names in self._folders:
            place = moved(f"{(_NAME, *names)[-1]}/")
            return Methods({"GET": lambda _: place})
        return NOWHERE


def load_documents(folder: Path) -> Documents:
    """Reads all files below a folder (see `spec_directory`)."""
    return Documents({names: read_file(file, MAY_CHANGE) for names, file in files_below(folder)})
