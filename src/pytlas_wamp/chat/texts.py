"""What the client itself says, in the user's language.

Both tables have the same keys, and the same names in braces under each.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from attrs import frozen

from pytlas_wamp.chat.neutral import one_line

ENGLISH: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ask-name": "Name [{default}]: ",
        "ask-password": "Password for {name}: ",
        "welcome": "Connected to {server} as {name}. /help tells the keys, Ctrl-D leaves.",
        "welcome-back": "Connected again.",
        "thinking": "thinking… {seconds} s",
        "thinking-keys": "Ctrl-C cancels",
        "question-keys": "type your answer, Ctrl-C cancels",
        "choice-keys": "1-{count}, Tab or ↓ chooses, Ctrl-C cancels",
        "idle-keys": "/help, Ctrl-D leaves",
        "connecting": "connecting…",
        "waiting": "not connected, next try in {seconds} s",
        "not-connected": "Not connected: nothing was sent. Your line is kept.",
        "lost": "The connection is lost ({reason}). Trying again…",
        "server-stopped": "The server stops. Trying again…",
        "maybe-lost": "It is not known whether “{message}” arrived. Say it again if need be.",
        "cut-off": "“{message}” was being worked on. The answer may be lost.",
        "too-long": "That is too long: the server takes {limit} bytes. Nothing was sent.",
        "context": "context: {name}",
        "context-left": "context left",
        "language": "The assistant speaks {language} now.",
        "said": "on another device",
        "retry": "Trying again may help.",
        "retry-after": "Trying again may help, in {seconds} s.",
        "picture": "picture",
        "who": "{name} at {server} ({version}), language {language}, context {context}, {state}.",
        "who-root": "none",
        "who-connected": "connected",
        "who-disconnected": "not connected",
        "help": (
            "Say something and press Enter. The assistant may ask back.\n"
            "Up and Down bring back what you said. Tab chooses among the answers offered.\n"
            "Ctrl-C cancels what the assistant does, or clears the line. Ctrl-D leaves.\n"
            "/cancel  cancel      /who   who and where      /quit  leave      /help  this\n"
            "To say something that begins with a slash, begin with two."
        ),
        "unknown-command": "There is no {command}. /help lists what there is.",
        "pending": "A question is pending; the next line answers it: {question}",
        "bye": "Bye.",
        "no-password": ("A password is needed: use --password-stdin or set PYTLAS_WAMP_PASSWORD."),
        "no-name": "A name is needed: use --name.",
        "gave-up": "Gave up: the connection was lost before the answer came.",
        "bad-address": "{url} is not an address: it should look like http://127.0.0.1:8000.",
        "wrong-password": "The name or the password is wrong, or the account is disabled.",
        "refused": "The server refuses to sign you in: {detail}",
        "token-refused": "The session has ended: {detail}",
        "not-ours": "{url} answers, but is no pytlas-wamp server ({detail}).",
        "moved": "{url} has moved to {target}. Use that address.",
        "server-trouble": "The server at {url} is in trouble ({detail}).",
        "unreachable": "Nothing answers at {url} ({detail}). Is the server running?",
        "timeout": "{url} does not answer within {seconds} s.",
        "tls": "{url} cannot be trusted ({detail}).",
        "tls-expected": "{url} does not speak TLS ({detail}). Does http:// work?",
        "handshake": "{url} does not open a WebSocket ({detail}).",
        "sign-in-again": "The session has ended ({reason}). Please sign in again.",
        "authentication-expired": "it has expired",
        "authentication-revoked": "it was revoked",
        "authentication-failed": "the token was refused",
        "closed-for-good": "The server ended the connection for good ({reason}).",
        "account-disabled": "Your account is disabled. Ask the person who runs the server.",
        "unreadable": "The server sent something that is no frame of the protocol ({detail}).",
    }
)

FRENCH: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ask-name": "Nom [{default}] : ",
        "ask-password": "Mot de passe de {name} : ",
        "welcome": "Connecté à {server} en tant que {name}. /help montre l'aide, Ctrl-D quitte.",
        "welcome-back": "De nouveau connecté.",
        "thinking": "je réfléchis… {seconds} s",
        "thinking-keys": "Ctrl-C annule",
        "question-keys": "tapez votre réponse, Ctrl-C annule",
        "choice-keys": "1-{count}, Tab ou ↓ pour choisir, Ctrl-C annule",
        "idle-keys": "/help, Ctrl-D quitte",
        "connecting": "connexion…",
        "waiting": "pas connecté, nouvel essai dans {seconds} s",
        "not-connected": "Pas connecté : rien n'a été envoyé. Votre ligne est gardée.",
        "lost": "La connexion est perdue ({reason}). Nouvel essai…",
        "server-stopped": "Le serveur s'arrête. Nouvel essai…",
        "maybe-lost": "On ne sait pas si « {message} » est arrivé. Redites-le au besoin.",
        "cut-off": "« {message} » était en cours. La réponse est peut-être perdue.",
        "too-long": "C'est trop long : le serveur accepte {limit} octets. Rien n'a été envoyé.",
        "context": "contexte : {name}",
        "context-left": "contexte quitté",
        "language": "L'assistant parle désormais {language}.",
        "said": "sur un autre appareil",
        "retry": "Un nouvel essai peut aider.",
        "retry-after": "Un nouvel essai peut aider, dans {seconds} s.",
        "picture": "image",
        "who": "{name} sur {server} ({version}), langue {language}, contexte {context}, {state}.",
        "who-root": "aucun",
        "who-connected": "connecté",
        "who-disconnected": "pas connecté",
        "help": (
            "Dites quelque chose et tapez Entrée. L'assistant peut poser une question.\n"
            "Haut et Bas rappellent ce que vous avez dit. Tab choisit parmi les réponses.\n"
            "Ctrl-C annule ce que fait l'assistant, ou vide la ligne. Ctrl-D quitte.\n"
            "/cancel  annuler      /who   qui et où      /quit  quitter      /help  ceci\n"
            "Pour dire quelque chose qui commence par une barre, mettez-en deux."
        ),
        "unknown-command": "{command} n'existe pas. /help dit ce qui existe.",
        "pending": "Une question attend ; la prochaine ligne y répond : {question}",
        "bye": "Au revoir.",
        "no-password": (
            "Il faut un mot de passe : --password-stdin ou la variable PYTLAS_WAMP_PASSWORD."
        ),
        "no-name": "Il faut un nom : --name.",
        "gave-up": "Abandon : la connexion s'est perdue avant la réponse.",
        "bad-address": "{url} n'est pas une adresse : attendu, par exemple http://127.0.0.1:8000.",
        "wrong-password": "Le nom ou le mot de passe est faux, ou le compte est désactivé.",
        "refused": "Le serveur refuse la connexion : {detail}",
        "token-refused": "La session est terminée : {detail}",
        "not-ours": "{url} répond, mais n'est pas un serveur pytlas-wamp ({detail}).",
        "moved": "{url} a déménagé à {target}. Utilisez cette adresse.",
        "server-trouble": "Le serveur à {url} a un problème ({detail}).",
        "unreachable": "Rien ne répond à {url} ({detail}). Le serveur tourne-t-il ?",
        "timeout": "{url} ne répond pas en {seconds} s.",
        "tls": "On ne peut pas se fier à {url} ({detail}).",
        "tls-expected": "{url} ne parle pas TLS ({detail}). Et avec http:// ?",
        "handshake": "{url} n'ouvre pas de WebSocket ({detail}).",
        "sign-in-again": "La session est terminée ({reason}). Identifiez-vous de nouveau.",
        "authentication-expired": "elle a expiré",
        "authentication-revoked": "elle a été révoquée",
        "authentication-failed": "le jeton a été refusé",
        "closed-for-good": "Le serveur a terminé la connexion pour de bon ({reason}).",
        "account-disabled": "Votre compte est désactivé. Voyez la personne qui tient le serveur.",
        "unreadable": "Le serveur a envoyé autre chose qu'une trame du protocole ({detail}).",
    }
)


@frozen
class Texts:
    """The table of one language.

    Args:
      language: a tag as in `ready` or in LANG (`fr-FR`, `fr_FR.UTF-8`); what is not
        French is English.
    """

    language: str = ""

    def __call__(self, key: str, **values: object) -> str:
        """Returns the text with this key; values may come from strangers."""
        harmless = {name: one_line(str(value)) for name, value in values.items()}
        return self._table[key].format(**harmless)

    def paragraph(self, key: str) -> str:
        """Returns a text of several lines, as it is."""
        return self._table[key]

    def reason(self, reason: str) -> str:
        """Returns what a close reason means, or the reason when it is a newer one."""
        return self._table.get(reason) or one_line(reason) or "?"

    @property
    def _table(self) -> Mapping[str, str]:
        return FRENCH if self.language.lower().startswith("fr") else ENGLISH
