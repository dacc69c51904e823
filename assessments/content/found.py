"""The health check that an address names, as far as its reader may see it."""

import datetime as dt
from functools import cache

from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import User
from assessments.models import HealthCheck
from assessments.models.checks import HealthCheckQuerySet
from assessments.reach import Reach
from boroughs.models import BoroughLink
from cdrp_portal.prepared import Prepared

AUTHORITY = "authority"


def found_by_address(cycle: str, subject: str, user: User, *more: str) -> HealthCheck | None:
    """None where there is none, or none that `user` may see. With its cycle, its borough and `more`."""
    asked = _of_authority(*more) if subject == AUTHORITY else _of_borough(*more)
    slug = {} if subject == AUTHORITY else {"slug": subject}
    found = asked.objects(cycle=cycle, person=user.pk, on=timezone.localdate(), **slug)
    if not found:
        return None
    check: HealthCheck = found[0]
    # Whether the reader is linked comes with the health check, so that Reach need not ask for it.
    linked = [check.borough_id] if check.borough_id is not None and found[0].is_linked else []
    reach = Reach(user, linked)
    return check if reach.reaches(check.state, check.borough_id) else None


@cache
def _of_borough(*more: str) -> Prepared:
    return Prepared(
        lambda cycle, slug, person, on: _checks(cycle, person, on, more).filter(borough__slug=slug),
        cycle="a cycle",
        slug="a borough",
        person=-1,
        on=dt.date(1997, 1, 1),
    )


@cache
def _of_authority(*more: str) -> Prepared:
    return Prepared(
        lambda cycle, person, on: _checks(cycle, person, on, more).filter(borough=None),
        cycle="a cycle",
        person=-1,
        on=dt.date(1997, 1, 1),
    )


def _checks(cycle: str, person: int, on: dt.date, more: tuple[str, ...]) -> HealthCheckQuerySet:
    links = BoroughLink.objects.filter(person=person, borough=OuterRef("borough")).current(on)
    checks = HealthCheck.objects.filter(cycle__slug=cycle).order_by()
    return checks.annotate(is_linked=Exists(links)).select_related("cycle", "borough", *more)
