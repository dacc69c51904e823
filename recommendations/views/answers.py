"""From red to action: one for a rating, or a plan for a whole cycle."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe
from django_tables2 import RequestConfig

from accounts.permissions import Permission, Scope
from accounts.requests import SignedInRequest
from assessments.models import Rating, ReviewCycle
from cdrp_portal.downloads import file_response
from cdrp_portal.spreadsheets import CONTENT_TYPES, WRITERS
from cdrp_portal.status import Status
from recommendations import content
from recommendations.actions import NothingToAnswer, Proposed, answer_each, answer_ratings
from recommendations.actions.answers import TO_ANSWER
from recommendations.exports import cycle_plan_book
from recommendations.filters import CyclePlanFilter
from recommendations.forms import AnswerForm, build_forms
from recommendations.models import LeadUnit
from recommendations.tables import CyclePlanTable

UNPROCESSABLE = 422
PER_PAGE = 50


@require_http_methods(["GET", "POST"])
def answer_create(request: SignedInRequest, rating: int) -> HttpResponse:
    found = _rating(request, rating)
    if not request.user.may(Permission.RATE, found.health_check):
        raise PermissionDenied
    today = timezone.localdate()
    proposed = {"text": found.next_step[:400]}
    form = AnswerForm(request.POST or None, initial=proposed, today=today)
    back = f"{found.health_check.get_absolute_url()}{found.criterion.code}/"
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                action = answer_ratings(ratings=[found], by=request.user, **form.cleaned_data)
            except NothingToAnswer as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, f"Action planned, with {action.lead_unit} in the lead.")
                return redirect(back)
        status = UNPROCESSABLE
    context = {
        "rating": found,
        "value": Status(found.value),
        "can_answer": found.value in TO_ANSWER,
        "actions": content.actions_on(found, request.user, today=today),
        "form": form,
        "back": back,
    }
    return render(request, "recommendations/answer_form.html", context, status=status)


@require_safe
def cycle_plan(request: SignedInRequest, cycle: str) -> HttpResponse:
    """The plan a line an action: 200, or 400 with the reason beside each filter that cannot be read."""
    review = _cycle(request, cycle)
    areas, asked = _asked_plan(request, review)
    is_valid = asked.is_valid()
    actions = {action.pk: action for area in areas for action in area.actions}
    table = CyclePlanTable(asked.lines if is_valid else [])
    RequestConfig(request, paginate={"per_page": PER_PAGE}).configure(table)
    context = {
        "cycle": review,
        "areas": areas,
        "counts": content.status_line(actions.values()),
        "unanswered": sum(len(area.unanswered) for area in areas),
        "may_build": request.user.scope(Permission.RATE) is Scope.ANY,
        "table": table,
        "total": len(asked.all_lines),
        "chosen": asked.in_words(),
        "form": asked.form,
        "query": request.GET.urlencode(),
        "formats": WRITERS,
    }
    return render(request, "recommendations/cycle_plan.html", context, status=200 if is_valid else 400)


@require_safe
def cycle_plan_export(request: SignedInRequest, cycle: str, format: str) -> HttpResponse:
    review = _cycle(request, cycle)
    if format not in WRITERS:
        raise Http404(f"There is no export as {format}.")
    _areas, asked = _asked_plan(request, review)
    if not asked.is_valid():
        return render(
            request, "recommendations/export_refused.html", {"form": asked.form, "cycle": review}, status=400
        )
    book = cycle_plan_book(
        review, asked.lines, total=len(asked.all_lines), filters=asked.in_words(), now=timezone.now()
    )
    return file_response(
        WRITERS[format](book),
        filename=f"action-plan-{review.slug}.{format}",
        content_type=CONTENT_TYPES[format],
    )


def _asked_plan(request: SignedInRequest, review: ReviewCycle) -> tuple[list[content.Area], CyclePlanFilter]:
    areas = content.cycle_plan(review, request.user, today=timezone.localdate())
    lines = content.lines_of(areas)
    return areas, CyclePlanFilter(
        request.GET, lines=lines, facets=content.plan_facets(lines), request=request
    )


@require_http_methods(["GET", "POST"])
def cycle_plan_build(request: SignedInRequest, cycle: str) -> HttpResponse:
    """One action for each criterion that has a red or amber without one, over all its boroughs."""
    review = _cycle(request, cycle)
    if request.user.scope(Permission.RATE) is not Scope.ANY:
        raise PermissionDenied
    with_amber = request.GET.get("of") != "red"
    values = {Status.RED, Status.AMBER} if with_amber else {Status.RED}
    wanted = []
    for area in content.cycle_plan(review, request.user, today=timezone.localdate()):
        findings = [one for one in area.unanswered if one.value in values]
        if findings:
            wanted.append((area, findings))
    common, forms = build_forms(
        request.POST or None,
        wanted,
        units=LeadUnit.objects.all(),
        usual=content.usual_leads(area for area, _findings in wanted),
        today=timezone.localdate(),
    )
    status = 200
    checked = [common.is_valid(), *(form.is_valid() for _area, _findings, form in forms)]
    if request.method == "POST" and all(checked):
        made = len(answer_each(proposed=_ticked(forms), by=request.user))
        if made:
            said = "1 action" if made == 1 else f"{made} actions"
            messages.success(request, f"Planned {said} for {review}.")
            return redirect("recommendations:cycle-plan", review.slug)
        messages.warning(request, "No criterion was ticked: nothing was planned.")
        status = UNPROCESSABLE
    elif request.method == "POST":
        status = UNPROCESSABLE
    context = {
        "cycle": review,
        "common": common,
        "forms": forms,
        "with_amber": with_amber,
        "errors": common.as_sentences() + [error for _a, _f, form in forms for error in form.as_sentences()],
    }
    return render(request, "recommendations/cycle_plan_build.html", context, status=status)


def _ticked(forms: list) -> list[Proposed]:
    return [
        Proposed(ratings=[one.pk for one in findings], **form.answer())
        for _area, findings, form in forms
        if form.cleaned_data["include"]
    ]


def _rating(request: SignedInRequest, pk: int) -> Rating:
    visible = Rating.objects.visible_to(request.user).select_related(
        "criterion", "health_check__borough", "health_check__cycle"
    )
    return get_object_or_404(visible, pk=pk)


def _cycle(request: SignedInRequest, slug: str) -> ReviewCycle:
    review = get_object_or_404(ReviewCycle, slug=slug)
    if not request.user.may(Permission.READ_SIGNED_OFF_RATINGS):
        raise PermissionDenied
    return review
