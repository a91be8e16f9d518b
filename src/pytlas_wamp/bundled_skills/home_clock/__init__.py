"""Tells the time and the date.

`req._d` writes a date as people do in the language of the user.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pytlas import intent, meta, training, translations
from pytlas.handling import Meta, Setting
from pytlas.ioutils import read_file

SECTION = "home_clock"


def now(zone):
    """The present moment in `zone`, or where the server stands when it is None."""
    return datetime.now(UTC).astimezone(zone)


def zone_of(req):
    settings = req.agent.settings
    name = settings.get("timezone", section=SECTION) or settings.get("timezone")
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        # A misspelt zone must not cost the answer: the server's own time is a fair guess.
        return None


@intent("clock_time")
def clock_time(req):
    time = req._d(now(zone_of(req)), time_only=True, format="short")  # noqa: SLF001 - pytlas names it so
    req.agent.answer(req._("It is {time}.").format(time=time))
    req.agent.done()


@intent("clock_date")
def clock_date(req):
    date = req._d(now(zone_of(req)), date_only=True, format="full")  # noqa: SLF001 - pytlas names it so
    req.agent.answer(req._("Today is {date}.").format(date=date))
    req.agent.done()


@meta()
def about(_):
    return Meta(
        name=_("Clock"),
        description=_("Tells the time and the date."),
        version="1.0.0",
        author="pytlas-wamp",
        settings=[Setting(SECTION, "timezone", str, _("Your time zone, such as Europe/Paris"))],
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
        "It is {time}.": "Il est {time}.",
        "Today is {date}.": "Nous sommes le {date}.",
        "Clock": "Horloge",
        "Tells the time and the date.": "Donne l'heure et la date.",
        "Your time zone, such as Europe/Paris": "Votre fuseau horaire, par exemple Europe/Paris",
    }
