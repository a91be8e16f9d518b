"""What pip calls to build pytlas-wamp (PEP 517): setuptools, with the web client built before.

A source archive gets the sources of the web client, and what is built of them if it is there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pytlas_wamp_web import WebClient
from setuptools import build_meta
from setuptools.build_meta import (
    build_sdist,
    get_requires_for_build_sdist,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

_WEB = WebClient(Path(__file__).parents[1])


def get_requires_for_build_wheel(config_settings: Any = None) -> list[str]:
    """Returns what has to be installed before `build_wheel`."""
    return [*build_meta.get_requires_for_build_wheel(config_settings), *_WEB.requirements()]


def get_requires_for_build_editable(config_settings: Any = None) -> list[str]:
    """Returns what has to be installed before `build_editable`."""
    return [*build_meta.get_requires_for_build_editable(config_settings), *_WEB.requirements()]


def build_wheel(
    wheel_directory: str, config_settings: Any = None, metadata_directory: str | None = None
) -> str:
    """Build a wheel with the web client in it, and return its name."""
    _WEB.build()
    return build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)


def build_editable(
    wheel_directory: str, config_settings: Any = None, metadata_directory: str | None = None
) -> str:
    """Build the web client into the checkout and a wheel that leads there; return its name."""
    _WEB.build()
    return build_meta.build_editable(wheel_directory, config_settings, metadata_directory)
