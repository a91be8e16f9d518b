"""The interpreter, from chatl text to intents, in English and French."""

from __future__ import annotations

import pytest
from chatl_training import NOW, trained, training_data, understood
from dateutil.relativedelta import relativedelta
from pytlas.understanding import Interpreter, TrainingsStore

from pytlas_wamp.understanding import patterns
from pytlas_wamp.understanding.patterns import PatternInterpreter

ENGLISH = """
%[lights/on]
  turn on the ~[light] in the @[room]
  ~[please?] turn on the @[room] ~[light?]
  what's on in the @[room] and the @[room]

%[__cancel__]
  cancel
  never mind

%[play]
  play @[song]
  play @[song] in the @[room]

%[volume]
  set the volume to @[level]
  @[level]

%[remind]
  remind me @[when#future]

%[search]
  @[query]

~[please]
  please
  could you

~[light]
  light
  lights

@[room](extensible=false)
  kitchen
  living room

~[living room]
  lounge

@[song]
  Bohemian Rhapsody

~[Bohemian Rhapsody]
  the Queen song

@[level](type=number)
  5

@[when](type=datetime)
  today

@[when#future]
  tomorrow morning

@[query]
  anything
"""

FRENCH = """
%[heure]
  quelle heure est-il
  qu'est-ce que l'heure
  donne l'heure à @[ville]

%[météo]
  ~[y a-t-il?] du soleil à l'@[lieu]
  quel temps fait-il à @[ville]

%[volume]
  monte le volume de @[pas]

%[liste]
  ajoute @[produit] à la liste
  note @[produit]
  il faut acheter @[produit] à @[ville]

~[y a-t-il]
  y a-t-il
  est-ce qu'il y a

@[lieu](extensible=false)
  extérieur
  île d'Oléron

@[ville]
  Besançon
  Saint-Étienne

@[pas](type=number)
  2

@[produit]
  du pain
  des œufs
"""


REMINDERS = """
%[remind]
  remind me @[what] @[when]
  remind me @[when] to @[what]

%[lamp]
  lamp @[level] for @[long]
  add @[level] and @[level]

@[what]
  tea

@[when](type=datetime)
  today

@[level](type=number)
  5

@[long](type=duration)
  an hour
"""


@pytest.fixture(scope="module")
def reminders():
    return trained(REMINDERS)


@pytest.fixture(scope="module")
def english():
    return trained(ENGLISH)


@pytest.fixture(scope="module")
def french():
    return trained(FRENCH, "fr")


def clock(day, hour=0, minute=0):
    return NOW.replace(day=day, hour=hour, minute=minute)


def minutes(count):
    return relativedelta(minutes=count)


def values(found):
    return [value.value for value in found]


class TestLanguageWithoutBuiltins:
    def test_keeps_what_was_said(self):
        dutch = trained(ENGLISH, "nl")
        assert understood(dutch, "remind me in two hours") == ("remind", {"when": ["in two hours"]})
        assert values(dutch.parse_slot("remind", "when", "in two hours")) == ["in two hours"]


class TestBuiltinEntities:
    @pytest.mark.parametrize(
        ("message", "expected"),
        [
            (
                "remind me call mum in two hours",
                {"what": ["call mum"], "when": [clock(23, 12, 30)]},
            ),
            (
                "remind me in two hours to call mum to say hi",
                {"when": [clock(23, 12, 30)], "what": ["call mum to say hi"]},
            ),
            ("lamp twenty five for three minutes", {"level": [25.0], "long": [minutes(3)]}),
            ("lamp very loud for 3 minutes", None),
            ("add twenty and five", {"level": [20.0, 5.0]}),
            ("remind me whenever to smile", {"when": ["whenever"], "what": ["smile"]}),
        ],
    )
    def test_what_is_one_is_told_from_other_words(self, reminders, message, expected):
        found = understood(reminders, message)
        assert (found and found[1]) == expected

    def test_all_of_a_reply_or_what_stands_in_it_counts(self, reminders):
        def said(slot, reply):
            return values(reminders.parse_slot("remind", slot, reply))

        assert said("when", "8") == [clock(23, 20)]
        assert said("when", "hm, at noon I think") == [clock(23, 12)]
        assert said("when", "whenever") == ["whenever"]

    def test_a_reply_says_where_its_value_stands(self, reminders):
        (value,) = reminders.parse_slot("lamp", "level", "well, twenty five I think")
        assert (value.value, value.meta["known"]) == (25.0, True)
        assert (value.meta["rawValue"], value.meta["range"]) == (
            "twenty five",
            {"start": 6, "end": 17},
        )


