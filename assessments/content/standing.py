"""How far each borough's health check is in a cycle, and what it says so far: one row a borough."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Count, Max
from django.utils import timezone

from accounts.models import User
from assessments.models import OPEN_STATES, HealthCheck, Rating, ReviewCycle
from assessments.reach import Reach
from boroughs.models import Borough, BoroughLink
from cdrp_portal.prepared import Prepared
from cdrp_portal.status import Status

BY_VALUE = Prepared(
    lambda cycle: (
        Rating.objects.filter(health_check__cycle=cycle)
        .order_by()
        .values_list("health_check_id", "value", "is_carried")
        .annotate(number=Count("pk"), last=Max("rated_at"))
    ),
    cycle=-1,
)
BY_THEME = Prepared(
    lambda cycle: (
        Rating.objects.filter(health_check__cycle=cycle)
        .order_by()
        .values("health_check_id", "value", "is_carried", "criterion__theme__code")
        .annotate(number=Count("pk"), last=Max("rated_at"))
        .values_list("health_check_id", "value", "is_carried", "number", "last", "criterion__theme__code")
    ),
    cycle=-1,
)
# The day from which a borough's last link member was no longer appointed.
ENDED = Prepared(
    lambda on: (
        BoroughLink.objects.of_kind("member")
        .filter(period__endswith__lte=on)
        .order_by()
        .values_list("borough")
        .annotate(last=Max("period__endswith"))
    ),
    on=dt.date(1997, 1, 1),
)
LINKS = Prepared(
    lambda on: BoroughLink.objects.current(on).select_related("person").order_by("person__name"),
    on=dt.date(1997, 1, 1),
)

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
    # Brought along from the cycle before and not re-confirmed: not answered yet.
    carried: int = 0
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
    checks = cycle.health_checks.of_boroughs().select_related("borough").order_by("borough__name")
    if boroughs is not None:
        checks = checks.filter(borough__in=boroughs)
    tallies = _tallies(cycle, theme)
    links = _links(on)
    ended = dict(ENDED.rows(on=on))
    own = {borough for (borough, _kind), people in links.items() if user in people}
    reach = Reach(user, own if on == timezone.localdate() else None)
    return [
        _standing(cycle, check, borough, tallies[check.pk], reach, on, links, ended)
        for check in checks
        if (borough := check.borough) is not None
    ]


def _standing(
    cycle: ReviewCycle,
    check: HealthCheck,
    borough: Borough,
    tally: "_Tally",
    reach: Reach,
    on: dt.date,
    links: dict[tuple[int, str], list[User]],
    ended: dict[int, dt.date],
) -> Standing:
    is_visible = reach.reaches(check.state, borough.pk)
    return Standing(
        borough=borough,
        state=check.state,
        state_words=str(check.get_state_display()),
        asked=tally.asked,
        answered=tally.answered,
        carried=tally.carried,
        last_change=tally.last_change,
        is_visible=is_visible,
        is_behind=is_behind(cycle, check.state, tally.answered, on),
        counts=tally.counts if is_visible else {},
        officers=tuple(links[borough.pk, "officer"]),
        members=tuple(links[borough.pk, "member"]),
        cover=tuple(links[borough.pk, "member_cover"]),
        vacant_since=None if links[borough.pk, "member"] else ended.get(borough.pk),
    )


@dataclass
class _Tally:
    """The ratings of one health check: `counts` of the theme that is asked for, the rest of all of them."""

    asked: int = 0
    answered: int = 0
    carried: int = 0
    last_change: dt.datetime | None = None
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Status.values, 0))


def _tallies(cycle: ReviewCycle, theme: str) -> dict[int, _Tally]:
    tallies: dict[int, _Tally] = defaultdict(_Tally)
    rows = (BY_THEME if theme else BY_VALUE).rows(cycle=cycle.pk)
    for check, value, is_carried, number, last, *of_theme in rows:
        tally = tallies[check]
        tally.asked += number
        # What was carried stands, and is no answer of this cycle before it is confirmed.
        if is_carried:
            tally.carried += number
        elif value != Status.NOT_ASSESSED:
            tally.answered += number
        if last is not None and (tally.last_change is None or last > tally.last_change):
            tally.last_change = last
        if of_theme in ([], [theme]):
            tally.counts[value] += number
    return tallies


def _links(on: dt.date) -> dict[tuple[int, str], list[User]]:
    people: dict[tuple[int, str], list[User]] = defaultdict(list)
    for link in LINKS.objects(on=on):
        people[link.borough_id, link.kind].append(link.person)
    return people
