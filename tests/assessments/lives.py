"""Health checks in any state of their life, every answer given, as their officer and the head left them."""

from typing import Any

from django.utils import timezone

from accounts.models import User
from assessments.models import HealthCheck, Rating, ReviewCycle
from boroughs.models import Borough
from tests import factories
from tests.assessments.grid import make_cycle, make_framework

State = HealthCheck.State
# The way from a draft to each state, by the steps that the database allows.
WAYS: dict[str, list[str]] = {
    State.DRAFT: [],
    State.SUBMITTED: [State.SUBMITTED],
    State.RETURNED: [State.SUBMITTED, State.RETURNED],
    State.MODERATED: [State.SUBMITTED, State.MODERATED],
    State.SIGNED_OFF: [State.SUBMITTED, State.SIGNED_OFF],
}


def dates_of(state: str, officer: User, head: User) -> dict[str, Any]:
    """The columns that belong to a state, with those that do not belong to it emptied."""
    now = timezone.now()
    is_in = state in (State.SUBMITTED, State.MODERATED, State.SIGNED_OFF)
    is_moderated = state in (State.MODERATED, State.SIGNED_OFF)
    return {
        "state": state,
        "state_reason": "Say more" if state == State.RETURNED else "",
        "submitted_at": now if is_in else None,
        "submitted_by_id": officer.pk if is_in else None,
        "moderated_at": now if is_moderated else None,
        "moderated_by_id": head.pk if is_moderated else None,
        "signed_off_at": now if state == State.SIGNED_OFF else None,
        "signed_off_by_id": head.pk if state == State.SIGNED_OFF else None,
    }


def make_check(
    state: str,
    officer: User,
    head: User,
    *,
    cycle: ReviewCycle | None = None,
    borough: Borough | None = None,
    criteria: int = 2,
) -> HealthCheck:
    """Green on every criterion, with a reason, by `officer`, who is linked to the borough."""
    cycle = cycle or make_cycle(make_framework(criteria))
    if borough is None:
        borough = factories.BoroughFactory()
        factories.BoroughLinkFactory(borough=borough, person=officer)
    check = HealthCheck.objects.create(cycle=cycle, borough=borough)
    Rating.objects.bulk_create(
        Rating(
            health_check=check,
            criterion=criterion,
            value="green",
            rationale="Seen",
            version=1,
            rated_at=timezone.now(),
            rated_by=officer,
        )
        for theme in cycle.framework.themes.all()
        for criterion in theme.criteria.all()
    )
    for step in WAYS[state]:
        HealthCheck.objects.filter(pk=check.pk).update(**dates_of(step, officer, head))
    return HealthCheck.objects.select_related("cycle", "borough").get(pk=check.pk)


def cell(check: HealthCheck, code: str = "A1") -> Rating:
    return check.ratings.select_related("criterion", "health_check__cycle").get(criterion__code=code)
