"""Many ratings changed in one go, all of them or none: a change set, which can be undone in one go."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Permission, Scope, scope_of
from assessments.actions import ratings as one_rating
from assessments.actions.guards import NotOpen, require_open
from assessments.actions.ratings import Answer, NeedsReason, RatingConflict, give
from assessments.models import (
    UNDONE_WITHIN,
    ChangedRating,
    ChangeSet,
    HealthCheck,
    Rating,
    ReviewCycle,
)
from boroughs.models import Borough
from cdrp_portal.history import acting

# What a change set keeps of a rating as it stood, so that it can stand so again: what a new answer replaces.
KEPT = (
    "value",
    "rationale",
    "next_step",
    "is_carried",
    "officer_value",
    "moderation_reason",
    "moderated_at",
    "moderated_by_id",
    "flag_note",
    "proof_due_on",
    "proof_confirmed_at",
    "proof_confirmed_by_id",
)
# What is written without a new version: a proof that was promised or shown.
PROOF = ("proof_due_on", "proof_confirmed_at", "proof_confirmed_by_id")
FIELDS = {field.attname: field for field in Rating._meta.concrete_fields if field.attname in KEPT}
TITLE_LIMIT = 200
CHANGED_SINCE = "It has been changed since."

Standing = dict[str, Any]


@dataclass(frozen=True)
class Given:
    """An answer to one rating of a set, and the version of the rating that its writer saw."""

    rating_id: int
    version: int
    answer: Answer


@dataclass(frozen=True)
class Refusal:
    """Why one rating keeps its set from being saved. `mine` is there where two texts have met."""

    rating: Rating
    why: str
    mine: Answer | None = None


class SetRefused(Exception):
    """Nothing of the set was saved; `refusals` says which of its ratings could not be, and why."""

    def __init__(self, refusals: list[Refusal]) -> None:
        super().__init__(" ".join(f"{one.rating}: {one.why}" for one in refusals))
        self.refusals = refusals


class NothingChanged(Exception):
    """Every rating of the set stands so already, or the set has none."""


class NotUndone(Exception):
    """The set cannot be undone; the message says why."""


@dataclass(frozen=True)
class UndoStep:
    """One rating of a set that is to be undone; `left` says why it stays as it is, and is empty otherwise."""

    change: ChangedRating
    left: str

    @property
    def rating(self) -> Rating:
        return self.change.rating


@transaction.atomic
def save_set(
    *,
    cycle: ReviewCycle,
    kind: str,
    title: str,
    given: Iterable[Given],
    by: User,
    undoes: ChangeSet | None = None,
) -> ChangeSet:
    """Give every answer or none. One that stands so already is left out of the set.

    Raises SetRefused, NothingChanged, or Rating.DoesNotExist for a rating that is not of this cycle or
    not theirs to see.
    """
    answers = {one.rating_id: one for one in given}
    ratings = locked_ratings(cycle, answers, by=by)
    if len(ratings) < len(answers):
        raise Rating.DoesNotExist(f"Not every rating of the set is in {cycle}.")
    shut = shut_to(by, [rating.health_check for rating in ratings])
    changed: list[tuple[Standing, Rating]] = []
    refusals: list[Refusal] = []
    for rating in ratings:
        one, before = answers[rating.pk], standing(rating)
        if rating.health_check_id in shut:
            refusals.append(Refusal(rating, shut[rating.health_check_id]))
            continue
        try:
            if give(rating, one.answer, version=one.version, by=by):
                changed.append((before, rating))
        except NeedsReason as error:
            refusals.append(Refusal(rating, f"{error}."))
        except RatingConflict as conflict:
            refusals.append(Refusal(rating, str(conflict), conflict.mine))
    if refusals:
        raise SetRefused(refusals)
    return write_set(cycle=cycle, kind=kind, title=title, changed=changed, by=by, undoes=undoes)


def locked_ratings(cycle: ReviewCycle, ids: Collection[int], *, by: User) -> list[Rating]:
    """The ratings of this cycle that `by` may see, locked after their health checks, each in one order.

    Whoever closes the cycle waits for the health checks too, so that it is read once they are held.
    """
    of_cycle = Rating.objects.filter(pk__in=ids, health_check__cycle=cycle)
    checks = (
        HealthCheck.objects.select_for_update(of=("self",))
        .visible_to(by)
        .filter(pk__in=of_cycle.values("health_check"))
        .select_related("borough")
        .order_by("pk")
    )
    held = {check.pk: check for check in checks}
    now = ReviewCycle.objects.get(pk=cycle.pk)
    ratings = (
        Rating.objects.select_for_update(of=("self",))
        .filter(pk__in=ids, health_check__in=held)
        .select_related("criterion", "rated_by")
        .order_by("pk")
    )
    found = list(ratings)
    for rating in found:
        rating.health_check = held[rating.health_check_id]
        rating.health_check.cycle = now
    return found


def shut_to(by: User, checks: Iterable[HealthCheck]) -> dict[int, str]:
    """The health checks that `by` cannot rate now, by primary key, with the sentence that says why."""
    may_rate = _rateable_by(by)
    shut = {}
    for check in {check.pk: check for check in checks}.values():
        if not may_rate(check):
            shut[check.pk] = f"You may not rate {check.subject_name}."
            continue
        try:
            require_open(check)
        except NotOpen as error:
            shut[check.pk] = str(error)
    return shut


def may_rate_all(by: User, checks: Iterable[HealthCheck]) -> bool:
    return all(map(_rateable_by(by), checks))


def _rateable_by(by: User) -> Callable[[HealthCheck], bool]:
    """RATE for many health checks in one question; `by.may` would ask for each."""
    if not by.may(Permission.RATE):
        return lambda check: False
    if scope_of(by.role, Permission.RATE) is Scope.ANY:
        return lambda check: True
    linked = set(Borough.objects.linked_to(by, timezone.localdate()).values_list("pk", flat=True))
    return lambda check: check.borough_id in linked


def standing(rating: Rating) -> Standing:
    """A rating as its change set keeps it: in JSON's own kinds."""
    return {name: _as_json(getattr(rating, name)) for name in KEPT}


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def write_set(
    *,
    cycle: ReviewCycle,
    kind: str,
    title: str,
    changed: Sequence[tuple[Standing, Rating]],
    by: User,
    undoes: ChangeSet | None = None,
) -> ChangeSet:
    """Write locked ratings that were changed in memory, each with what stood before, as one set."""
    if not changed:
        raise NothingChanged("Nothing would change: all of it stands so already.")
    fields = [
        field.name
        for name, field in FIELDS.items()
        if any(before[name] != _as_json(getattr(rating, name)) for before, rating in changed)
    ]
    with acting(by):
        Rating.objects.bulk_update(
            [rating for _before, rating in changed],
            [*fields, "version", "rated_at", "rated_by"],
            # One statement weighs each row against every row of the batch: for a whole cycle that is seconds.
            batch_size=100,
        )
        change_set = ChangeSet.objects.create(
            cycle=cycle,
            kind=kind,
            title=title[:TITLE_LIMIT],
            made_at=timezone.now(),
            made_by=by,
            undoes=undoes,
        )
        ChangedRating.objects.bulk_create(
            ChangedRating(
                change_set=change_set,
                rating=rating,
                before=before,
                after=standing(rating),
                version=rating.version,
            )
            for before, rating in changed
        )
    return change_set


