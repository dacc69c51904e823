"""History by database triggers (django-pghistory): who, when, what, before and after (DESIGN §4)."""

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pghistory
from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Func, Q, Window
from django.db.models.functions import Lag

from cdrp_portal.dates import uk_date, uk_moment

# Bookkeeping of a row rather than a fact about it: nobody reads "version from 3 to 4".
UNTOLD = frozenset({"version", "created_at", "updated_at"})


def tracked(**options: Any) -> Callable[[type], type]:
    """Record every insert, update and delete of the model in its own append-only event table."""
    return pghistory.track(
        pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), **options
    )


def acting(by: models.Model) -> pghistory.context:
    """Names the person in the history rows of what follows, in a request and outside one (commands, jobs)."""
    return pghistory.context(user=by.pk)


@dataclass(frozen=True)
class Change:
    """One field of one row that changed; or, where `field` is empty, a row that was added or removed.

    `date` and `text` are what templates/includes/_history.html prints.
    """

    at: dt.datetime
    who: str
    what: str
    field: str
    before: str
    after: str
    request_id: str
    label: str

    @property
    def date(self) -> str:
        return uk_moment(self.at)

    @property
    def text(self) -> str:
        of = f" of {self.what}" if self.what else ""
        if not self.field:
            verb = "added" if self.label == "insert" else "removed"
            return f"{self.who} {verb} {self.what or 'this'}"
        if not self.before:
            return f"{self.who} gave the {self.field}{of}: {self.after}"
        if not self.after:
            return f"{self.who} cleared the {self.field}{of}, which was {self.before}"
        return f"{self.who} changed the {self.field}{of} from {self.before} to {self.after}"


def changes_of(
    of: models.Model | models.QuerySet[Any],
    *,
    fields: Collection[str] | None = None,
    names: Mapping[int, str] | None = None,
    limit: int | None = None,
) -> list[Change]:
    """What was changed in one row or in the rows of a queryset, newest first.

    `fields` are the model's field names to tell of (default: all but bookkeeping), as a mapping with the
    words to call them by where the model's own do not read in a sentence; `names` says what each
    row is called, by primary key, where more than one row is told of. Two queries, and one more for each
    kind of row (other than people) that a told field points at. With a `limit` the database
    finds the events that it needs, and no others are read.
    """
    model: Any = of.model if isinstance(of, models.QuerySet) else type(of)
    told = [
        field
        for field in model._meta.concrete_fields
        if not field.primary_key
        and (field.name in fields if fields is not None else field.name not in UNTOLD)
    ]
    steps = list(_steps(model, of, told, limit))[::-1]
    words = _Words(told, steps, fields if isinstance(fields, Mapping) else {})
    return [change for step in steps for change in step.changes(told, words, names or {})][:limit]


@dataclass(frozen=True)
class _Step:
    """One event: the row's told values before and after it."""

    at: dt.datetime
    label: str
    pk: int
    context: Mapping[str, Any]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]

    def moved(self, told: list[models.Field]) -> list[models.Field]:
        if self.before is None or self.label != "update":
            return []
        return [field for field in told if self.before[field.attname] != self.after[field.attname]]

    def changes(
        self, told: list[models.Field], words: "_Words", names: Mapping[int, str]
    ) -> Iterator[Change]:
        fixed: dict[str, Any] = {
            "at": self.at,
            "who": words.person(self.context.get("user")),
            "what": names.get(self.pk, ""),
            "request_id": self.context.get("request_id") or "",
            "label": self.label,
        }
        if self.label != "update":
            yield Change(field="", before="", after="", **fixed)
        for field in self.moved(told):
            before, after = (
                words.value(field, row[field.attname]) for row in (self.before or {}, self.after)
            )
            yield Change(field=words.name(field), before=before, after=after, **fixed)


class _Differ(Func):
    """Whether two rows of values are not the same; an empty one is a value as well."""

    template = "(%(expressions)s)"
    arg_joiner = " IS DISTINCT FROM "
    output_field = models.BooleanField()


def _before(value: Any) -> Window:
    """What it was in the event before, of the same row."""
    return Window(Lag(value), partition_by="pgh_obj_id", order_by="pgh_id")


def _newest(events: models.QuerySet[Any], attnames: list[str], limit: int) -> models.QuerySet[Any]:
    """The numbers of the newest events that tell something, so many at most, and of the one before each."""
    row = Func(*attnames, function="ROW", output_field=models.TextField())
    pair = Func("pgh_id", "earlier", template="ARRAY[%(expressions)s]", output_field=models.TextField())
    return (
        events.annotate(earlier=_before("pgh_id"), has_moved=_Differ(row, _before(row)))
        .filter(~Q(pgh_label="update") | Q(earlier__isnull=False, has_moved=True))
        .order_by("-pgh_id")
        # Each makes two rows, which are counted when they are made.
        .values_list(Func(pair, function="unnest", output_field=models.BigIntegerField()))[: 2 * limit]
    )


def _steps(
    model: Any, of: models.Model | models.QuerySet[Any], told: list[models.Field], limit: int | None
) -> Iterator[_Step]:
    event = model.pgh_event_model
    kept = {field.attname for field in event._meta.concrete_fields}
    attnames = [field.attname for field in told if field.attname in kept]
    rows = of.values("pk") if isinstance(of, models.QuerySet) else [of.pk]
    events = event.objects.filter(pgh_obj_id__in=rows)
    if limit is not None:
        events = event.objects.filter(pgh_id__in=_newest(events, attnames, limit))
    found = events.order_by("pgh_id").values_list(
        "pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context__metadata", *attnames
    )
    last: dict[int, dict[str, Any]] = {}
    for at, label, pk, context, *values in found:
        now = dict(zip(attnames, values, strict=True))
        yield _Step(at, label, pk, context or {}, last.get(pk), now)
        last[pk] = now


class _Words:
    """Turns stored values into words, fetching the names of what they point at once for all of them."""

    def __init__(self, told: list[models.Field], steps: list[_Step], called: Mapping[str, str]) -> None:
        self.called = called
        self.people_model = get_user_model()
        wanted: dict[type[models.Model], set[Any]] = {
            self.people_model: {step.context.get("user") for step in steps}
        }
        for step in steps:
            for field in step.moved(told):
                if field.remote_field:
                    ids = wanted.setdefault(field.remote_field.model, set())
                    ids.update((step.before[field.attname], step.after[field.attname]))  # type: ignore[index]
        self.names = {
            model: {row.pk: str(row) for row in model._default_manager.filter(pk__in=ids - {None})}
            for model, ids in wanted.items()
            if ids - {None}
        }

    def person(self, pk: int | None) -> str:
        return self.names.get(self.people_model, {}).get(pk, "The portal")

    def name(self, field: models.Field) -> str:
        return self.called.get(field.name, str(field.verbose_name))

    def value(self, field: models.Field, value: Any) -> str:
        if value is None or value == "":
            return ""
        if field.remote_field:
            return self.names.get(field.remote_field.model, {}).get(value, f"number {value}")
        if field.flatchoices:
            return str(dict(field.flatchoices).get(value, value))
        return _in_words(value)


def _in_words(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case dt.datetime():
            return uk_moment(value)
        case dt.date():
            return uk_date(value)
        case str():
            return f"“{value}”"
    if hasattr(value, "lower") and hasattr(value, "upper"):
        # A stored range leaves its end out; people name the last day that still belongs to it.
        last = value.upper and value.upper - dt.timedelta(days=1)
        start, end = (
            f"{word} {uk_date(day)}" if day else "" for word, day in (("from", value.lower), ("until", last))
        )
        return f"{start} {end}".strip()
    return str(value)
