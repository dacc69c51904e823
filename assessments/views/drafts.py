from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django_htmx.http import reswap, retarget, trigger_client_event

from accounts.requests import SignedInRequest
from assessments import actions
from assessments.content.drafts import with_drafts
from assessments.content.health_check import read_page
from assessments.forms import DraftForm
from assessments.models import HealthCheck
from assessments.views.health_check import fetch, row_or_404

UNPROCESSABLE = 422


@require_http_methods(["POST", "DELETE"])
def rating_draft(request: SignedInRequest, cycle: str, subject: str, code: str) -> HttpResponse:
    """Keep what is typed over a rating, or drop it. The page sends it without being asked."""
    check = fetch(request, cycle, subject)
    rating = get_object_or_404(check.ratings.select_related("criterion"), criterion__code=code)
    rating.health_check = check
    if request.method == "DELETE" or "drop" in request.POST:
        actions.drop_draft(health_check=check, code=code, by=request.user)
        return _dropped(request, check, code)
    form = DraftForm(request.POST)
    if not form.is_valid():
        errors = [str(error) for errors in form.errors.values() for error in errors]
        return HttpResponse(" ".join(errors), status=UNPROCESSABLE, content_type="text/plain")
    typed = {name: form.cleaned_data[name] for name in ("value", "rationale", "next_step", "version")}
    kept = actions.keep_draft(rating=rating, by=request.user, **typed)
    if kept is None or not form.cleaned_data["offer"]:
        return HttpResponse(status=204)
    return _offer(request, check, code)


def _offer(request: SignedInRequest, check: HealthCheck, code: str) -> HttpResponse:
    today = timezone.localdate()
    page = with_drafts(read_page(check, user=request.user, today=today), check, request.user, today=today)
    return render(request, "assessments/_rating_draft.html", {"row": row_or_404(page, code)})


def _dropped(request: SignedInRequest, check: HealthCheck, code: str) -> HttpResponse:
    if request.method == "DELETE":
        return HttpResponse(status=204)
    if not request.htmx:
        if request.POST.get("page") == "rating":
            return redirect("assessments:rating", check.cycle.slug, check.subject_slug, code)
        return redirect(f"{check.get_absolute_url()}#{code}")
    page = read_page(check, user=request.user, today=timezone.localdate())
    response = render(request, "assessments/_rating_draft.html", {"row": row_or_404(page, code)})
    response = retarget(reswap(response, "outerHTML"), f"#draft-{code}")
    return trigger_client_event(response, "announce", {"text": f"{code}: dropped what was not saved"})