def undo_preview(change_set: ChangeSet, *, by: User) -> list[UndoStep]:
    """What undoing the set would put back, and what it would leave, with the reason."""
    changes = list(
        change_set.changes.select_related(
            "rating__criterion", "rating__health_check__borough", "rating__rated_by"
        ).order_by(
            F("rating__health_check__borough__name").asc(nulls_first=True), "rating__criterion__position"
        )
    )
    for change in changes:
        change.rating.health_check.cycle = change_set.cycle
    return _weigh(changes, by)


def _weigh(changes: list[ChangedRating], by: User) -> list[UndoStep]:
    shut = shut_to(by, [change.rating.health_check for change in changes])
    steps = []
    for change in changes:
        left = shut.get(change.rating.health_check_id, "")
        if not left and _has_moved(change):
            left = CHANGED_SINCE
        steps.append(UndoStep(change, left))
    return steps


def _has_moved(change: ChangedRating) -> bool:
    if not one_rating.check_version(change.rating, change.version):
        return True
    now = standing(change.rating)
    return any(now[name] != change.after[name] for name in PROOF)


@transaction.atomic
def undo_set(*, change_set: ChangeSet, by: User) -> ChangeSet:
    """Put back what the set changed and nobody has touched since. Raises PermissionDenied or NotUndone.

    A set is undone once: by whoever may rate all of it, so that none is left half undone for good.
    """
    changes = {change.rating_id: change for change in change_set.changes.all()}
    ratings = locked_ratings(change_set.cycle, changes, by=by)
    if len(ratings) < len(changes) or not may_rate_all(by, [rating.health_check for rating in ratings]):
        raise PermissionDenied(f"{by} may not rate every borough of the set.")
    # Asked once the health checks are held: of two people who undo one set the second is told.
    require_undoable(change_set)
    for rating in ratings:
        changes[rating.pk].rating = rating
    back = []
    for step in _weigh([changes[rating.pk] for rating in ratings], by):
        if not step.left:
            before = standing(step.rating)
            _put_back(step.rating, step.change.before, by=by)
            back.append((before, step.rating))
    if not back:
        raise NotUndone("Nothing of it can be put back.")
    return write_set(
        cycle=change_set.cycle,
        kind=ChangeSet.Kind.UNDO,
        title=f"Undone: {change_set.title}",
        changed=back,
        by=by,
        undoes=change_set,
    )


def require_undoable(change_set: ChangeSet) -> None:
    if change_set.kind == ChangeSet.Kind.UNDO:
        raise NotUndone("This set undid another. It cannot be undone itself.")
    if ChangeSet.objects.filter(undoes=change_set).exists():
        raise NotUndone("This set has been undone already.")
    if timezone.now() > change_set.made_at + UNDONE_WITHIN:
        raise NotUndone(f"A set can be undone for {UNDONE_WITHIN.days} days. This one is older.")


def _put_back(rating: Rating, before: Standing, *, by: User) -> None:
    for name, field in FIELDS.items():
        setattr(rating, name, field.to_python(before[name]))
    rating.version += 1
    rating.rated_at, rating.rated_by = timezone.now(), by
    if rating.proof_confirmed_by_id == by.pk:
        # Nobody confirms the proof of what stands under their own name.
        rating.proof_confirmed_at = rating.proof_confirmed_by = None
