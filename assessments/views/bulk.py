from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from assessments import actions
from assessments.content import bulk as content
from assessments.forms import BulkForm
from assessments.models import UNDONE_WITHIN, ChangeSet, Rating, ReviewCycle

CONFLICT, UNPROCESSABLE = 409, 422


@require_http_methods(["GET", "HEAD", "POST"])
def bulk_edit(request: SignedInRequest, cycle: str) -> HttpResponse:
    review = get_object_or_404(ReviewCycle, slug=cycle)
    if not request.user.may(Permission.RATE):
        raise PermissionDenied
    if request.method == "POST":
        return _apply(request, review, BulkForm(request.POST))
    boroughs, criteria = request.GET.getlist("borough"), request.GET.getlist("criterion")
    try:
        chosen = content.read_chosen(review, request.user, boroughs=boroughs, criteria=criteria)
    except content.BadChoice as error:
        context = {"sentence": str(error), "url": request.path, "link": "Choose the ratings anew"}
        return render(request, "assessments/refused.html", context, status=400)
    form = BulkForm(initial={"value": request.GET.get("value", "")})
    return _render(request, review, chosen, form, boroughs=boroughs, criteria=criteria)


def _apply(request: SignedInRequest, review: ReviewCycle, form: BulkForm) -> HttpResponse:
    form.is_valid()
    cells: dict[int, int] = form.cleaned_data.get("cells", {})
    chosen = content.read_cells(review, request.user, cells)
    if chosen.total < len(cells):
        raise Http404("Not all of these ratings are in this cycle.")
    if form.errors:
        return _render(request, review, chosen, form, status=UNPROCESSABLE)
    value, rationale = form.cleaned_data["value"], form.cleaned_data["rationale"]
    try:
        change_set = actions.save_set(
            cycle=review,
            kind=ChangeSet.Kind.BULK,
            title=content.set_title(value, chosen),
            given=content.given(review, request.user, cells, value=value, rationale=rationale),
            by=request.user,
        )
    except actions.NothingChanged as error:
        form.add_error(None, str(error))
        return _render(request, review, chosen, form, status=UNPROCESSABLE)
    except actions.SetRefused as refused:
        left = content.read_cells(
            review, request.user, cells.keys() - {one.rating.pk for one in refused.refusals}
        )
        return _render(request, review, left, form, refused=refused, status=CONFLICT)
    except Rating.DoesNotExist:
        raise Http404("Not all of these ratings are in this cycle.") from None
    number = change_set.changes.count()
    messages.success(
        request,
        f"{number} rating{'' if number == 1 else 's'} changed as one set. "
        f"You can undo it for {UNDONE_WITHIN.days} days.",
    )
    return redirect(change_set)


def _render(
    request: SignedInRequest,
    review: ReviewCycle,
    chosen: content.Chosen,
    form: BulkForm,
    *,
    boroughs: list[str] | None = None,
    criteria: list[str] | None = None,
    refused: actions.SetRefused | None = None,
    status: int = 200,
) -> HttpResponse:
    refusals = refused.refusals if refused else []
    context = {
        "cycle": review,
        "chosen": chosen,
        "form": form,
        "met": content.met(refusals),
        "refused": content.refused_words(refusals),
        "is_refused": refused is not None,
        "boroughs": content.boroughs_to_tick(review, request.user, boroughs or ()),
        "criteria": content.criteria_to_tick(review, criteria or ()),
        "has_chosen": bool(boroughs or criteria) or request.method == "POST",
    }
    return render(request, "assessments/bulk.html", context, status=status)
