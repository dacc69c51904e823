"""`/`: each role's own home."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.permissions import Role
from accounts.requests import SignedInRequest
from boroughs.models import Borough
from committees.content.brief import borough_stories
from committees.content.home import clerk_home, head_home, officer_home
from committees.models import Job
from recommendations.content import actions_needing


def member_home(user: User) -> dict[str, Any]:
    today = timezone.localdate()
    boroughs = list(Borough.objects.linked_to(user, today))
    stories = borough_stories(boroughs, user, today)
    return {"today": today, "stories": [stories[borough.pk] for borough in boroughs]}


def lead_home(user: User) -> dict[str, Any]:
    needs, units = actions_needing(user, timezone.localdate()), list(user.lead_units.all())
    return {
        "needs": needs,
        "overdue": sum(need.is_overdue for need in needs),
        "units": units,
        "one_unit": len(units) == 1,
    }


@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    user, today = request.user, timezone.localdate()
    match user.role:
        case Role.EPO:
            context = officer_home(user, today)
        case Role.MEMBER:
            context = member_home(user)
        case Role.CLERK:
            context = clerk_home(user, today)
        case Role.HEAD:
            context = head_home(user, today)
        case Role.LEAD:
            context = lead_home(user)
        case Role.READER:
            return redirect("london")
        case _:
            context = {"jobs": list(Job.objects.visible_to(user).defer("document__content")[:5])}
    return render(request, f"committees/home_{user.role}.html", context)
