"""What a first user says, understood by the `patterns` interpreter, and whole conversations."""

from __future__ import annotations

import pytest

SENTENCES = {
    "en": {
        "greet_hello": ["Hello!", "hi there", "Good morning"],
        "greet_bye": ["goodbye", "See you later!", "have a nice day"],
        "greet_thanks": ["thanks", "Thank you very much.", "thanks a lot"],
        "greet_mood": ["How are you?", "how are you today", "how is it going?"],
        "greet_name": ["Who are you?", "What's your name?", "what is your name"],
        "help_list": ["help", "What can you do?", "what can I ask you"],
        "__cancel__": ["stop", "Never mind.", "cancel that"],
        "clock_time": ["What time is it?", "what's the time", "Could you tell me the time?"],
        "clock_date": ["What day is it today?", "what is the date", "tell me the date"],
        "lights_on": [
            "turn on the lights",
            "Turn the lights on, please",
            "Turn on the lights in the kitchen",
            "switch on the bedroom light",
            "lights on in the attic",
            "turn on the lights in the guest bedroom",
        ],
        "lights_off": [
            "turn off the light",
            "switch off the kitchen lights",
            "Turn the lights off in the living room",
        ],
        "lights_off_everywhere": [
            "Turn off all the lights",
            "all lights off",
            "turn off the lights everywhere",
        ],
        "lights_color": [
            "change the color",
            "Change the colour of the lights",
            "make the lights blue",
            "set the lights to warm white",
        ],
        "lights_status": ["Which lights are on?", "are the lights on", "is any light on?"],
        "timer_set": [
            "set a timer",
            "Set a timer for 5 minutes",
            "set a timer for 1 hour 5 minutes",
            "start a ten second timer",
            "please start a timer for half an hour",
            "wake me in 20 minutes",
        ],
        "timer_left": ["how much time is left?", "list my timers", "when does my timer ring"],
        "timer_stop": ["stop the timer", "cancel my timers", "stop all timers"],
        "timer_ring": ["what is ringing?", "what is that noise", "why do you ring"],
        "guess_start": ["let's play a game", "I am bored", "start the guessing game"],
        "guess_game/number": ["50", "is it 7?", "I guess 42"],
        "guess_game/give_up": ["I give up", "tell me the number", "I don't know"],
    },
    "fr": {
        "greet_hello": ["Bonjour !", "salut toi", "bonsoir"],
        "greet_bye": ["au revoir", "À bientôt !", "bonne nuit"],
        "greet_thanks": ["merci", "Merci beaucoup.", "c'est très gentil"],
        "greet_mood": ["Comment vas-tu ?", "ça va ?", "comment ça va"],
        "greet_name": ["Qui es-tu ?", "comment tu t'appelles", "Quel est ton nom ?"],
        "help_list": ["aide", "Que sais-tu faire ?", "qu'est-ce que tu peux faire pour moi"],
        "__cancel__": ["stop", "Laisse tomber.", "annule tout ça"],
        "clock_time": ["Quelle heure est-il ?", "il est quelle heure", "donne-moi l'heure"],
        "clock_date": ["Quel jour sommes-nous ?", "quelle est la date", "dis-moi la date du jour"],
        "lights_on": [
            "allume la lumière",
            "Peux-tu allumer la lumière ?",
            "allume la lumière dans la cuisine",
            "allume les lumières du salon",
            "allume la lumière de l'entrée",
        ],
        "lights_off": [
            "éteins la lumière",
            "Éteins les lumières dans le salon",
            "s'il te plaît éteins la lampe du bureau",
        ],
        "lights_off_everywhere": [
            "éteins toutes les lumières",
            "éteins tout",
            "éteins la lumière partout",
        ],
        "lights_color": [
            "change la couleur",
            "Change la couleur de la lumière",
            "mets la lumière en bleu",
            "passe les lumières au rouge",
        ],
        "lights_status": [
            "Quelles lumières sont allumées ?",
            "la lumière est-elle allumée",
            "où est-ce allumé",
        ],
        "timer_set": [
            "mets un minuteur",
            "Mets un minuteur de 5 minutes",
            "lance un minuteur pour une heure et demie",
            "réveille-moi dans 20 minutes",
        ],
        "timer_left": [
            "combien de temps reste-t-il ?",
            "liste mes minuteurs",
            "quand sonne mon minuteur",
        ],
        "timer_stop": ["arrête le minuteur", "annule mon minuteur", "supprime tous les minuteurs"],
        "timer_ring": ["qu'est-ce qui sonne ?", "c'est quoi ce bruit", "pourquoi ça sonne"],
        "guess_start": ["jouons à un jeu", "je m'ennuie", "lance le jeu"],
        "guess_game/number": ["50", "est-ce 7 ?", "c'est le 42"],
        "guess_game/give_up": ["j'abandonne", "je donne ma langue au chat", "je ne sais pas"],
    },
}


STRANGE = {
    "en": ["make the lights mauve", "what is the weather like", "42", "timers are nice", "no"],
    "fr": ["mets la lumière en mauve", "quel temps fait-il", "42", "vive les minuteurs", "non"],
}


