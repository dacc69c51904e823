"""The review cycles, newest first, and the reader's own boroughs in those that are open."""

import datetime as dt
from typing import Any

from django.db.models import Count, Q

from accounts.models import User
from accounts.permissions import Permission
from assessments.models import OPEN_STATES, HealthCheck, ReviewCycle
from boroughs.models import Borough
from cdrp_portal.status import Status


def read_cycles(user: User, *, on: dt.date) -> dict[str, Any]:
    """`cycles` with `finished` and `total` of their boroughs; `own`: health checks that the reader rates.

    The head may rate every borough, which is no list of their own: they have London.
    """
    of_boroughs = Q(health_checks__borough__isnull=False)
    finished = of_boroughs & ~Q(health_checks__state__in=OPEN_STATES)
    cycles = ReviewCycle.objects.newest_first().annotate(
        total=Count("health_checks", filter=of_boroughs),
        finished=Count("health_checks", filter=finished),
    )
    own = HealthCheck.objects.none()
    if user.may(Permission.RATE):
        linked = Borough.objects.linked_to(user, on)
        own = (
            HealthCheck.objects.visible_to(user)
            .filter(cycle__in=ReviewCycle.objects.open(), borough__in=linked)
            .select_related("borough", "cycle")
            .annotate(
                total=Count("ratings"),
                answered=Count("ratings", filter=~Q(ratings__value=Status.NOT_ASSESSED)),
            )
            .order_by("-cycle__opens_on", "borough__name")
        )
    return {"cycles": list(cycles), "own": list(own)}
