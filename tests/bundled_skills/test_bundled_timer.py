"""The timer: lengths of time, and rings that come after the request is over."""

from __future__ import annotations

import pytest
from attrs import define, field


@define
class FakeClock:
    """Stands in for `monotonic` and `threading.Timer`: time passes when it is told to."""

    now: float = 1000.0
    threads: list = field(factory=list)

    def passes(self, seconds):
        self.now += seconds
        for thread in list(self.threads):
            if thread.due <= self.now:
                self.threads.remove(thread)
                thread.function()

    def timer(self, seconds, function):
        return FakeThread(self, self.now + seconds, function)


@define(eq=False)
class FakeThread:
    clock: FakeClock
    due: float
    function: object
    daemon: bool = False

    def start(self):
        assert self.daemon, "a thread that is no daemon keeps the server from stopping"
        self.clock.threads.append(self)

    def cancel(self):
        self.clock.threads.remove(self)


@pytest.fixture
def clock(skills, monkeypatch):
    clock = FakeClock()
    monkeypatch.setattr(skills.home_timer, "Timer", clock.timer)
    monkeypatch.setattr(skills.home_timer, "monotonic", lambda: clock.now)
    return clock


class TestRinging:
    def test_it_rings_when_the_time_is_up(self, talk, clock):
        user = talk("en")
        assert user.says("timer_set timer_length=5 minutes") == "I will ring in 5 minutes."
        assert user.events == ["answer", "done"]
        clock.passes(299)
        assert user.heard() == ""
        clock.passes(1)
        assert user.heard() == "Ding! Time is up: 5 minutes."
        assert user.events == ["answer", "done", "answer", "done"]
        assert user.agent.state == "__asleep__"

    def test_it_rings_in_french(self, talk, clock):
        user = talk("fr")
        assert user.says("timer_set timer_length=une heure et demie") == (
            "Je sonnerai dans 1 heure 30 minutes."
        )
        clock.passes(5400)
        assert user.heard() == "Dring ! Le temps est écoulé : 1 heure 30 minutes."

    def test_a_ring_waits_until_a_question_is_answered(self, talk, clock):
        user = talk("en")
        user.says("timer_set timer_length=10 seconds")
        user.says("lights_on")
        clock.passes(10)
        assert user.heard() == ""
        assert user.says("kitchen") == (
            "The lights are on in the kitchen. | Ding! Time is up: 10 seconds."
        )

    def test_a_ring_leaves_a_game_as_it_is(self, talk, clock):
        user = talk("en")
        user.says("timer_set timer_length=10 seconds")
        user.says("guess_start")
        user.heard()
        clock.passes(10)
        assert user.heard() == "Ding! Time is up: 10 seconds."
        assert user.agent.current_context == "guess_game"

    def test_somebody_who_asks_what_rings_gets_an_answer(self, talk, clock):
        assert talk("en").says("timer_ring") == "Nothing is ringing right now."
        assert talk("fr").says("timer_ring") == "Rien ne sonne en ce moment."

    def test_threads_are_real(self, skills):
        from threading import Timer  # noqa: PLC0415 - as the skill sees it

        assert skills.home_timer.Timer is Timer


class TestAsking:
    def test_it_asks_how_long(self, talk, clock):
        user = talk("en")
        assert user.says("timer_set") == "For how long? 5 minutes, for example."
        assert user.events == ["done, go on", "ask duration"]
        assert user.choices is None
        assert user.says("ten seconds") == "I will ring in 10 seconds."

    def test_it_asks_again_until_it_understands(self, talk, clock):
        user = talk("fr")
        assert user.says("timer_set") == "Pour combien de temps ? 5 minutes, par exemple."
        expected = "Je n'ai pas saisi la durée. Dites par exemple 10 minutes ou 1 heure."
        assert user.says("bientôt") == expected
        assert user.says("5") == expected
        assert user.says("25 heures") == (
            "Je peux attendre 24 heures au plus. Pour combien de temps ?"
        )
        assert user.events == ["done, go on", "ask duration"]
        assert user.says("deux minutes") == "Je sonnerai dans 2 minutes."

    def test_a_reply_beats_what_was_said_first(self, talk, clock):
        user = talk("en")
        assert user.says("timer_set timer_length=a while") == (
            "I did not catch how long. Say it like 10 minutes or 1 hour."
        )
        assert user.says("1 hour") == "I will ring in 1 hour."

    def test_the_length_is_bounded(self, talk, clock):
        user = talk("en")
        assert user.says("timer_set timer_length=24 hours and 1 second") == (
            "I can wait for 24 hours at most. For how long?"
        )
        assert clock.threads == []
        assert user.says("24 hours") == "I will ring in 24 hours."


