"""What was changed in a health check, as far as a reader may read what stood before.

What was answered before a sign-off was a draft's, and stays one: a health check that is signed off tells
it to those alone who may read its drafts (docs/decisions/0007).
"""

from accounts.models import User
from accounts.permissions import Permission
from assessments.models import HealthCheck, Rating
from cdrp_portal.history import Change, changes_of

TOLD = {"value": "rating", "rationale": "reason", "next_step": "next step"}


def reads_drafts(check: HealthCheck, user: User) -> bool:
    """Of a health check that `user` may read as it stands; one that is not signed off is a draft itself."""
    return check.state != HealthCheck.State.SIGNED_OFF or user.may(Permission.READ_DRAFT_RATINGS, check)


def changes_of_rating(rating: Rating, check: HealthCheck, user: User, *, limit: int) -> list[Change]:
    return changes_of(rating, fields=TOLD, limit=limit) if reads_drafts(check, user) else []


def changes_of_check(
    check: HealthCheck, user: User, *, names: dict[int, str], limit: int | None = None
) -> list[Change]:
    """Changes of its answers and of its state, newest first; `names` are those of its ratings."""
    changes = changes_of(check, fields=("state",), limit=limit)
    if reads_drafts(check, user):
        ratings = Rating.objects.filter(health_check=check)
        changes += changes_of(ratings, fields=TOLD, names=names, limit=limit)
    told = [change for change in changes if change.field]
    return sorted(told, key=lambda change: change.at, reverse=True)[:limit]
