"""The steps of a health check's life: draft, submitted, returned or moderated, signed off."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Permission
from assessments.actions.guards import locked, open_to_the_end, require, require_open, require_state
from assessments.actions.ratings import (
    SIGN_OFF_NEEDS_REASON,
    SUBMIT_NEEDS_REASON,
    Missing,
    missing_reasons,
)
from assessments.models import HealthCheck
from cdrp_portal.history import acting
from cdrp_portal.status import Status

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


@transaction.atomic
def submit(*, health_check: HealthCheck, by: User) -> HealthCheck:
    """Hand the health check to the head. Raises NotReady with a sentence for each thing it lacks."""
    check = locked(health_check)
    require(by, Permission.RATE, check)
    require_open(check)
    _require_complete(check, SUBMIT_NEEDS_REASON)
    check.state, check.state_reason = HealthCheck.State.SUBMITTED, ""
    check.submitted_at, check.submitted_by = timezone.now(), by
    return _save_state(check, by)


@transaction.atomic
def withdraw(*, health_check: HealthCheck, by: User) -> HealthCheck:
    """Take a submission back, so that it can be changed; not once it is signed off."""
    check = locked(health_check)
    require(by, Permission.RATE, check)
    require_state(check, HealthCheck.State.SUBMITTED)
    check.state = HealthCheck.State.DRAFT
    check.submitted_at = check.submitted_by = None
    return _save_state(check, by)


@transaction.atomic
def sign_off(*, health_check: HealthCheck, by: User) -> HealthCheck:
    """Accept a submission. Every rating then needs its reason, green ones too (DESIGN §4)."""
    check = locked(health_check)
    require(by, Permission.MODERATE, check)
    require_state(check, HealthCheck.State.SUBMITTED, HealthCheck.State.MODERATED)
    _require_complete(check, SIGN_OFF_NEEDS_REASON)
    check.state = HealthCheck.State.SIGNED_OFF
    if check.moderated_at is None:
        check.moderated_at, check.moderated_by = timezone.now(), by
    check.signed_off_at, check.signed_off_by = timezone.now(), by
    return _save_state(check, by)


def _require_complete(check: HealthCheck, needs_reason: frozenset[Status]) -> None:
    missing = missing_reasons(
        check.ratings.select_related("criterion").order_by("criterion__position"), needs_reason
    )
    if missing:
        raise NotReady(missing)


def _save_state(check: HealthCheck, by: User) -> HealthCheck:
    with open_to_the_end(check), acting(by):
        check.save(update_fields=STATE_FIELDS)
    return check
