"""What a cycle's readiness counts of its ratings, and the ratings behind each figure."""

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from django.db.models import F, Q, QuerySet
from django.urls import reverse

from assessments.content.evidence import lapsed_words, proof_words
from assessments.models import HealthCheck, Rating, ReviewCycle
from cdrp_portal.status import Status

Condition = Callable[[dt.date], Q]
Saying = Callable[[Rating, dt.date], str]


def _reason(rating: Rating, _on: dt.date) -> str:
    return rating.rationale


@dataclass(frozen=True)
class Part:
    """One kind of rating that is counted: the head of its column, the kind in words, and why one is of it."""

    key: str
    label: str
    words: str
    condition: Condition
    why: Saying = _reason


PARTS = (
    Part("answered", "Answered", "answered", lambda on: ~Q(value=Status.NOT_ASSESSED) & Q(is_carried=False)),
    Part("carried", "Not re-confirmed", "not re-confirmed", lambda on: Q(is_carried=True)),
    Part(
        "without_next_step",
        "Red, no next step",
        "red without a next step",
        lambda on: Q(value=Status.RED, next_step=""),
    ),
    Part("flags", "Flags", "flagged", lambda on: ~Q(flag_note=""), lambda rating, on: rating.flag_note),
    Part(
        "lapsed",
        "Evidence lapsed",
        "on evidence that has lapsed",
        lambda on: Q(evidence_until__lt=on),
        lambda rating, on: lapsed_words(rating.evidence_until, on),
    ),
    Part(
        "proofs_late",
        "Proof overdue",
        "green with its proof overdue",
        lambda on: Q(proof_due_on__lt=on, proof_confirmed_at=None),
        proof_words,
    ),
)
# No column of its own: what "18 of 25" leaves.
UNANSWERED = Part("unanswered", "Not answered", "not answered", lambda on: Q(value=Status.NOT_ASSESSED))
NAMED = {part.key: part for part in (*PARTS, UNANSWERED)}


def conditions(on: dt.date) -> dict[str, Q]:
    """For the counts of health checks: each part's condition, put to their ratings."""
    return {part.key: _of_ratings(part.condition(on)) for part in PARTS}


def _of_ratings(condition: Q) -> Q:
    """The same condition, asked of a health check's ratings."""
    moved: list[Q | tuple[str, Any]] = []
    for one in condition.children:
        if isinstance(one, Q):
            moved.append(_of_ratings(one))
        else:
            name, value = cast(tuple[str, Any], one)
            moved.append((f"ratings__{name}", value))
    return Q(*moved, _connector=condition.connector, _negated=condition.negated)


@dataclass(frozen=True)
class Figure:
    """A count and the address of what it counts; empty where there is nothing to open."""

    label: str
    count: int
    words: str
    url: str
    # "of 25", where it is a part of a known whole.
    of: int | None = None


def figures(
    cycle: ReviewCycle, counts: dict[str, int], *, asked: int, officer: str = "", subject: str = ""
) -> list[Figure]:
    """Each part's count, leading to the ratings of that officer's or of that health check."""
    return [
        Figure(
            label=part.label,
            count=counts[part.key],
            words=part.words,
            url=ratings_url(cycle, part.key, officer=officer, subject=subject) if counts[part.key] else "",
            of=asked if part.key == "answered" else None,
        )
        for part in PARTS
    ]


def ratings_url(cycle: ReviewCycle, key: str, *, officer: str = "", subject: str = "") -> str:
    asked = {"of": key, "officer": officer, "subject": subject}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{reverse('assessments:readiness-ratings', args=[cycle.slug])}?{query}"


@dataclass(frozen=True)
class Counted:
    """One rating behind a figure."""

    subject: str
    name: str
    url: str
    value: Status
    why: str


def counted(part: Part, checks: Collection[HealthCheck], *, on: dt.date) -> QuerySet[Rating]:
    """The ratings of these health checks that are of the part, the Authority's first."""
    rows = Rating.objects.filter(part.condition(on), health_check__in=[check.pk for check in checks])
    return rows.select_related(
        "criterion", "health_check__borough", "health_check__cycle", "proof_confirmed_by"
    ).order_by(F("health_check__borough__name").asc(nulls_first=True), "criterion__position")


def said(part: Part, rating: Rating, on: dt.date) -> Counted:
    check = rating.health_check
    return Counted(
        subject=check.subject_name,
        name=str(rating.criterion),
        url=f"{check.get_absolute_url()}{rating.criterion.code}/",
        value=Status(rating.value),
        why=part.why(rating, on),
    )
