"""Training in a child process: the same model, and no trouble when the child ends."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile

import pytest

from pytlas_wamp.errors import OperatorError
from pytlas_wamp.understanding.statistical import storage, training
from pytlas_wamp.understanding.statistical.trainer import TrainingFailed, train_in_child
from statistical_training import training_data

DATA = {
    "language": "en",
    "intents": {"hi": {"utterances": [{"data": [{"text": "hello there"}]}]}},
    "entities": {},
}

CHATL = """
%[paint]
  paint the @[room] @[color]
  make the @[room] walls @[color]
  I want @[color] walls

%[wake]
  wake me up at @[moment]
  set an alarm for @[moment]

@[room]
  kitchen
  bedroom

@[color](extensible=false)
  red
  blue

@[moment](type=datetime)
  tomorrow at 7 am
  noon
"""

# Far beyond what the end of a process takes.
PATIENCE_SECONDS = 20

# A child that takes its question and then does what a test wants.
TAKES = "import json, os, signal, sys; data, language = json.loads(sys.stdin.readline())\n"


@pytest.fixture(scope="module")
def file_of_ours():
    """The bytes of the model that this process learns."""
    data = training_data(CHATL)
    return storage.to_bytes(training.train(data, "en"), "")


def train(code, data=None, **more):
    """Train by a child that runs this code."""
    return train_in_child(
        DATA if data is None else data, "en", command=(sys.executable, "-c", code), **more
    )


def failure(code, data=None):
    with pytest.raises(TrainingFailed) as caught:
        train(code, data)
    return str(caught.value)


class TestTheModel:
    def test_it_is_the_one_that_training_in_this_process_gives(self, file_of_ours):
        steps = []
        model = train_in_child(training_data(CHATL), "en", lambda *step: steps.append(step))
        assert storage.to_bytes(model, "") == file_of_ours
        assert steps[0] == ("intents", 0, 1)
        assert steps[-1] == ("slots", 2, 2)

    @pytest.mark.parametrize("seed", ["0", "4711"])
    def test_the_seed_of_hashes_does_not_matter(self, file_of_ours, monkeypatch, seed):
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        assert storage.to_bytes(train_in_child(training_data(CHATL), "en"), "") == file_of_ours

    def test_nothing_of_scikit_learn_stays(self):
        ours = (
            "import json, sys\n"
            "from pytlas_wamp.understanding.statistical import trainer\n"
            "trainer.train_in_child(json.load(sys.stdin), 'en')\n"
            "print([name for name in sys.modules if name in ('scipy', 'sklearn', 'threadpoolctl')])"
        )
        ended = subprocess.run(  # noqa: S603 - our own code
            [sys.executable, "-c", ours],
            input=json.dumps(training_data(CHATL)),
            capture_output=True,
            text=True,
            check=True,
        )
        assert ended.stdout == "[]\n"


class TestAChildThatFails:
    @pytest.mark.parametrize(
        ("code", "told"),
        [
            ("raise ValueError('no\\nsuch luck')", "exit code 1: such luck"),
            (TAKES + "sys.exit(3)", "exit code 3"),
            (TAKES + "os.kill(os.getpid(), signal.SIGKILL)", "signal 9 (Killed)"),
            (TAKES + "print('[\"model\", 100, 100]')", "exit code 0"),
            (TAKES + "sys.exit('x' * 1000)", "exit code 1: " + "x" * 300),
        ],
    )
    def test_is_one_sentence(self, code, told):
        assert failure(code) == f"training 'en' failed: its process ended with {told}"

    def test_is_for_the_operator(self):
        assert issubclass(TrainingFailed, OperatorError)

    def test_may_end_before_it_has_read_all(self):
        many = {"text": "word " * 100_000}
        assert failure("raise SystemExit(5)", many).endswith("exit code 5")

    def test_that_closes_its_output_and_stays_is_ended(self, monkeypatch):
        # What `_PATIENCE_SECONDS` is for; without it this test would never end.
        monkeypatch.setattr("pytlas_wamp.understanding.statistical.trainer._PATIENCE_SECONDS", 0)
        assert failure(TAKES + "os.close(1); signal.pause()").endswith("signal 9 (Killed)")

    def test_that_cannot_be_started_is_told(self):
        with pytest.raises(TrainingFailed, match=r"failed: no process could be started for it: "):
            train_in_child(DATA, "en", command=("/no/such/python",))

    def test_nothing_can_be_written_for_it(self, monkeypatch):
        def full():
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(tempfile, "TemporaryFile", full)
        with pytest.raises(TrainingFailed, match="No space left"):
            train_in_child(DATA, "en")


class TestTheProcess:
    def test_it_ends_when_we_are_interrupted(self):
        pids = []

        def interrupt(_step, _done, total):
            pids.append(total)
            raise KeyboardInterrupt

        code = TAKES + "print(json.dumps(['a', 0, os.getpid()]), flush=True); signal.pause()"
        with pytest.raises(KeyboardInterrupt):
            train(code, progress=interrupt)
        with pytest.raises(ProcessLookupError):
            os.kill(pids[0], 0)

    def test_it_inherits_no_socket(self):
        with socket.socket() as listening:
            listening.set_inheritable(True)
            number = listening.fileno()
            told = failure(TAKES + f"os.fstat({number})")
        assert told.endswith("Bad file descriptor")

    def test_it_computes_in_one_thread(self, monkeypatch):
        monkeypatch.setenv("OMP_NUM_THREADS", "8")
        assert failure(TAKES + "sys.exit(os.environ['OMP_NUM_THREADS'])").endswith("code 1: 1")

    def test_a_key_of_the_terminal_does_not_reach_it(self):
        assert failure(TAKES + "sys.exit(str(os.getsid(0) == os.getpid()))").endswith("True")

    def test_it_takes_modules_from_where_python_has_them_only(self, monkeypatch, tmp_path):
        (tmp_path / "pychatl.py").write_text("raise SystemExit('a stranger')")
        (tmp_path / "json.py").write_text("raise SystemExit('a stranger')")
        monkeypatch.chdir(tmp_path)
        assert train_in_child(DATA, "en").names == ["hi"]

    def test_it_ends_with_whoever_waits_for_it(self, tmp_path):
        """The parent is killed while the child learns; a pipe that both held tells the end."""
        reading, writing = os.pipe()
        parent = subprocess.Popen(  # noqa: S603 - our own code
            [sys.executable, "-c", PARENT, str(writing)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=[writing],
        )
        os.close(writing)
        with os.fdopen(reading) as life, parent:
            assert parent.stdout.readline() == b"learning\n"
            parent.send_signal(signal.SIGKILL)
            assert select.select([life], [], [], PATIENCE_SECONDS)[0] == [life]
            assert life.read() == ""


# Learns in a child that holds a pipe open and stops as soon as it has begun to learn.
PARENT = """
import signal, subprocess, sys
from pytlas_wamp.understanding.statistical import trainer
learn = trainer.subprocess.Popen
trainer.subprocess.Popen = lambda *args, **more: learn(*args, **more, pass_fds=[int(sys.argv[1])])
code = (
    "import signal\\n"
    "from pytlas_wamp.understanding.statistical import child, training\\n"
    "def train(data, language, tell):\\n"
    "    tell('intents', 0, 1)\\n"
    "    signal.alarm(60)\\n"
    "    signal.pause()\\n"
    "training.train = train\\n"
    "child.main()\\n"
)
tell = lambda *_: print("learning", flush=True)
trainer.train_in_child({}, "en", tell, command=(sys.executable, "-c", code))
"""
