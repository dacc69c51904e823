"""What a moderator does to one rating: changes it beside the officer's, flags it, takes either back."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Permission
from assessments.actions.guards import open_to_the_end, require, require_state
from assessments.actions.life import WITH_THE_HEAD, require_other
from assessments.actions.ratings import NeedsReason, check_version
from assessments.models import HealthCheck, Rating
from cdrp_portal.history import acting
from cdrp_portal.status import Status

MODERATED_FIELDS = (
    "value",
    "officer_value",
    "moderation_reason",
    "moderated_at",
    "moderated_by",
    "flag_note",
    "proof_due_on",
    "proof_confirmed_at",
    "proof_confirmed_by",
    "version",
)


class ModerationConflict(Exception):
    """The rating was changed after the moderator began. Carries the row as it stands; nothing was written."""

    def __init__(self, rating: Rating) -> None:
        super().__init__(
            f"{rating.criterion} was changed while you were writing. Look at it as it stands now, then save."
        )
        self.rating = rating


@transaction.atomic
def moderate_rating(*, rating: Rating, value: str, reason: str, version: int, by: User) -> Rating:
    """Let `value` stand, for a reason, and keep the officer's beside it. The officer's own value undoes it.

    Raises NeedsReason, ModerationConflict, OwnWork, NotOpen or PermissionDenied.
    """
    row = _locked(rating, by)
    require_other(row.health_check, by)
    chosen, reason = Status(value), reason.strip()
    if row.officer_value and (chosen, reason) == (row.value, row.moderation_reason):
        return row
    _require_version(row, version)
    if row.officer_value and chosen == row.officer_value:
        return _undo(row, by)
    if chosen == Status.NOT_ASSESSED or (chosen == row.value and not row.officer_value):
        raise NeedsReason(
            f"{row.criterion} is {Status(row.value).label.lower()} already. Choose another rating."
        )
    if not reason:
        raise NeedsReason(f"Say why {row.criterion} is {chosen.label.lower()}.")
    if chosen != row.value and chosen != Status.GREEN:
        _drop_proof(row)
    row.officer_value = row.officer_value or row.value
    row.value, row.moderation_reason = chosen, reason
    row.moderated_at, row.moderated_by = timezone.now(), by
    return _save(row, by)


@transaction.atomic
def undo_moderation(*, rating: Rating, version: int, by: User) -> Rating:
    """Let the officer's value stand again. Twice is as good as once."""
    row = _locked(rating, by)
    if not row.officer_value:
        return row
    _require_version(row, version)
    return _undo(row, by)


@transaction.atomic
def flag_rating(*, rating: Rating, note: str, version: int, by: User) -> Rating:
    """Ask the officer to look at it again. The flag is settled by their next answer, or taken off."""
    row = _locked(rating, by)
    note = note.strip()
    if not note:
        raise NeedsReason(f"Say what is to be looked at again in {row.criterion}.")
    return _flag(row, note, version, by)


@transaction.atomic
def unflag_rating(*, rating: Rating, version: int, by: User) -> Rating:
    return _flag(_locked(rating, by), "", version, by)


def _locked(rating: Rating, by: User) -> Rating:
    """The row under its health check's lock, if `by` moderates there and it is theirs to moderate now."""
    rows = Rating.objects.select_for_update(of=("health_check", "self"))
    row = rows.select_related("health_check__cycle", "health_check__borough", "criterion").get(pk=rating.pk)
    require(by, Permission.MODERATE, row.health_check)
    require_state(row.health_check, *WITH_THE_HEAD)
    return row


def _require_version(row: Rating, version: int) -> None:
    if not check_version(row, version):
        raise ModerationConflict(row)


def _flag(row: Rating, note: str, version: int, by: User) -> Rating:
    if row.flag_note == note:
        return row
    _require_version(row, version)
    row.flag_note = note
    return _save(row, by)


def _undo(row: Rating, by: User) -> Rating:
    if row.officer_value == Status.GREEN:
        _restore_proof(row)
    else:
        _drop_proof(row)
    row.value, row.officer_value, row.moderation_reason = row.officer_value, "", ""
    row.moderated_at = row.moderated_by = None
    return _save(row, by)


def _drop_proof(row: Rating) -> None:
    row.proof_due_on = row.proof_confirmed_at = row.proof_confirmed_by = None


def _restore_proof(row: Rating) -> None:
    """What was asked and shown of the officer's green before the moderator put another value in its place.

    A proof is not shown of what its officer has written anew since.
    """
    events = Rating.pgh_event_model.objects.filter(pgh_obj_id=row.pk)  # type: ignore[attr-defined]
    before = events.filter(moderated_at=None).order_by("-pgh_id").first()
    if before is None or before.value != Status.GREEN:
        return
    row.proof_due_on = before.proof_due_on
    if before.rated_at == row.rated_at:
        row.proof_confirmed_at, row.proof_confirmed_by_id = (
            before.proof_confirmed_at,
            before.proof_confirmed_by_id,
        )


def _save(row: Rating, by: User) -> Rating:
    row.version += 1
    with open_to_the_end(row.health_check), acting(by):
        row.save(update_fields=MODERATED_FIELDS)
    return row


def flags_of(health_check: HealthCheck) -> list[Rating]:
    """The ratings whose flag was not settled, in the order of the criteria."""
    flagged = health_check.ratings.exclude(flag_note="").select_related("criterion")
    return list(flagged.order_by("criterion__position"))
