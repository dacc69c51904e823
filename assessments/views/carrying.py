from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from assessments.actions.carrying import carry_forward, confirm_carried, not_confirmed
from assessments.actions.guards import NotOpen
from assessments.actions.sets import NothingChanged
from assessments.models import Theme
from assessments.views.health_check import fetch

CONFLICT = 409


@require_POST
def check_carry(request: SignedInRequest, cycle: str, subject: str) -> HttpResponse:
    """Last cycle's answers into one health check, where nobody has answered yet."""
    check = fetch(request, cycle, subject, "cycle__previous")
    try:
        change_set = carry_forward(cycle=check.cycle, health_check=check, by=request.user)
    except (NotOpen, NothingChanged) as refused:
        messages.warning(request, str(refused))
    else:
        count = change_set.changes.count()
        messages.success(
            request, f"{count} answer{'' if count == 1 else 's'} carried forward. Confirm or change each."
        )
    return redirect(check)


@require_http_methods(["GET", "HEAD", "POST"])
def check_confirm(request: SignedInRequest, cycle: str, subject: str) -> HttpResponse:
    """Say once that carried answers stand still: all of a theme's, or of the health check's."""
    check = fetch(request, cycle, subject, "cycle__previous")
    if not request.user.may(Permission.RATE, check):
        raise PermissionDenied
    code = request.POST.get("theme", "") if request.method == "POST" else request.GET.get("theme", "")
    theme = get_object_or_404(Theme, framework=check.cycle.framework_id, code=code) if code else None
    refused = ""
    if request.method == "POST":
        try:
            change_set = confirm_carried(health_check=check, theme=code, by=request.user)
        except (NotOpen, NothingChanged) as error:
            refused = str(error)
        else:
            count = change_set.changes.count()
            messages.success(request, f"{count} answer{'' if count == 1 else 's'} confirmed as they stood.")
            return redirect(check)
    context = {
        "check": check,
        "theme": theme,
        "ratings": list(
            not_confirmed(check, code).select_related("criterion__theme").order_by("criterion__position")
        ),
        "is_open": check.takes_answers,
        "refused": refused,
    }
    return render(request, "assessments/cycle_confirm.html", context, status=CONFLICT if refused else 200)
