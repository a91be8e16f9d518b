"""Imports pytlas on the Pythons of today.

pytlas 5.1.3 and pychatl 2.0.4 are the newest there are. pychatl takes `Mapping`
from `collections`, where it was until Python 3.9, and fuzzywuzzy warns about a
faster optional library. Both are put right while they are being imported, and
nothing stays changed afterwards. Every module of ours that uses pytlas or
pychatl imports this one first.
"""

from __future__ import annotations

import collections
import collections.abc
import warnings
from importlib import import_module


def import_pytlas() -> None:
    """Import pytlas and pychatl; a second call does nothing."""
    had_mapping = hasattr(collections, "Mapping")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if not had_mapping:
            collections.Mapping = collections.abc.Mapping  # type: ignore[attr-defined]
        try:
            import_module("pychatl")
            import_module("pytlas")
        finally:
            if not had_mapping:
                del collections.Mapping  # type: ignore[attr-defined]


import_pytlas()
