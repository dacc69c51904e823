"""What other rooms' pages show of the actions; imported when the app is ready."""

from typing import cast

from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Permission
from boroughs.models import Borough
from cdrp_portal.panels import Panel, register
from recommendations.content.needs import needs_words, open_actions_of


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
