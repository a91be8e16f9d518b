"""What the assistant says when you change your mind or when it did not understand.

pytlas calls `__cancel__` after it has left the context and the question that was
open, and `__fallback__` with the whole sentence in the slot `text`. Sentences
for `__cancel__` are trained here once and work in every context of every skill.
"""

from pytlas import intent, meta, training, translations
from pytlas.handling import Meta
from pytlas.ioutils import read_file


@intent("__cancel__")
def cancel(req):
    req.agent.answer([req._("All right, never mind."), req._("As you wish, I drop it.")])
    req.agent.done()


@intent("__fallback__")
def fallback(req):
    # The sentence is not repeated: it may be long, and it may not be meant for other ears.
    req.agent.answer(
        [
            req._("Sorry, I did not understand. Try **what can you do**."),
            req._("I do not know that yet. **What can you do** shows what I know."),
        ]
    )
    req.agent.done()


@meta()
def about(_):
    return Meta(
        name=_("Basics"),
        description=_("Say **stop** or **never mind** to give up a question or leave a game."),
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
        "All right, never mind.": "Très bien, n'en parlons plus.",
        "As you wish, I drop it.": "Comme vous voulez, j'abandonne.",
        "Sorry, I did not understand. Try **what can you do**.": (
            "Pardon, je n'ai pas compris. Essayez **que sais-tu faire**."
        ),
        "I do not know that yet. **What can you do** shows what I know.": (
            "Je ne sais pas encore faire cela. **Que sais-tu faire** montre mes talents."
        ),
        "Basics": "Essentiel",
        "Say **stop** or **never mind** to give up a question or leave a game.": (
            "Dites **stop** ou **laisse tomber** pour abandonner une question ou quitter un jeu."
        ),
    }
