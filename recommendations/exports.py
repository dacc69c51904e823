"""The register, and one recommendation's plan, as books of plain values."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.conf import settings

from assessments.models import ReviewCycle
from cdrp_portal.dates import uk_date
from cdrp_portal.spreadsheets import Book, Column, Kind, Sheet
from recommendations.content import PlanLine, PlannedKeyPoint
from recommendations.models import Recommendation, RecommendationQuerySet

REGISTER = (
    Column("number", "Number", 8, Kind.NUMBER),
    Column("short_title", "Recommendation", 46),
    Column("full_text", "Full text", 80),
    Column("theme", "Theme", 28),
    Column("responsible_body", "Responsible", 22),
    Column("supporting_bodies", "Supporting", 26),
    Column("acceptance", "Acceptance", 24),
    Column("accepted_on", "Accepted on", 14, Kind.DATE),
    Column("progress", "Progress", 18),
    Column("open_actions", "Open actions", 13, Kind.NUMBER),
    Column("overdue_actions", "Overdue actions", 15, Kind.NUMBER),
)
PLAN = (
    Column("recommendation", "Recommendation", 16),
    Column("key_point", "Key point", 34),
    Column("action", "Action", 44),
    Column("lead", "Lead", 30),
    Column("due_on", "Due", 14, Kind.DATE),
    Column("progress", "Progress", 18),
    Column("position", "Position", 60),
    Column("stated", "Position at", 18),
    Column("overdue", "Overdue", 10),
)
CYCLE_PLAN = (
    Column("code", "Code", 8),
    Column("criterion", "Criterion", 34),
    Column("red", "Red in", 44),
    Column("amber", "Amber in", 44),
    Column("action", "Action", 44),
    Column("lead", "Lead", 30),
    Column("due_on", "Due", 14, Kind.DATE),
    Column("progress", "Progress", 18),
    Column("position", "Position", 60),
    Column("overdue", "Overdue", 10),
)


def register_book(
    rows: RecommendationQuerySet, *, total: int, filters: Sequence[tuple[str, str]], now: datetime
) -> Book:
    """The register's rows, as filtered and sorted on the page; `total` is the count before the filters."""
    return Book(
        title="Recommendations of the CDRP scrutiny",
        sheets=[
            Sheet("Recommendations", REGISTER, [_row(row) for row in rows], freeze=(1, 2), total=total),
        ],
        as_at=now,
        filters=filters,
        demonstration=settings.DEMO,
    )


def _row(row: Recommendation) -> list[str | int | date | None]:
    return [
        row.number,
        row.short_title,
        row.full_text,
        row.theme,
        row.responsible_body,
        row.supporting_bodies,
        row.get_acceptance_display(),
        row.accepted_on,
        row.get_progress_display() or "Not recorded",
        row.open_actions,  # type: ignore[attr-defined]
        row.overdue_actions,  # type: ignore[attr-defined]
    ]


def plan_book(
    recommendation: Recommendation, plan: Iterable[PlannedKeyPoint], *, at: date, only: str, now: datetime
) -> Book:
    """Key points, actions and their positions at `at`; one row an action."""
    return Book(
        title=f"Recommendation {recommendation.number}: {recommendation.short_title}",
        sheets=[Sheet("Plan", PLAN, list(_plan_rows(recommendation, plan)))],
        as_at=now,
        filters=[("Actions", only)] if only else [],
        notes=[("Position at", uk_date(at)), ("Full text", recommendation.full_text)],
        demonstration=settings.DEMO,
    )


def _plan_rows(
    recommendation: Recommendation, plan: Iterable[PlannedKeyPoint]
) -> Iterable[list[str | int | date | bool | None]]:
    for key_point in plan:
        for action in key_point.actions:
            yield [
                str(recommendation.number),
                key_point.text,
                action.text,
                action.lead,
                action.due_on,
                action.label,
                action.newest.text if action.newest else "",
                action.newest.on_words if action.newest else "",
                action.is_overdue,
            ]


def cycle_plan_book(
    cycle: ReviewCycle,
    lines: Iterable[PlanLine],
    *,
    total: int,
    filters: Sequence[tuple[str, str]],
    now: datetime,
) -> Book:
    """The action plan of a cycle as filtered on the page; `total` is the count before the filters."""
    rows = [_cycle_plan_row(line) for line in lines]
    return Book(
        title=f"Action plan, {cycle}",
        sheets=[Sheet("Action plan", CYCLE_PLAN, rows, freeze=(1, 2), total=total)],
        as_at=now,
        filters=filters,
        demonstration=settings.DEMO,
    )


def _cycle_plan_row(line: PlanLine) -> list[str | int | date | bool | None]:
    found = [
        line.code,
        line.title,
        ", ".join(one.subject for one in line.reds),
        ", ".join(one.subject for one in line.ambers),
    ]
    action = line.action
    if action is None:
        return [*found, "", "", None, "", "", False]
    newest = action.newest.text if action.newest else ""
    return [*found, action.text, action.lead, action.due_on, action.label, newest, action.is_overdue]
