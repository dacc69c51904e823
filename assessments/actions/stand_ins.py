"""Who is named for a borough in one cycle stands in for its officer until that cycle is closed.

Who may rate a borough is told by its dated links alone (DESIGN §5), so a stand-in is linked to it as cover.
"""

from contextlib import suppress
from datetime import date, timedelta

from accounts.models import User
from accounts.permissions import Permission, Scope
from assessments.models import HealthCheck
from boroughs.actions import LinkOverlapError, assign_link, end_link
from boroughs.models import Borough, BoroughLink

# What such a link says of its origin, and what it is found by.
REASON = "Named as responsible in a review cycle"


def let_stand_in(*, borough: Borough, officer: User, today: date, by: User) -> None:
    """Link them as cover from that day on, unless they may rate the borough anyway."""
    if not officer.is_active or officer.scope(Permission.RATE) is not Scope.LINKED:
        return
    links = BoroughLink.objects.for_person(officer).filter(borough=borough)
    if links.current(today).exists():
        return
    later = links.filter(period__startswith__gt=today).order_by("period").first()
    # Somebody who links them in the same moment leaves nothing to do.
    with suppress(LinkOverlapError):
        assign_link(
            borough=borough,
            person=officer,
            kind=BoroughLink.Kind.OFFICER_COVER,
            starts_on=today,
            ends_on=later.period.lower - timedelta(days=1) if later else None,
            appointed_by=REASON,
            by=by,
        )


def end_standing_in(*, today: date, by: User) -> None:
    """End the links of stand-ins whom no open cycle names any more; the day before was their last."""
    named = set(
        HealthCheck.objects.filter(cycle__closed_at=None)
        .exclude(officer=None)
        .values_list("borough", "officer")
    )
    for link in BoroughLink.objects.current(today).filter(appointed_by=REASON):
        if (link.borough_id, link.person_id) in named:
            continue
        if link.period.lower == today:
            link.delete()
        else:
            end_link(link=link, ends_on=today - timedelta(days=1), by=by)
