"""Conversations: their logs, and what they need to go on.

Why: what a phone missed while it was asleep is sent when it is back, a question still
has its answer after a restart, and a message that is sent again is not run again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Adds two tables; nothing else changes."""
    op.create_table(
        "conversations",
        sa.Column("user_id", _Id, nullable=False, autoincrement=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, comment="of the last frame"),
        sa.Column("reserved", sa.BigInteger(), nullable=False, comment="no frame was sent above"),
        sa.Column("snapshot", sa.Text(), nullable=False, comment="JSON of the agent, or empty"),
        sa.Column("open_turns", sa.Text(), nullable=False, comment="JSON: [[seq, id], ...]"),
        sa.PrimaryKeyConstraint("user_id", name="pk_conversations"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_conversations_user_id_users", ondelete="CASCADE"
        ),
    )
    _create_entries()


def _create_entries() -> None:
    op.create_table(
        "entries",
        sa.Column("user_id", _Id, nullable=False, autoincrement=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("at", sa.Double(), nullable=False, comment="seconds since the epoch"),
        sa.Column("kind", sa.Text(), nullable=False, comment="the type of the frame"),
        sa.Column("body", sa.Text(), nullable=False, comment="the frame as JSON"),
        sa.Column("re", sa.Text(), nullable=True, comment="the id of the message that caused it"),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("user_id", "seq", name="pk_entries"),
        # No entry without a record: what walks through all logs starts from the records.
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["conversations.user_id"],
            name="fk_entries_user_id_conversations",
            ondelete="CASCADE",
        ),
    )
    # What one message caused, in order.
    op.create_index("ix_entries_user_id_re_seq", "entries", ["user_id", "re", "seq"])
    # Messages that a client may repeat; few entries are any.
    with_an_id = sa.text("message_id IS NOT NULL")
    op.create_index(
        "ix_entries_user_id_seq",
        "entries",
        ["user_id", "seq"],
        sqlite_where=with_an_id,
        postgresql_where=with_an_id,
    )


def downgrade() -> None:
    """Drops the logs and records of all conversations; people stay."""
    op.drop_table("entries")
    op.drop_table("conversations")
