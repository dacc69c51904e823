from dataclasses import replace
from typing import Any

from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from assessments.content import health_check as content
from assessments.content import last_cycle
from assessments.content.comments import thread_of
from assessments.content.drafts import taken_up, with_drafts
from assessments.content.evidence import evidence_of
from assessments.content.history import changes_of_rating
from assessments.content.moderation import moderation_of
from assessments.content.rating import read_rating, why_read_only
from assessments.content.rows import Row, why_words
from assessments.forms import RatingForm
from assessments.models import HealthCheck, Rating
from assessments.views.health_check import (
    Refused,
    as_typed,
    fetch,
    rating_save,
    row_or_404,
    save_answer,
)
from cdrp_portal.panels import panels_for
from cdrp_portal.prepared import Prepared
from cdrp_portal.status import Status

LATEST_CHANGES = 5
JSON = "application/json"
GIVEN = ("value", "rationale", "next_step")
STANDING = Prepared(
    lambda check, code: (
        Rating.objects.filter(health_check=check, criterion__code=code).order_by().values_list(*GIVEN)
    ),
    check=-1,
    code="an example",
)


@require_http_methods(["GET", "HEAD", "POST"])
def rating(request: SignedInRequest, cycle: str, subject: str, code: str) -> HttpResponse:
    """The rating's own page, or the matrix's panel of it. An answer is sent here by three kinds of page."""
    if request.method == "POST":
        if request.get_preferred_type(["text/html", JSON]) == JSON:
            return _save_cell(request, cycle, subject, code)
        if request.POST.get("page") == "rating":
            return _save_page(request, cycle, subject, code)
        return rating_save(request, cycle, subject, code)
    check = fetch(request, cycle, subject, "cycle__previous")
    page = content.read_page(check, user=request.user, today=timezone.localdate())
    row = row_or_404(page, code)
    if request.user.may(Permission.RATE, check):
        row = row_or_404(with_drafts(page, check, request.user, today=timezone.localdate()), code)
    chosen = request.GET.get("value", "")
    if chosen in Status.values:
        row = replace(row, value=Status(chosen))
    return _render(request, check, page, row)


def _save_page(request: SignedInRequest, cycle: str, subject: str, code: str) -> HttpResponse:
    check = fetch(request, cycle, subject, "cycle__previous")
    form = RatingForm(taken_up(request.POST, check, code, request.user))
    saved = save_answer(request, check, code, form)
    if isinstance(saved, Refused):
        page = content.read_page(check, user=request.user, today=timezone.localdate())
        return _render(request, check, page, as_typed(row_or_404(page, code), form, saved), refused=saved)
    return redirect("assessments:rating", cycle, subject, code)


def _save_cell(request: SignedInRequest, cycle: str, subject: str, code: str) -> HttpResponse:
    """One cell of the matrix, which sends what was changed and nothing else of the answer."""
    check = fetch(request, cycle, subject)
    data = _with_what_stands(check, code, request.POST)
    form = RatingForm(data)
    saved = save_answer(request, check, code, form)
    today = timezone.localdate()
    if isinstance(saved, Refused):
        return _refused_cell(request, check, code, form, saved)
    standing = saved or _standing(check, code)
    last = last_cycle.last_answer(check, code)
    kind, text = content.save_state(
        Status(standing.value), standing.rated_at, last, today, is_carried=standing.is_carried
    )
    answer = {
        "version": standing.version,
        "value": standing.value,
        "rationale": standing.rationale,
        "next_step": standing.next_step,
        "stale": standing.is_stale(today),
        "carried": standing.is_carried,
        "kind": kind,
        "said": text,
        "why": why_words(Status(standing.value)),
        "move": last_cycle.move_of(Status(standing.value), last) or "",
        "moved": last_cycle.move_words_of(Status(standing.value), last),
    }
    return JsonResponse(answer)


def _refused_cell(
    request: SignedInRequest, check: HealthCheck, code: str, form: RatingForm, refused: Refused
) -> HttpResponse:
    answer: dict[str, Any] = {"sentence": refused.sentence, "conflict": ""}
    if refused.conflict:
        page = content.read_page(check, user=request.user, today=timezone.localdate())
        row = as_typed(row_or_404(page, code), form, refused)
        answer["conflict"] = render_to_string("assessments/_rating_conflict.html", {"row": row})
        answer["sentence"] = row.conflict["heading"] if row.conflict else refused.sentence
    return JsonResponse(answer, status=refused.status)


def _with_what_stands(check: HealthCheck, code: str, sent: QueryDict) -> QueryDict:
    """What a cell does not send stays as it stands. Its version says whether that is what its writer saw."""
    data = sent.copy()
    if not data.keys() >= set(GIVEN):
        standing = STANDING.rows(check=check.pk, code=code)
        if not standing:
            raise Http404(f"{code} is not asked here.")
        for name, stands in zip(GIVEN, standing[0], strict=True):
            data.setdefault(name, stands)
    return data


def _standing(check: HealthCheck, code: str) -> Rating:
    found = check.ratings.select_related("criterion").filter(criterion__code=code).first()
    if found is None:
        raise Http404(f"{code} is not asked here.")
    return found


def _render(
    request: SignedInRequest,
    check: HealthCheck,
    page: content.Page,
    row: Row,
    *,
    refused: Refused | None = None,
) -> HttpResponse:
    rating = _standing(check, row.code)
    read_only = why_read_only(
        check.state, is_open=check.cycle.is_open, may_rate=request.user.may(Permission.RATE, check)
    )
    context = {
        "check": check,
        "rating": rating,
        "page": read_rating(rating, page, row),
        "row": row,
        "url": f"{check.get_absolute_url()}{row.code}/",
        "editable": not read_only,
        "read_only": read_only,
        "choices": content.CHOICES,
        "evidence": evidence_of(rating, request.user, timezone.localdate()),
        "entries": changes_of_rating(rating, check, request.user, limit=LATEST_CHANGES),
        "moderation": moderation_of(rating, request.user),
        "comments": thread_of(rating, request.user),
        "today": timezone.localdate().isoformat(),
        "refused": refused,
        "errors": refused,
        "panels": [
            {"title": panel.title, "body": render_to_string(panel.template, dict(panel.context), request)}
            for panel in panels_for("assessments.rating", request, rating)
        ],
    }
    template = "assessments/_rating_panel.html" if request.htmx else "assessments/rating.html"
    return render(request, template, context, status=refused.status if refused else 200)
