"""Invented ratings of three cycles: two closed, one open."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from django.utils import timezone

from accounts.models import User
from assessments.actions.carrying import carry_forward
from assessments.actions.cycles import take_snapshot
from assessments.models import Criterion, Framework, HealthCheck, Rating, ReviewCycle
from boroughs.models import Borough, BoroughLink
from cdrp_portal.dates import LONDON, MONTHS
from cdrp_portal.status import Status
from committees.demonstration.wording import GENERATED, LESS_RELEVANT, WORDING

OPEN_FOR_DAYS = 80
OPEN_SINCE_DAYS = 62
BETTER_FROM_CYCLE_TO_CYCLE = 0.07
WORSE_FROM_CYCLE_TO_CYCLE = 0.03
LADDER = [Status.RED, Status.AMBER, Status.GREEN]

# Health checks of the open cycle that are not signed off: slug -> answered of 25; None: submitted.
IN_PROGRESS: dict[str, int | None] = {
    "havering": 0,
    "hackney": 9,
    "southwark": 11,
    "kingston-upon-thames": 14,
    "bromley": 18,
    "camden": 23,
    "newham": None,
    "barnet": None,
    "islington": None,
    "sutton": None,
}


# Where the open cycle stands on what the cycle before said, not re-confirmed, until its officer gets to it.
CARRIED = ("havering", "hackney", "southwark", "kingston-upon-thames", "bromley")

# By borough's and criterion's key; the Authority has no borough.
Values = dict[tuple[int | None, int], str]

# What the walk-through shows in Camden: the cycle before the open one, then the open one.
SHOWN: dict[str, tuple[Status, Status]] = {
    "C5": (Status.AMBER, Status.GREEN),
    "D2": (Status.AMBER, Status.RED),
    "E1": (Status.GREEN, Status.AMBER),
    "F3": (Status.RED, Status.GREEN),
}
SHOWN_IN = "camden"


@dataclass
class Answer:
    value: str
    rationale: str
    next_step: str


def season(index: int) -> str:
    """The name of a half-year counted from year 0: Spring ends with June."""
    return f"{'Autumn' if index % 2 else 'Spring'} {index // 2}"


def load_cycles(today: date, count: int, by: User) -> list[ReviewCycle]:
    """`count` half-yearly cycles, oldest first; the last is open and in its last quarter."""
    framework = Framework.objects.latest("version")
    newest = today.year * 2 + (today.month > 6)
    cycles: list[ReviewCycle] = []
    for back in range(count - 1, -1, -1):
        name = season(newest - back)
        opens_on = today - timedelta(days=OPEN_SINCE_DAYS + 182 * back)
        cycles.append(
            ReviewCycle.objects.create(
                framework=framework,
                name=name,
                slug=name.lower().replace(" ", "-"),
                opens_on=opens_on,
                closes_on=opens_on + timedelta(days=OPEN_FOR_DAYS),
                previous=cycles[-1] if cycles else None,
                is_demonstration=True,
            )
        )
    return cycles


def load_ratings(cycles: list[ReviewCycle], head: User, random: Random) -> None:
    """Each cycle's answers follow from those before it, so that movement can be read."""
    boroughs = list(Borough.objects.all())
    criteria = list(Criterion.objects.select_related("theme").order_by("position"))
    officers = {
        link.borough_id: link.person
        for link in BoroughLink.objects.filter(kind="officer").select_related("person")
    }
    values: Values = {}
    for cycle in cycles:
        last = cycle is cycles[-1]
        _move(values, boroughs, criteria, random)
        if cycle in cycles[-2:]:
            _show(values, boroughs, criteria, now=last)
        checks = HealthCheck.objects.bulk_create(
            [HealthCheck(cycle=cycle, borough=borough) for borough in [None, *boroughs]]
        )
        rows = []
        for check in checks:
            rater = officers.get(check.borough_id, head) if check.borough_id else head
            rows += _rows(check, criteria, values, rater, last, random)
        Rating.objects.bulk_create(rows, batch_size=2000)
        _move_on(cycle, checks, officers, head, last)
    if len(cycles) > 1:
        _carry(cycles[-1], head)


def _carry(cycle: ReviewCycle, head: User) -> None:
    for check in cycle.health_checks.filter(borough__slug__in=CARRIED).order_by("borough__name"):
        carry_forward(cycle=cycle, health_check=check, by=head)


def _move(values: Values, boroughs: list[Borough], criteria: list[Criterion], random: Random) -> None:
    for borough in [None, *boroughs]:
        for criterion in criteria:
            if borough is not None and not criterion.borough_wording:
                continue
            key = (borough.pk if borough else None, criterion.pk)
            values[key] = _moved(values[key], random) if key in values else _first(random)


