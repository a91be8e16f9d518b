"""First tables.

Why: people, their settings, the tokens that were revoked before their time, and
the changes by which one process (the command line) reaches another (the daemon).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Creates the four tables."""
    _create_users()
    op.create_table(
        "settings",
        sa.Column("user_id", _Id, nullable=False),
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "key", name="pk_settings"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_settings_user_id_users", ondelete="CASCADE"
        ),
    )
    _create_revoked_tokens()
    op.create_table(
        "changes",
        sa.Column("id", _Id, nullable=False),
        # No foreign key: the news of a deleted account outlives the account.
        sa.Column("user_id", _Id, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False, comment="account, settings or token"),
        sa.Column("token_id", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_changes"),
        sqlite_autoincrement=True,
    )


def _create_users() -> None:
    op.create_table(
        "users",
        sa.Column("id", _Id, nullable=False),
        sa.Column("name", sa.String(150), nullable=False),
        # What names that differ only by case have in common; no two accounts share it.
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("language", sa.String(35), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("admin", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("name_key", name="uq_users_name_key"),
        # Ids are never used twice: a deleted person's token must not open another account.
        sqlite_autoincrement=True,
    )


def _create_revoked_tokens() -> None:
    op.create_table(
        "revoked_tokens",
        sa.Column("token_id", sa.String(64), nullable=False),
        sa.Column("user_id", _Id, nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False, comment="seconds since the epoch"),
        sa.PrimaryKeyConstraint("token_id", name="pk_revoked_tokens"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_revoked_tokens_user_id_users", ondelete="CASCADE"
        ),
    )
    # Expired ones are forgotten by date.
    op.create_index("ix_revoked_tokens_expires_at", "revoked_tokens", ["expires_at"])
    # Deleting an account looks for its tokens.
    op.create_index("ix_revoked_tokens_user_id", "revoked_tokens", ["user_id"])


def downgrade() -> None:
    """Drops everything, accounts included."""
    op.drop_table("changes")
    op.drop_table("revoked_tokens")
    op.drop_table("settings")
    op.drop_table("users")
