"""Change sets as their pages show them: what each changed, what stands now, and whether it can go back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from accounts.models import User
from assessments.actions import NotUndone
from assessments.actions.sets import Standing, UndoStep, may_rate_all, require_undoable
from assessments.models import (
    UNDONE_WITHIN,
    ChangedRating,
    ChangeSet,
    HealthCheck,
    Rating,
    ReviewCycle,
)
from cdrp_portal.dates import uk_date, uk_moment
from cdrp_portal.status import Status


@dataclass(frozen=True)
class SetLine:
    """One set of a cycle's list."""

    url: str
    title: str
    kind: str
    who: str
    when: str
    ratings: str
    state: str


@dataclass(frozen=True)
class Said:
    """What stood in a rating at one moment."""

    value: Status
    rationale: str
    next_step: str
    is_carried: bool

    @classmethod
    def of(cls, kept: Standing) -> "Said":
        return cls(Status(kept["value"]), kept["rationale"], kept["next_step"], kept["is_carried"])


@dataclass(frozen=True)
class ChangeRow:
    """One rating of a set: what stood before, what the set gave, and what stands now where that moved on."""

    subject: str
    criterion: str
    url: str
    before: Said
    after: Said
    now: Said | None
    left: str = ""

    @property
    def stands(self) -> Said:
        return self.now or self.after


def visible_sets(cycle: ReviewCycle, user: User) -> QuerySet[ChangeSet]:
    """The sets that touch ratings whose drafts `user` may read, each with `seen`: how many of those.

    What a set gave was an open health check's, and is a draft's when that has been signed off as well.
    """
    seen = (
        ChangedRating.objects.filter(
            change_set=OuterRef("pk"),
            rating__health_check__in=HealthCheck.objects.with_drafts_for(user).filter(cycle=cycle),
        )
        .order_by()
        .values("change_set")
        .annotate(number=Count("pk"))
    )
    return (
        ChangeSet.objects.filter(cycle=cycle)
        .annotate(seen=Subquery(seen.values("number")))
        .filter(Q(seen__gt=0))
        .select_related("made_by", "undone_by__made_by", "undoes")
    )


def set_lines(sets: Iterable[ChangeSet], cycle: ReviewCycle) -> list[SetLine]:
    lines = []
    for one in sets:
        one.cycle = cycle
        lines.append(
            SetLine(
                url=one.get_absolute_url(),
                title=one.title,
                kind=one.get_kind_display(),
                who=str(one.made_by),
                when=uk_moment(one.made_at),
                ratings=_ratings(one.seen),  # type: ignore[attr-defined]
                state=state_words(one),
            )
        )
    return lines


def state_words(change_set: ChangeSet) -> str:
    """Whether the set was undone, or until when it can be."""
    undone_by = getattr(change_set, "undone_by", None)
    if undone_by is not None:
        return f"Undone on {uk_date(undone_by.made_at)} by {undone_by.made_by}"
    if change_set.kind == ChangeSet.Kind.UNDO:
        return ""
    last: datetime = change_set.made_at + UNDONE_WITHIN
    return f"Can be undone until {uk_date(last)}" if timezone.now() <= last else "No longer to be undone"


def opening_words(change_set: ChangeSet, seen: int) -> str:
    return f"{_ratings(seen)}, changed by {change_set.made_by} on {uk_moment(change_set.made_at)}."


def count_words(change_set: ChangeSet) -> str:
    return _ratings(change_set.changes.count())


def why_not_undone(change_set: ChangeSet, user: User) -> str:
    """What keeps `user` from undoing the set, as a sentence; empty where nothing does."""
    try:
        require_undoable(change_set)
    except NotUndone as error:
        return str(error)
    touched = HealthCheck.objects.filter(ratings__set_changes__change_set=change_set).distinct()
    if may_rate_all(user, touched):
        return ""
    return "It changed ratings of boroughs that you do not rate. Ask the head of partnerships to undo it."


def visible_changes(change_set: ChangeSet, user: User) -> QuerySet[ChangedRating]:
    """The set's ratings whose drafts `user` may read, by borough and criterion."""
    checks = HealthCheck.objects.with_drafts_for(user).filter(cycle=change_set.cycle_id)
    return (
        change_set.changes.filter(rating__health_check__in=checks)
        .select_related("rating__criterion", "rating__health_check__borough")
        .order_by(
            F("rating__health_check__borough__name").asc(nulls_first=True), "rating__criterion__position"
        )
    )


def change_rows(changes: Iterable[ChangedRating], cycle: ReviewCycle) -> list[ChangeRow]:
    return [_change_row(change, cycle) for change in changes]


def undo_rows(steps: Iterable[UndoStep], cycle: ReviewCycle) -> list[ChangeRow]:
    return [_change_row(step.change, cycle, left=step.left) for step in steps]


def _change_row(change: ChangedRating, cycle: ReviewCycle, *, left: str = "") -> ChangeRow:
    rating: Rating = change.rating
    rating.health_check.cycle = cycle
    has_moved = rating.version != change.version
    now = Said(Status(rating.value), rating.rationale, rating.next_step, rating.is_carried)
    return ChangeRow(
        subject=rating.health_check.subject_name,
        criterion=str(rating.criterion),
        url=f"{rating.health_check.get_absolute_url()}#{rating.criterion.code}",
        before=Said.of(change.before),
        after=Said.of(change.after),
        now=now if has_moved else None,
        left=left,
    )


def _ratings(number: int) -> str:
    return f"{number} rating{'' if number == 1 else 's'}"
