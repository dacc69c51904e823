"""What other rooms' pages show of the actions; imported when the app is ready."""

from typing import cast

from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Permission
from assessments.models import Rating, ReviewCycle
from boroughs.content import BoroughThen
from boroughs.models import Borough
from cdrp_portal.dates import uk_date
from cdrp_portal.panels import Panel, register
from recommendations.actions.answers import TO_ANSWER
from recommendations.content.cycle_plan import actions_on
from recommendations.content.needs import needs_words, open_actions_of
from recommendations.content.needs_then import open_actions_then


@register("boroughs.borough", order=20)
def open_actions(request: HttpRequest, borough: Borough) -> Panel | None:
    user = cast(User, request.user)
    if not user.may(Permission.READ_RECOMMENDATIONS):
        return None
    needs = open_actions_of(borough, user, timezone.localdate())
    return Panel(
        title="Open actions",
        template="recommendations/_borough_actions.html",
        context={
            "needs": needs,
            "needs_words": needs_words(needs),
            "needs_overdue": [n for n in needs if n.is_overdue],
        },
    )


@register("boroughs.borough.as_at", order=20)
def open_actions_of_then(request: HttpRequest, then: BoroughThen) -> Panel | None:
    user = cast(User, request.user)
    if not user.may(Permission.READ_RECOMMENDATIONS):
        return None
    needs = open_actions_then(then, user)
    return Panel(
        title="Open actions",
        template="recommendations/_borough_actions.html",
        context={"needs": needs, "needs_words": needs_words(needs), "day": uk_date(then.day)},
    )


@register("assessments.cycle", order=10)
def plan_of_cycle(request: HttpRequest, cycle: ReviewCycle) -> Panel | None:
    """The way to a cycle's action plan: a link among the page's own, so it asks the database nothing."""
    if not cast(User, request.user).may(Permission.READ_SIGNED_OFF_RATINGS):
        return None
    return Panel("Action plan", "recommendations/_cycle_link.html", {"cycle": cycle})


@register("assessments.rating", order=10)
def actions_of_rating(request: HttpRequest, rating: Rating) -> Panel | None:
    """What is planned about a rating, and the way to plan something where it is red or amber."""
    user = cast(User, request.user)
    if not user.may(Permission.READ_RECOMMENDATIONS):
        return None
    actions = actions_on(rating, user, today=timezone.localdate())
    may_add = rating.value in TO_ANSWER and user.may(Permission.RATE, rating.health_check)
    if not actions and not may_add:
        return None
    return Panel(
        title="Actions",
        template="recommendations/_rating_actions.html",
        context={"rating_actions": actions, "may_add_action": may_add, "rating_pk": rating.pk},
    )
