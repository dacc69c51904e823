"""The steps of a health check's life: draft, submitted, returned or moderated, signed off.

Whoever submitted a borough's health check does not moderate it (docs/decisions/0012): `require_other` asks.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Permission
from assessments.actions.guards import locked, open_to_the_end, require, require_open, require_state
from assessments.actions.ratings import (
    SIGN_OFF_NEEDS_REASON,
    SUBMIT_NEEDS_REASON,
    Missing,
    NeedsReason,
    missing_reasons,
)
from assessments.models import HealthCheck, Rating
from cdrp_portal.history import acting
from cdrp_portal.status import Status

State = HealthCheck.State
WITH_THE_HEAD = (State.SUBMITTED, State.MODERATED)
STATE_FIELDS = (
    "state",
    "state_reason",
    "submitted_at",
    "submitted_by",
    "moderated_at",
    "moderated_by",
    "signed_off_at",
    "signed_off_by",
)


class NotReady(Exception):
    """The health check lacks something; `missing` says each."""

    def __init__(self, missing: list[Missing]) -> None:
        super().__init__(" ".join(f"{one.sentence}." for one in missing))
        self.missing = missing


class OwnWork(Exception):
    """Somebody would judge what they submitted themselves; the message says what to do."""


class ChangedMeanwhile(Exception):
    """An answer was changed after the page was opened on which this was decided."""


@transaction.atomic
def submit(*, health_check: HealthCheck, by: User) -> HealthCheck:
    """Hand the health check to the head. Raises NotReady with a sentence for each thing it lacks."""
    check = locked(health_check)
    require(by, Permission.RATE, check)
    require_open(check)
    _require_complete(check, SUBMIT_NEEDS_REASON)
    check.state, check.state_reason = State.SUBMITTED, ""
    check.submitted_at, check.submitted_by = timezone.now(), by
    return _save_state(check, by)


@transaction.atomic
def withdraw(*, health_check: HealthCheck, by: User) -> HealthCheck:
    """Take a submission back, so that it can be changed; not once it is moderated."""
    check = locked(health_check)
    require(by, Permission.RATE, check)
    require_state(check, State.SUBMITTED)
    check.state = State.DRAFT
    check.submitted_at = check.submitted_by = None
    return _save_state(check, by)


@transaction.atomic
def return_to_officer(*, health_check: HealthCheck, reason: str, by: User) -> HealthCheck:
    """Give it back to be changed, with the reason. Flags and the moderator's changes stay as they are."""
    check = locked(health_check)
    require(by, Permission.MODERATE, check)
    require_state(check, *WITH_THE_HEAD)
    return _give_back(check, reason, f"Say why {check.subject_name} is returned.", by)


@transaction.atomic
def mark_moderated(*, health_check: HealthCheck, by: User, seen: int | None = None) -> HealthCheck:
    """Say that it has been looked through. Raises OwnWork, or ChangedMeanwhile when `seen` is not so."""
    check = locked(health_check)
    require(by, Permission.MODERATE, check)
    require_state(check, State.SUBMITTED)
    require_other(check, by)
    _require_seen(check, seen)
    check.state = State.MODERATED
    check.moderated_at, check.moderated_by = timezone.now(), by
    return _save_state(check, by)


@transaction.atomic
def moderate_again(*, health_check: HealthCheck, by: User) -> HealthCheck:
    """The way back from moderated, as long as it is not signed off."""
    check = locked(health_check)
    require(by, Permission.MODERATE, check)
    require_state(check, State.MODERATED)
    check.state = State.SUBMITTED
    check.moderated_at = check.moderated_by = None
    return _save_state(check, by)


@transaction.atomic
def sign_off(*, health_check: HealthCheck, by: User, seen: int | None = None) -> HealthCheck:
    """Accept a submission for good: every rating has its reason, green ones too (DESIGN §4), and no flag.

    Raises NotReady, OwnWork, or ChangedMeanwhile when `seen` is not what `seen_of` now gives.
    """
    check = locked(health_check)
    require(by, Permission.MODERATE, check)
    require_state(check, *WITH_THE_HEAD)
    require_other(check, by)
    _require_seen(check, seen)
    missing = before_sign_off(_ratings(check))
    if missing:
        raise NotReady(missing)
    check.state = State.SIGNED_OFF
    if check.moderated_at is None:
        check.moderated_at, check.moderated_by = timezone.now(), by
    check.signed_off_at, check.signed_off_by = timezone.now(), by
    return _save_state(check, by)


@transaction.atomic
def reopen(*, health_check: HealthCheck, reason: str, by: User) -> HealthCheck:
    """Undo the sign-off, with the reason: its officer may change it, and submits it anew."""
    check = locked(health_check)
    require(by, Permission.MODERATE, check)
    require_state(check, State.SIGNED_OFF)
    return _give_back(check, reason, f"Say why {check.subject_name} is opened again.", by)


def before_sign_off(ratings: Iterable[Rating]) -> list[Missing]:
    """All that keeps these answers from being signed off, in the order of the criteria."""
    missing = []
    for rating in ratings:
        missing += missing_reasons([rating], SIGN_OFF_NEEDS_REASON)
        if rating.flag_note:
            missing.append(Missing(rating.criterion.code, f"Settle the flag on {rating.criterion}"))
    return missing


def seen_of(health_check: HealthCheck) -> int:
    """A number that is another one as soon as any answer was saved: versions only ever rise."""
    total: int | None = health_check.ratings.aggregate(total=Sum("version"))["total"]
    return total or 0


def is_own_work(check: HealthCheck, by: User) -> bool:
    """Whether they would judge what they submitted. The Authority's nobody but the head can submit."""
    return check.borough_id is not None and check.submitted_by_id == by.pk


def require_other(check: HealthCheck, by: User) -> None:
    if is_own_work(check, by):
        raise OwnWork(
            f"You submitted {check.subject_name} yourself, so somebody else has to look at it. "
            "Return it to its officer, who can submit it, or ask another head of partnerships."
        )


def _require_seen(check: HealthCheck, seen: int | None) -> None:
    if seen is not None and seen != seen_of(check):
        raise ChangedMeanwhile(
            f"An answer of {check.subject_name} has changed since you opened this page. "
            "Look at it again first."
        )


def _require_complete(check: HealthCheck, needs_reason: frozenset[Status]) -> None:
    missing = missing_reasons(_ratings(check), needs_reason)
    if missing:
        raise NotReady(missing)


def _ratings(check: HealthCheck) -> Iterable[Rating]:
    return check.ratings.select_related("criterion").order_by("criterion__position")


def _give_back(check: HealthCheck, reason: str, asked: str, by: User) -> HealthCheck:
    if not reason.strip():
        raise NeedsReason(asked)
    check.state, check.state_reason = State.RETURNED, reason.strip()
    check.submitted_at = check.submitted_by = check.moderated_at = check.moderated_by = None
    check.signed_off_at = check.signed_off_by = None
    return _save_state(check, by)


def _save_state(check: HealthCheck, by: User) -> HealthCheck:
    with open_to_the_end(check), acting(by):
        check.save(update_fields=STATE_FIELDS)
    return check
