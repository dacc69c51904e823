"""Health checks with their answers, as the matrix needs them, of today or of a past day."""

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import F, Func, Max, TextField, Value
from django.utils import timezone

from assessments.content.past import Past
from assessments.models import HealthCheck, Rating, ReviewCycle
from assessments.reach import Reach
from cdrp_portal.prepared import Prepared
from cdrp_portal.status import Status

AUTHORITY, AUTHORITY_SLUG = "The Authority", "authority"
NOT_ASSESSED = Status.NOT_ASSESSED.value

# A rating's value, its version, and whether it is stale.
Stands = tuple[str, int, bool]
NOTHING: Stands = (NOT_ASSESSED, 0, False)

# These columns the tables of today and those of the history have alike (`past`).
CHECK_FIELDS = ("cycle_id", "id", "borough_id", "borough__name", "borough__slug", "state")
ANSWER_FIELDS = ("criterion_id", "value", "version", "is_carried", "evidence_until")
# Who may read which of them is not asked here but of Reach, the rule that `visible_to` is made from.
CHECKS = Prepared(
    lambda cycle, earlier: (
        HealthCheck.objects.filter(cycle__in=[cycle, earlier]).order_by().values_list(*CHECK_FIELDS)
    ),
    cycle=-1,
    earlier=-2,
)
# The answers of a health check come as one text. Most stand as they stood for the reader before and are taken
# apart only once; as rows they would cost the driver more than they cost PostgreSQL.
BETWEEN, AFTER = " ", ";"
ANSWERS = Prepared(
    lambda cycle: (
        Rating.objects.filter(health_check__cycle=cycle)
        .order_by()
        .values_list("health_check")
        .annotate(
            answers=StringAgg(
                Func(Value(BETWEEN), *map(F, ANSWER_FIELDS), function="CONCAT_WS", output_field=TextField()),
                delimiter=AFTER,
                default=Value(""),
            ),
            saved_at=Max("rated_at"),
        )
    ),
    cycle=-3,
)
# The text, and when an answer was last saved.
Saved = tuple[str, dt.datetime | None]
NOTHING_SAVED: Saved = ("", None)


@dataclass(frozen=True, eq=False, slots=True)
class Answers:
    """Of one health check by criterion. Told from others by which they are: rows are kept by them."""

    of: dict[int, Stands]


class Check(NamedTuple):
    """A health check, with its answers where the reader may see them."""

    cycle: int
    pk: int
    borough: int | None
    name: str
    slug: str
    state: str
    answers: Answers | None
    saved_at: dt.datetime | None


def checks_of(
    cycle: ReviewCycle, since: ReviewCycle | None, reach: Reach, past: Past | None
) -> tuple[list[Check], list[Check]]:
    """Of the cycle and of the earlier one, the Authority's first. What is not the reader's is left out."""
    cycles = [cycle, since] if since else [cycle]
    found = _of_today(cycles, reach) if past is None else _of_past(cycles, reach, past)
    found.sort(key=lambda check: (check.borough is not None, check.name, check.pk))
    return (
        [check for check in found if check.cycle == cycle.pk],
        [check for check in found if check.cycle != cycle.pk],
    )


def _of_today(cycles: list[ReviewCycle], reach: Reach) -> list[Check]:
    today = timezone.localdate().isoformat()
    heads = CHECKS.rows(cycle=cycles[0].pk, earlier=cycles[-1].pk)
    saved: dict[int, Saved] = {}
    for cycle in cycles:
        saved |= _saved(cycle.pk) if cycle.closed_at is None else _saved_until_closed(cycle.pk)
    found = []
    for cycle, pk, borough, name, slug, state in heads:
        text, saved_at = saved.get(pk, NOTHING_SAVED)
        answers = _answers(text, today) if reach.reaches(state, borough) else None
        found.append(
            Check(cycle, pk, borough, name or AUTHORITY, slug or AUTHORITY_SLUG, state, answers, saved_at)
        )
    return found


def _saved(cycle: int) -> dict[int, Saved]:
    return {pk: (text, saved_at) for pk, text, saved_at in ANSWERS.rows(cycle=cycle)}


@lru_cache(maxsize=8)
def _saved_until_closed(cycle: int) -> dict[int, Saved]:
    """Read once in a process: of a closed cycle no answer changes, the database sees to that."""
    return _saved(cycle)


@lru_cache(maxsize=1_000)
def _answers(text: str, today: str) -> Answers:
    """Days are compared as text, which ISO 8601 allows."""
    found: dict[int, Stands] = {}
    for answer in text.split(AFTER) if text else ():
        criterion, value, version, is_carried, *until = answer.split(BETWEEN)
        # As Rating.is_stale has it.
        stale = is_carried == "t" or (until != [] and until[0] < today)
        found[int(criterion)] = (value, int(version), stale)
    return Answers(found)


def _of_past(cycles: list[ReviewCycle], reach: Reach, past: Past) -> list[Check]:
    # Made ready before its day perhaps, but nobody's to answer then.
    opened = [cycle.pk for cycle in cycles if past.day >= cycle.opens_on]
    heads = past.checks(CHECK_FIELDS, opened)
    answers = {
        pk: Answers({}) for _cycle, pk, borough, _name, _slug, state in heads if reach.reaches(state, borough)
    }
    rows = past.ratings(("health_check_id", *ANSWER_FIELDS), list(answers))
    for check, criterion, value, version, is_carried, until in rows:
        stale = is_carried or (until is not None and until < past.day)
        answers[check].of[criterion] = (value, version, stale)
    return [
        Check(cycle, pk, borough, name or AUTHORITY, slug or AUTHORITY_SLUG, state, answers.get(pk), None)
        for cycle, pk, borough, name, slug, state in heads
    ]