def _show(values: Values, boroughs: list[Borough], criteria: list[Criterion], *, now: bool) -> None:
    shown_in = next(borough.pk for borough in boroughs if borough.slug == SHOWN_IN)
    for criterion in criteria:
        if criterion.code in SHOWN:
            values[shown_in, criterion.pk] = SHOWN[criterion.code][now]


def _first(random: Random) -> str:
    return random.choices(
        [Status.GREEN, Status.AMBER, Status.RED, Status.LESS_RELEVANT], weights=[64, 25, 10, 1.2]
    )[0]


def _moved(value: str, random: Random) -> str:
    if value not in LADDER:
        return value
    place, chance = LADDER.index(Status(value)), random.random()
    if chance < BETTER_FROM_CYCLE_TO_CYCLE:
        return LADDER[min(place + 1, 2)]
    if chance > 1 - WORSE_FROM_CYCLE_TO_CYCLE:
        return LADDER[max(place - 1, 0)]
    return value


def _rows(
    check: HealthCheck, criteria: list[Criterion], values: Values, rater: User, last: bool, random: Random
) -> list[Rating]:
    asked = [criterion for criterion in criteria if check.borough_id is None or criterion.borough_wording]
    answered = len(asked)
    if last and check.borough is not None:
        count = IN_PROGRESS.get(check.borough.slug, answered)
        answered = answered if count is None else count
    rows = []
    for place, criterion in enumerate(asked):
        if place >= answered:
            rows.append(Rating(health_check=check, criterion=criterion))
            continue
        rated_at = _moment(check.cycle, place, last, random)
        answer = _answer(criterion, values[check.borough_id, criterion.pk], rated_at)
        rows.append(
            Rating(
                health_check=check,
                criterion=criterion,
                value=answer.value,
                rationale=answer.rationale,
                next_step=answer.next_step,
                version=1,
                rated_at=rated_at,
                rated_by=rater,
            )
        )
    return rows


def _moment(cycle: ReviewCycle, place: int, last: bool, random: Random) -> datetime:
    """Within the cycle, never after now, in office hours."""
    days = min(OPEN_SINCE_DAYS - 2, 20 + place + random.randrange(12)) if last else 30 + place
    day = cycle.opens_on + timedelta(days=days)
    return datetime(
        day.year, day.month, day.day, random.randrange(9, 17), random.randrange(60), tzinfo=LONDON
    )


def _answer(criterion: Criterion, value: str, rated_at: datetime) -> Answer:
    if value == Status.LESS_RELEVANT:
        return Answer(value, LESS_RELEVANT, "")
    wording = WORDING.get(criterion.code, GENERATED)
    month, later = _month(rated_at.date(), -4), _month(rated_at.date(), 3)
    text = {Status.GREEN: wording.green, Status.AMBER: wording.amber, Status.RED: wording.red}[Status(value)]
    return Answer(
        value,
        text.format(month=month, later=later),
        "" if value == Status.GREEN else wording.next_step.format(month=month, later=later),
    )


def _month(day: date, by: int) -> str:
    index = day.year * 12 + day.month - 1 + by
    return f"{MONTHS[index % 12]} {index // 12}"


def _move_on(cycle: ReviewCycle, checks: list[HealthCheck], officers, head: User, last: bool) -> None:
    """Submit and sign off what is ready; close the cycles that are over."""
    now = timezone.now()
    submitted_at = now - timedelta(days=6) if last else _noon(cycle.closes_on - timedelta(days=8))
    signed_off_at = now - timedelta(days=3) if last else _noon(cycle.closes_on - timedelta(days=2))
    for check in checks:
        slug = check.borough.slug if check.borough else ""
        unfinished = last and slug in IN_PROGRESS
        if unfinished and IN_PROGRESS[slug] is not None:
            continue
        check.submitted_at, check.submitted_by = submitted_at, officers.get(check.borough_id, head)
        check.state = HealthCheck.State.SUBMITTED
        check.save()
        if not unfinished:
            check.state = HealthCheck.State.SIGNED_OFF
            check.moderated_at, check.moderated_by = signed_off_at, head
            check.signed_off_at, check.signed_off_by = signed_off_at, head
            check.save()
    if not last:
        cycle.closed_at, cycle.closed_by = _noon(cycle.closes_on), head
        cycle.save()
        take_snapshot(cycle)


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, 0, tzinfo=LONDON)
