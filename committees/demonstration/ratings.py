"""Invented ratings of three cycles: two closed, one open."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from random import Random

from django.db.models import F

from accounts.models import User
from assessments.models import Criterion, Framework, HealthCheck, Rating, ReviewCycle
from boroughs.models import Borough, BoroughLink
from cdrp_portal.dates import MONTHS
from cdrp_portal.history import acting
from cdrp_portal.status import Status
from committees.demonstration.dating import count_rows, happened, moment
from committees.demonstration.steps import IN_PROGRESS, RETURNED, carry_on, close, hand_in
from committees.demonstration.wording import GENERATED, LESS_RELEVANT, WORDING

OPEN_FOR_DAYS = 80
OPEN_SINCE_DAYS = 62
BETTER_FROM_CYCLE_TO_CYCLE = 0.07
WORSE_FROM_CYCLE_TO_CYCLE = 0.03
LADDER = [Status.RED, Status.AMBER, Status.GREEN]

# By when everything is answered, in days from the opening: before it is handed in (steps.py).
LATEST, LATEST_OF_CLOSED, LATEST_OF_RETURNED = 55, 60, 52
ANSWER_FIELDS = ("value", "rationale", "next_step", "is_carried", "version", "rated_at", "rated_by")

# Where the open cycle stands on what the cycle before said, not re-confirmed, until its officer gets to it.
CARRIED = ("havering", "hackney", "southwark", "kingston-upon-thames")

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


def opening_day(today: date, back: int = 0) -> date:
    """Of the open cycle, or of the one so many before it."""
    return today - timedelta(days=OPEN_SINCE_DAYS + 182 * back)


def load_cycles(today: date, count: int, by: User) -> list[ReviewCycle]:
    """`count` half-yearly cycles, oldest first; the last is open and in its last quarter."""
    framework = Framework.objects.latest("version")
    newest = today.year * 2 + (today.month > 6)
    cycles: list[ReviewCycle] = []
    for back in range(count - 1, -1, -1):
        name = season(newest - back)
        opens_on = opening_day(today, back)
        with happened(moment(opens_on, 9), ReviewCycle), acting(by):
            cycle = ReviewCycle.objects.create(
                framework=framework,
                name=name,
                slug=name.lower().replace(" ", "-"),
                opens_on=opens_on,
                closes_on=opens_on + timedelta(days=OPEN_FOR_DAYS),
                previous=cycles[-1] if cycles else None,
                is_demonstration=True,
            )
        cycles.append(cycle)
    return cycles


def load_ratings(cycles: list[ReviewCycle], head: User, random: Random) -> None:
    """Each cycle's answers follow from those before it, so that movement can be read.

    The earlier cycles come to their end; the open one is left with every health check in progress.
    """
    boroughs = list(Borough.objects.all())
    criteria = list(Criterion.objects.select_related("theme").order_by("position"))
    officers = officers_of()
    values: Values = {}
    for cycle in cycles:
        last = cycle is cycles[-1]
        _move(values, boroughs, criteria, random)
        if cycle in cycles[-2:]:
            _show(values, boroughs, criteria, now=last)
        checks, blank = _open(cycle, boroughs, criteria, head)
        carried = _carry(cycle, head) if last and cycle.previous else []
        answered: dict[User, list[Rating]] = defaultdict(list)
        for check in checks:
            rater = officers.get(check.borough_id, head)
            version = 2 if check.pk in carried else 1
            answered[rater] += _answered(blank[check.pk], values, rater, version, last, random)
        _answer_all(answered)
        if not last:
            hand_in(checks, officers, head)
            close(cycle, head)


def officers_of() -> dict[int | None, User]:
    """By borough's key."""
    links = BoroughLink.objects.filter(kind="officer").select_related("person")
    return {link.borough_id: link.person for link in links}


def _open(
    cycle: ReviewCycle, boroughs: list[Borough], criteria: list[Criterion], head: User
) -> tuple[list[HealthCheck], dict[int, list[Rating]]]:
    """The cycle as it opened: its health checks, and the blank ratings of each in order."""
    with happened(moment(cycle.opens_on, 9), HealthCheck, Rating), acting(head):
        checks = HealthCheck.objects.bulk_create(
            [HealthCheck(cycle=cycle, borough=borough) for borough in [None, *boroughs]]
        )
        blank = {
            check.pk: [
                Rating(health_check=check, criterion=criterion)
                for criterion in criteria
                if check.borough_id is None or criterion.borough_wording
            ]
            for check in checks
        }
        count_rows(HealthCheck)
        Rating.objects.bulk_create(chain.from_iterable(blank.values()), batch_size=2000)
    count_rows(Rating, Rating.pgh_event_model, HealthCheck.pgh_event_model)  # type: ignore[attr-defined]
    return checks, blank


def _carry(cycle: ReviewCycle, head: User) -> list[int]:
    """The morning after the cycle opened; the health checks that it was done for."""
    checks = list(cycle.health_checks.filter(borough__slug__in=CARRIED).order_by("borough__name"))
    for place, check in enumerate(checks):
        carried_at = moment(cycle.opens_on + timedelta(days=1), 10, place)
        carry_on(check, at=carried_at, by=head)
    return [check.pk for check in checks]


def _answer_all(answered: dict[User, list[Rating]]) -> None:
    """What stands blank is answered: each answer by its rater, at its own moment."""
    with happened(F("rated_at"), Rating):
        for rater, ratings in answered.items():
            with acting(rater):
                Rating.objects.bulk_create(
                    ratings,
                    update_conflicts=True,
                    unique_fields=["health_check", "criterion"],
                    update_fields=ANSWER_FIELDS,
                    batch_size=2000,
                )


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


def _answered(
    blank: list[Rating], values: Values, rater: User, version: int, last: bool, random: Random
) -> list[Rating]:
    """The first ones answered, as many as the health check has answers; the others stay as they are."""
    check = blank[0].health_check
    slug = check.borough.slug if check.borough else ""
    count, latest = len(blank), LATEST if last else LATEST_OF_CLOSED
    shown = IN_PROGRESS.get(slug) if last else None
    if slug == RETURNED and last:
        latest = LATEST_OF_RETURNED
    elif shown is not None:
        count = shown
    for place, rating in enumerate(blank[:count]):
        # What is taken out again later draws from a source of its own and moves nothing that stands.
        chance = Random(place) if shown is not None and place >= shown else random  # noqa: S311
        rating.rated_at = _moment(check.cycle, place, last, latest, chance)
        answer = _answer(rating.criterion, values[check.borough_id, rating.criterion_id], rating.rated_at)
        rating.value, rating.rationale, rating.next_step = answer.value, answer.rationale, answer.next_step
        rating.version, rating.rated_by = version, rater
    return blank[:count]


def _moment(cycle: ReviewCycle, place: int, last: bool, latest: int, random: Random) -> datetime:
    """Within the cycle, before it is handed in, in office hours."""
    days = min(latest, 20 + place + random.randrange(12) if last else 30 + place)
    day = cycle.opens_on + timedelta(days=days)
    return moment(day, random.randrange(9, 17), random.randrange(60))


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
