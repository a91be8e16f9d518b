"""`pytlas-wamp`: people, skills, backups, what is understood, and a chat in the terminal."""

from __future__ import annotations

from pytlas_wamp.cli import (
    accounts,
    backups,
    cluster,
    cluster_nodes,
    histories,
    keys,
    logins,
    moving,
    settings,
    skill_changes,
    skills,
    status,
    talking,
    understanding,
)
from pytlas_wamp.cli.program import main

__all__ = [
    "accounts",
    "backups",
    "cluster",
    "cluster_nodes",
    "histories",
    "keys",
    "logins",
    "main",
    "moving",
    "settings",
    "skill_changes",
    "skills",
    "status",
    "talking",
    "understanding",
]
