"""Comment threads on a rating between its officer and the moderator, until it is signed off."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Permission
from assessments.actions.guards import locked, require_state
from assessments.actions.ratings import NeedsReason
from assessments.models import Comment, HealthCheck, Rating
from cdrp_portal.history import acting

State = HealthCheck.State
NOT_SIGNED_OFF = (State.DRAFT, State.RETURNED, State.SUBMITTED, State.MODERATED)


def may_discuss(user: User, check: HealthCheck) -> bool:
    """Whether comments, flags and a moderator's reasons are theirs to read and write."""
    return user.may(Permission.RATE, check) or user.may(Permission.MODERATE, check)


@transaction.atomic
def write_comment(*, rating: Rating, text: str, by: User, reply_to: Comment | None = None) -> Comment:
    """Begin a thread, or answer in one. An answer to what was resolved opens its thread again."""
    _require(rating, by)
    text = text.strip()
    if not text:
        raise NeedsReason("Write the comment first.")
    first = _first(reply_to) if reply_to else None
    if first is not None and first.rating_id != rating.pk:
        raise Comment.DoesNotExist("That comment is on another rating.")
    with acting(by):
        if first is not None and first.resolved_at is not None:
            _resolve(first, None)
        return Comment.objects.create(
            rating=rating, reply_to=first, text=text, written_at=timezone.now(), written_by=by
        )


@transaction.atomic
def resolve_thread(*, comment: Comment, by: User) -> Comment:
    _require(comment.rating, by)
    first = _first(comment)
    if first.resolved_at is None:
        with acting(by):
            _resolve(first, by)
    return first


@transaction.atomic
def reopen_thread(*, comment: Comment, by: User) -> Comment:
    _require(comment.rating, by)
    first = _first(comment)
    if first.resolved_at is not None:
        with acting(by):
            _resolve(first, None)
    return first


def _require(rating: Rating, by: User) -> None:
    check = locked(rating.health_check)
    if not may_discuss(by, check):
        raise PermissionDenied(f"{by} may not comment on {check}.")
    require_state(check, *NOT_SIGNED_OFF)


def _first(comment: Comment) -> Comment:
    return Comment.objects.get(pk=comment.reply_to_id or comment.pk)


def _resolve(first: Comment, by: User | None) -> None:
    first.resolved_at, first.resolved_by = (timezone.now(), by) if by else (None, None)
    first.save(update_fields=["resolved_at", "resolved_by"])
