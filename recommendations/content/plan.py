"""A plan as it stood on a day: key points, their actions, and each action's position at that day."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from cdrp_portal.dates import MONTHS, end_of_day, uk_date
from recommendations.models import (
    NEVER_OVERDUE,
    OPEN_PROGRESS,
    Action,
    ActionQuerySet,
    DueDateChange,
    KeyPoint,
    Position,
    Progress,
)

NO_POSITION = "No position was given by then."


@dataclass(frozen=True)
class Stated:
    """One position as it is printed."""

    text: str
    status: str
    on: date
    on_words: str
    is_to_the_day: bool
    given_by: str
    source: str
    note: str

    @property
    def label(self) -> str:
        return str(Progress(self.status).label)

    @property
    def is_complete(self) -> bool:
        return self.status == Progress.COMPLETE


@dataclass(frozen=True)
class PlannedAction:
    """An action on the day asked for. `stated` holds its positions up to that day, newest first."""

    pk: int
    url: str
    text: str
    lead: str
    unit: str
    borough: str
    due_on: date | None
    status: str
    stated: Sequence[Stated]
    on: date

    @property
    def label(self) -> str:
        return str(Progress(self.status).label) if self.status else ""

    @property
    def is_complete(self) -> bool:
        return self.status == Progress.COMPLETE

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_PROGRESS or not self.status

    @property
    def is_overdue(self) -> bool:
        return self.due_on is not None and self.due_on < self.on and self.status not in NEVER_OVERDUE

    @property
    def overdue(self) -> str:
        return f"Overdue: due {uk_date(self.due_on)}" if self.due_on and self.is_overdue else ""

    @property
    def due(self) -> str:
        """When it is due, in words, while that still lies ahead."""
        if self.due_on is None or self.is_overdue or self.status in NEVER_OVERDUE:
            return ""
        return f"Due {uk_date(self.due_on)}"

    @property
    def newest(self) -> Stated | None:
        return self.stated[0] if self.stated else None

    @property
    def earlier(self) -> Sequence[Stated]:
        return self.stated[1:]


@dataclass(frozen=True)
class PlannedKeyPoint:
    text: str
    actions: Sequence[PlannedAction] = field(default_factory=list)


def stated_words(position: Position) -> str:
    """ "14 October 2010"; only the month where the archive gives no day."""
    day = position.stated_on
    return (
        f"{MONTHS[day.month - 1]} {day.year}"
        if position.precision == Position.Precision.MONTH
        else uk_date(day)
    )


def stated(position: Position) -> Stated:
    return Stated(
        text=position.text,
        status=position.status,
        on=position.stated_on,
        on_words=stated_words(position),
        is_to_the_day=position.precision == Position.Precision.DAY,
        given_by=position.given_by.name if position.given_by else "",
        source=position.source,
        note=position.source_note,
    )


def due_at(current: date | None, changes: Iterable[DueDateChange], on: date) -> date | None:
    """The due date as it was at the end of that day; `changes` in the order in which they were made."""
    for change in changes:
        if change.changed_at >= end_of_day(on):
            return change.from_on
    return current


def planned_actions(actions: ActionQuerySet, at: date, *, today: date) -> list[tuple[Action, PlannedAction]]:
    """Each action of the queryset beside how it stood at `at`: three queries, however many there are."""
    rows = list(
        actions.select_related("lead_unit", "borough", "key_point__recommendation").order_by(
            "key_point__recommendation__number", "key_point__position", "key_point_id", "position", "pk"
        )
    )
    positions: dict[int, list[Position]] = defaultdict(list)
    for position in Position.objects.filter(action__in=rows, stated_on__lte=at).select_related("given_by"):
        positions[position.action_id].append(position)
    changes: dict[int, list[DueDateChange]] = defaultdict(list)
    for change in DueDateChange.objects.filter(action__in=rows):
        changes[change.action_id].append(change)
    return [(row, _planned(row, positions[row.pk], changes[row.pk], at, today)) for row in rows]


def _planned(
    action: Action, positions: list[Position], changes: list[DueDateChange], at: date, today: date
) -> PlannedAction:
    # Of the past only positions tell; today the action itself knows.
    status = positions[0].status if positions else (action.status if at >= today else "")
    return PlannedAction(
        pk=action.pk,
        url=action.get_absolute_url(),
        text=action.text,
        lead=action.lead_unit.name,
        unit=action.lead_unit.slug,
        borough=action.borough.name if action.borough else "",
        due_on=due_at(action.due_on, changes, at),
        status=action.status if at >= today else status,
        stated=[stated(position) for position in positions],
        on=at,
    )


def plan_at(
    actions: ActionQuerySet, at: date, *, today: date, key_points: Iterable[KeyPoint] = (), only: str = ""
) -> list[PlannedKeyPoint]:
    """The key points with their actions at `at`. Those of `key_points` that have none are told as well.

    `only` is "open" or "overdue" to leave the other actions out.
    """
    planned = planned_actions(actions, at, today=today)
    kept = [(action, row) for action, row in planned if _is_wanted(row, only)]
    rows = [
        PlannedKeyPoint(str(key_point), [row for _, row in group])
        for key_point, group in groupby(kept, key=lambda pair: pair[0].key_point)
    ]
    if not only:
        answered = {action.key_point_id for action, _ in planned}
        rows += [PlannedKeyPoint(str(key_point)) for key_point in key_points if key_point.pk not in answered]
    return rows


def _is_wanted(row: PlannedAction, only: str) -> bool:
    if only == "overdue":
        return row.is_overdue
    return row.is_open if only == "open" else True


@dataclass(frozen=True)
class PlanCounts:
    total: int
    open: int
    overdue: int

    @property
    def total_words(self) -> str:
        return "1 action" if self.total == 1 else f"{self.total:,} actions"


def status_line(actions: Iterable[PlannedAction]) -> PlanCounts:
    rows = list(actions)
    return PlanCounts(
        total=len(rows),
        open=sum(row.is_open for row in rows),
        overdue=sum(row.is_overdue for row in rows),
    )
