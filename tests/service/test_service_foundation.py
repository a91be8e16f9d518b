"""What every server is built on."""

from __future__ import annotations

import pytest
from twisted.internet.defer import succeed

from pytlas_wamp.config import read_config
from pytlas_wamp.errors import OperatorError
from pytlas_wamp.service.foundation import Foundation


@pytest.fixture
def make(build, reactor, tmp_path):
    """`make(**environ)`: a foundation; `build` keeps what it does to pytlas from others."""

    def found(**environ):
        settings = {"SERVER_BUNDLED_SKILLS": "none", "SERVER_INTERPRETER": "patterns", **environ}
        options = {"data_dir": str(tmp_path / "data")}
        config = read_config(config_file=None, options=options, environ=settings)
        return Foundation(config=config, reactor=reactor)

    return found


class TestFoundation:
    def test_has_skills_accounts_and_threads(self, make, tmp_path):
        base = make()
        assert base.skill_names() == {"waiting_skill"}
        assert base.store.count() == 0
        assert base.directory.created == (tmp_path / "data" / "cache", tmp_path / "data" / "secret")
        assert not any(pool._started for pool in base.pools.all)
        base.store.close()

    def test_names_no_skill_that_is_broken(self, make, tmp_path):
        (tmp_path / "data" / "skills" / "waiting_skill.py").write_text("import nothing_like_it")
        base = make()
        assert base.skill_names() == frozenset()
        base.store.close()

    def test_fails_early(self, make, tmp_path):
        with pytest.raises(OperatorError, match="there is no interpreter"):
            make(SERVER_INTERPRETER="crystal-ball")
        assert not (tmp_path / "data" / "secret").exists()

    def test_knows_when_it_is_ready(self, make):
        base = make()
        there = []
        readiness = base.make_readiness(serving=lambda: True, needs={"tea": lambda: bool(there)})
        readiness._ask_database = lambda: succeed(1)
        replies = []
        for _ in range(2):
            readiness.answer(None).addCallback(replies.append)
            there.append("tea")
        assert [reply.status for reply in replies] == [503, 200]
        base.store.close()
