"""Whether the main pages find their rows by an index, asked of PostgreSQL at twelve cycles."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import pgtrigger
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from assessments.models import HealthCheck, Rating, ReviewCycle
from bench.measure import queries_of
from bench.pages import HEAD, fetched, signed_in

CYCLES = 12
# Smaller tables are read whole faster than through an index, and PostgreSQL knows it.
LARGE_TABLE_ROWS = 5_000


@dataclass(frozen=True)
class Access:
    """How one query of one page reaches one large table."""

    page: str
    table: str
    how: str
    index: str
    by_index: bool

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def add_older_cycles() -> None:
    """Copies of the oldest cycle, so that a cycle is a twelfth of the ratings.

    By SQL and without the history triggers, which are not what is measured and would take minutes.
    """
    oldest = ReviewCycle.objects.newest_first().last()
    # Only the names of the models' own columns are put into the statements.
    checks = f"""
        INSERT INTO assessments_healthcheck (cycle_id, {_others(HealthCheck, "cycle_id")})
        SELECT %s, {_others(HealthCheck, "cycle_id")} FROM assessments_healthcheck WHERE cycle_id = %s
    """  # noqa: S608
    ratings = f"""
        INSERT INTO assessments_rating (health_check_id, {_others(Rating, "health_check_id")})
        SELECT copy.id, {_others(Rating, "health_check_id", of="r.")}
        FROM assessments_rating r JOIN assessments_healthcheck h ON h.id = r.health_check_id
        JOIN assessments_healthcheck copy ON copy.cycle_id = %s
            AND copy.borough_id IS NOT DISTINCT FROM h.borough_id
        WHERE h.cycle_id = %s
    """  # noqa: S608
    with pgtrigger.ignore():
        for number in range(ReviewCycle.objects.count(), CYCLES):
            cycle = ReviewCycle.objects.create(
                framework=oldest.framework,
                name=f"Demonstration cycle {number}",
                slug=f"demonstration-cycle-{number}",
                opens_on=oldest.opens_on.replace(year=oldest.opens_on.year - number),
                closes_on=oldest.closes_on.replace(year=oldest.closes_on.year - number),
                is_demonstration=True,
            )
            with connection.cursor() as cursor:
                cursor.execute(checks, [cycle.pk, oldest.pk])
                cursor.execute(ratings, [cycle.pk, oldest.pk])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _others(model: type[Model], but: str, *, of: str = "") -> str:
    """The columns of a table apart from its key and the one that a copy has otherwise, as SQL has them."""
    columns = (field.column for field in model._meta.concrete_fields if not field.primary_key)
    return ", ".join(f"{of}{column}" for column in columns if column != but)


def accesses() -> Iterator[Access]:
    client = signed_in(HEAD)
    cycle = ReviewCycle.objects.newest_first()[0]
    borough = cycle.health_checks.of_boroughs().select_related("borough").first()
    pages = {
        "Matrix": reverse("assessments:cycle-matrix", args=[cycle.slug]),
        "Health check": reverse("assessments:health-check", args=[cycle.slug, borough.subject_slug]),
        "London": reverse("london"),
        "Borough": borough.borough.get_absolute_url(),
    }
    for name, address in pages.items():
        yield from _of_page(name, client, address)


def _of_page(name: str, client: Client, address: str) -> Iterator[Access]:
    found = set()
    for statement in queries_of(lambda: fetched(client, address)):
        if statement.startswith("SELECT"):
            found |= {Access(name, *step) for step in _steps(_plan(statement))}
    yield from sorted(found, key=lambda access: (access.table, access.how))


def _plan(statement: str) -> dict[str, Any]:
    # The statement was made by the portal a moment ago, and is only explained.
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}".replace("%", "%%"))
        return cursor.fetchone()[0][0]["Plan"]


def _steps(plan: dict[str, Any], table: str = "") -> Iterator[tuple[str, str, str, bool]]:
    table = plan.get("Relation Name", table)
    kind = plan["Node Type"]
    if kind in ("Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Index Scan") and _is_large(table):
        yield table, kind, plan.get("Index Name", ""), kind != "Seq Scan"
    for part in plan.get("Plans", []):
        yield from _steps(part, table)


def _is_large(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = %s", [table])
        row = cursor.fetchone()
    return row is not None and row[0] >= LARGE_TABLE_ROWS
