"""What the operator sets: read and checked as one value, before anything starts.

- `settings` is the table of everything that can be set, `values` how each text is read;
- `cluster` is what a process is in a cluster;
- `reading` makes a `Config` of the command line, the environment and `pytlas.ini`;
- `data_directory` creates what a first start lacks.

A leaf: of the package it imports `errors` and `limits` alone. Nothing is written before
`prepare_data_dir`.
"""

from __future__ import annotations

from pytlas_wamp.config.cluster import ClusterConfig
from pytlas_wamp.config.data_directory import SECRET_FILE_NAME, DataDirectory, prepare_data_dir
from pytlas_wamp.config.reading import (
    CONFIG_FILE_NAME,
    Config,
    Options,
    read_config,
    server_secrets_in,
)
from pytlas_wamp.config.settings import OWN_SECTIONS, SETTINGS, Setting
from pytlas_wamp.config.values import GOOD_SECRET, LONGEST_LIFETIME, SHORTEST_SECRET, Parse

__all__ = [
    "CONFIG_FILE_NAME",
    "GOOD_SECRET",
    "LONGEST_LIFETIME",
    "OWN_SECTIONS",
    "SECRET_FILE_NAME",
    "SETTINGS",
    "SHORTEST_SECRET",
    "ClusterConfig",
    "Config",
    "DataDirectory",
    "Options",
    "Parse",
    "Setting",
    "prepare_data_dir",
    "read_config",
    "server_secrets_in",
]
