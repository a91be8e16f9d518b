"""Logins, signing keys, and more about each person.

Why: a lost phone is signed out alone, the signing key is changed without signing
everybody out, two people who edit the same account notice each other, nobody takes
a name that looks like another's, and people move over from the original server.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pytlas_wamp.accounts.lookalikes import name_skeleton

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_SECONDS = "seconds since the epoch"


def upgrade() -> None:
    """Adds two tables and seven columns; all rows stay."""
    _widen_users()
    _fill_skeletons()
    _create_logins()
    op.create_table(
        "signing_keys",
        sa.Column("kid", sa.String(64), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True, comment="none: the configured one"),
        sa.Column("purpose", sa.String(16), nullable=False, comment="own or imported"),
        sa.Column("created_at", sa.BigInteger(), nullable=False, comment=_SECONDS),
        sa.Column("expires_at", sa.BigInteger(), nullable=True, comment=_SECONDS),
        sa.PrimaryKeyConstraint("kid", name="pk_signing_keys"),
    )
    _say_kinds_of_changes("account, settings, token, login, keys or skills")


def _widen_users() -> None:
    # Column by column, because SQLite can do that in place. Building the table anew would
    # drop the old one, and with it, row by row, everybody's settings (ON DELETE CASCADE,
    # which SQLite lets nobody switch off inside a transaction).
    for column in (
        sa.Column("display_name", sa.String(150), nullable=False, server_default=sa.text("''")),
        sa.Column("skeleton", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("created_at", sa.BigInteger(), nullable=True, comment=_SECONDS),
        sa.Column("revision", sa.BigInteger(), nullable=False, server_default=sa.text("1")),
        sa.Column(
            "settings_revision", sa.BigInteger(), nullable=False, server_default=sa.text("1")
        ),
        sa.Column("plain_tokens", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("original_id", sa.BigInteger(), nullable=True),
    ):
        op.add_column("users", column)
    # A new name looks for those that it could be mistaken for.
    op.create_index("ix_users_skeleton", "users", ["skeleton"])
    # Unique, but an index: SQLite adds no constraint to a table that is there.
    op.create_index("ix_users_original_id", "users", ["original_id"], unique=True)


def _fill_skeletons() -> None:
    users = sa.table("users", sa.column("id"), sa.column("name"), sa.column("skeleton"))
    connection = op.get_bind()
    for row in connection.execute(sa.select(users.c.id, users.c.name)).all():
        connection.execute(
            sa.update(users).where(users.c.id == row.id).values(skeleton=name_skeleton(row.name))
        )


def _create_logins() -> None:
    op.create_table(
        "logins",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("user_id", _Id, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False, comment="password or device"),
        sa.Column("client", sa.String(200), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False, comment=_SECONDS),
        sa.Column("seen_at", sa.BigInteger(), nullable=False, comment=_SECONDS),
        sa.Column("address", sa.String(64), nullable=True),
        sa.Column("refresh_id", sa.String(64), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False, comment=_SECONDS),
        sa.PrimaryKeyConstraint("id", name="pk_logins"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_logins_user_id_users", ondelete="CASCADE"
        ),
    )
    # A person looks at their own ones.
    op.create_index("ix_logins_user_id", "logins", ["user_id"])
    # Those that ended by themselves are forgotten by date.
    op.create_index("ix_logins_expires_at", "logins", ["expires_at"])


def _say_kinds_of_changes(comment: str) -> None:
    # SQLite keeps no comments, and would build the table anew for this one.
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("changes", "kind", existing_type=sa.String(16), comment=comment)


def downgrade() -> None:
    """Drops logins, keys, and what was added about each person; people stay."""
    _say_kinds_of_changes("account, settings or token")
    op.drop_table("signing_keys")
    op.drop_table("logins")
    op.drop_index("ix_users_original_id", table_name="users")
    op.drop_index("ix_users_skeleton", table_name="users")
    for column in (
        "original_id",
        "plain_tokens",
        "settings_revision",
        "revision",
        "created_at",
        "skeleton",
        "display_name",
    ):
        # SQLite drops a column in place as well.
        op.drop_column("users", column)
