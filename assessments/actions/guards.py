"""What every change of a health check asks first: may they, and is it open, to the very end."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from psycopg.errors import RestrictViolation

from accounts.models import User
from accounts.permissions import Permission
from assessments.models import OPEN_STATES, HealthCheck


class NotOpen(Exception):
    """The health check cannot be changed in the state it is in; the message says why and what to do."""


def require(by: User, permission: Permission, check: HealthCheck | None = None) -> None:
    if not by.may(permission, check):
        raise PermissionDenied(f"{by} may not {permission.value} here.")


def locked(health_check: HealthCheck) -> HealthCheck:
    """Its row, held. Its cycle is asked for after that: whoever closes it holds the row before."""
    checks = HealthCheck.objects.select_for_update(of=("self",)).select_related("borough")
    return checks.get(pk=health_check.pk)


@contextmanager
def open_to_the_end(check: HealthCheck) -> Iterator[None]:
    """The cycle may be closed while one waits for the lock; the database then has the last word."""
    try:
        yield
    except IntegrityError as refused:
        if isinstance(refused.__cause__, RestrictViolation):
            raise NotOpen(f"{check.cycle} is closed. Nothing in it can be changed.") from refused
        raise


def require_state(check: HealthCheck, *states: str) -> None:
    if not check.cycle.is_open:
        raise NotOpen(f"{check.cycle} is closed. Nothing in it can be changed.")
    if check.state in states:
        return
    subject = check.subject_name
    raise NotOpen(
        {
            HealthCheck.State.DRAFT: f"{subject} has not been submitted.",
            HealthCheck.State.RETURNED: f"{subject} has been returned and not submitted again.",
            HealthCheck.State.SUBMITTED: f"{subject} has been submitted. Take it back to change it.",
            HealthCheck.State.MODERATED: f"{subject} has been moderated. Ask for it to be returned.",
            HealthCheck.State.SIGNED_OFF: f"{subject} has been signed off and cannot be changed.",
        }[HealthCheck.State(check.state)]
    )


def require_open(check: HealthCheck) -> None:
    require_state(check, *OPEN_STATES)
