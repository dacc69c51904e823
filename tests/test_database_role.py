"""The portal's own database role may not touch what is frozen (QUALITY row 77, first version)."""

from contextlib import contextmanager

import pytest
from django.core.management import call_command
from django.db import DatabaseError, ProgrammingError, connection, transaction

from cdrp_portal.management.commands.grant_app_role import APP_ROLE, append_only_tables

INSUFFICIENT_PRIVILEGE = "42501"
# Raw SQL throughout: the question is what the database itself refuses.
FORBIDDEN = [
    "UPDATE {table} SET {column} = {column}",
    "DELETE FROM {table}",
    "TRUNCATE {table} CASCADE",
    "ALTER TABLE {table} ADD COLUMN sneaked integer",
    "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "DROP TABLE {table} CASCADE",
]

pytestmark = pytest.mark.django_db


@contextmanager
def as_role(name: str):
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {connection.ops.quote_name(name)}")
        yield cursor
        cursor.execute("RESET ROLE")


def first_column(table: str) -> str:
    with connection.cursor() as cursor:
        return connection.introspection.get_table_description(cursor, table)[0].name


def is_refused(statement: str) -> bool:
    try:
        with transaction.atomic(), as_role(APP_ROLE) as cursor:
            cursor.execute(statement)
    except ProgrammingError as refusal:
        return getattr(refusal.__cause__, "sqlstate", "") == INSUFFICIENT_PRIVILEGE
    except DatabaseError:
        return False
    return False


@pytest.fixture(autouse=True)
def _rights(db):
    call_command("grant_app_role")


def test_app_role_cannot_change_frozen_tables():
    tried = [
        statement.format(
            table=connection.ops.quote_name(table), column=connection.ops.quote_name(first_column(table))
        )
        for table in append_only_tables()
        for statement in FORBIDDEN
    ]
    bad = [statement for statement in tried if not is_refused(statement)]

    print(f"forbidden statements carried out as {APP_ROLE}: {len(bad)} / {len(tried)}")
    assert len(tried) >= 100
    assert bad == []


def test_app_role_control_with_the_rights_given_back():
    """Control: with UPDATE granted again the same question notices."""
    with connection.cursor() as cursor:
        cursor.execute(f'GRANT UPDATE ON "committees_edition" TO {connection.ops.quote_name(APP_ROLE)}')

    assert not is_refused("UPDATE committees_edition SET id = id")


def test_app_role_cannot_lift_itself_up():
    tried = [
        "ALTER ROLE cdrp_app SUPERUSER",
        "SET ROLE cdrp",
        "CREATE TABLE sneaked (id integer)",
        "DELETE FROM django_migrations",
        "SET session_replication_role = replica",
    ]
    bad = [statement for statement in tried if not is_refused_somehow(statement)]

    print(f"ways up for {APP_ROLE}: {len(bad)} / {len(tried)}")
    assert bad == []


def is_refused_somehow(statement: str) -> bool:
    """SET ROLE is asked of the session's own user, which in the tests is the owner: judged apart."""
    if statement.startswith("SET ROLE"):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_has_role(%s, 'cdrp', 'MEMBER')", [APP_ROLE])
            return not cursor.fetchone()[0]
    return is_refused(statement)


def test_app_role_can_do_the_portals_work():
    with transaction.atomic(), as_role(APP_ROLE) as cursor:
        cursor.execute("SELECT count(*) FROM committees_edition")
        cursor.execute("INSERT INTO django_session VALUES ('a', 'b', now())")
        cursor.execute("DELETE FROM django_session")


def test_frozen_tables_are_all_history_and_more():
    tables = append_only_tables()

    assert "committees_edition" in tables
    assert "recommendations_position" in tables
    assert "assessments_ratingevent" in tables
    assert "assessments_rating" not in tables
