from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from assessments.models import HealthCheck
from cdrp_portal.dates import uk_date
from cdrp_portal.history import changes_of
from recommendations import content
from recommendations.actions import PositionError, add_position
from recommendations.content.needs import about_words
from recommendations.content.timeline import due_words
from recommendations.forms import PositionForm
from recommendations.models import Action


@require_safe
def action_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    action = _action(request, pk)
    return _page(request, action, PositionForm(today=timezone.localdate()))


@require_POST
def position_create(request: SignedInRequest, pk: int) -> HttpResponse:
    action = _action(request, pk)
    if not request.user.may(Permission.GIVE_POSITION, action):
        raise PermissionDenied
    form = PositionForm(request.POST, today=timezone.localdate())
    if not form.is_valid():
        return _page(request, action, form, status=422)
    try:
        position = add_position(action=action, by=request.user, **form.cleaned_data)
    except PositionError as refusal:
        form.add_error(None, str(refusal))
        return _page(request, action, form, status=422)
    said = f"Position at {uk_date(position.stated_on)} added."
    if not request.htmx:
        messages.success(request, said)
        return redirect(action)
    response = _page(request, action, PositionForm(today=timezone.localdate()))
    return trigger_client_event(response, "announce", {"text": said})


def _action(request: SignedInRequest, pk: int) -> Action:
    visible = Action.objects.visible_to(request.user).select_related(
        "lead_unit",
        "borough",
        "key_point__recommendation",
        "key_point__plan",
        "rating__criterion",
        "rating__health_check__cycle",
        "rating__health_check__borough",
    )
    return get_object_or_404(visible, pk=pk)


def _page(request: SignedInRequest, action: Action, form: PositionForm, *, status: int = 200) -> HttpResponse:
    today = timezone.localdate()
    ((_, planned),) = content.planned_actions(Action.objects.filter(pk=action.pk), today, today=today)
    about, about_url = _about(request, action)
    moved = list(action.due_date_changes.select_related("changed_by").order_by("-changed_at", "-pk"))
    context: dict[str, Any] = {
        "action": action,
        "planned": planned,
        "about": about,
        "about_url": about_url,
        "moved": [(due_words(change), change) for change in moved],
        "may_give": request.user.may(Permission.GIVE_POSITION, action),
        "form": form,
        "today": today,
    }
    if request.htmx:
        return render(request, "recommendations/_positions.html", context, status=status)
    context["entries"] = changes_of(action, names={action.pk: "the action"}, limit=20)
    return render(request, "recommendations/action_detail.html", context, status=status)


def _about(request: SignedInRequest, action: Action) -> tuple[str, str]:
    """What the action answers. A health check that the reader may not open is named without its address."""
    if action.rating is None:
        return about_words(action)
    check = action.rating.health_check
    words = f"{action.rating.criterion} in {check.cycle}"
    visible = HealthCheck.objects.visible_to(request.user).filter(pk=check.pk).exists()
    return words, f"{check.get_absolute_url()}#{action.rating.criterion.code}" if visible else ""
