"""People, their settings and their tokens.

May import the leaves (`errors`, `limits`) only. Everything in here is
synchronous and safe to call from any thread: the caller runs it in a pool,
because a password check and a database may take a while.
"""
