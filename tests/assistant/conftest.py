"""The assistant's skills, in pytlas' stores for one test only."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from skills_for_tests import all_skills
from transcript_assistant import Gates, installed


@pytest.fixture
def gates() -> Iterator[Gates]:
    """Lets `slow` and `later` go on; all skills are installed meanwhile."""
    gates = Gates()
    with installed(all_skills(gates), package="testing"):
        yield gates
        gates.release("slow")
