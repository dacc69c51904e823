"""A cycle that is answered over days gone by: real writes, whose events are dated as if made then."""

import datetime as dt
import random
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import pgtrigger
from django.db.models import Max

from assessments.models import Criterion, HealthCheck, Rating, ReviewCycle
from boroughs.models import Borough, BoroughLink
from cdrp_portal.dates import LONDON
from cdrp_portal.history import acting
from cdrp_portal.status import Status
from tests import factories
from tests.assessments.grid import make_framework

OPENED = dt.date(2010, 7, 1)
# Over the night on which the clocks go back, and over nights of both kinds of time.
DAYS = 130


def moment(day: dt.date, hour: int = 12, minute: int = 0) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, hour, minute, tzinfo=LONDON)


def date_events(model: Any, at: dt.datetime, after: int = 0) -> int:
    """Date the events of a model that were written after one; returns the last of them."""
    events = model.pgh_event_model.objects
    with pgtrigger.ignore():
        events.filter(pgh_id__gt=after).update(pgh_created_at=at)
    return events.aggregate(last=Max("pgh_id"))["last"] or 0


def last_event(model: Any) -> int:
    return model.pgh_event_model.objects.aggregate(last=Max("pgh_id"))["last"] or 0


def make_recorded(
    boroughs: list[Borough],
    criteria: int = 4,
    *,
    framework: Any = None,
    opens_on: dt.date = OPENED,
    previous: ReviewCycle | None = None,
) -> ReviewCycle:
    """An open cycle of draft health checks, all of whose rows the history knows from its first day on."""
    framework = framework or make_framework(criteria)
    before = {model: last_event(model) for model in (ReviewCycle, HealthCheck, Rating)}
    cycle = factories.ReviewCycleFactory(
        framework=framework, opens_on=opens_on, closes_on=opens_on + dt.timedelta(days=160), previous=previous
    )
    checks = HealthCheck.objects.bulk_create(
        HealthCheck(cycle=cycle, borough=borough) for borough in [None, *boroughs]
    )
    asked = list(Criterion.objects.filter(theme__framework=framework).order_by("position"))
    Rating.objects.bulk_create(
        Rating(health_check=check, criterion=criterion)
        for check in checks
        for criterion in asked
        if check.borough is None or criterion.borough_wording
    )
    for model, last in before.items():
        date_events(model, moment(opens_on, 9), last)
    return cycle


@dataclass
class Replay:
    """What was written, in order: the past by another way than the event tables'."""

    cycle: ReviewCycle
    asked: dict[int | None, list[str]]
    writes: list[tuple[dt.datetime, str, Any, Any]] = field(default_factory=list)

    def at_the_end_of(self, day: dt.date) -> tuple[dict[Any, str], dict[Any, str]]:
        """States by borough, and values by borough and criterion's code."""
        states: dict[Any, str] = {}
        values: dict[Any, str] = {}
        for at, kind, key, value in self.writes:
            if at.astimezone(LONDON).date() <= day:
                (states if kind == "state" else values)[key] = value
        return states, values


FORWARD = {
    "draft": {"state": "submitted"},
    "submitted": {"state": "signed_off"},
    "signed_off": {"state": "returned", "state_reason": "Opened again in the test."},
    "returned": {"state": "submitted"},
}


def write_randomly(cycle: ReviewCycle, by: Any, edits: int, seed: int) -> Replay:
    """`edits` writes to random ratings and states over the simulated days, in the order of time."""
    chance = random.Random(seed)
    moments = sorted(
        moment(cycle.opens_on, 10) + dt.timedelta(minutes=chance.randrange(DAYS * 24 * 60))
        for _edit in range(edits)
    )
    checks = {check.borough_id: check for check in cycle.health_checks.all()}
    ratings = defaultdict(list)
    for rating in Rating.objects.filter(health_check__cycle=cycle).select_related("criterion"):
        ratings[rating.health_check_id].append(rating)
    replay = Replay(
        cycle,
        {
            borough: [rating.criterion.code for rating in ratings[check.pk]]
            for borough, check in checks.items()
        },
    )
    dated: dict[Any, list[dt.datetime]] = {HealthCheck: [], Rating: []}
    started = {model: last_event(model) for model in dated}
    for at in moments:
        check = checks[chance.choice(list(checks))]
        if check.state in ("draft", "returned") and chance.random() < 0.93:
            rating = chance.choice(ratings[check.pk])
            value = chance.choice([status for status in Status.values if status != rating.value])
            rating.value, rating.rationale = value, f"Said at {at.isoformat()}."
            rating.version += 1
            rating.rated_at, rating.rated_by = at, by
            rating.save()
            dated[Rating].append(at)
            replay.writes.append((at, "value", (check.borough_id, rating.criterion.code), value))
        else:
            _step(check, at, by)
            dated[HealthCheck].append(at)
            replay.writes.append((at, "state", check.borough_id, check.state))
    for model, written in dated.items():
        _date(model, started[model], written)
    return replay


def _step(check: HealthCheck, at: dt.datetime, by: Any) -> None:
    step = FORWARD[check.state]
    check.state, check.state_reason = step["state"], step.get("state_reason", "")
    submitted = check.state in ("submitted", "signed_off")
    check.submitted_at, check.submitted_by = (at, by) if submitted else (None, None)
    signed_off = check.state == "signed_off"
    check.signed_off_at, check.signed_off_by = (at, by) if signed_off else (None, None)
    check.save()


def _date(model: Any, after: int, moments: list[dt.datetime]) -> None:
    events = list(model.pgh_event_model.objects.filter(pgh_id__gt=after).order_by("pgh_id"))
    assert len(events) == len(moments)
    for event, at in zip(events, moments, strict=True):
        event.pgh_created_at = at
    with pgtrigger.ignore():
        model.pgh_event_model.objects.bulk_update(events, ["pgh_created_at"], batch_size=250)


def write(
    cycle: ReviewCycle, borough: Borough, code: str | None, at: dt.date, *, by: Any, **changed: Any
) -> None:
    """Change a rating, or without a code its health check's state, as if at noon of that day."""
    at = at if isinstance(at, dt.datetime) else moment(at)
    check = HealthCheck.objects.get(cycle=cycle, borough=borough)
    model = Rating if code else HealthCheck
    before = last_event(model)
    with acting(by):
        if code:
            rating = Rating.objects.get(health_check=check, criterion__code=code)
            Rating.objects.filter(pk=rating.pk).update(
                **changed, rated_at=at, rated_by=by, version=rating.version + 1
            )
        else:
            _step(check, at, by)
            assert check.state == changed["state"]
    date_events(model, at, before)


def link(
    borough: Borough,
    person: Any,
    period: tuple[dt.date, dt.date | None],
    at: dt.datetime,
    kind: str = "officer",
) -> BoroughLink:
    last = last_event(BoroughLink)
    made = factories.BoroughLinkFactory(borough=borough, person=person, period=period, kind=kind)
    date_events(BoroughLink, at, last)
    return made
