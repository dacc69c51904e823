"""The tests' database: migrated once and copied, emptied of what a test filled, and refilled from a copy."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from django.db import DatabaseError, connection, transaction
from psycopg import sql

ROOT = Path(__file__).resolve().parents[1]
MIGRATED = "test_cdrp_migrated_"
# One number for whoever makes or looks for the migrated database on this server.
LOCK = 20101014
# Rows that belong to the schema: migrating makes them, and no test changes them.
OF_THE_SCHEMA = {"auth_permission", "django_content_type"}


def migrated_database() -> str:
    """The name of a database with every migration applied; whoever comes first makes it.

    Migrating takes a process longer than any test; copying the result takes PostgreSQL a moment. It is kept
    for the next run too, until a migration changes.
    """
    name = MIGRATED + digest_of_migrations()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [MIGRATED])
        standing = {found for (found,) in cursor.fetchall()}
        if name not in standing:
            for other in standing:
                # Another run may be copying it just now.
                with suppress(DatabaseError):
                    cursor.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(other)))
            unfinished = f"{name}_unfinished"
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(unfinished)))
            migrate(unfinished)
            cursor.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*map(sql.Identifier, (unfinished, name)))
            )
        cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    return name


def digest_of_migrations() -> str:
    files = [
        *sorted(ROOT.glob("*/migrations/*.py")),
        ROOT / "requirements.txt",
        ROOT / "cdrp_portal/settings.py",
    ]
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def migrate(name: str) -> None:
    place = connection.settings_dict
    address = f"{place['USER']}:{place['PASSWORD']}@{place['HOST']}:{place['PORT']}/{name}"
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0"],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": f"postgres://{address}"},
        check=True,
    )


def empty_what_was_filled() -> None:
    """Django empties every table after a test that commits, which takes the disk longer than most tests."""
    with transaction.atomic(), connection.cursor() as cursor:
        filled = filled_tables(cursor)
        if filled:
            cursor.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.SQL(", ").join(filled)))


def filled_tables(cursor) -> list[sql.Identifier]:
    names = set(connection.introspection.django_table_names(only_existing=True, include_views=False))
    asked = [
        sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(sql.Literal(name), sql.Identifier(name))
        for name in sorted(names - OF_THE_SCHEMA)
    ]
    cursor.execute(sql.SQL(" UNION ALL ").join(asked))
    return [sql.Identifier(name) for (name,) in cursor.fetchall()]


@contextmanager
def without_triggers(cursor, tables: list[sql.Identifier]) -> Iterator[None]:
    """What is brought back brings its history along, so none is written of it."""
    for switch in ("DISABLE", "ENABLE"):
        for table in tables:
            cursor.execute(sql.SQL("ALTER TABLE {} {} TRIGGER USER").format(table, sql.SQL(switch)))
        if switch == "DISABLE":
            yield


class Kept:
    """The rows of all tables, put aside in a schema of their own, to be had again in a moment."""

    def __init__(self, name: str) -> None:
        self.schema = sql.Identifier(f"kept_{name}")
        self.tables: list[sql.Identifier] = []

    def __bool__(self) -> bool:
        return bool(self.tables)

    def keep(self) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            # With --reuse-db the last run's are still there.
            cursor.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(self.schema))
            cursor.execute(sql.SQL("CREATE SCHEMA {}").format(self.schema))
            tables = filled_tables(cursor)
            for table in tables:
                cursor.execute(sql.SQL("CREATE TABLE {}.{} AS TABLE {}").format(self.schema, table, table))
        self.tables = tables

    def bring_back(self) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            # Keys to rows that come later are asked about at the end.
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            with without_triggers(cursor, self.tables):
                for table in self.tables:
                    cursor.execute(
                        sql.SQL("INSERT INTO {} SELECT * FROM {}.{}").format(table, self.schema, table)
                    )
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
