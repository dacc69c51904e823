"""A borough's open actions as the portal knew them at the end of a past day."""

import datetime as dt

from django.db.models import Q

from accounts.models import User
from accounts.permissions import Permission, Scope
from boroughs.content import BoroughThen
from cdrp_portal.past import rows_at
from recommendations.content.needs import Need, overdue_first
from recommendations.models import OPEN_PROGRESS, Action, AnsweredRating, LeadUnit, Position

FIELDS = ("id", "origin", "text", "lead_unit_id", "lead_unit__name", "due_on", "status")
OF_BOROUGH = ("borough_id", "rating__health_check__borough_id")
STATED = ("action_id", "stated_on", "id", "precision", "text", "status")


def open_actions_then(then: BoroughThen, user: User) -> list[Need]:
    """Those that `user` may read today, with the positions that had been given, overdue first.

    An action that was removed since has no page to lead to. Five queries, or six.
    """
    actions = _open_then(then)
    if user.scope(Permission.READ_RECOMMENDATIONS) is Scope.OWN_UNIT:
        units = set(user.lead_units.values_list("pk", flat=True))
        actions = [action for action in actions if action.lead_unit_id in units]
    keys = [action.pk for action in actions]
    standing = set(Action.objects.visible_to(user).filter(pk__in=keys).values_list("pk", flat=True))
    newest = _newest(keys, then.end, then.day)
    return overdue_first(actions, newest, then.day, linked=standing)


def _open_then(then: BoroughThen) -> list[Action]:
    """What was open, and was the borough's or answered a rating of it, on that day."""
    borough = then.borough.pk
    answers = rows_at(AnsweredRating, then.end, "action_id", rating__health_check__borough=borough)
    answering = {action for (action,) in answers}
    # Every action that ever was the borough's: which borough an action is of can change.
    events = Action.pgh_event_model.objects  # type: ignore[attr-defined]
    ever = events.filter(
        Q(borough=borough) | Q(rating__health_check__borough=borough) | Q(pgh_obj_id__in=answering)
    )
    rows = rows_at(Action, then.end, *FIELDS, *OF_BOROUGH, pgh_obj_id__in=ever.values("pgh_obj_id"))
    return [
        Action(
            pk=pk,
            origin=origin,
            text=text,
            lead_unit=LeadUnit(pk=unit, name=lead),
            due_on=due_on,
            status=status,
        )
        for pk, origin, text, unit, lead, due_on, status, of_borough, of_rating in rows
        if status in OPEN_PROGRESS and (borough in (of_borough, of_rating) or pk in answering)
    ]


def _newest(actions: list[int], end: dt.datetime, day: dt.date) -> dict[int, Position]:
    """Of each action the newest position that was stated by the day, and known to the portal by its end."""
    found = rows_at(Position, end, *STATED, action_id__in=actions)
    stated = sorted(row for row in found if row[1] <= day)
    return {row[0]: Position(**dict(zip(STATED, row, strict=True))) for row in stated}
