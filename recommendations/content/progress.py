"""The block *Key points | Actions | Lead | Position at date* of a paper (DESIGN §8)."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils import timezone

from accounts.models import User
from recommendations.content.plan import NO_POSITION, PlannedAction, planned_actions
from recommendations.models import Action, Recommendation


class NoSuchRecommendationError(LookupError):
    """A paper asks for a recommendation that is not there; the message names it."""


def progress_content(numbers: Iterable[int], at: date, user: User | None) -> dict[str, Any]:
    """The `progress` block for those recommendations, in the order asked for, as they stood at `at`.

    `user` is who will read it; None where the reader is the Authority itself (an issued paper made again).
    Raises NoSuchRecommendationError. Four queries.
    """
    wanted = list(dict.fromkeys(numbers))
    recommendations = (
        Recommendation.objects.all() if user is None else Recommendation.objects.visible_to(user)
    )
    found = {row.number: row for row in recommendations.filter(number__in=wanted)}
    missing = [number for number in wanted if number not in found]
    if missing:
        raise NoSuchRecommendationError(f"There is no recommendation {missing[0]}.")
    actions = Action.objects.all() if user is None else Action.objects.visible_to(user)
    rows: dict[int, list[dict[str, Any]]] = {number: [] for number in wanted}
    of_these = actions.filter(key_point__recommendation__in=found.values())
    for action, planned in planned_actions(of_these, at, today=timezone.localdate()):
        key_point = action.key_point
        if key_point is not None and key_point.recommendation is not None:
            rows[key_point.recommendation.number].append(_row(key_point.text, planned))
    return {
        "kind": "progress",
        "position_date": at.isoformat(),
        "recommendations": [
            {"number": str(number), "text": found[number].full_text, "rows": rows[number]}
            for number in wanted
        ],
    }


def _row(key_point: str, planned: PlannedAction) -> dict[str, Any]:
    return {
        "key_point": key_point,
        "action": planned.text,
        "lead": planned.lead,
        "position": _position(planned),
    }


def _position(planned: PlannedAction) -> dict[str, str]:
    newest = planned.newest
    if newest is None:
        return {"status": planned.label, "text": _with_overdue(NO_POSITION, planned)}
    if newest.is_to_the_day:
        return {
            "status": planned.label,
            "text": _with_overdue(newest.text, planned),
            "date": newest.on.isoformat(),
        }
    # The archive gives only the month, so no day may be printed.
    return {"status": planned.label, "text": _with_overdue(f"{newest.text} ({newest.on_words})", planned)}


def _with_overdue(text: str, planned: PlannedAction) -> str:
    return f"{text} {planned.overdue}." if planned.overdue else text
