"""Switches pretend lamps, to show how a skill asks for what it was not told.

`ask` ends the turn. pytlas puts the reply into the slot and calls the same
handler again, which therefore begins by looking at what it has got so far.
"""

from dataclasses import dataclass, field
from re import compile as pattern

from pytlas import intent, meta, training, translations
from pytlas.handling import Meta
from pytlas.ioutils import read_file

COLORS = ("Red", "Green", "Blue", "Warm white")
LONGEST_ROOM_CHARS = 40
"""A longer name is a sentence that was not meant for us."""
MOST_ROOMS = 50
"""More than any home has, and little memory for a user who counts upwards."""

NOT_IN_NAMES = pattern(r"\bplease\b|\bs'il (?:te|vous) pla[iî]t\b|[^\w' -]|_")
"""Politeness, and everything that could be Markdown when the name is said back."""
TYPED_APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"
BETWEEN_NAMES = pattern(r",| and | et ")
ARTICLES = {
    "en": pattern(r"^(?:in |for )?(?:(?:the|my|our)(?: |$))?"),
    "fr": pattern(
        r"^(?:dans |de |pour |côté )?(?:(?:la|le|les|du|des|ma|mon|mes|au)(?: |$)|l' ?)?"
    ),
}


@dataclass
class Home:
    """The lamps of one user: the rooms with light in the order of switching, and the color."""

    lit: list = field(default_factory=list)
    color: str = "Warm white"


HOMES = {}


def home_of(req):
    return HOMES.setdefault(req.agent.meta.get("uid") or req.agent.id, Home())


def rooms_of(req):
    """The rooms as they can be said back; none when nothing was said or nothing of use."""
    articles = ARTICLES.get(req.lang, ARTICLES["en"])
    rooms = {}  # a set that keeps the order in which they were said
    for said in req.intent.slot("room"):
        for name in BETWEEN_NAMES.split(str(said).replace(TYPED_APOSTROPHE, "'").lower()):
            room = articles.sub("", " ".join(NOT_IN_NAMES.sub(" ", name).split()))
            if 0 < len(room) <= LONGEST_ROOM_CHARS:
                rooms[room] = True
    return list(rooms)[: MOST_ROOMS + 1]


def ask_room(req):
    if req.intent.slot("room").is_empty():
        question = req._("In which room? The **kitchen**, for example.")
    else:
        question = req._("I did not catch the room. Which one is it?")
    req.agent.ask("room", question)


def color_of(req):
    """The entry of COLORS that was said in the language of the user, or None."""
    said = str(req.intent.slot("color").first().value or "").casefold()
    for color in COLORS:
        name = req._(color).casefold()
        # Either may be the shorter one: "bleue" is Bleu, "blanc" is Blanc chaud.
        if said and (said.startswith(name) or name.startswith(said)):
            return color
    return None


@intent("lights_on")
def lights_on(req):
    rooms = rooms_of(req)
    if not rooms:
        ask_room(req)
        return
    lit = home_of(req).lit
    dark = [room for room in rooms if room not in lit]
    if not dark:
        text = req._("The lights are already on in the {rooms}.")
    elif len(lit) + len(dark) > MOST_ROOMS:
        text = req._("So many rooms are lit! Please turn some lights off first.")
    else:
        lit.extend(dark)
        text = req._("The lights are on in the {rooms}.")
    req.agent.answer(text.format(rooms=req._(" and ").join(rooms)))
    req.agent.done()


@intent("lights_off")
def lights_off(req):
    rooms = rooms_of(req)
    if not rooms:
        ask_room(req)
        return
    home = home_of(req)
    if any(room in home.lit for room in rooms):
        home.lit = [room for room in home.lit if room not in rooms]
        text = req._("The lights are off in the {rooms}.")
    else:
        text = req._("The lights were already off in the {rooms}.")
    req.agent.answer(text.format(rooms=req._(" and ").join(rooms)))
    req.agent.done()


@intent("lights_off_everywhere")
def lights_off_everywhere(req):
    home_of(req).lit.clear()
    req.agent.answer(req._("All the lights are off."))
    req.agent.done()


@intent("lights_color")
def lights_color(req):
    color = color_of(req)
    if color is None:
        choices = [req._(name) for name in COLORS]
        req.agent.ask("color", req._("Which color would you like?"), choices)
        return
    home_of(req).color = color
    req.agent.answer(req._("The lights turn **{color}**.").format(color=req._(color).lower()))
    req.agent.done()


@intent("lights_status")
def lights_status(req):
    home = home_of(req)
    if home.lit:
        rooms, color = ", ".join(home.lit), req._(home.color).lower()
        text = req._("The lights are on here: {rooms}. Their color is {color}.")
        req.agent.answer(text.format(rooms=rooms, color=color))
    else:
        req.agent.answer(req._("No light is on."))
    req.agent.done()


@meta()
def about(_):
    return Meta(
        name=_("Lights"),
        description=_("Switches lamps by room and color. A demonstration: the lamps are pretend."),
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
        "Red": "Rouge",
        "Green": "Vert",
        "Blue": "Bleu",
        "Warm white": "Blanc chaud",
        " and ": " et ",
        "In which room? The **kitchen**, for example.": (
            "Dans quelle pièce ? La **cuisine**, par exemple."
        ),
        "I did not catch the room. Which one is it?": (
            "Je n'ai pas saisi le nom de la pièce. Laquelle est-ce ?"
        ),
        # "Côté cuisine" needs no article, which would depend on the room.
        "The lights are on in the {rooms}.": "La lumière est allumée côté {rooms}.",
        "The lights are already on in the {rooms}.": "La lumière est déjà allumée côté {rooms}.",
        "The lights are off in the {rooms}.": "La lumière est éteinte côté {rooms}.",
        "The lights were already off in the {rooms}.": "C'était déjà éteint côté {rooms}.",
        "So many rooms are lit! Please turn some lights off first.": (
            "Que de pièces éclairées ! Merci d'en éteindre quelques-unes d'abord."
        ),
        "All the lights are off.": "Toutes les lumières sont éteintes.",
        "Which color would you like?": "Quelle couleur voulez-vous ?",
        "The lights turn **{color}**.": "La lumière passe au **{color}**.",
        "The lights are on here: {rooms}. Their color is {color}.": (
            "La lumière est allumée ici : {rooms}. Sa couleur : {color}."
        ),
        "No light is on.": "Aucune lumière n'est allumée.",
        "Lights": "Lumières",
        "Switches lamps by room and color. A demonstration: the lamps are pretend.": (
            "Commande des lampes par pièce et par couleur. Une démonstration : rien ne s'allume."
        ),
    }
