from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permissions import Permission, Scope
from accounts.requests import SignedInRequest
from cdrp_portal.downloads import file_response
from cdrp_portal.history import changes_of
from cdrp_portal.spreadsheets import CONTENT_TYPES, WRITERS
from recommendations import content
from recommendations.exports import plan_book
from recommendations.forms import PlanForm
from recommendations.models import Action, ActionPlan, ActionQuerySet, KeyPoint, Recommendation

EVENTS_SHOWN = 8
CHANGES_SHOWN = 20


@require_safe
def recommendation_detail(request: SignedInRequest, number: int) -> HttpResponse:
    recommendation = _recommendation(request, number)
    today = timezone.localdate()
    form = PlanForm(request.GET, today=today)
    asked = _asked(form, today)
    actions = _actions(request).filter(key_point__recommendation=recommendation)
    plan = _plan(request, recommendation, actions, asked, today)
    events = content.timeline(recommendation, actions, asked["as_at"])
    context = {
        "recommendation": recommendation,
        "before": _neighbours(request, recommendation, number__lt=recommendation.number).last(),
        "after": _neighbours(request, recommendation, number__gt=recommendation.number).first(),
        "plan": plan,
        "counts": content.status_line(action for key_point in plan for action in key_point.actions),
        "days": _days(events, asked["as_at"], today),
        "events": events[:EVENTS_SHOWN],
        "older_events": events[EVENTS_SHOWN:],
        "entries": changes_of(
            recommendation, names={recommendation.pk: "the recommendation"}, limit=CHANGES_SHOWN
        ),
        "form": form,
        "formats": WRITERS,
        **asked,
    }
    status = 200 if form.is_valid() else 400
    return render(request, "recommendations/recommendation_detail.html", context, status=status)


@require_safe
def plan_export(request: SignedInRequest, number: int, format: str) -> HttpResponse:
    recommendation = _recommendation(request, number)
    if format not in WRITERS:
        raise Http404(f"There is no export as {format}.")
    today = timezone.localdate()
    form = PlanForm(request.GET, today=today)
    if not form.is_valid():
        return render(request, "recommendations/export_refused.html", {"form": form}, status=400)
    asked = _asked(form, today)
    actions = _actions(request).filter(key_point__recommendation=recommendation)
    plan = _plan(request, recommendation, actions, asked, today)
    book = plan_book(
        recommendation, plan, at=asked["as_at"], only=dict(PlanForm.ONLY)[asked["only"]], now=timezone.now()
    )
    return file_response(
        WRITERS[format](book),
        filename=f"recommendation-{recommendation.number}-{asked['as_at'].isoformat()}.{format}",
        content_type=CONTENT_TYPES[format],
    )


@require_safe
def plan_detail(request: SignedInRequest, slug: str) -> HttpResponse:
    whole = get_object_or_404(ActionPlan.objects.visible_to(request.user), slug=slug)
    today = timezone.localdate()
    form = PlanForm(request.GET, today=today)
    asked = _asked(form, today)
    actions = _actions(request).filter(key_point__plan=whole)
    plan = content.plan_at(
        actions, asked["as_at"], today=today, key_points=_key_points(request, plan=whole), only=asked["only"]
    )
    context = {
        "whole": whole,
        "plan": plan,
        "counts": content.status_line(action for key_point in plan for action in key_point.actions),
        "days": _days_of(plan, asked["as_at"], today),
        "form": form,
        **asked,
    }
    status = 200 if form.is_valid() else 400
    return render(request, "recommendations/plan_detail.html", context, status=status)


def _recommendation(request: SignedInRequest, number: int) -> Recommendation:
    visible = Recommendation.objects.visible_to(request.user).select_related("scrutiny")
    return get_object_or_404(visible, number=number)


def _neighbours(request: SignedInRequest, recommendation: Recommendation, **place: int) -> Any:
    visible = Recommendation.objects.visible_to(request.user).filter(scrutiny=recommendation.scrutiny_id)
    return visible.filter(**place).order_by("number").only("number", "short_title")


def _actions(request: SignedInRequest) -> ActionQuerySet:
    return Action.objects.visible_to(request.user)


def _plan(
    request: SignedInRequest,
    recommendation: Recommendation,
    actions: ActionQuerySet,
    asked: dict[str, Any],
    today: date,
) -> list[content.PlannedKeyPoint]:
    key_points = _key_points(request, recommendation=recommendation)
    return content.plan_at(actions, asked["as_at"], today=today, key_points=key_points, only=asked["only"])


def _key_points(request: SignedInRequest, **of: Any) -> Any:
    """A key point without an action belongs to no unit: whoever sees only their unit's is not told of it."""
    if request.user.scope(Permission.READ_RECOMMENDATIONS) is not Scope.ANY:
        return KeyPoint.objects.none()
    return KeyPoint.objects.filter(**of).order_by("position", "pk")


def _asked(form: PlanForm, today: date) -> dict[str, Any]:
    """What is shown: as asked where the form can be read, else today's whole plan under its errors."""
    if not form.is_valid():
        return {"as_at": today, "only": "", "earlier": False, "today": today}
    return {**form.cleaned_data, "today": today}


def _days(events: list[content.Event], at: date, today: date) -> list[date]:
    return sorted({today, at, *(event.on for event in events)}, reverse=True)


def _days_of(plan: list[content.PlannedKeyPoint], at: date, today: date) -> list[date]:
    stated = {said.on for point in plan for action in point.actions for said in action.stated}
    return sorted({today, at, *stated}, reverse=True)
