"""Conversations of the tutorial, and clients of the documentation, at a real server."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from docs_pages import ROOT, blocks, marked
from docs_server import BIN, PATIENCE_SECONDS, Program, environment

from cheap_hashing import cheap_hashing  # noqa: F401 - a fixture
from command_line import called

pytestmark = pytest.mark.service

PASSWORD = "correct horse"
PEOPLE = {"alice": "en-US", "benoit": "fr-FR"}
TALKS = marked("tutorial/first-conversation.md", "talk")

# What is as good as what the page shows: wordings that skills pick from, and chance.
EQUAL = {
    "As you wish, I drop it.": "All right, never mind.",
    "Comme vous voulez, j'abandonne.": "Très bien, n'en parlons plus.",
    "50 is too big.": "50 is too small.",
    "50, c'est trop petit.": "50, c'est trop grand.",
}


LUCKY = ("50 on the first try", "50 du premier coup")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with accounts in its data directory."""
    folder = tmp_path_factory.mktemp("docs")
    for name, language in PEOPLE.items():
        words = ("--data-dir", folder / "data", "user", "add", name, "--language", language)
        assert called(*words, "--password-stdin", typed=PASSWORD + "\n").exit_code == 0
    return folder


@pytest.fixture(scope="module")
def server(home, learnt):
    """The address of a running server."""
    options = ("--data-dir", home / "data", "--listen", "tcp:0:interface=127.0.0.1")
    twistd = (BIN / "twistd", "--nodaemon", "--pidfile=", "pytlas")
    program = Program.start(home, *twistd, *options, PYTLAS_CACHE_DIR=str(learnt))
    yield program.wait_for(r"listening on (http://\S+)")[1]
    program.end()


def exchanges(text):
    """What is said in a block, and the texts that come back, without what is drawn."""
    found = []
    for line in text.splitlines():
        said = re.match(r"\w+ \u203a (.*)", line)
        plain = re.sub(r"^[●?\s]+|^ +\d  |[│╭╮╰╯─]+", "", line).strip()
        if said:
            found.append((said[1], []))
        elif found and plain:
            found[-1][1].append(re.sub(r"^\d  ", "", plain))
    return found


def talk(home, server, name, sentences):
    """The lines that `pytlas-wamp chat` prints in a pipe, each in the wording of the page."""
    command = [BIN / "pytlas-wamp", "chat", server, "--name", name, "--password-stdin"]
    done = subprocess.run(  # noqa: S603 - ours
        command,
        input="\n".join([PASSWORD, *sentences, ""]),
        text=True,
        encoding="utf-8",
        env=environment(home),
        capture_output=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = [re.sub(r"^\d\. ", "", line.strip()) for line in done.stdout.splitlines()]
    return [EQUAL.get(line, line) for line in lines]


class TestTutorial:
    def test_it_talks_in_both_languages(self):
        assert {block.mark for block in TALKS} == {f"talk {n} {c}" for n, c in PEOPLE.items()}

    @pytest.mark.parametrize("name", PEOPLE)
    def test_what_it_shows_is_what_comes(self, home, server, name):
        shown = [e for block in TALKS if f" {name} " in block.mark for e in exchanges(block.text)]
        promised = [line for _, answer in shown for line in answer]

        heard = talk(home, server, name, [said for said, _ in shown])
        # The page guesses wrong at first; one time in a hundred it would be right.
        while any(line.startswith(LUCKY) for line in heard):
            heard = talk(home, server, name, [said for said, _ in shown])

        # The page leaves out some cards; everything else has to come in this order.
        rest = iter(heard)
        assert [line for line in promised if line not in rest] == [], heard


class TestClients:
    @pytest.fixture
    def client(self, home, server):
        """`client(code)`: a program of the documentation, signed in."""
        programs = []

        def run(code):
            file = home / f"client{len(programs)}.py"
            file.write_text(code, encoding="utf-8")
            programs.append(Program.start(home, sys.executable, file, server, "alice"))
            programs[-1].say(PASSWORD, "^ready, in en-US$")
            return programs[-1]

        yield run
        for program in programs:
            program.end()

    @pytest.fixture
    def how_to(self, client):
        [block] = marked("how-to/write-a-client.md", "client")
        return client(block.text)

    def test_the_one_of_the_how_to_answers_asks_and_shows_cards(self, how_to):
        how_to.say("how are you", "^I am well, thank you")
        how_to.say("what can you do", r"^  \* Timer - Rings after")
        how_to.say("change the color", "^Which color.* Red/Green/Blue/Warm white$")
        how_to.say("blue", "^The lights turn blue.$")

    def test_the_one_of_the_how_to_cancels(self, how_to):
        how_to.say("change the color", "^Which color")
        how_to.say("/cancel", "^(All right, never mind|As you wish)")

    def test_the_one_of_the_how_to_shows_what_is_said_elsewhere(self, home, server, how_to):
        before = len(how_to.lines)

        talk(home, server, "alice", ["how are you"])

        how_to.wait_for(r"^\(elsewhere\) how are you$", before)

    def test_the_one_of_the_contract_answers_and_asks(self, client):
        [block] = [each for each in blocks(ROOT / "spec" / "README.md") if each.kind == "python"]
        program = client(block.text)

        program.say("what can you do", r"^  \* Timer - Rings after")
        program.say("turn on the lights", "^In which room")
        program.say("office", "^The lights are (already )?on in the office")