class TestCreation:
    def test_it_is_an_unfitted_pytlas_interpreter(self):
        interpreter = patterns.create("fr", "/nowhere")
        assert isinstance(interpreter, Interpreter)
        assert (interpreter.lang, interpreter.cache_directory) == ("fr", "/nowhere")
        assert interpreter.intents == []

    def test_unfitted_it_understands_nothing(self):
        interpreter = patterns.create("en", None)
        assert interpreter.parse("hello") == []
        assert values(interpreter.parse_slot("a", "b", " hello ")) == [" hello "]

    def test_pytlas_fits_it_from_the_skills(self):
        trainings = TrainingsStore()
        trainings.register("en", lambda: ENGLISH, "lights")
        trainings.register("en", lambda: "%[hello]\n  hello", "greetings")
        trainings.register("fr", lambda: FRENCH, "heure")
        interpreter = PatternInterpreter("en", None, trainings)
        interpreter.fit_from_skill_data()
        assert understood(interpreter, "hello") == ("hello", {})
        assert understood(interpreter, "cancel") == ("__cancel__", {})
        assert understood(interpreter, "quelle heure est-il") is None

    def test_intents_stand_in_the_order_of_the_data(self, english):
        assert english.intents == sorted(
            ["__cancel__", "lights/on", "play", "remind", "search", "volume"]
        )

    def test_a_second_fit_forgets_the_first(self):
        interpreter = trained("%[a]\n  one")
        interpreter.fit(training_data("%[b]\n  two"))
        assert interpreter.intents == ["b"]
        assert understood(interpreter, "one") is None
        assert understood(interpreter, "two") == ("b", {})


class TestEnglish:
    @pytest.mark.parametrize(
        ("message", "expected"),
        [
            ("Turn on the lights in the kitchen!", ("lights/on", {"room": ["kitchen"]})),
            ("could you turn on the lounge", ("lights/on", {"room": ["living room"]})),
            ("TURN on   the\nLiving-Room light", ("lights/on", {"room": ["living room"]})),
            ("turn on the lights in the attic", None),
            (
                "whats on in the kitchen and the lounge",
                ("lights/on", {"room": ["kitchen", "living room"]}),
            ),
            ("cancel.", ("__cancel__", {})),
            ("never-mind", ("__cancel__", {})),
            ("please cancel", None),
            ("play the queen song", ("play", {"song": ["Bohemian Rhapsody"]})),
            ("play «Für Elise», please?", ("play", {"song": ["Für Elise», please"]})),
            ("play X in the kitchen", ("play", {"song": ["X"], "room": ["kitchen"]})),
            ("play X in the attic", ("play", {"song": ["X in the attic"]})),
            ("play", None),
            ("set the volume to 1,000", ("volume", {"level": [1000.0]})),
            ("set the volume to eleven", ("volume", {"level": [11.0]})),
            ("set the volume to loud", None),
            ("twenty-one", ("volume", {"level": [21.0]})),
            ("7", ("volume", {"level": [7.0]})),
            ("remind me Tomorrow Morning", ("remind", {"when": [(clock(24, 6), clock(24, 12))]})),
            ("remind me in two hours!", ("remind", {"when": [clock(23, 12, 30)]})),
            ("remind me to be good", ("remind", {"when": ["to be good"]})),
            ("anything", ("search", {"query": ["anything"]})),
            ("whatever else", None),
            ("", None),
        ],
    )
    def test_a_message_means(self, english, message, expected):
        assert understood(english, message) == expected


class TestJoinedWords:
    @pytest.mark.parametrize(
        "message", ["read my email", "Read my e-mail!", "what's up", "Whats up?", "what s up"]
    )
    def test_marks_inside_of_words_do_not_count(self, message):
        interpreter = trained("%[news]\n  read my email\n  what's up")
        assert understood(interpreter, message) == ("news", {})

    def test_a_mark_may_be_missing_in_the_value(self):
        chatl = "%[send]\n  send by @[way]\n\n@[way](extensible=false)\n  email"
        interpreter = trained(chatl)
        assert understood(interpreter, "send by E-mail") == ("send", {"way": ["email"]})
        assert values(interpreter.parse_slot("send", "way", "by e-mail, please")) == ["email"]

    def test_a_mark_may_be_missing_in_the_template(self):
        interpreter = trained("%[play]\n  lets play @[song]\n\n@[song]\n  x")
        assert understood(interpreter, "Let's play Hey-Ho") == ("play", {"song": ["Hey-Ho"]})


class TestFrench:
    @pytest.mark.parametrize(
        ("message", "expected"),
        [
            ("Quelle heure est-il ?", ("heure", {})),
            ("quelle heure est il", ("heure", {})),
            ("qu\u2019est-ce que l\u2019heure", ("heure", {})),
            ("Donne l'heure a saint etienne", ("heure", {"ville": ["Saint-Étienne"]})),
            ("donne l'heure à Ville-d'Avray.", ("heure", {"ville": ["Ville-d'Avray"]})),
            ("y a-t-il du soleil à l\u2019extérieur ?", ("météo", {"lieu": ["extérieur"]})),
            (
                "est ce qu'il y a du soleil à l'Île d\u2019Oléron",
                ("météo", {"lieu": ["île d'Oléron"]}),
            ),
            ("du soleil à l'étable", None),
            ("Quel temps fait-il à BESANCON", ("météo", {"ville": ["Besançon"]})),
            ("Ajoute du thé à la liste", ("liste", {"produit": ["du thé"]})),
            ("note DES OEUFS", ("liste", {"produit": ["des œufs"]})),
            ("monte le volume de 1,5", ("volume", {"pas": [1.5]})),
            ("monte le volume de vingt-et-un", ("volume", {"pas": [21.0]})),
            ("monte le volume de un !", ("volume", {"pas": [1.0]})),
            ("monte le volume de beaucoup", None),
        ],
    )
    def test_a_message_means(self, french, message, expected):
        assert understood(french, message) == expected


