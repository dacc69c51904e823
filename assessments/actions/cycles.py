"""Opening a review cycle, changing its days and its officers, and closing it for good."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from accounts.models import User
from accounts.permissions import Permission
from assessments.actions.carrying import carry_forward
from assessments.actions.guards import NotOpen, require
from assessments.actions.sets import NothingChanged
from assessments.actions.stand_ins import end_standing_in, let_stand_in
from assessments.content.snapshot import content_of, digest_of
from assessments.models import Criterion, CycleSnapshot, Framework, HealthCheck, Rating, ReviewCycle
from boroughs.models import Borough
from cdrp_portal.history import acting

# A cycle is addressed as /assessments/<its name>/, where these words lead elsewhere.
TAKEN_WORDS = frozenset({"new", "frameworks"})


@dataclass(frozen=True)
class Days:
    """The days of a cycle. No day to submit or to sign off by: the last day."""

    opens_on: date
    submit_by: date | None
    moderate_by: date | None
    closes_on: date

    @classmethod
    def of(cls, cycle: ReviewCycle) -> "Days":
        return cls(cycle.opens_on, cycle.submit_by, cycle.moderate_by, cycle.closes_on)

    def wrong(self) -> str:
        """What is wrong with their order, as a sentence; empty where nothing is."""
        if self.closes_on <= self.opens_on:
            return "Give a closing day after the opening day."
        for day, what in ((self.submit_by, "submit by"), (self.moderate_by, "sign off by")):
            if day is not None and not self.opens_on <= day <= self.closes_on:
                return f"Give a day to {what} between the opening and the closing day."
        if self.submit_by and self.moderate_by and self.moderate_by < self.submit_by:
            return "Give a day to sign off by that is not before the day to submit by."
        return ""


class CycleRefused(Exception):
    """The cycle cannot be opened or changed so; the message says why."""


class NameTaken(CycleRefused):
    """There is a cycle of this name already: `cycle`."""

    def __init__(self, cycle: ReviewCycle) -> None:
        super().__init__(f"There is a cycle called {cycle} already. Give another name.")
        self.cycle = cycle


class OfficerConflict(Exception):
    """Somebody named another officer meanwhile. Nothing was overwritten."""

    def __init__(self, check: HealthCheck) -> None:
        now = check.officer.name if check.officer else "its own officer"
        super().__init__(f"{check.subject_name} was given to {now} while you were choosing. Choose again.")


class DaysConflict(Exception):
    """Somebody changed the days after these were opened: `theirs` stand. Nothing was overwritten."""

    def __init__(self, theirs: Days) -> None:
        super().__init__("Somebody changed the days while you were writing.")
        self.theirs = theirs


@transaction.atomic
def open_cycle(
    *,
    framework: Framework,
    name: str,
    opens_on: date,
    closes_on: date,
    previous: ReviewCycle | None,
    by: User,
    submit_by: date | None = None,
    moderate_by: date | None = None,
    officers: Mapping[int, User] | None = None,
    carry: bool = False,
    is_demonstration: bool = False,
) -> ReviewCycle:
    """Ask `framework` of every borough and of the Authority, with an unanswered rating for each criterion.

    `officers` are those who are responsible in this cycle alone, by borough, and stand in for its officer;
    `carry` brings the answers of `previous` along, not re-confirmed. Raises CycleRefused, and NameTaken
    the second time.
    """
    require(by, Permission.MANAGE_CYCLES)
    # Of two who open one at once, of whatever framework, the second waits here and meets that name.
    locked = {one.pk: one for one in Framework.objects.select_for_update().order_by("pk")}
    framework = locked[framework.pk]
    slug = slugify(name)
    require_openable(framework, name, Days(opens_on, submit_by, moderate_by, closes_on))
    with acting(by):
        cycle = ReviewCycle.objects.create(
            framework=framework,
            name=name,
            slug=slug,
            opens_on=opens_on,
            submit_by=submit_by,
            moderate_by=moderate_by,
            closes_on=closes_on,
            previous=previous,
            is_demonstration=is_demonstration,
        )
        subjects: list[Borough | None] = [None, *Borough.objects.all()]
        chosen = officers or {}
        checks = HealthCheck.objects.bulk_create(
            HealthCheck(cycle=cycle, borough=borough, officer=chosen.get(borough.pk) if borough else None)
            for borough in subjects
        )
        criteria = Criterion.objects.filter(theme__framework=framework)
        asked_of_boroughs = list(criteria.asked_of_boroughs())
        Rating.objects.bulk_create(
            Rating(health_check=check, criterion=criterion)
            for check in checks
            for criterion in (asked_of_boroughs if check.borough_id else criteria)
        )
        for check in checks:
            _let_stand_in(check, by)
    if carry and previous is not None:
        _carry(cycle, by)
    return cycle


def require_openable(framework: Framework, name: str, days: Days) -> None:
    """Raises CycleRefused, or NameTaken, where `open_cycle` would."""
    slug = slugify(name)
    if framework.is_draft:
        raise CycleRefused(f"{framework} is still a draft. Publish it first.")
    if not slug or slug in TAKEN_WORDS:
        raise CycleRefused("Give a name with letters in it, such as Autumn 2010.")
    if wrong := days.wrong():
        raise CycleRefused(wrong)
    # Two names may lead to one address: "Autumn 2010" and "Autumn, 2010".
    if (namesake := ReviewCycle.objects.filter(slug=slug).first()) is not None:
        raise NameTaken(namesake)


def _carry(cycle: ReviewCycle, by: User) -> None:
    try:
        carry_forward(cycle=cycle, by=by)
    except NothingChanged:
        # An earlier cycle that nobody answered leaves nothing to bring along.
        return


@transaction.atomic
def set_days(*, cycle: ReviewCycle, days: Days, seen: Days | None, by: User) -> ReviewCycle:
    """Change the days of an open cycle. Raises CycleRefused, NotOpen, or DaysConflict."""
    require(by, Permission.MANAGE_CYCLES)
    cycle = _open_and_locked(cycle)
    if wrong := days.wrong():
        raise CycleRefused(wrong)
    standing = Days.of(cycle)
    if standing not in (seen, days):
        raise DaysConflict(standing)
    cycle.opens_on, cycle.submit_by, cycle.moderate_by, cycle.closes_on = astuple(days)
    if standing != days:
        with acting(by):
            cycle.save(update_fields=["opens_on", "submit_by", "moderate_by", "closes_on"])
    return cycle


@transaction.atomic
def set_officer(
    *, health_check: HealthCheck, officer: User | None, seen: int | None, by: User
) -> HealthCheck:
    """Say who is responsible for it in this cycle; nobody of its own: the borough's officer is.

    Whoever is named may rate it until the cycle is closed, and nobody who was named before them.
    `seen` is whom the page showed, by number. Raises NotOpen or OfficerConflict.
    """
    require(by, Permission.MANAGE_CYCLES)
    checks = HealthCheck.objects.select_for_update(of=("self",)).select_related("borough", "officer")
    check = checks.get(pk=health_check.pk)
    _open_and_locked(check.cycle)
    chosen = officer.pk if officer else None
    if check.officer_id == chosen:
        return check
    if check.officer_id != seen:
        raise OfficerConflict(check)
    check.officer = officer
    with acting(by):
        check.save(update_fields=["officer"])
        end_standing_in(today=timezone.localdate(), by=by)
        _let_stand_in(check, by)
    return check


@transaction.atomic
def set_officers(*, chosen: Mapping[int, tuple[User | None, int | None]], by: User) -> None:
    """The same for many health checks, all of them or none: by primary key, each officer with `seen`."""
    require(by, Permission.MANAGE_CYCLES)
    # All are held before the cycle is: whoever holds one of them waits for the cycle, not the other way.
    held = HealthCheck.objects.select_for_update(of=("self",)).filter(pk__in=chosen).order_by("pk")
    for check in list(held):
        officer, seen = chosen[check.pk]
        set_officer(health_check=check, officer=officer, seen=seen, by=by)


def _let_stand_in(check: HealthCheck, by: User) -> None:
    if check.borough and check.officer:
        let_stand_in(borough=check.borough, officer=check.officer, today=timezone.localdate(), by=by)


def _open_and_locked(cycle: ReviewCycle) -> ReviewCycle:
    cycle = ReviewCycle.objects.select_for_update().get(pk=cycle.pk)
    if not cycle.is_open:
        raise NotOpen(f"{cycle} is already closed.")
    return cycle


@transaction.atomic
def close_cycle(*, cycle: ReviewCycle, by: User) -> ReviewCycle:
    """End the cycle for good, and keep what it held.

    From here on the database refuses every change to its ratings. Whoever writes one holds its health
    check: with all of them held, and the cycle closed, the snapshot is of one moment.
    """
    require(by, Permission.MANAGE_CYCLES)
    list(HealthCheck.objects.select_for_update().filter(cycle=cycle).order_by("pk").values_list("pk"))
    cycle = _open_and_locked(cycle)
    cycle.closed_at, cycle.closed_by = timezone.now(), by
    with acting(by):
        cycle.save(update_fields=["closed_at", "closed_by"])
        end_standing_in(today=timezone.localdate(), by=by)
        take_snapshot(cycle)
    return cycle


def take_snapshot(cycle: ReviewCycle) -> CycleSnapshot:
    """Keep what a closed cycle holds. It is never taken again."""
    content = content_of(cycle)
    return CycleSnapshot.objects.create(
        cycle=cycle,
        content=content,
        sha256=digest_of(content),
        taken_at=cycle.closed_at or timezone.now(),
    )
