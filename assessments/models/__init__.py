"""Frameworks and cycles, health checks and their ratings, and what hangs on a rating: one module a noun."""

from assessments.models.checks import OPEN_STATES, STEPS, HealthCheck, HealthCheckQuerySet
from assessments.models.comments import Comment
from assessments.models.cycles import CycleSnapshot, ReviewCycle, ReviewCycleQuerySet
from assessments.models.evidence import Evidence, EvidenceQuerySet
from assessments.models.frameworks import Criterion, CriterionQuerySet, Framework, Theme
from assessments.models.ratings import NEXT_STEP_LIMIT, RATIONALE_LIMIT, Rating, RatingQuerySet
from assessments.models.sets import UNDONE_WITHIN, ChangedRating, ChangeSet, RatingDraft

__all__ = [
    "NEXT_STEP_LIMIT",
    "OPEN_STATES",
    "RATIONALE_LIMIT",
    "STEPS",
    "UNDONE_WITHIN",
    "ChangeSet",
    "ChangedRating",
    "Comment",
    "Criterion",
    "CriterionQuerySet",
    "CycleSnapshot",
    "Evidence",
    "EvidenceQuerySet",
    "Framework",
    "HealthCheck",
    "HealthCheckQuerySet",
    "Rating",
    "RatingDraft",
    "RatingQuerySet",
    "ReviewCycle",
    "ReviewCycleQuerySet",
    "Theme",
]
