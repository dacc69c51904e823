"""Opening a review cycle, and closing it for good."""

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from accounts.models import User
from accounts.permissions import Permission
from assessments.actions.guards import NotOpen, require
from assessments.models import Criterion, Framework, HealthCheck, Rating, ReviewCycle
from boroughs.models import Borough
from cdrp_portal.history import acting


@transaction.atomic
def open_cycle(
    *,
    framework: Framework,
    name: str,
    opens_on: date,
    closes_on: date,
    previous: ReviewCycle | None,
    by: User,
    is_demonstration: bool = False,
) -> ReviewCycle:
    """Ask `framework` of every borough and of the Authority, with an unanswered rating for each criterion."""
    require(by, Permission.MANAGE_CYCLES)
    with acting(by):
        cycle = ReviewCycle.objects.create(
            framework=framework,
            name=name,
            slug=slugify(name),
            opens_on=opens_on,
            closes_on=closes_on,
            previous=previous,
            is_demonstration=is_demonstration,
        )
        subjects: list[Borough | None] = [None, *Borough.objects.all()]
        checks = HealthCheck.objects.bulk_create(
            HealthCheck(cycle=cycle, borough=borough) for borough in subjects
        )
        criteria = Criterion.objects.filter(theme__framework=framework)
        asked_of_boroughs = list(criteria.asked_of_boroughs())
        Rating.objects.bulk_create(
            Rating(health_check=check, criterion=criterion)
            for check in checks
            for criterion in (asked_of_boroughs if check.borough_id else criteria)
        )
    return cycle


@transaction.atomic
def close_cycle(*, cycle: ReviewCycle, by: User) -> ReviewCycle:
    """End the cycle for good: from here on the database refuses every change to its ratings."""
    require(by, Permission.MANAGE_CYCLES)
    list(HealthCheck.objects.select_for_update().filter(cycle=cycle).order_by("pk").values_list("pk"))
    cycle = ReviewCycle.objects.select_for_update().get(pk=cycle.pk)
    if not cycle.is_open:
        raise NotOpen(f"{cycle} is already closed.")
    cycle.closed_at, cycle.closed_by = timezone.now(), by
    with acting(by):
        cycle.save(update_fields=["closed_at", "closed_by"])
    return cycle
