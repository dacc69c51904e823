"""Which actions wait for a position, and from whom."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.models import User
from accounts.permissions import Permission, Scope
from boroughs.models import Borough, BoroughLink
from cdrp_portal.dates import days_late_in_words, uk_date
from recommendations.content.plan import stated_words
from recommendations.models import Action, ActionQuerySet, Position

SOON = timedelta(days=14)
# The plan was reported on about every six months (DOMAIN §5).
STALE_AFTER = timedelta(days=183)


@dataclass(frozen=True)
class Need:
    """An open action and why it asks for somebody's attention; `why` is empty where it does not.

    `url` is empty for one of a past day that has no page any more.
    """

    pk: int
    url: str
    text: str
    about: str
    about_url: str
    borough: str
    lead: str
    status: str
    is_overdue: bool
    why: str
    due: str
    late: str
    newest: str
    newest_on: str


def actions_needing(user: User, on: date) -> list[Need]:
    """The open actions on which `user` may give a position and one is wanted, overdue first.

    Wanted: overdue, due within 14 days, or without a position in the last six months. Two queries.
    """
    needs = _needs(_may_answer(user).visible_to(user).open(), on)
    return [need for need in needs if need.why]


def open_actions_of(borough: Borough, user: User, on: date) -> list[Need]:
    """The borough's open actions that `user` may read, overdue first. Two queries."""
    return _needs(Action.objects.visible_to(user).for_borough(borough).open(), on)


def _may_answer(user: User) -> ActionQuerySet:
    match user.scope(Permission.GIVE_POSITION):
        case Scope.ANY:
            return Action.objects.all()
        case Scope.OWN_UNIT:
            return Action.objects.filter(lead_unit__officers=user)
        case Scope.LINKED:
            links = BoroughLink.objects.for_person(user).current_now()
            return Action.objects.for_boroughs(links.values("borough"))
    return Action.objects.none()


def _needs(actions: ActionQuerySet, on: date) -> list[Need]:
    rows = list(
        actions.with_latest_position(on).select_related(
            "lead_unit",
            "borough",
            "key_point__recommendation",
            "key_point__plan",
            "rating__criterion",
            "rating__health_check__cycle",
        )
    )
    newest_of = {row.pk: row.position_pk for row in rows}  # type: ignore[attr-defined]
    stated = Position.objects.in_bulk([pk for pk in newest_of.values() if pk])
    newest = {pk: stated[position] for pk, position in newest_of.items() if position}
    return overdue_first(rows, newest, on)


def overdue_first(
    actions: Iterable[Action],
    newest: Mapping[int, Position],
    on: date,
    *,
    linked: Collection[int] | None = None,
) -> list[Need]:
    """Each action with its newest position, by its key. `linked` are those that have a page, or None: all."""
    rows = sorted(actions, key=lambda row: (row.due_on is None, row.due_on or on, row.pk))
    needs = [_need(row, newest.get(row.pk), on, has_page=linked is None or row.pk in linked) for row in rows]
    return sorted(needs, key=lambda need: not need.is_overdue)


def _need(action: Action, newest: Position | None, on: date, *, has_page: bool) -> Need:
    about, about_url = about_words(action)
    return Need(
        pk=action.pk,
        url=action.get_absolute_url() if has_page else "",
        text=action.text,
        about=about,
        about_url=about_url,
        borough=action.borough.name if action.borough else "",
        lead=action.lead_unit.name,
        status=action.status,
        is_overdue=action.is_overdue(on),
        why=_why(action, newest, on),
        due=f"due {uk_date(action.due_on)}" if action.due_on else "",
        late=days_late_in_words(action.due_on, on) if action.due_on and action.is_overdue(on) else "",
        newest=newest.text if newest else "",
        newest_on=stated_words(newest) if newest else "",
    )


def _why(action: Action, newest: Position | None, on: date) -> str:
    if action.due_on and action.is_overdue(on):
        return f"Overdue: due {uk_date(action.due_on)}"
    if action.due_on and action.due_on <= on + SOON:
        return f"Due {uk_date(action.due_on)}"
    if newest is None:
        return "No position given yet"
    if newest.stated_on < on - STALE_AFTER:
        return f"Last position {stated_words(newest)}"
    return ""


def about_words(action: Action) -> tuple[str, str]:
    """What an action answers, in words, and its address where it has a page that every reader may open."""
    if action.key_point is not None and action.key_point.recommendation is not None:
        recommendation = action.key_point.recommendation
        return f"Recommendation {recommendation.number}", recommendation.get_absolute_url()
    if action.key_point is not None and action.key_point.plan is not None:
        return action.key_point.plan.name, action.key_point.plan.get_absolute_url()
    if action.rating is not None:
        return f"{action.rating.criterion}, {action.rating.health_check.cycle}", ""
    return str(Action.Origin(action.origin).label), ""


def needs_words(needs: Sequence[Need]) -> str:
    """ "3 open actions, 1 overdue"."""
    overdue = sum(need.is_overdue for need in needs)
    count = "1 open action" if len(needs) == 1 else f"{len(needs)} open actions"
    return f"{count}, {overdue} overdue" if overdue else count
