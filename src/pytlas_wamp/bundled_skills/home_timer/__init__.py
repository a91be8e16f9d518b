"""Timers that ring later, from threads of their own.

A request is over when its handler calls `done`, and what is answered through it
afterwards is dropped. A skill that has something to say later therefore queues
an intent, here `timer_ring`, and answers from the handler of that intent:
pytlas calls it when the user is not in the middle of something else.
"""

from dataclasses import dataclass
from threading import Lock, Timer
from time import monotonic

from pytlas import intent, meta, training, translations
from pytlas.handling import Meta
from pytlas.ioutils import read_file

from .durations import HOUR, in_words, seconds_in

LONGEST_SECONDS = 24 * HOUR
"""Timers live in memory; whoever plans further ahead wants a calendar."""
MOST_TIMERS = 10
"""Per user, because each is a thread that waits."""


@dataclass(eq=False)
class Running:
    """One timer on its way: when it ends by `monotonic`, and the thread that waits for it."""

    ends_at: float
    thread: Timer


TIMERS = {}
LOCK = Lock()
"""Handlers and ringing timers meet in TIMERS from different threads."""


def owner_of(req):
    return req.agent.meta.get("uid") or req.agent.id


def start(req, seconds):
    """Start a timer that rings for the user of `req`; False when there are too many already."""
    agent, owner = req.agent, owner_of(req)

    def ring():
        if forget(owner, timer):
            agent.queue_intent("timer_ring", elapsed=seconds)

    timer = Running(monotonic() + seconds, Timer(seconds, ring))
    timer.thread.daemon = True  # a server that stops does not wait for an egg
    with LOCK:
        running = TIMERS.setdefault(owner, [])
        if len(running) >= MOST_TIMERS:
            return False
        timer.thread.start()
        running.append(timer)
    return True


def forget(owner, timer):
    """Take a timer off the list; False when it was stopped in the meantime."""
    with LOCK:
        running = TIMERS.get(owner, [])
        if timer not in running:
            return False
        running.remove(timer)
        if not running:
            del TIMERS[owner]
        return True


def duration_said(req):
    """The length of time in the user's words, the latest ones, or None.

    `duration` is the slot to ask for and stands in no sentence of the training, so
    that the reply arrives as it was said. `timer_length` is the one in the
    sentences: a reply to it would be searched for its known values, and of
    "1 hour 5 minutes" might be left "5 minutes".
    """
    for name in ("duration", "timer_length"):
        slot = req.intent.slot(name)
        if not slot.is_empty():
            return str(slot.first().value or "")
    return None


@intent("timer_set")
def timer_set(req):
    said = duration_said(req)
    if said is None:
        req.agent.ask("duration", req._("For how long? **5 minutes**, for example."))
        return
    seconds = seconds_in(said, req.lang)
    if seconds is None:
        question = req._("I did not catch how long. Say it like **10 minutes** or **1 hour**.")
        req.agent.ask("duration", question)
    elif seconds > LONGEST_SECONDS:
        req.agent.ask("duration", req._("I can wait for 24 hours at most. For how long?"))
    else:
        if start(req, seconds):
            text = req._("I will ring in {duration}.")
        else:
            text = req._("You have {count} timers already. Wait for one, or stop them.")
        duration = in_words(seconds, req._)
        req.agent.answer(text.format(duration=duration, count=MOST_TIMERS))
        req.agent.done()


@intent("timer_ring")
def timer_ring(req):
    elapsed = req.intent.slot("elapsed").first().value
    if elapsed is None:
        # The sentences of this intent, such as "what is ringing".
        req.agent.answer(req._("Nothing is ringing right now."))
    else:
        text = req._("**Ding!** Time is up: {duration}.")
        req.agent.answer(text.format(duration=in_words(elapsed, req._)))
    req.agent.done()


@intent("timer_left")
def timer_left(req):
    with LOCK:
        ends = sorted(timer.ends_at for timer in TIMERS.get(owner_of(req), []))
    if ends:
        left = [in_words(max(0, round(end - monotonic())), req._) for end in ends]
        req.agent.answer(req._("Time left: {durations}.").format(durations=", ".join(left)))
    else:
        req.agent.answer(req._("No timer is running."))
    req.agent.done()


@intent("timer_stop")
def timer_stop(req):
    with LOCK:
        stopped = TIMERS.pop(owner_of(req), [])
    for timer in stopped:
        timer.thread.cancel()
    if not stopped:
        text = req._("No timer is running.")
    elif len(stopped) == 1:
        text = req._("I stopped your timer.")
    else:
        text = req._("I stopped your {count} timers.")
    req.agent.answer(text.format(count=len(stopped)))
    req.agent.done()


@meta()
def about(_):
    return Meta(
        name=_("Timer"),
        description=_("Rings after the time you say, up to 24 hours."),
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
        "For how long? **5 minutes**, for example.": (
            "Pour combien de temps ? **5 minutes**, par exemple."
        ),
        "I did not catch how long. Say it like **10 minutes** or **1 hour**.": (
            "Je n'ai pas saisi la durée. Dites par exemple **10 minutes** ou **1 heure**."
        ),
        "I can wait for 24 hours at most. For how long?": (
            "Je peux attendre 24 heures au plus. Pour combien de temps ?"
        ),
        "I will ring in {duration}.": "Je sonnerai dans {duration}.",
        "You have {count} timers already. Wait for one, or stop them.": (
            "Vous avez déjà {count} minuteurs. Attendez-en un, ou arrêtez-les."
        ),
        "**Ding!** Time is up: {duration}.": "**Dring !** Le temps est écoulé : {duration}.",
        "Nothing is ringing right now.": "Rien ne sonne en ce moment.",
        "Time left: {durations}.": "Temps restant : {durations}.",
        "No timer is running.": "Aucun minuteur n'est en route.",
        "I stopped your timer.": "J'ai arrêté votre minuteur.",
        "I stopped your {count} timers.": "J'ai arrêté vos {count} minuteurs.",
        "hour": "heure",
        "hours": "heures",
        "minute": "minute",
        "minutes": "minutes",
        "second": "seconde",
        "seconds": "secondes",
        "Timer": "Minuteur",
        "Rings after the time you say, up to 24 hours.": (
            "Sonne après le temps que vous dites, jusqu'à 24 heures."
        ),
    }
