"""The process that trains, played in this one: what it reads and what it writes."""

from __future__ import annotations

import fcntl
import json
import os
import signal

import pytest

from pytlas_wamp.understanding.statistical import child, storage, training
from statistical_training import training_data


@pytest.fixture(autouse=True)
def quiet_afterwards():
    """No alarm and no handler of a test outlives it."""
    before = signal.getsignal(signal.SIGIO)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGIO, before)


class Pipes:
    """The two pipes between us and the child."""

    def __init__(self):
        self.incoming, self.asking = os.pipe()
        self.answers, self.outgoing = os.pipe()
        # What the child writes waits here until it has ended: the lists of a language, too.
        fcntl.fcntl(self.outgoing, fcntl.F_SETPIPE_SZ, 1 << 20)

    def ask(self, *question):
        os.write(self.asking, json.dumps(question).encode() + b"\n")

    def heard(self):
        """The lines, and the file behind them."""
        with os.fdopen(self.answers, "rb") as stream:
            lines = []
            for line in stream:
                lines.append(json.loads(line))
                if lines[-1][0] == "model":
                    break
            return lines, stream.read()

    def close(self):
        # The end that is read from first: otherwise the kernel would end this process.
        os.close(self.incoming)
        os.close(self.asking)


@pytest.fixture
def pipes():
    made = Pipes()
    yield made
    made.close()


@pytest.fixture
def small(monkeypatch):
    """A training that is quick and small enough for a pipe."""
    model = training.train(SMALL, "en")
    alarms = []

    def train(data, language, tell):
        assert (data, language) == (SMALL, "en")
        tell("intents", 0, 1)
        alarms.append(signal.alarm(0))
        return model

    monkeypatch.setattr(training, "train", train)
    return storage.to_bytes(model, ""), alarms


SMALL = {
    "language": "en",
    "intents": {"hi": {"utterances": [{"data": [{"text": "hello there"}]}]}},
    "entities": {},
}


class TestServing:
    def test_steps_come_first_and_then_the_file(self, pipes, small):
        pipes.ask(SMALL, "en")
        child.serve(pipes.incoming, pipes.outgoing)
        size = len(small[0])
        assert pipes.heard() == ([["intents", 0, 1], ["model", size, size]], small[0])

    def test_it_is_what_training_gives(self, tmp_path, pipes):
        pipes.ask(training_data(), "en")
        # More than a pipe holds.
        path = tmp_path / "answer"
        child.serve(pipes.incoming, os.open(path, os.O_WRONLY | os.O_CREAT))
        _lines, _, rest = path.read_bytes().partition(b'["model", ')
        assert rest.partition(b"\n")[2] == storage.to_bytes(
            training.train(training_data(), "en"), ""
        )

    def test_silence_is_limited_while_it_learns(self, pipes, small):
        pipes.ask(SMALL, "en")
        child.serve(pipes.incoming, pipes.outgoing)
        assert small[1][0] > 0
        assert signal.alarm(0) == 0

    def test_nobody_is_there_any_more(self, pipes, small):
        pipes.ask(SMALL, "en")
        os.close(pipes.asking)
        with pytest.raises(SystemExit, match="nobody waits"):
            child.serve(pipes.incoming, pipes.outgoing)
        pipes.asking = os.open(os.devnull, os.O_RDONLY)

    def test_the_end_of_the_other_side_ends_it(self, pipes, small):
        """A signal tells of it; here it is heard instead of obeyed."""
        heard = []
        pipes.ask(SMALL, "en")
        child.serve(pipes.incoming, pipes.outgoing)
        assert signal.getsignal(signal.SIGIO) is signal.SIG_DFL
        signal.signal(signal.SIGIO, lambda *_: heard.append(True))
        os.write(pipes.asking, b"x")
        assert heard == [True]


class TestTheProgram:
    def test_prints_of_libraries_do_not_get_between(self, pipes, small, monkeypatch):
        train = training.train

        def chatty(*args):
            os.write(1, b"by the way\n")
            return train(*args)

        monkeypatch.setattr(training, "train", chatty)
        pipes.ask(SMALL, "en")
        kept = os.dup(0), os.dup(1), os.dup(2)
        hush = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(pipes.incoming, 0)
            os.dup2(pipes.outgoing, 1)
            os.dup2(hush, 2)
            os.close(pipes.outgoing)
            child.main()
        finally:
            for number, copy in enumerate(kept):
                os.dup2(copy, number)
                os.close(copy)
            os.close(hush)
        assert [line[0] for line in pipes.heard()[0]] == ["intents", "model"]