@pytest.mark.parametrize("lang", SENTENCES)
class TestSentences:
    def test_each_is_understood_where_it_can_be_said(self, chat, lang):
        agent = chat(lang).agent
        for name, sentences in SENTENCES[lang].items():
            agent.context("guess_game" if name.startswith("guess_game/") else None)
            for sentence in sentences:
                found = agent._interpreter.parse(sentence, agent._current_scopes)
                assert (sentence, [one.name for one in found]) == (sentence, [name])

    def test_other_sentences_are_left_to_other_skills(self, chat, lang):
        agent = chat(lang).agent
        for sentence in STRANGE[lang]:
            assert agent._interpreter.parse(sentence, agent._current_scopes) == []

    def test_every_intent_is_tried(self, chat, lang):
        interpreter = chat(lang).agent._interpreter
        assert set(SENTENCES[lang]) == set(interpreter.intents)
        assert min(len(sentences) for sentences in SENTENCES[lang].values()) >= 3

    def test_the_game_is_not_understood_outside(self, chat, lang):
        agent = chat(lang).agent
        for name in ("guess_game/number", "guess_game/give_up"):
            for sentence in SENTENCES[lang][name]:
                assert agent._interpreter.parse(sentence, agent._current_scopes) == []


class TestConversations:
    """What the user says (>) and hears, the latter without Markdown."""

    @pytest.fixture
    def play(self, chat):
        def play(lang, *lines):
            user, heard = chat(lang), []
            for said in lines[::2]:
                heard += [said, user.says(said)]
            assert heard == list(lines)
            return user

        return play

    def test_lights_in_english(self, play):
        user = play(
            "en",
            "Turn on the lights",
            "In which room? The kitchen, for example.",
            "kitchen",
            "The lights are on in the kitchen.",
            "Turn on the lights in the lounge",
            "The lights are on in the living room.",
            "turn on the lights",
            "In which room? The kitchen, for example.",
            "the attic, please",
            "The lights are on in the attic.",
            "make the lights blue",
            "The lights turn blue.",
            "change the colour",
            "Which color would you like?",
            "the red one",
            "The lights turn red.",
            "turn off the kitchen lights",
            "The lights are off in the kitchen.",
            "Turn off all the lights",
            "All the lights are off.",
        )
        assert user.agent.state == "__asleep__"

    def test_lights_in_french(self, play):
        play(
            "fr",
            "Allume la lumière",
            "Dans quelle pièce ? La cuisine, par exemple.",
            "cuisine",
            "La lumière est allumée côté cuisine.",
            "allume la lumière de l'entrée",
            "La lumière est allumée côté entrée.",
            "allume la lumière dans la véranda",
            "La lumière est allumée côté véranda.",
            "allume la lumière dans le séjour",
            "La lumière est allumée côté salon.",
            "change la couleur",
            "Quelle couleur voulez-vous ?",
            "bleu",
            "La lumière passe au bleu.",
            "je voudrais une lumière blanche",
            "La lumière passe au blanc chaud.",
            "éteins la lumière du salon s'il te plaît",
            "La lumière est éteinte côté salon.",
            "quelles lumières sont allumées",
            "La lumière est allumée ici : cuisine, entrée, véranda. Sa couleur : blanc chaud.",
        )

    def test_the_game_in_english(self, play, skills, monkeypatch):
        monkeypatch.setattr(skills.home_guess, "pick", lambda: 42)
        hint = "We are playing: say a number between 1 and 100, or stop to leave."
        user = play(
            "en",
            "Let's play a game",
            "I am thinking of a number between 1 and 100. Guess! Say stop to leave.",
            "50",
            "50 is too big.",
            "is it 25?",
            "25 is too small.",
            "What time is it?",
            hint,
            "perhaps it could be 150",
            "Please guess between 1 and 100.",
            "42!",
            "42 it is! You found it in 3 tries.",
            "play a game",
            "I am thinking of a number between 1 and 100. Guess! Say stop to leave.",
            "I give up",
            "It was 42. Thank you for playing!",
            "play with me",
            "I am thinking of a number between 1 and 100. Guess! Say stop to leave.",
        )
        assert user.agent.current_context == "guess_game"
        assert user.says("stop") in {"All right, never mind.", "As you wish, I drop it."}
        assert user.agent.current_context is None

    def test_the_game_in_french(self, play, skills, monkeypatch):
        monkeypatch.setattr(skills.home_guess, "pick", lambda: 42)
        user = play(
            "fr",
            "Jouons à un jeu",
            "Je pense à un nombre entre 1 et 100. Devinez ! Dites stop pour arrêter.",
            "c'est 50 ?",
            "50, c'est trop grand.",
            "bonjour",
            "Nous jouons : dites un nombre entre 1 et 100, ou stop pour arrêter.",
            "42",
            "42, c'est ça ! Vous l'avez trouvé en 2 essais.",
        )
        assert user.agent.current_context is None

    def test_a_timer_in_both_languages(self, play, skills, monkeypatch):
        rings = []

        class Thread:
            def __init__(self, seconds, ring):
                rings.append((seconds, ring))

            def start(self):
                pass

        monkeypatch.setattr(skills.home_timer, "Timer", Thread)
        user = play(
            "en",
            "Set a timer",
            "For how long? 5 minutes, for example.",
            "a long time, please",
            "I did not catch how long. Say it like 10 minutes or 1 hour.",
            "1 hour 5 minutes",
            "I will ring in 1 hour 5 minutes.",
            "Set a timer for 1 hour 5 minutes, please",
            "I will ring in 1 hour 5 minutes.",
            "start a ten second timer",
            "I will ring in 10 seconds.",
        )
        play("fr", "Mets un minuteur de dix secondes", "Je sonnerai dans 10 secondes.")
        assert [seconds for seconds, _ in rings] == [3900, 3900, 10, 10]
        rings[2][1]()
        assert user.heard() == "Ding! Time is up: 10 seconds."

    def test_small_talk(self, play):
        play("en", "How are you?", "I am well, thank you. What can I do for you?")
        play("fr", "Comment vas-tu ?", "Je vais bien, merci. Que puis-je pour vous ?")
