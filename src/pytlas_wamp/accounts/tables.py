"""The tables as the queries see them; equal to what the migrations build."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    text,
    true,
)

# Later migrations have to name what they drop, on every database alike.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

KINDS_OF_CHANGES = "account, settings, token, login, keys or skills"

METADATA = MetaData(naming_convention=NAMES)

# SQLite counts up by itself only in a column declared INTEGER.
_Id = BigInteger().with_variant(Integer(), "sqlite")

USERS = Table(
    "users",
    METADATA,
    Column("id", _Id, primary_key=True),
    Column("name", String(150), nullable=False),
    Column("name_key", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("language", String(35), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("admin", Boolean, nullable=False),
    # The defaults in the database are for rows that are older than their columns.
    Column("display_name", String(150), nullable=False, server_default=text("''")),
    Column("skeleton", Text, nullable=False, server_default=text("''")),
    Column("created_at", BigInteger, nullable=True, comment="seconds since the epoch"),
    Column("revision", BigInteger, nullable=False, server_default=text("1")),
    Column("settings_revision", BigInteger, nullable=False, server_default=text("1")),
    Column("plain_tokens", Boolean, nullable=False, server_default=true()),
    Column("original_id", BigInteger, nullable=True),
    # Not unique: names that differ in ASCII characters only may share it.
    Index(None, "skeleton"),
    Index(None, "original_id", unique=True),
    # Without it SQLite gives the id of a deleted account to the next one, and with it
    # every token that is still about.
    sqlite_autoincrement=True,
)

SETTINGS = Table(
    "settings",
    METADATA,
    Column("user_id", _Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("value", Text, nullable=False),
)

REVOKED_TOKENS = Table(
    "revoked_tokens",
    METADATA,
    Column("token_id", String(64), primary_key=True),
    Column("user_id", _Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("expires_at", BigInteger, nullable=False, comment="seconds since the epoch"),
    Index(None, "expires_at"),
    Index(None, "user_id"),
)

LOGINS = Table(
    "logins",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("user_id", _Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(16), nullable=False, comment="password or device"),
    Column("client", String(200), nullable=False),
    Column("created_at", BigInteger, nullable=False, comment="seconds since the epoch"),
    Column("seen_at", BigInteger, nullable=False, comment="seconds since the epoch"),
    Column("address", String(64), nullable=True),
    Column("refresh_id", String(64), nullable=True),
    Column("expires_at", BigInteger, nullable=False, comment="seconds since the epoch"),
    Index(None, "user_id"),
    Index(None, "expires_at"),
)

SIGNING_KEYS = Table(
    "signing_keys",
    METADATA,
    Column("kid", String(64), primary_key=True),
    Column("secret", Text, nullable=True, comment="none: the configured one"),
    Column("purpose", String(16), nullable=False, comment="own or imported"),
    Column("created_at", BigInteger, nullable=False, comment="seconds since the epoch"),
    Column("expires_at", BigInteger, nullable=True, comment="seconds since the epoch"),
)

CHANGES = Table(
    "changes",
    METADATA,
    Column("id", _Id, primary_key=True),
    # No foreign key: the news of a deleted account outlives the account.
    Column("user_id", _Id, nullable=False),
    Column("kind", String(16), nullable=False, comment=KINDS_OF_CHANGES),
    Column("token_id", String(64), nullable=True),
    # Ids must not start again when old rows are pruned: they are what others wait for.
    sqlite_autoincrement=True,
)

NODES = Table(
    "nodes",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("role", String(16), nullable=False, comment="gateway or worker"),
    Column("host", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("protocol", BigInteger, nullable=False),
    Column("version", Text, nullable=False),
    Column("languages", Text, nullable=False, comment="codes with commas, none for all"),
    Column("conversations", BigInteger, nullable=False),
    Column("details", Text, nullable=False, comment="JSON: numbers by their names"),
    Column("state", String(16), nullable=False, comment="active, draining or drained"),
    Column("started_at", Double, nullable=False, comment="seconds since the epoch"),
    Column("seen_at", Double, nullable=False, comment="seconds since the epoch"),
    Column("expires_at", Double, nullable=False, comment="seconds since the epoch"),
)

LEASES = Table(
    "leases",
    METADATA,
    Column(
        "user_id",
        _Id,
        ForeignKey("users.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    # No foreign key: a node that is forgotten owns what nobody has wanted since.
    Column("node_id", String(64), nullable=True),
    Column("epoch", BigInteger, nullable=False, comment="how often it changed hands"),
    Index(None, "node_id"),
)

CONVERSATIONS = Table(
    "conversations",
    METADATA,
    Column(
        "user_id",
        _Id,
        ForeignKey("users.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("seq", BigInteger, nullable=False, comment="of the last frame"),
    Column("reserved", BigInteger, nullable=False, comment="no frame was sent above"),
    Column("snapshot", Text, nullable=False, comment="JSON of the agent, or empty"),
    Column("open_turns", Text, nullable=False, comment="JSON: [[seq, id], ...]"),
)

ENTRIES = Table(
    "entries",
    METADATA,
    # No entry without a record: what walks through all logs starts from the records.
    Column(
        "user_id",
        _Id,
        ForeignKey("conversations.user_id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Double, nullable=False, comment="seconds since the epoch"),
    Column("kind", Text, nullable=False, comment="the type of the frame"),
    Column("body", Text, nullable=False, comment="the frame as JSON"),
    Column("re", Text, nullable=True, comment="the id of the message that caused it"),
    Column("message_id", Text, nullable=True),
    Column("digest", Text, nullable=True),
    # Messages that a client may repeat; few entries are any.
    Index(
        None,
        "user_id",
        "seq",
        sqlite_where=text("message_id IS NOT NULL"),
        postgresql_where=text("message_id IS NOT NULL"),
    ),
)
