"""Tells what the assistant can do, from what the skills say about themselves.

The other skills are read as they come: one whose metadata or training raises is
shown with less, or not at all, and the others all the same.
"""

from functools import lru_cache
from logging import getLogger

from pychatl import parse
from pytlas import Card, intent, meta, training, translations
from pytlas.handling import Meta
from pytlas.handling.skill import GLOBAL_METAS
from pytlas.ioutils import read_file
from pytlas.understanding.training import GLOBAL_TRAININGS

LOG = getLogger("home_help")


def harmless(read, *arguments):
    """The result of calling another skill's function, or None when that fails."""
    try:
        return read(*arguments)
    except Exception:
        # Whatever a stranger's skill raises.
        LOG.warning("%s%r failed", read.__qualname__, arguments, exc_info=True)
        return None


@lru_cache(maxsize=256)
def example_in(chatl):
    """The first sentence in training data that a user could say as it stands, or None."""
    data = parse(chatl)
    for name, trained in data["intents"].items():
        if name.startswith("__") or "/" in name:
            continue  # builtin, or understood in a context only
        for sentence in trained["data"]:
            said = [spoken(part, data) for part in sentence]
            if None not in said:
                return " ".join("".join(said).split())
    return None


def spoken(part, data):
    """The text for a part of a sentence; None when this file alone does not define it."""
    if part["type"] == "text":
        return part["value"]
    if part["type"] == "synonym" and part["optional"]:
        return ""
    kind = "entities" if part["type"] == "entity" else "synonyms"
    values = data[kind].get(part["value"], {}).get("data")
    return values[0]["value"] if values else None


def card_for(package, req):
    """The card of a skill, or None when it does not say enough about itself."""
    about_it = harmless(GLOBAL_METAS.get, package, req.lang)
    if about_it is None:
        return None
    chatl = harmless(GLOBAL_TRAININGS.get, package, req.lang)
    example = harmless(example_in, chatl) if chatl else None
    subhead = req._("“{sentence}”").format(sentence=example) if example else None
    name, description = str(about_it.name or package), str(about_it.description or "")
    return harmless(Card, name, description, subhead)


@intent("help_list")
def help_list(req):
    # pytlas has no public list of them, and `all` stops at the first one that fails.
    packages = list(GLOBAL_METAS._data)  # noqa: SLF001
    cards = [card for card in (card_for(package, req) for package in packages) if card]
    cards.sort(key=lambda card: card.header.casefold())
    req.agent.answer(req._("Here is what I can do, with something to try for each."), cards)
    req.agent.done()


@meta()
def about(_):
    return Meta(
        name=_("Help"),
        description=_("Shows what I can do."),
        version="1.0.0",
        author="pytlas-wamp",
    )


@training("en")
def english():
    return read_file("en.chatl", relative_to=__file__)


@training("fr")
def french():
    return read_file("fr.chatl", relative_to=__file__)


@translations("fr")
def french_texts():
    return {
        "“{sentence}”": "« {sentence} »",
        "Here is what I can do, with something to try for each.": (
            "Voici ce que je sais faire, avec à chaque fois un exemple à essayer."
        ),
        "Help": "Aide",
        "Shows what I can do.": "Montre ce que je sais faire.",
    }
