"""The register: one row a recommendation, with the counts that may be told to whoever asks."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, IntegerField, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from accounts.models import User
from recommendations.models import (
    Action,
    ActionQuerySet,
    LeadUnit,
    Progress,
    Recommendation,
    RecommendationQuerySet,
)

NOT_RECORDED = "not_recorded"


def register(user: User, on: date) -> RecommendationQuerySet:
    """The recommendations that `user` may read, counting only the actions that they may read too.

    Each row has `open_actions`, `overdue_actions` and `progress_rank` (the order of the words).
    """
    actions = Action.objects.visible_to(user).filter(key_point__recommendation=OuterRef("pk"))
    return Recommendation.objects.visible_to(user).annotate(
        open_actions=_count(actions.open()),
        overdue_actions=_count(actions.overdue(on)),
        progress_rank=Case(
            *(When(progress=value, then=Value(rank)) for rank, value in enumerate(Progress.values, start=1)),
            default=Value(0),
            output_field=IntegerField(),
        ),
    )


def _count(actions: ActionQuerySet) -> Coalesce:
    counted = actions.order_by().values("key_point__recommendation").annotate(n=Count("pk", distinct=True))
    return Coalesce(Subquery(counted.values("n"), output_field=IntegerField()), 0)


@dataclass(frozen=True)
class Facets:
    """What the register can be narrowed to, and how many stand in each, before any filter."""

    total: int
    themes: Sequence[str]
    bodies: Sequence[str]
    lead_units: QuerySet[LeadUnit]
    by_progress: Sequence[tuple[str, str, int]]
    with_overdue: int


def facets_of(rows: RecommendationQuerySet, user: User) -> Facets:
    """One query over the register's rows; the lead units come when the filter asks for them."""
    found = list(
        rows.order_by("number").values_list(  # type: ignore[misc]
            "theme", "responsible_body", "progress", "overdue_actions"
        )
    )
    progress = Counter(row[2] or NOT_RECORDED for row in found)
    words = [*Progress.choices, (NOT_RECORDED, "With no progress recorded")]
    return Facets(
        total=len(found),
        themes=list(dict.fromkeys(row[0] for row in found)),
        bodies=sorted({row[1] for row in found}),
        lead_units=LeadUnit.objects.filter(pk__in=Action.objects.visible_to(user).values("lead_unit")),
        by_progress=[(value, str(label), progress[value]) for value, label in words if progress[value]],
        with_overdue=sum(1 for row in found if row[3]),
    )
