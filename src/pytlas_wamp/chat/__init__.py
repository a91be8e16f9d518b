"""A terminal client of the protocol; knows the server only through the wire.

Importing this package costs Rich and prompt_toolkit, so the command line imports it
when it is asked for.
"""

from pytlas_wamp.chat.addresses import DEFAULT_URL
from pytlas_wamp.chat.program import PASSWORD_VARIABLE, run_chat

__all__ = ["DEFAULT_URL", "PASSWORD_VARIABLE", "run_chat"]
