"""Entries are found by their number only.

Why: most of what it took to write the log of a turn was to bring this index up to date,
and it is needed only when a message comes a second time that is not at hand any more. What
it caused stands soon behind it in the log, so that much is read through, and no more.
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drops an index; no data changes."""
    op.drop_index("ix_entries_user_id_re_seq", table_name="entries")


def downgrade() -> None:
    """Makes it again."""
    op.create_index("ix_entries_user_id_re_seq", "entries", ["user_id", "re", "seq"])
