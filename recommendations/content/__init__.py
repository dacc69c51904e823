"""What pages, exports and papers say of the plan: pure reads into plain values."""

from recommendations.content.cycle_plan import Area, Finding, actions_on, cycle_plan, usual_leads
from recommendations.content.needs import Need, actions_needing, open_actions_of
from recommendations.content.plan import (
    PlannedAction,
    PlannedKeyPoint,
    Stated,
    plan_at,
    planned_actions,
    status_line,
)
from recommendations.content.plan_lines import PlanFacets, PlanLine, lines_of, plan_facets
from recommendations.content.progress import NoSuchRecommendationError, progress_content
from recommendations.content.register import Facets, facets_of, register
from recommendations.content.timeline import Event, timeline

__all__ = [
    "Area",
    "Event",
    "Facets",
    "Finding",
    "Need",
    "NoSuchRecommendationError",
    "PlanFacets",
    "PlanLine",
    "PlannedAction",
    "PlannedKeyPoint",
    "Stated",
    "actions_needing",
    "actions_on",
    "cycle_plan",
    "facets_of",
    "lines_of",
    "open_actions_of",
    "plan_at",
    "plan_facets",
    "planned_actions",
    "progress_content",
    "register",
    "status_line",
    "timeline",
    "usual_leads",
]
