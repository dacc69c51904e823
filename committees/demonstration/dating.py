"""When things happened in the demonstration, as its history tells it.

The demonstration is written within seconds, so that every event is dated at its loading. Here events get the
day on which the invented story puts them. Nowhere else are the append-only triggers of history ignored: what
they keep safe is what people did, and nobody has done anything yet in a portal that was empty. The portal's
own database role cannot do this, with or without triggers: grant_app_role has taken UPDATE on every table of
history from it, and the demonstration is loaded by the database's owner.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import pgtrigger
from django.apps import apps
from django.contrib.postgres.functions import TransactionNow
from django.db import connection, models
from django.db.models import DateTimeField, ExpressionWrapper, F, Func, Max, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from cdrp_portal.dates import LONDON

Model = type[models.Model]
# Events of one table whose order in time is read across rows: latest changes, and what moved since.
TOLD_IN_ORDER = ("assessments.Rating", "assessments.HealthCheck")
RENUMBER = """
    UPDATE {table} AS event SET pgh_id = told.number
    FROM (
        SELECT pgh_id, (SELECT max(pgh_id) FROM {table})
            + row_number() OVER (ORDER BY pgh_created_at, pgh_id) AS number
        FROM {table}
    ) AS told
    WHERE event.pgh_id = told.pgh_id
"""
COUNT_ON = "SELECT setval(pg_get_serial_sequence(%s, 'pgh_id'), (SELECT max(pgh_id) FROM {table}))"


def moment(day: date, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LONDON)


def morning_of(day: str | Combinable) -> Combinable:
    """Nine in the morning of a column that is a date."""
    midnight = Cast(day, DateTimeField())
    return ExpressionWrapper(midnight + Value(timedelta(hours=9)), output_field=DateTimeField())


def start_of(period: str) -> Combinable:
    return morning_of(Func(F(period), function="lower", output_field=models.DateField()))


@contextmanager
def happened(at: datetime | Combinable, *of: Model) -> Iterator[None]:
    """Date the events that are written inside: at a moment, or by a column that the event has kept.

    Inside another, the inner one counts: only what still has the day of its loading is dated.
    """
    before = {model: _last(model) for model in of}
    yield
    for model, last in before.items():
        events = _events(model)
        with rewriting(model):
            events.filter(pgh_id__gt=last, pgh_created_at=TransactionNow()).update(pgh_created_at=at)


def told_at(row: Any, name: str, at: datetime) -> None:
    """Let a row, and the one event there is of it, say in a column that it was made at that moment."""
    model: Any = type(row)
    with pgtrigger.ignore():
        model.objects.filter(pk=row.pk).update(**{name: at})
        model.pgh_event_model.objects.filter(pgh_obj_id=row.pk).update(**{name: at})


def date_all(at: datetime) -> None:
    """Date every event that there is: what the portal began with."""
    tracked = [model for model in apps.get_models() if hasattr(model, "pgh_event_model")]
    with rewriting(*tracked):
        for model in tracked:
            _events(model).update(pgh_created_at=at)


def put_in_order() -> None:
    """Number the events of a table anew in the order of time, which is how their numbers are read.

    Each number is above every one that was, so that none meets another on the way.
    """
    for label in TOLD_IN_ORDER:
        model = apps.get_model(label)
        table = connection.ops.quote_name(_events(model).model._meta.db_table)
        with rewriting(model), connection.cursor() as cursor:
            # Raw SQL because Django cannot update from a window; the table's name is the model's own.
            cursor.execute(RENUMBER.format(table=table))
            cursor.execute(COUNT_ON.format(table=table), [table])


def count_rows(*of: Model) -> None:
    """Let PostgreSQL see how much there is: it plans its checks of each row as for the empty tables else.

    It counts by itself, but only what has been committed, and the demonstration is one transaction.
    """
    with connection.cursor() as cursor:
        for model in of:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")


@contextmanager
def rewriting(*of: Any) -> Iterator[None]:
    """Lift the append-only triggers of these models' events."""
    with pgtrigger.ignore(*(f"{model.pgh_event_model._meta.label}:append_only" for model in of)):
        yield
    ignore_nothing()


def ignore_nothing() -> None:
    """Say so for the rest of the transaction: every trigger asks, and of each row.

    A trigger that finds nothing said runs into an error and recovers, which takes it many times as long.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pgtrigger.ignore', '{}', true)")


def _events(model: Any) -> models.Manager[Any]:
    events: models.Manager[Any] = model.pgh_event_model.objects
    return events


def _last(model: Model) -> int:
    return _events(model).aggregate(last=Max("pgh_id"))["last"] or 0
