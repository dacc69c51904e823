"""What was changed in a health check, as far as a reader may read what stood before.

What was answered before a sign-off was a draft's, and stays one: a health check that is signed off tells
it to those alone who may read its drafts (docs/decisions/0007).
"""

from accounts.models import User
from accounts.permissions import Permission
from assessments.models import Evidence, HealthCheck, Rating
from cdrp_portal.history import Change, changes_of

TOLD_OF_PROOF = {
    "proof_due_on": "promised day of proof",
    "proof_confirmed_at": "confirmation of proof",
}
TOLD_OF_EVIDENCE = {
    "title": "words",
    "dated_on": "day it is of",
    "look_again_on": "day it holds until",
    "withdrawn_at": "withdrawal",
}
TOLD = {"value": "rating", "rationale": "reason", "next_step": "next step", **TOLD_OF_PROOF}


def reads_drafts(check: HealthCheck, user: User) -> bool:
    """Of a health check that `user` may read as it stands; one that is not signed off is a draft itself."""
    return check.state != HealthCheck.State.SIGNED_OFF or user.may(Permission.READ_DRAFT_RATINGS, check)


def changes_of_rating(rating: Rating, check: HealthCheck, user: User, *, limit: int) -> list[Change]:
    return changes_of(rating, fields=TOLD, limit=limit) if reads_drafts(check, user) else []


def changes_of_evidence(rating: Rating) -> list[Change]:
    """What hangs on a rating and what was promised, for whoever may rate it."""
    of = Evidence.objects.filter(rating=rating)
    changes = changes_of(of, fields=TOLD_OF_EVIDENCE, names={one.pk: f"“{one.title}”" for one in of})
    promised = [change for change in changes_of(rating, fields=TOLD_OF_PROOF) if change.field]
    return sorted([*changes, *promised], key=lambda change: change.at, reverse=True)


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
