"""Databases as pytlas-server wrote them, made without Django."""

from __future__ import annotations

import base64
import hashlib
import sqlite3
from contextlib import closing

TABLES = """
CREATE TABLE auth_user (
    id integer NOT NULL PRIMARY KEY AUTOINCREMENT, password varchar(128) NOT NULL,
    last_login datetime NULL, is_superuser bool NOT NULL, username varchar(150) NOT NULL UNIQUE,
    first_name varchar(30) NOT NULL, email varchar(254) NOT NULL, is_staff bool NOT NULL,
    is_active bool NOT NULL, date_joined datetime NOT NULL, last_name varchar(150) NOT NULL);
CREATE TABLE assistant_profile (
    id integer NOT NULL PRIMARY KEY AUTOINCREMENT, language varchar(10) NOT NULL,
    user_id integer NOT NULL UNIQUE REFERENCES auth_user (id));
CREATE TABLE assistant_setting (
    id integer NOT NULL PRIMARY KEY AUTOINCREMENT, name varchar(50) NOT NULL,
    value text NOT NULL, user_id integer NOT NULL REFERENCES auth_user (id));
CREATE TABLE django_session (session_key varchar(40) NOT NULL PRIMARY KEY, session_data text);
"""

JOINED = "2019-01-11 07:49:00.250000"
JOINED_SECONDS = 1_547_192_940


def django_hash(password, *, iterations=120_000, salt="Zx81salt0000"):
    """The hash of a password as Django's PBKDF2PasswordHasher makes it."""
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), iterations)
    return f"pbkdf2_sha256${iterations}${salt}${base64.b64encode(digest).decode()}"


CHEAP_HASH = django_hash("correct horse battery", iterations=10)


def make_original(path):
    """An original database in which nobody has an account."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(TABLES)
    return path


def add_original(
    path,
    name,
    *,
    password=CHEAP_HASH,
    language="en-US",
    settings=(),
    superuser=False,
    staff=False,
    active=True,
    first_name="",
    last_name="",
    joined=JOINED,
    user_id=None,
):
    """Adds a person to an original database, and returns their id."""
    with closing(sqlite3.connect(path)) as connection, connection:
        cursor = connection.execute(
            "INSERT INTO auth_user VALUES (?, ?, NULL, ?, ?, ?, '', ?, ?, ?, ?)",
            (user_id, password, superuser, name, first_name, staff, active, joined, last_name),
        )
        if language is not None:
            connection.execute(
                "INSERT INTO assistant_profile (language, user_id) VALUES (?, ?)",
                (language, cursor.lastrowid),
            )
        connection.executemany(
            "INSERT INTO assistant_setting (name, value, user_id) VALUES (?, ?, ?)",
            [(key, value, cursor.lastrowid) for key, value in settings],
        )
        return cursor.lastrowid
