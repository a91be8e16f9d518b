"""A guessing game, to show what a context is for.

In a context the user is only understood by the intents named after it, here
`guess_game/...`, and by `__cancel__`. A number alone is then a guess, and would
mean nothing outside. `context(None)` leaves it, and pytlas leaves it when the
user cancels.
"""

from dataclasses import dataclass
from random import SystemRandom
from re import compile as pattern

from pytlas import intent, meta, training, translations
from pytlas.handling import Meta
from pytlas.ioutils import read_file

CONTEXT = "guess_game"
LOWEST, HIGHEST = 1, 100

NUMBER = pattern(r"(?<![\w.,-])[0-9]{1,9}(?![\w,.]*[0-9])")

GAMES = {}


@dataclass
class Game:
    """The number to find and how often the user has tried."""

    number: int
    tries: int = 0


def pick():
    """The number to find; a test puts another function in this place."""
    return SystemRandom().randint(LOWEST, HIGHEST)


def owner_of(req):
    return req.agent.meta.get("uid") or req.agent.id


def answer(req, text, **values):
    req.agent.answer(text.format(low=LOWEST, high=HIGHEST, **values))
    req.agent.done()


def judge(req, guess):
    """Answer a guess, and end the game when it is the number."""
    # A game may be missing when the server was restarted in the middle of it.
    game = GAMES.setdefault(owner_of(req), Game(pick()))
    if not LOWEST <= guess <= HIGHEST:
        answer(req, req._("Please guess between {low} and {high}."))
        return
    game.tries += 1
    if guess < game.number:
        answer(req, req._("{guess} is too small."), guess=guess)
    elif guess > game.number:
        answer(req, req._("{guess} is too big."), guess=guess)
    else:
        del GAMES[owner_of(req)]
        req.agent.context(None)
        first = req._("**{guess}** on the first try? You are reading my mind!")
        later = req._("**{guess}** it is! You found it in {tries} tries.")
        answer(req, first if game.tries == 1 else later, guess=guess, tries=game.tries)


@intent("guess_start")
def guess_start(req):
    GAMES[owner_of(req)] = Game(pick())
    req.agent.context(CONTEXT)
    answer(
        req,
        req._("I am thinking of a number between {low} and {high}. Guess! Say **stop** to leave."),
    )


@intent("guess_game/number")
def guess_number(req):
    judge(req, int(req.intent.slot("guess").first().value))


@intent("guess_game/give_up")
def guess_give_up(req):
    game = GAMES.pop(owner_of(req), None) or Game(pick())
    req.agent.context(None)
    answer(req, req._("It was **{number}**. Thank you for playing!"), number=game.number)


@intent("guess_game/__fallback__")
def guess_fallback(req):
    # "maybe 42, who knows" is a guess too; the sentences of the training are only the short way.
    said = NUMBER.findall(str(req.intent.slot("text").first().value or ""))
    if len(said) == 1:
        judge(req, int(said[0]))
    else:
        answer(
            req,
            req._("We are playing: say a number between {low} and {high}, or **stop** to leave."),
        )


@meta()
def about(_):
    return Meta(
        name=_("Guess the number"),
        description=_("A little game: find the number I am thinking of."),
        version="1.0.0",
        author="pytlas-wamp",
    )


def numbers():
    """The entity `guess` in chatl: every number that can be a guess, and nothing else."""
    values = "".join(f"  {number}\n" for number in range(LOWEST, HIGHEST + 1))
    return f"\n@[guess](extensible=false)\n{values}"


@training("en")
def english():
    return read_file("en.chatl", relative_to=__file__) + numbers()


@training("fr")
def french():
    return read_file("fr.chatl", relative_to=__file__) + numbers()


@translations("fr")
def french_texts():
    return {
        "I am thinking of a number between {low} and {high}. Guess! Say **stop** to leave.": (
            "Je pense à un nombre entre {low} et {high}. Devinez ! Dites **stop** pour arrêter."
        ),
        "Please guess between {low} and {high}.": "Choisissez entre {low} et {high}.",
        "{guess} is too small.": "{guess}, c'est trop petit.",
        "{guess} is too big.": "{guess}, c'est trop grand.",
        "**{guess}** on the first try? You are reading my mind!": (
            "**{guess}** du premier coup ? Vous lisez dans mes pensées !"
        ),
        "**{guess}** it is! You found it in {tries} tries.": (
            "**{guess}**, c'est ça ! Vous l'avez trouvé en {tries} essais."
        ),
        "It was **{number}**. Thank you for playing!": (
            "C'était **{number}**. Merci d'avoir joué !"
        ),
        "We are playing: say a number between {low} and {high}, or **stop** to leave.": (
            "Nous jouons : dites un nombre entre {low} et {high}, ou **stop** pour arrêter."
        ),
        "Guess the number": "Devine le nombre",
        "A little game: find the number I am thinking of.": (
            "Un petit jeu : trouvez le nombre auquel je pense."
        ),
    }