class TestCounting:
    def test_each_user_has_ten(self, talk, clock):
        ada = talk("en", uid="ada")
        for _ in range(10):
            assert ada.says("timer_set timer_length=1 hour") == "I will ring in 1 hour."
        refusal = "You have 10 timers already. Wait for one, or stop them."
        assert ada.says("timer_set timer_length=1 hour") == refusal
        assert ada.events == ["answer", "done"]
        assert talk("en", uid="ada").says("timer_set timer_length=1 hour") == refusal
        assert talk("en", uid="bob").says("timer_set timer_length=1 hour").startswith("I will")
        clock.passes(3600)
        assert talk("fr", uid="ada").says("timer_set timer_length=1 heure").startswith("Je sonne")

    def test_nothing_is_kept_of_timers_that_rang(self, talk, clock, skills):
        talk("en").says("timer_set timer_length=1 hour")
        clock.passes(3600)
        assert skills.home_timer.TIMERS == {}

    def test_it_tells_the_time_left_of_each(self, talk, clock):
        user = talk("en")
        assert user.says("timer_left") == "No timer is running."
        user.says("timer_set timer_length=1 hour")
        user.says("timer_set timer_length=1 minute")
        clock.passes(29.6)
        assert user.says("timer_left") == "Time left: 30 seconds, 59 minutes 30 seconds."

    def test_it_tells_the_time_left_in_french(self, talk, clock):
        user = talk("fr")
        assert user.says("timer_left") == "Aucun minuteur n'est en route."
        user.says("timer_set timer_length=1 minute")
        clock.passes(59)
        assert user.says("timer_left") == "Temps restant : 1 seconde."

    def test_a_timer_about_to_ring_has_no_time_left(self, talk, clock):
        user = talk("en")
        user.says("timer_set timer_length=1 minute")
        clock.now += 61
        assert user.says("timer_left") == "Time left: 0 seconds."


class TestStopping:
    @pytest.mark.parametrize(
        ("lang", "count", "expected"),
        [
            ("en", 0, "No timer is running."),
            ("en", 1, "I stopped your timer."),
            ("en", 3, "I stopped your 3 timers."),
            ("fr", 0, "Aucun minuteur n'est en route."),
            ("fr", 1, "J'ai arrêté votre minuteur."),
            ("fr", 3, "J'ai arrêté vos 3 minuteurs."),
        ],
    )
    def test_it_stops_all_of_the_user(self, talk, clock, lang, count, expected):
        user, other = talk(lang, uid="ada"), talk(lang, uid="bob")
        for _ in range(count):
            user.says("timer_set timer_length=5 minutes")
        other.says("timer_set timer_length=5 minutes")
        assert user.says("timer_stop") == expected
        assert len(clock.threads) == 1
        clock.passes(300)
        assert user.heard() == ""
        assert other.heard() != ""

    def test_a_timer_that_is_ringing_while_it_is_stopped_is_silent(self, talk, clock):
        user = talk("en")
        user.says("timer_set timer_length=5 minutes")
        (thread,) = clock.threads
        user.says("timer_stop")
        thread.function()
        assert user.heard() == ""


class TestLengthsOfTime:
    @pytest.mark.parametrize(
        ("text", "seconds"),
        [
            ("1 second", 1),
            ("10 seconds", 10),
            ("90s", 90),
            ("5 minutes", 300),
            ("In FIVE minutes.", 300),
            ("forty-five minutes", 2700),
            ("twenty five min", 1500),
            ("5 minutes, please", 300),
            ("an hour", 3600),
            ("1 hour, 30 minutes and 5 seconds", 5405),
            ("1h30", 5400),
            ("2 minutes 30", 150),
            ("1.5 hours", 5400),
            ("half an hour", 1800),
            ("a half hour", 1800),
            ("an hour and a half", 5400),
            ("two and a half hours", 9000),
            ("one and a half hours", 5400),
            ("a quarter of an hour", 900),
            ("three quarters of an hour", 2700),
        ],
    )
    def test_english(self, skills, text, seconds):
        assert skills.home_timer.durations.seconds_in(text, "en") == seconds
        assert skills.home_timer.durations.seconds_in(text, "xx") == seconds

    @pytest.mark.parametrize(
        ("text", "seconds"),
        [
            ("1 seconde", 1),
            ("dans dix secondes", 10),
            ("cinq minutes", 300),
            ("vingt-cinq minutes", 1500),
            ("vingt et un minutes", 1260),
            ("5 minutes s'il vous plaît", 300),
            ("une heure", 3600),
            ("une heure et demie", 5400),
            ("une heure et quart", 4500),
            ("deux heures et demie", 9000),
            ("une demi-heure", 1800),
            ("un quart d'heure", 900),
            ("trois quarts d\N{RIGHT SINGLE QUOTATION MARK}heure", 2700),
            ("1h30", 5400),
            ("1,5 heure", 5400),
        ],
    )
    def test_french(self, skills, text, seconds):
        assert skills.home_timer.durations.seconds_in(text, "fr") == seconds

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "5",
            "minutes",
            "half",
            "soon",
            "0 minutes",
            "-5 minutes",
            "5-10 minutes",
            "12:30",
            "1/2 hour",
            "ten five minutes",
            "quatre vingt minutes",
            "5 minutes to midnight",
            "one hour half",
            "2 seconds 30",
            "+five minutes",
            "+ hour",
            "1 hour +seven",
            "\N{ARABIC-INDIC DIGIT FIVE} minutes",
            "9" * 75 + " hours",
        ],
    )
    def test_what_is_none(self, skills, text):
        assert skills.home_timer.durations.seconds_in(text, "en") is None

    @pytest.mark.parametrize(
        ("seconds", "words"),
        [
            (0, "0 seconds"),
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "1 minute"),
            (3600, "1 hour"),
            (7325, "2 hours 2 minutes 5 seconds"),
        ],
    )
    def test_in_words(self, skills, seconds, words):
        assert skills.home_timer.durations.in_words(seconds, str) == words
