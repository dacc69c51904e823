"""`save_rating` is the one save path of a rating: every form, grid, import and command ends in it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Permission
from assessments.actions.drafts import settle_draft
from assessments.actions.guards import open_to_the_end, require, require_open
from assessments.models import Criterion, HealthCheck, Rating, RatingDraft
from cdrp_portal.history import acting
from cdrp_portal.prepared import Prepared
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


GIVEN_FIELDS = (
    "value",
    "rationale",
    "next_step",
    "is_carried",
    "officer_value",
    "moderation_reason",
    "moderated_at",
    "moderated_by",
    "flag_note",
    "proof_due_on",
    "proof_confirmed_at",
    "proof_confirmed_by",
    "version",
    "rated_at",
    "rated_by",
)

LOCKED = Prepared(
    lambda check, code, person: (
        Rating.objects.select_for_update(of=("health_check", "self"))
        .select_related("health_check__cycle", "criterion")
        .filter(health_check=check, criterion__code=code)
        .annotate(has_draft=Exists(RatingDraft.objects.filter(rating=OuterRef("pk"), person=person)))
        .order_by()
    ),
    check=-1,
    code="an example",
    person=-2,
)


class NeedsReason(Exception):
    """A rating that means nothing without its reason was given without one."""


class RatingConflict(Exception):
    """Somebody saved this rating after `mine` was begun. Carries both texts: nothing was overwritten."""

    def __init__(self, *, mine: Answer, theirs: Rating) -> None:
        super().__init__(f"{theirs.rated_by} changed {theirs.criterion} while you were writing.")
        self.mine = mine
        self.theirs = theirs


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
    undo: int | None = None,
) -> Rating:
    """Save one answer and return the row as it now stands.

    Saving what already stands changes nothing, whoever saved it first. With `undo`, the version before a
    save that is taken back, an answer that was carried forward then is not re-confirmed again. Raises
    PermissionDenied, Rating.DoesNotExist, NotOpen, NeedsReason, or RatingConflict when `version` is not
    the row's.
    """
    mine = Answer(Status(value), rationale, next_step)
    # The health check is locked before the rating, as a change set does it: neither waits for the other.
    found = LOCKED.objects(check=health_check.pk, code=criterion_code, person=by.pk)
    if not found:
        raise Rating.DoesNotExist(f"{criterion_code} is not asked of {health_check}.")
    rating: Rating = found[0]
    # Which borough it is of never changes, and the caller's has been fetched already.
    rating.health_check.borough = health_check.borough
    require(by, Permission.RATE, rating.health_check)
    require_open(rating.health_check)
    carried = undo is not None and _was_carried(rating, mine, version=undo)
    if give(rating, mine, version=version, by=by, carried=carried):
        with open_to_the_end(rating.health_check), acting(by):
            rating.save(update_fields=GIVEN_FIELDS)
    # Few saves have one, so that it is not asked for where there is none.
    if found[0].has_draft:
        settle_draft(rating, by)
    return rating


def _was_carried(rating: Rating, answer: Answer, *, version: int) -> bool:
    """Whether just this answer stood in that version, carried forward: a text written since is not lost."""
    events = Rating.pgh_event_model.objects.filter(pgh_obj_id=rating.pk)  # type: ignore[attr-defined]
    return events.filter(version=version, is_carried=True, **vars(answer)).exists()


def give(rating: Rating, mine: Answer, *, version: int, by: User, carried: bool = False) -> bool:
    """Write an answer into a rating whose row is locked, unsaved. False where it stands so already.

    A carried answer that is given again is confirmed, unless it is to stand as `carried`. An answer of its
    officer takes the place of the moderator's and settles the flag; the history keeps both. Raises
    NeedsReason or RatingConflict.
    """
    if mine == Answer.of(rating) and rating.is_carried == carried:
        return False
    if not check_version(rating, version):
        raise RatingConflict(mine=mine, theirs=rating)
    if mine.value == Status.LESS_RELEVANT and not mine.rationale:
        raise NeedsReason(say_why(rating.criterion, mine.value))
    if mine.value != rating.value:
        rating.officer_value = rating.moderation_reason = ""
        rating.moderated_at = rating.moderated_by = None
    if mine.value != Status.GREEN:
        rating.proof_due_on = None
    # Who confirmed the proof of an answer that another gives anew has not seen this one.
    rating.proof_confirmed_at = rating.proof_confirmed_by = None
    rating.value, rating.rationale, rating.next_step = mine.value, mine.rationale, mine.next_step
    rating.is_carried, rating.flag_note = carried, ""
    rating.version += 1
    # What is carried has been rated by nobody in this cycle.
    rating.rated_at, rating.rated_by = (None, None) if carried else (timezone.now(), by)
    return True


def missing_for_submission(ratings: Iterable[Rating]) -> list[Missing]:
    """What keeps these answers from being submitted: each unanswered criterion, each missing reason."""
    return missing_reasons(ratings, SUBMIT_NEEDS_REASON)


def missing_for_sign_off(ratings: Iterable[Rating]) -> list[Missing]:
    """What does not keep these answers from being submitted, but will keep them from being signed off."""
    return missing_reasons(ratings, SIGN_OFF_NEEDS_REASON - SUBMIT_NEEDS_REASON, unanswered=False)


def missing_reasons(
    ratings: Iterable[Rating], needs_reason: frozenset[Status], *, unanswered: bool = True
) -> list[Missing]:
    missing = []
    for rating in ratings:
        if unanswered and rating.value == Status.NOT_ASSESSED:
            missing.append(Missing(rating.criterion.code, f"Answer {rating.criterion}"))
        elif unanswered and rating.is_carried:
            missing.append(Missing(rating.criterion.code, f"Confirm {rating.criterion}, or change it"))
        elif rating.value in needs_reason and not (rating.rationale or rating.moderation_reason):
            missing.append(Missing(rating.criterion.code, say_why(rating.criterion, rating.value)))
    return missing


def say_why(criterion: Criterion, value: str) -> str:
    return f"Say why {criterion} is {Status(value).label.lower()}"
