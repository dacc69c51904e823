"""The review cycles, newest first; and what opening one would create."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils.text import get_text_list

from accounts.models import User
from accounts.permissions import Permission
from assessments.actions.carrying import carried_from
from assessments.actions.cycles import Days
from assessments.content.continuity import continuity
from assessments.models import OPEN_STATES, Criterion, Framework, HealthCheck, ReviewCycle
from boroughs.models import Borough, BoroughLink
from cdrp_portal.status import Status

ANSWERED = ~Q(ratings__value=Status.NOT_ASSESSED) & Q(ratings__is_carried=False)
OPEN_FOR = dt.timedelta(days=59)
SUBMIT_AFTER = dt.timedelta(days=42)
SIGN_OFF_AFTER = dt.timedelta(days=52)


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
            .annotate(total=Count("ratings"), answered=Count("ratings", filter=ANSWERED))
            .order_by("-cycle__opens_on", "borough__name")
        )
    return {
        "cycles": list(cycles),
        "own": list(own),
        "may_manage": user.may(Permission.MANAGE_CYCLES),
        "may_write_frameworks": user.may(Permission.MANAGE_FRAMEWORKS),
    }


def proposed(today: dt.date) -> dict[str, Any]:
    """What the form for a new cycle begins with: the next half-year that has no cycle, from today."""
    half = today.year * 2 + (today.month > 6)
    taken = set(ReviewCycle.objects.values_list("name", flat=True))
    name = next(
        season for season in (_season(half + later) for later in range(len(taken) + 1)) if season not in taken
    )
    return {
        "name": name,
        "framework": Framework.objects.filter(is_draft=False).order_by("-published_on", "-version").first(),
        "previous": ReviewCycle.objects.newest_first().first(),
        "opens_on": today,
        "submit_by": today + SUBMIT_AFTER,
        "moderate_by": today + SIGN_OFF_AFTER,
        "closes_on": today + OPEN_FOR,
        "carry": True,
    }


def _season(half: int) -> str:
    return f"{'Autumn' if half % 2 else 'Spring'} {half // 2}"


@dataclass(frozen=True)
class People:
    """Who is linked to each borough on a day, by borough."""

    members: Mapping[int, list[User]]
    officers: Mapping[int, list[User]]
    # Everyone who may rate it by a link, cover included.
    raters: Mapping[int, frozenset[int]]

    def officer(self, borough: int | None) -> User | None:
        """The borough's own officer, who is responsible where a cycle names nobody."""
        return next(iter(self.officers.get(borough, ())), None) if borough else None

    def officer_words(self, borough: int) -> str:
        officer = self.officer(borough)
        return f"{officer.name}, the borough’s own" if officer else "Nobody: no officer is linked"

    def member_words(self, borough: int) -> str:
        return get_text_list([person.name for person in self.members.get(borough, ())], "and")


def read_people(on: dt.date) -> People:
    members, officers, raters = defaultdict(list), defaultdict(list), defaultdict(set)
    for link in BoroughLink.objects.current(on).select_related("person").order_by("person__name"):
        if link.kind == BoroughLink.Kind.MEMBER:
            members[link.borough_id].append(link.person)
        elif link.kind == BoroughLink.Kind.OFFICER:
            officers[link.borough_id].append(link.person)
        if link.person.may(Permission.RATE):
            raters[link.borough_id].add(link.person_id)
    return People(members, officers, {borough: frozenset(found) for borough, found in raters.items()})


@dataclass(frozen=True)
class PlannedCheck:
    """One health check that would be created."""

    borough: Borough | None
    member: str
    asked: int
    carried: int

    @property
    def subject_name(self) -> str:
        return self.borough.name if self.borough else "The Authority"

    @property
    def is_vacant(self) -> bool:
        return self.borough is not None and not self.member


@dataclass(frozen=True)
class Plan:
    """What opening a cycle would create. Nothing of it is stored."""

    checks: list[PlannedCheck]
    new: list[Criterion]
    dropped: list[Criterion]
    not_comparable: list[Criterion]
    people: People

    @property
    def boroughs(self) -> list[Borough]:
        return [check.borough for check in self.checks if check.borough]

    @property
    def ratings(self) -> int:
        return sum(check.asked for check in self.checks)

    @property
    def carried(self) -> int:
        return sum(check.carried for check in self.checks)

    @property
    def vacant(self) -> list[PlannedCheck]:
        return [check for check in self.checks if check.is_vacant]

    @property
    def without_officer(self) -> list[Borough]:
        return [borough for borough in self.boroughs if self.people.officer(borough.pk) is None]


def read_plan(framework: Framework, previous: ReviewCycle | None, *, carry: bool, on: dt.date) -> Plan:
    criteria = list(Criterion.objects.filter(theme__framework=framework).order_by("position"))
    of_boroughs = {one.code for one in criteria if one.borough_wording}
    people = read_people(on)
    carried: Counter[int | None] = Counter()
    if previous is not None and carry:
        answers = carried_from(framework.pk, previous)
        carried.update(borough for borough, code in answers if borough is None or code in of_boroughs)
    subjects: list[Borough | None] = [None, *Borough.objects.all()]
    return Plan(
        checks=[
            PlannedCheck(
                borough=borough,
                member=people.member_words(borough.pk) if borough else "",
                asked=len(of_boroughs) if borough else len(criteria),
                carried=carried[borough.pk if borough else None],
            )
            for borough in subjects
        ],
        people=people,
        **_changed(criteria, framework, previous),
    )


def _changed(
    criteria: list[Criterion], framework: Framework, previous: ReviewCycle | None
) -> dict[str, list[Criterion]]:
    if previous is None or previous.framework_id == framework.pk:
        return {"new": [], "dropped": [], "not_comparable": []}
    rule = continuity(framework.pk, previous.framework_id)
    before = list(Criterion.objects.filter(theme__framework=previous.framework_id).order_by("position"))
    dropped = set(rule.dropped([one.code for one in before]))
    earlier = {one.code: rule.earlier(one.code) for one in criteria}
    return {
        "new": [one for one in criteria if earlier[one.code] is None],
        "dropped": [one for one in before if one.code in dropped],
        "not_comparable": [
            one for one in criteria if (was := earlier[one.code]) is not None and not was.is_comparable
        ],
    }


def days_of(data: Mapping[str, Any]) -> Days:
    """The days of a form that was filled in rightly."""
    return Days(data["opens_on"], data["submit_by"], data["moderate_by"], data["closes_on"])
