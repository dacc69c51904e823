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
        with _rewriting(model) as events:
            events.filter(pgh_id__gt=last, pgh_created_at=TransactionNow()).update(pgh_created_at=at)


def told_at(row: Any, name: str, at: datetime) -> None:
    """Let a row, and the one event there is of it, say in a column that it was made at that moment."""
    model: Any = type(row)
    with pgtrigger.ignore():
        model.objects.filter(pk=row.pk).update(**{name: at})
        model.pgh_event_model.objects.filter(pgh_obj_id=row.pk).update(**{name: at})


def date_all(at: datetime) -> None:
    """Date every event that there is: what the portal began with."""
    for model in apps.get_models():
        if hasattr(model, "pgh_event_model"):
            with _rewriting(model) as events:
                events.update(pgh_created_at=at)


def put_in_order() -> None:
    """Number the events of a table anew in the order of time, which is how their numbers are read.

    Each number is above every one that was, so that none meets another on the way.
    """
    for label in TOLD_IN_ORDER:
        model = apps.get_model(label)
        with _rewriting(model) as events, connection.cursor() as cursor:
            # Raw SQL because Django cannot update from a window; the table's name is the model's own.
            table = connection.ops.quote_name(events.model._meta.db_table)
            cursor.execute(RENUMBER.format(table=table))
            cursor.execute(COUNT_ON.format(table=table), [table])


@contextmanager
def _rewriting(model: Any) -> Iterator[models.Manager[Any]]:
    event = model.pgh_event_model
    with pgtrigger.ignore(f"{event._meta.label}:append_only"):
        yield event.objects


def _last(model: Any) -> int:
    return model.pgh_event_model.objects.aggregate(last=Max("pgh_id"))["last"] or 0
