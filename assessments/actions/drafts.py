"""What a person has typed over a rating and not saved: kept for them alone, and dropped once it stands."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Permission
from assessments.actions.guards import require
from assessments.models import HealthCheck, Rating, RatingDraft


@transaction.atomic
def keep_draft(
    *, rating: Rating, value: str, rationale: str, next_step: str, version: int, by: User
) -> RatingDraft | None:
    """Keep what they typed in the place of what was kept before; nothing where it stands so already.

    In whatever state the health check is: a text is not lost because somebody submitted it meanwhile.
    """
    require(by, Permission.RATE, rating.health_check)
    draft = RatingDraft(
        person=by,
        rating=rating,
        value=value,
        rationale=rationale,
        next_step=next_step,
        version=version,
        kept_at=timezone.now(),
    )
    if (value or rating.value, rationale, next_step) == (rating.value, rating.rationale, rating.next_step):
        _of(rating, by).delete()
        return None
    return RatingDraft.objects.bulk_create(
        [draft],
        update_conflicts=True,
        unique_fields=["person", "rating"],
        update_fields=["value", "rationale", "next_step", "version", "kept_at"],
    )[0]


def drop_draft(*, health_check: HealthCheck, code: str, by: User) -> None:
    require(by, Permission.RATE, health_check)
    RatingDraft.objects.filter(
        person=by, rating__health_check=health_check, rating__criterion__code=code
    ).delete()


def settle_draft(rating: Rating, by: User) -> None:
    """Once an answer is saved, drop what the same person had kept of it. A text that is not in it stays."""
    for draft in _of(rating, by):
        if draft.rationale in rating.rationale and draft.next_step in rating.next_step:
            draft.delete()


def _of(rating: Rating, by: User) -> QuerySet[RatingDraft]:
    return RatingDraft.objects.filter(person=by, rating=rating)
