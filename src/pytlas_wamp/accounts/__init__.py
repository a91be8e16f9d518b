"""People, their settings and their tokens.

Beside them the logs of conversations are kept here, because everything in SQL is. May
import `journal`, `config` and the leaves only. Everything in here is
synchronous and safe to call from any thread: the caller runs it in a pool,
because a password check and a database may take a while.
"""
