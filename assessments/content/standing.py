"""How far each borough's health check is in a cycle, and what it says so far: one row a borough."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Count, Max, Q

from accounts.models import User
from assessments.models import OPEN_STATES, HealthCheck, ReviewCycle
from boroughs.models import Borough, BoroughLink
from cdrp_portal.status import Status

BEHIND_BELOW = 10
BEHIND_AFTER = 0.75


@dataclass(frozen=True)
class Standing:
    """One borough in one cycle. `counts` is empty where the reader may not see the ratings yet."""

    borough: Borough
    state: str
    state_words: str
    asked: int
    answered: int
    last_change: dt.datetime | None
    is_visible: bool
    is_behind: bool
    counts: dict[str, int] = field(default_factory=dict)
    officers: tuple[User, ...] = ()
    members: tuple[User, ...] = ()
    cover: tuple[User, ...] = ()
    vacant_since: dt.date | None = None

    @property
    def is_vacant(self) -> bool:
        """No link member is appointed today; cover does not fill the seat."""
        return not self.members

    @property
    def is_finished(self) -> bool:
        return self.state not in OPEN_STATES


def time_gone(cycle: ReviewCycle, on: dt.date) -> float:
    """The share of the cycle's days that have gone: 0 before it opens, 1 from the day it closes."""
    days = (cycle.closes_on - cycle.opens_on).days
    return min(max((on - cycle.opens_on).days / days, 0.0), 1.0)


def is_behind(cycle: ReviewCycle, state: str, answered: int, on: dt.date) -> bool:
    """Fewer than 10 answered when three quarters of the cycle's time has gone (DESIGN §7)."""
    return state in OPEN_STATES and answered < BEHIND_BELOW and time_gone(cycle, on) >= BEHIND_AFTER


def standings(
    cycle: ReviewCycle, user: User, on: dt.date, *, theme: str = "", boroughs: list[Borough] | None = None
) -> list[Standing]:
    """Each borough's standing in the cycle, by name; `theme` counts its criteria alone. Four queries.

    How far a health check is may be seen by everyone who reads boroughs; what it says only where
    `HealthCheck.visible_to` allows.
    """
    of_theme = Q(ratings__criterion__theme__code=theme) if theme else Q()
    checks = cycle.health_checks.of_boroughs().select_related("borough")
    if boroughs is not None:
        checks = checks.filter(borough__in=boroughs)
    checks = checks.annotate(
        asked=Count("ratings"),
        answered=Count("ratings", filter=~Q(ratings__value=Status.NOT_ASSESSED)),
        last_change=Max("ratings__rated_at"),
        **{
            f"count_{status.value}": Count("ratings", filter=Q(ratings__value=status.value) & of_theme)
            for status in Status
        },
    ).order_by("borough__name")
    visible = set(HealthCheck.objects.visible_to(user).filter(cycle=cycle).values_list("pk", flat=True))
    links = _links(on)
    ended = _ended_member_links(on)
    return [
        Standing(
            borough=borough,
            state=check.state,
            state_words=str(check.get_state_display()),
            asked=check.asked,
            answered=check.answered,
            last_change=check.last_change,
            is_visible=check.pk in visible,
            is_behind=is_behind(cycle, check.state, check.answered, on),
            counts=_counts(check) if check.pk in visible else {},
            officers=tuple(links[borough.pk, "officer"]),
            members=tuple(links[borough.pk, "member"]),
            cover=tuple(links[borough.pk, "member_cover"]),
            vacant_since=None if links[borough.pk, "member"] else ended.get(borough.pk),
        )
        for check in checks
        if (borough := check.borough) is not None
    ]


def _counts(check: HealthCheck) -> dict[str, int]:
    return {status.value: getattr(check, f"count_{status.value}") for status in Status}


def _links(on: dt.date) -> dict[tuple[int, str], list[User]]:
    people: dict[tuple[int, str], list[User]] = defaultdict(list)
    for link in BoroughLink.objects.current(on).select_related("person").order_by("person__name"):
        people[link.borough_id, link.kind].append(link.person)
    return people


def _ended_member_links(on: dt.date) -> dict[int, dt.date]:
    """The day from which a borough's last link member was no longer appointed."""
    ended = BoroughLink.objects.of_kind("member").filter(period__endswith__lte=on)
    return {
        borough: last
        for borough, last in ended.values_list("borough").annotate(last=Max("period__endswith"))
        if last is not None
    }
