"""What the cycle before answered to the same criterion, and how an answer moved since then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assessments.content.continuity import continuity
from assessments.models import HealthCheck, Rating
from cdrp_portal.prepared import Prepared
from cdrp_portal.status import Movement, Status, movement
from cdrp_portal.templatetags.portal import movement_words

MOVES_TOLD = frozenset({Movement.BETTER, Movement.WORSE, Movement.NOT_COMPARABLE})
CODE, FRAMEWORK = "criterion__code", "criterion__theme__framework_id"
TOLD = (CODE, FRAMEWORK, "value")
OF_BOROUGH = Prepared(
    lambda cycle, borough: (
        Rating.objects.filter(health_check__cycle=cycle, health_check__borough=borough)
        .order_by()
        .values_list(*TOLD)
    ),
    cycle=-1,
    borough=-2,
)
OF_AUTHORITY = Prepared(
    lambda cycle: (
        Rating.objects.filter(health_check__cycle=cycle, health_check__borough=None)
        .order_by()
        .values_list(*TOLD)
    ),
    cycle=-1,
)


@dataclass(frozen=True)
class LastAnswer:
    value: Status
    rationale: str
    next_step: str
    is_comparable: bool = True


def last_answers(
    now: Sequence[Mapping[str, Any]], before: Sequence[Mapping[str, Any]]
) -> dict[str, LastAnswer]:
    """Last cycle's answers by the code of the criterion that asks on; rows of code, framework and value."""
    if not now or not before:
        return {}
    kept = continuity(now[0][FRAMEWORK], before[0][FRAMEWORK])
    answers = {one[CODE]: one for one in before if one["value"] != Status.NOT_ASSESSED}
    found = {}
    for one in now:
        earlier = kept.earlier(one[CODE])
        last = answers.get(earlier.code) if earlier else None
        if earlier and last:
            texts = last.get("rationale", ""), last.get("next_step", "")
            found[one[CODE]] = LastAnswer(Status(last["value"]), *texts, earlier.is_comparable)
    return found


def last_answer(check: HealthCheck, code: str) -> LastAnswer | None:
    """What this was answered last cycle, without its texts, for whoever may rate it now."""
    borough, previous = check.borough_id, check.cycle.previous_id
    if previous is None:
        return None
    if borough is None:
        rows = OF_AUTHORITY.rows(cycle=previous)
    else:
        rows = OF_BOROUGH.rows(cycle=previous, borough=borough)
    now = {CODE: code, FRAMEWORK: check.cycle.framework_id}
    return last_answers([now], [dict(zip(TOLD, row, strict=True)) for row in rows]).get(code)


def move_of(value: Status, last: LastAnswer | None) -> Movement | None:
    """How an answer moved since last cycle; None where there is nothing to tell of."""
    if last is None or value == Status.NOT_ASSESSED:
        return None
    moved = movement(value, last.value, comparable=last.is_comparable)
    return moved if moved in MOVES_TOLD else None


def move_words_of(value: Status, last: LastAnswer | None) -> str:
    return movement_words(value, last.value, comparable=last.is_comparable) if last else ""
