"""Last cycle's answers carried forward, not re-confirmed; and confirmed, many at once."""

from collections.abc import Iterable

from django.db import transaction

from accounts.models import User
from accounts.permissions import Permission
from assessments.actions.guards import locked, require, require_open
from assessments.actions.ratings import Answer
from assessments.actions.sets import (
    Given,
    NothingChanged,
    Standing,
    locked_ratings,
    save_set,
    standing,
    write_set,
)
from assessments.content.continuity import continuity
from assessments.models import (
    OPEN_STATES,
    ChangeSet,
    Criterion,
    HealthCheck,
    Rating,
    RatingQuerySet,
    ReviewCycle,
)
from cdrp_portal.status import Status


def carried_from(framework: int, previous: ReviewCycle) -> dict[tuple[int | None, str], Answer]:
    """What a cycle that asks `framework` could carry, by borough and criterion’s code.

    Only an answer that somebody gave in `previous` and that means the same now. A "less relevant" whose
    one reason is the moderator's stays behind: their words are not the officer's to repeat.
    """
    rule = continuity(framework, previous.framework_id)
    later: dict[str, list[str]] = {}
    for code in Criterion.objects.filter(theme__framework=framework).values_list("code", flat=True):
        earlier = rule.earlier(code)
        if earlier is not None and earlier.is_comparable:
            later.setdefault(earlier.code, []).append(code)
    given = Rating.objects.assessed().filter(health_check__cycle=previous, is_carried=False)
    found = given.values_list(
        "health_check__borough_id", "criterion__code", "value", "rationale", "next_step"
    ).order_by()
    return {
        (borough, code): Answer(Status(value), rationale, next_step)
        for borough, earlier, value, rationale, next_step in found
        if value != Status.LESS_RELEVANT or rationale
        for code in later.get(earlier, ())
    }


@transaction.atomic
def carry_forward(*, cycle: ReviewCycle, by: User, health_check: HealthCheck | None = None) -> ChangeSet:
    """Put last cycle's answers where nobody has answered yet: in the whole cycle, or in one health check.

    They count as not answered until somebody confirms them. Raises NothingChanged where there is none.
    """
    if health_check is None:
        require(by, Permission.MANAGE_CYCLES)
    else:
        health_check = locked(health_check)
        require(by, Permission.RATE, health_check)
        require_open(health_check)
    if cycle.previous is None:
        raise NothingChanged(f"{cycle} has no earlier cycle to carry answers from.")
    answers = carried_from(cycle.framework_id, cycle.previous)
    changed: list[tuple[Standing, Rating]] = []
    for rating in locked_ratings(cycle, _unanswered(cycle, health_check), by=by):
        answer = answers.get((rating.health_check.borough_id, rating.criterion.code))
        if answer is None or rating.value != Status.NOT_ASSESSED or not rating.health_check.takes_answers:
            continue
        before = standing(rating)
        rating.value, rating.rationale, rating.next_step = answer.value, answer.rationale, answer.next_step
        rating.is_carried = True
        rating.version += 1
        # Nobody has rated it in this cycle yet, even where an answer was given and taken away again.
        rating.rated_at = rating.rated_by = None
        changed.append((before, rating))
    if not changed:
        raise NothingChanged("There is no answer left to carry forward.")
    of = f" for {health_check.subject_name}" if health_check else ""
    return write_set(
        cycle=cycle,
        kind=ChangeSet.Kind.CARRY,
        title=f"Carried forward from {cycle.previous}{of}",
        changed=changed,
        by=by,
    )


def _unanswered(cycle: ReviewCycle, health_check: HealthCheck | None) -> list[int]:
    ratings = Rating.objects.filter(
        health_check__cycle=cycle, health_check__state__in=OPEN_STATES, value=Status.NOT_ASSESSED
    )
    if health_check is not None:
        ratings = ratings.filter(health_check=health_check)
    return list(ratings.values_list("pk", flat=True))


def not_confirmed(health_check: HealthCheck, theme: str = "") -> RatingQuerySet:
    """Its answers that were carried forward and that nobody has confirmed; those of one theme by its code."""
    carried = Rating.objects.filter(health_check=health_check, is_carried=True)
    return carried.filter(criterion__theme__code=theme) if theme else carried


@transaction.atomic
def confirm_carried(*, health_check: HealthCheck, by: User, theme: str = "") -> ChangeSet:
    """Confirm every carried answer of the health check, or of one theme, as it stands.

    An answer that is still carried is what its reader saw: to change it is to confirm it. Raises
    PermissionDenied, NotOpen, or NothingChanged.
    """
    check = locked(health_check)
    require(by, Permission.RATE, check)
    require_open(check)
    carried: Iterable[Rating] = not_confirmed(check, theme)
    given = [Given(rating.pk, rating.version, Answer.of(rating)) for rating in carried]
    return save_set(
        cycle=check.cycle,
        kind=ChangeSet.Kind.BULK,
        title=f"Confirmed as they stood last cycle: {check.subject_name}" + (f", {theme}" if theme else ""),
        given=given,
        by=by,
    )
