"""What is done to cycles, health checks and ratings. `save_rating` is the one save path of a rating.

Whoever writes to a health check or to its ratings first locks the health check's row, so that a save
and a submission, a sign-off or the end of the cycle never pass one another.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify
from psycopg.errors import RestrictViolation

from accounts.models import User
from accounts.permissions import Permission
from assessments.models import Criterion, Framework, HealthCheck, Rating, ReviewCycle
from boroughs.models import Borough
from cdrp_portal.history import acting
from cdrp_portal.status import Status

SUBMIT_NEEDS_REASON = frozenset({Status.AMBER, Status.RED, Status.LESS_RELEVANT})
SIGN_OFF_NEEDS_REASON = SUBMIT_NEEDS_REASON | {Status.GREEN}


@dataclass(frozen=True)
class Answer:
    """What a person says of one criterion."""

    value: Status
    rationale: str
    next_step: str

    @classmethod
    def of(cls, rating: Rating) -> "Answer":
        return cls(Status(rating.value), rating.rationale, rating.next_step)


@dataclass(frozen=True)
class Missing:
    """One thing that a health check lacks, as a sentence that says what to do, and where to do it."""

    code: str
    sentence: str


class NotOpen(Exception):
    """The health check cannot be changed in the state it is in; the message says why and what to do."""


class NeedsReason(Exception):
    """A rating that means nothing without its reason was given without one."""


class RatingConflict(Exception):
    """Somebody saved this rating after `mine` was begun. Carries both texts: nothing was overwritten."""

    def __init__(self, *, mine: Answer, theirs: Rating) -> None:
        super().__init__(f"{theirs.rated_by} changed {theirs.criterion} while you were writing.")
        self.mine = mine
        self.theirs = theirs


class NotReady(Exception):
    """The health check lacks something; `missing` says each."""

    def __init__(self, missing: list[Missing]) -> None:
        super().__init__(" ".join(f"{one.sentence}." for one in missing))
        self.missing = missing


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
    _require(by, Permission.MANAGE_CYCLES)
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


def check_version(rating: Rating, version: int) -> bool:
    """Whether the row still is what the person saw when they began."""
    return rating.version == version


@transaction.atomic
def save_rating(
    *,
    health_check: HealthCheck,
    criterion_code: str,
    value: str,
    rationale: str,
    next_step: str,
    version: int,
    by: User,
) -> Rating:
    """Save one answer and return the row as it now stands.

    Saving what already stands changes nothing, whoever saved it first. Raises PermissionDenied,
    Rating.DoesNotExist, NotOpen, NeedsReason, or RatingConflict when `version` is not the row's.
    """
    mine = Answer(Status(value), rationale, next_step)
    rating = (
        Rating.objects.select_for_update(of=("self", "health_check"))
        .select_related("health_check__cycle", "criterion")
        .get(health_check=health_check, criterion__code=criterion_code)
    )
    # Which borough it is of never changes, and the caller's has been fetched already.
    rating.health_check.borough = health_check.borough
    _require(by, Permission.RATE, rating.health_check)
    _require_open(rating.health_check)
    if mine == Answer.of(rating):
        return rating
    if not check_version(rating, version):
        raise RatingConflict(mine=mine, theirs=rating)
    if mine.value == Status.LESS_RELEVANT and not mine.rationale:
        raise NeedsReason(_say_why(rating.criterion, mine.value))
    rating.value, rating.rationale, rating.next_step = mine.value, mine.rationale, mine.next_step
    rating.version += 1
    rating.rated_at, rating.rated_by = timezone.now(), by
    with _open_to_the_end(rating.health_check), acting(by):
        rating.save(update_fields=["value", "rationale", "next_step", "version", "rated_at", "rated_by"])
    return rating


def missing_for_submission(ratings: Iterable[Rating]) -> list[Missing]:
    """What keeps these answers from being submitted: each unanswered criterion, each missing reason."""
    return _missing(ratings, SUBMIT_NEEDS_REASON)


def missing_for_sign_off(ratings: Iterable[Rating]) -> list[Missing]:
    """What does not keep these answers from being submitted, but will keep them from being signed off."""
    return _missing(ratings, SIGN_OFF_NEEDS_REASON - SUBMIT_NEEDS_REASON, unanswered=False)


@transaction.atomic
def submit(*, health_check: HealthCheck, by: User) -> HealthCheck:
    """Hand the health check to the head. Raises NotReady with a sentence for each thing it lacks."""
    check = _locked(health_check)
    _require(by, Permission.RATE, check)
    _require_open(check)
    _require_complete(check, SUBMIT_NEEDS_REASON)
    check.state = HealthCheck.State.SUBMITTED
    check.submitted_at, check.submitted_by = timezone.now(), by
    return _save_state(check, by)


@transaction.atomic
def withdraw(*, health_check: HealthCheck, by: User) -> HealthCheck:
    """Take a submission back, so that it can be changed; not once it is signed off."""
    check = _locked(health_check)
    _require(by, Permission.RATE, check)
    _require_state(check, HealthCheck.State.SUBMITTED)
    check.state = HealthCheck.State.DRAFT
    check.submitted_at = check.submitted_by = None
    return _save_state(check, by)


@transaction.atomic
def sign_off(*, health_check: HealthCheck, by: User) -> HealthCheck:
    """Accept a submission. Every rating then needs its reason, green ones too (DESIGN §4)."""
    check = _locked(health_check)
    _require(by, Permission.MODERATE, check)
    _require_state(check, HealthCheck.State.SUBMITTED)
    _require_complete(check, SIGN_OFF_NEEDS_REASON)
    check.state = HealthCheck.State.SIGNED_OFF
    check.signed_off_at, check.signed_off_by = timezone.now(), by
    return _save_state(check, by)


@transaction.atomic
def close_cycle(*, cycle: ReviewCycle, by: User) -> ReviewCycle:
    """End the cycle for good: from here on the database refuses every change to its ratings."""
    _require(by, Permission.MANAGE_CYCLES)
    list(HealthCheck.objects.select_for_update().filter(cycle=cycle).order_by("pk").values_list("pk"))
    cycle = ReviewCycle.objects.select_for_update().get(pk=cycle.pk)
    if not cycle.is_open:
        raise NotOpen(f"{cycle} is already closed.")
    cycle.closed_at, cycle.closed_by = timezone.now(), by
    with acting(by):
        cycle.save(update_fields=["closed_at", "closed_by"])
    return cycle


def _require(by: User, permission: Permission, check: HealthCheck | None = None) -> None:
    if not by.may(permission, check):
        raise PermissionDenied(f"{by} may not {permission.value} here.")


def _locked(health_check: HealthCheck) -> HealthCheck:
    checks = HealthCheck.objects.select_for_update(of=("self",)).select_related("cycle", "borough")
    return checks.get(pk=health_check.pk)


@contextmanager
def _open_to_the_end(check: HealthCheck) -> Iterator[None]:
    """The cycle may be closed while one waits for the lock; the database then has the last word."""
    try:
        yield
    except IntegrityError as refused:
        if isinstance(refused.__cause__, RestrictViolation):
            raise NotOpen(f"{check.cycle} is closed. Nothing in it can be changed.") from refused
        raise


def _require_state(check: HealthCheck, state: str) -> None:
    if not check.cycle.is_open:
        raise NotOpen(f"{check.cycle} is closed. Nothing in it can be changed.")
    if check.state == state:
        return
    raise NotOpen(
        {
            HealthCheck.State.DRAFT: f"{check.subject_name} has not been submitted.",
            HealthCheck.State.SUBMITTED: (
                f"{check.subject_name} has been submitted. Take it back to change it."
            ),
            HealthCheck.State.SIGNED_OFF: f"{check.subject_name} has been signed off and cannot be changed.",
        }[HealthCheck.State(check.state)]
    )


def _require_open(check: HealthCheck) -> None:
    _require_state(check, HealthCheck.State.DRAFT)


def _require_complete(check: HealthCheck, needs_reason: frozenset[Status]) -> None:
    missing = _missing(
        check.ratings.select_related("criterion").order_by("criterion__position"), needs_reason
    )
    if missing:
        raise NotReady(missing)


def _missing(
    ratings: Iterable[Rating], needs_reason: frozenset[Status], *, unanswered: bool = True
) -> list[Missing]:
    missing = []
    for rating in ratings:
        if unanswered and rating.value == Status.NOT_ASSESSED:
            missing.append(Missing(rating.criterion.code, f"Answer {rating.criterion}"))
        elif rating.value in needs_reason and not rating.rationale:
            missing.append(Missing(rating.criterion.code, _say_why(rating.criterion, rating.value)))
    return missing


def _say_why(criterion: Criterion, value: str) -> str:
    return f"Say why {criterion} is {Status(value).label.lower()}"


def _save_state(check: HealthCheck, by: User) -> HealthCheck:
    with _open_to_the_end(check), acting(by):
        check.save(update_fields=["state", "submitted_at", "submitted_by", "signed_off_at", "signed_off_by"])
    return check
