"""Which settings hold what nobody else may see: by their names, and by what is in them."""

from __future__ import annotations

import re
from typing import Final

# A name that is written together, such as accesstoken, ends with one of these.
_SECRET_ENDINGS: Final = (
    "token",
    "password",
    "passwd",
    "passphrase",
    "passwort",
    "kennwort",
    "secret",
    "credential",
    "apikey",
)
# As in motdepasse; not in the plural, which would find compasses.
_FRENCH_ENDING: Final = "passe"
_SECRET_WORDS: Final = frozenset(
    {
        "key",
        "pwd",
        "pin",
        "pass",
        "passcode",
        "psk",
        "otp",
        "auth",
        "oauth",
        "authorization",
        "authorisation",
        "bearer",
        "cookie",
        "dsn",
        "private",
        "webhook",
    }
)
# Where a wire goes.
_OPEN_WORD: Final = "gpio"
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# Who signs in, and with what, in an address; bounded, so that no text takes long. A password
# may hold what should have been written in another way, such as a slash.
_LOGIN = re.compile(r"://[^\s/?#@:]*:[^\s@]{1,1024}@")


def is_secret(name: str) -> bool:
    """Whether a setting of this name holds what nobody else may see.

    Its words say so (`_`, `-`, capitals and so on part them, the plural counts as well):
    `key` (api_key, app_key), `pass`, `pwd`, `auth`, `cookie`, `webhook` and the like, `pin`
    (but for gpio_pin); and a word that is or ends with token, password, passphrase, secret,
    credential, apikey, kennwort or passe and the like. Names such as hot_key are taken for
    secrets too: hiding too much does less harm.

    Args:
      name: the name without its section: a section called `tokens` holds ordinary
        settings too. Of free settings only the key is known; there all of it counts.
    """
    words = [word.lower() for word in _WORD.findall(name)]
    wired = any(word in (_OPEN_WORD, f"{_OPEN_WORD}s") for word in words)
    return any(
        word.endswith(_FRENCH_ENDING) or _is_secret_word(form, wired=wired)
        for word in words
        # Not every s is that of a plural.
        for form in (word, word.removesuffix("s"))
    )


def _is_secret_word(word: str, *, wired: bool) -> bool:
    if word.endswith(_SECRET_ENDINGS):
        return True
    return word in _SECRET_WORDS and not (word == "pin" and wired)


def is_secret_text(text: str) -> bool:
    """Whether a value holds a password, whatever its setting is called.

    It does when it has an address with one in it, such as `https://user:pass@host/`.

    Args:
      text: as it is kept.
    """
    return _LOGIN.search(text) is not None