class TestSlotValues:
    def test_meta_says_where_the_value_stood(self, english):
        message = "Play X in the  LOUNGE !"
        (intent,) = english.parse(message)
        value = intent.slot("room").first()
        assert value.value == "living room"
        assert value.meta == {
            "rawValue": "LOUNGE",
            "range": {"start": 15, "end": 21},
            "entity": "room",
            "slotName": "room",
            "known": True,
        }
        assert not intent.slot("song").first().meta["known"]

    def test_meta_names_the_builtin_entity(self, english):
        (intent,) = english.parse("remind me later")
        assert intent.slot("when").first().meta["entity"] == "snips/datetime"

    def test_slots_may_be_called_like_arguments(self):
        interpreter = trained(
            "%[a]\n  say @[self] @[intent_name]\n\n@[self]\n  x\n\n@[intent_name]\n  y"
        )
        assert understood(interpreter, "say x y") == ("a", {"self": ["x"], "intent_name": ["y"]})

    def test_an_entity_may_have_the_values_of_another(self):
        city = "@[start](type=city)\n\n@[city](extensible=false)\n  Rome"
        chatl = f"%[go]\n  from @[start] to @[city]\n\n{city}"
        expected = ("go", {"start": ["Rome"], "city": ["Rome"]})
        assert understood(trained(chatl), "from rome to ROME") == expected


class TestScopes:
    def test_only_intents_in_scope_answer(self, english):
        assert understood(english, "cancel", ["play"]) is None
        assert understood(english, "cancel", ["play", "__cancel__"]) == ("__cancel__", {})

    def test_an_empty_scope_has_no_intents(self, english):
        assert understood(english, "cancel", []) is None

    def test_scopes_may_name_unknown_intents(self, english):
        assert understood(english, "play x", ["nothing", "play"]) == ("play", {"song": ["x"]})


class TestReplies:
    @pytest.mark.parametrize(
        ("slot", "reply", "expected"),
        [
            (("lights/on", "room"), "in the Lounge, please", ["living room"]),
            (("lights/on", "room"), "kitchen and lounge", ["kitchen", "living room"]),
            (
                ("lights/on", "room"),
                "the lounge or the living room",
                ["living room", "living room"],
            ),
            (("lights/on", "room"), "attic", []),
            (("lights/on", "room"), "kitchenette", []),
            (("play", "song"), "maybe the QUEEN song", ["Bohemian Rhapsody"]),
            (("play", "song"), "  What a day! ", ["What a day!"]),
            (("play", "song"), " \t", []),
            (("play", "song"), "\U0001f389", ["\U0001f389"]),
            (("volume", "level"), "5 please", [5.0]),
            (("volume", "level"), "five", [5.0]),
            (("volume", "level"), "loud", ["loud"]),
            (("remind", "when"), "in two hours", [clock(23, 12, 30)]),
            (("remind", "when"), "in two hours, please", [clock(23, 12, 30)]),
            (("remind", "when"), "tomorrow", [clock(24)]),
            (("remind", "when"), "never", ["never"]),
            (("remind", "unknown"), " as is ", [" as is "]),
            (("unknown", "when"), " as is ", [" as is "]),
        ],
    )
    def test_a_reply_fills_the_slot_with(self, english, slot, reply, expected):
        assert values(english.parse_slot(*slot, reply)) == expected

    def test_the_longest_value_comes_first(self, english):
        (first, _) = english.parse_slot("lights/on", "room", "lounge or living room")
        assert first.meta["rawValue"] == "living room"

    def test_a_long_reply_is_taken_as_it_is(self, english):
        reply = "la " * 500 + "kitchen"
        assert values(english.parse_slot("play", "song", reply)) == [reply]
        assert english.parse_slot("lights/on", "room", reply) == []

    def test_a_free_reply_says_where_it_stands(self, english):
        (value,) = english.parse_slot("play", "song", "  Yesterday ")
        assert value.meta == {
            "rawValue": "Yesterday",
            "range": {"start": 2, "end": 11},
            "entity": "song",
            "slotName": "song",
            "known": False,
        }


class TestWrongTypes:
    @pytest.mark.parametrize("message", [None, 5, b"cancel", ["cancel"]])
    def test_a_message_that_is_no_string_is_refused(self, english, message):
        with pytest.raises(TypeError, match="A message is a str"):
            english.parse(message)
        with pytest.raises(TypeError, match="A message is a str"):
            english.parse_slot("play", "song", message)
