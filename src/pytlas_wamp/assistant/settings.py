"""What skills may read of the configuration (spec is silent: this is pytlas' affair).

pytlas keeps one global store, `CONFIG`, that every skill can read. The server's
own sections never get in there: the original server let skills read the key that
signs its tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from configparser import ConfigParser
from pathlib import Path

from pytlas_wamp import compat

compat.import_pytlas()

from pytlas.settings import CONFIG, DEFAULT_SECTION  # noqa: E402 - after compat


def hand_to_skills(sections: Mapping[str, Mapping[str, str]], *, config_file: Path | None) -> None:
    """Make these sections, and nothing else, what skills find in pytlas' settings.

    Args:
      sections: already interpolated; `pytlas` holds the values in effect.
      config_file: relative paths of skills start from its folder.
    """
    parser = ConfigParser(interpolation=None)
    parser.read_dict(sections)
    CONFIG.reset()
    CONFIG.config = parser
    CONFIG._loaded_from_path = None if config_file is None else str(config_file)  # noqa: SLF001 - its only door reads a file
    for key, value in sections.get(DEFAULT_SECTION, {}).items():
        # The environment may hold another value; the one in effect wins.
        CONFIG.set(key, value)
