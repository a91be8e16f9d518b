"""What Alembic runs; it works on the connection it is given, inside its transaction.

Logging is not configured here: it belongs to the program, not to its database.
"""

from __future__ import annotations

from alembic import context

from pytlas_wamp.accounts.migrations import REVISION_TABLE
from pytlas_wamp.accounts.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=REVISION_TABLE,
    # SQLite rolls tables back like rows; Alembic does not count on it by itself.
    transactional_ddl=True,
    # SQLite changes a table only by building it anew.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
