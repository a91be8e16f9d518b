"""Nodes and leases: which process has a conversation.

Why: where several processes share a database, only the one that has a conversation may
write to it, also when another one still believes that it is its own.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Adds two tables, which stay empty where there is one process only."""
    _create_nodes()
    op.create_table(
        "leases",
        sa.Column("user_id", _Id, nullable=False, autoincrement=False),
        sa.Column("node_id", sa.String(64), nullable=True),
        sa.Column("epoch", sa.BigInteger(), nullable=False, comment="how often it changed hands"),
        sa.PrimaryKeyConstraint("user_id", name="pk_leases"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_leases_user_id_users", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_leases_node_id", "leases", ["node_id"])


def _create_nodes() -> None:
    seconds = "seconds since the epoch"
    op.create_table(
        "nodes",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False, comment="gateway or worker"),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("protocol", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column(
            "languages", sa.Text(), nullable=False, comment="codes with commas, none for all"
        ),
        sa.Column("conversations", sa.BigInteger(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False, comment="JSON: numbers by their names"),
        sa.Column("state", sa.String(16), nullable=False, comment="active, draining or drained"),
        sa.Column("started_at", sa.Double(), nullable=False, comment=seconds),
        sa.Column("seen_at", sa.Double(), nullable=False, comment=seconds),
        sa.Column("expires_at", sa.Double(), nullable=False, comment=seconds),
        sa.PrimaryKeyConstraint("id", name="pk_nodes"),
    )


def downgrade() -> None:
    """Drops both; conversations stay."""
    op.drop_table("leases")
    op.drop_table("nodes")
