"""Reading settings as an operator has them: a file in `etc`, options, an environment."""

from __future__ import annotations

import pytest

from pytlas_wamp.config import Config, read_config
from pytlas_wamp.errors import ConfigError

SECRET = "0123456789abcdef" * 2
ORIGINAL = r"""
[web]
debug = True
secret = s3b73pmubazby4hbh\=n5-!s-z)*yijhq&5i6&cdy2o59y%%+$0\=
allowed_host = *
[database]
path = db.sqlite
[pytlas]
skills_dir = ../pytlas/example/skills
cache_dir = ../pytlas/example/cache
lang = fr,en
"""


def read(place, text=None, *, options=None, environ=None) -> Config:
    """Read a file of this text in `etc`; without text there is none."""
    file = None
    if text is not None:
        file = place / "etc" / "pytlas.ini"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    all_options = {"data_dir": str(place / "data"), **(options or {})}
    return read_config(config_file=file, options=all_options, environ=environ or {})


def problems_of(place, text=None, *, options=None, environ=None) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        read(place, text, options=options, environ=environ)
    return caught.value.problems
