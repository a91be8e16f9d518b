"""Says hello, goodbye and you are welcome.

The smallest of the skills: no slots, several wordings, and one setting of the
user. Start here when you write a skill of your own.
"""

from pytlas import intent, meta, training, translations
from pytlas.handling import Meta, Setting
from pytlas.ioutils import read_file

SECTION = "home_greetings"


def answer(req, *wordings):
    # pytlas picks one of a list, so that greetings do not sound like a machine.
    req.agent.answer(list(wordings))
    req.agent.done()


@intent("greet_hello")
def greet_hello(req):
    name = req.agent.settings.get("name", section=SECTION)
    if name:
        answer(
            req,
            req._("Hello, {name}! What can I do for you?").format(name=name),
            req._("Nice to hear from you, {name}.").format(name=name),
        )
    else:
        answer(req, req._("Hello! What can I do for you?"), req._("Hi! I am listening."))


@intent("greet_bye")
def greet_bye(req):
    answer(req, req._("Goodbye!"), req._("See you soon."))


@intent("greet_thanks")
def greet_thanks(req):
    answer(req, req._("You are welcome."), req._("My pleasure."))


@intent("greet_mood")
def greet_mood(req):
    answer(req, req._("I am well, thank you. What can I do for you?"))


@intent("greet_name")
def greet_name(req):
    answer(req, req._("I am your assistant. Ask me **what can you do** to see what I know."))


@meta()
def about(_):
    return Meta(
        name=_("Greetings"),
        description=_("Says hello, goodbye and you are welcome."),
        version="1.0.0",
        author="pytlas-wamp",
        settings=[Setting(SECTION, "name", str, _("What I should call you"))],
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
        "Hello, {name}! What can I do for you?": "Bonjour {name} ! Que puis-je pour vous ?",
        "Nice to hear from you, {name}.": "Quel plaisir de vous entendre, {name}.",
        "Hello! What can I do for you?": "Bonjour ! Que puis-je pour vous ?",
        "Hi! I am listening.": "Bonjour ! Je vous écoute.",
        "Goodbye!": "Au revoir !",
        "See you soon.": "À bientôt.",
        "You are welcome.": "Je vous en prie.",
        "My pleasure.": "Avec plaisir.",
        "I am well, thank you. What can I do for you?": (
            "Je vais bien, merci. Que puis-je pour vous ?"
        ),
        "I am your assistant. Ask me **what can you do** to see what I know.": (
            "Je suis votre assistant. Demandez-moi **que sais-tu faire** pour voir mes talents."
        ),
        "Greetings": "Politesse",
        "Says hello, goodbye and you are welcome.": "Dit bonjour, au revoir et je vous en prie.",
        "What I should call you": "Le nom que je dois vous donner",
    }
