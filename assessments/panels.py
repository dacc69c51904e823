"""What a borough's page shows of its health checks; imported when the app is ready."""

from typing import cast

from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Permission
from assessments.content.panel import read_panel, read_panel_then
from boroughs.content import BoroughThen
from boroughs.models import Borough
from cdrp_portal.panels import Panel, register


@register("boroughs.borough", order=10)
def latest_health_check(request: HttpRequest, borough: Borough) -> Panel | None:
    user = cast(User, request.user)
    if not user.may(Permission.READ_SIGNED_OFF_RATINGS):
        return None
    context = read_panel(borough, user=user, today=timezone.localdate())
    check = context["check"]
    title = f"Health check, {check.cycle}" if check else "Health check"
    return Panel(title=title, template="assessments/_borough_health_check.html", context=context)


@register("boroughs.borough.as_at", order=10)
def health_check_then(request: HttpRequest, then: BoroughThen) -> Panel | None:
    user = cast(User, request.user)
    if not user.may(Permission.READ_SIGNED_OFF_RATINGS):
        return None
    context = read_panel_then(then.borough, user=user, day=then.day)
    check = context["check"]
    title = f"Health check, {check.cycle}" if check else "Health check"
    return Panel(title=title, template="assessments/_borough_health_check.html", context=context)
