from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from assessments import actions
from assessments.content import sets as content
from assessments.models import ChangeSet, ReviewCycle

SETS_ON_A_PAGE = 25
RATINGS_ON_A_PAGE = 100
CONFLICT = 409


@require_safe
def change_set_list(request: SignedInRequest, cycle: str) -> HttpResponse:
    review = get_object_or_404(ReviewCycle, slug=cycle)
    if not request.user.may(Permission.READ_SIGNED_OFF_RATINGS):
        raise PermissionDenied
    page = Paginator(content.visible_sets(review, request.user), SETS_ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "cycle": review,
        "page": page,
        "lines": content.set_lines(page.object_list, review),
        "may_rate": review.is_open and request.user.may(Permission.RATE),
    }
    return render(request, "assessments/change_set_list.html", context)


@require_safe
def change_set(request: SignedInRequest, cycle: str, pk: int) -> HttpResponse:
    found = _fetch(request, cycle, pk)
    page = Paginator(content.visible_changes(found, request.user), RATINGS_ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "set": found,
        "cycle": found.cycle,
        "page": page,
        "rows": content.change_rows(page.object_list, found.cycle),
        "opening": content.opening_words(found, page.paginator.count),
        "state": content.state_words(found),
        "may_undo": not content.why_not_undone(found, request.user),
    }
    return render(request, "assessments/change_set.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def change_set_undo(request: SignedInRequest, cycle: str, pk: int) -> HttpResponse:
    found = _fetch(request, cycle, pk)
    if not request.user.may(Permission.RATE):
        raise PermissionDenied
    refused = ""
    if request.method == "POST":
        try:
            undone = actions.undo_set(change_set=found, by=request.user)
        except actions.NotUndone as error:
            refused = str(error)
        else:
            messages.success(request, f"Undone: {content.count_words(undone)} as before.")
            return redirect(undone)
    refused = refused or content.why_not_undone(found, request.user)
    steps = actions.undo_preview(found, by=request.user) if not refused else []
    context = {
        "set": found,
        "cycle": found.cycle,
        "back": content.undo_rows([step for step in steps if not step.left], found.cycle),
        "left": content.undo_rows([step for step in steps if step.left], found.cycle),
        "total": len(steps),
        "refused": refused,
    }
    status = CONFLICT if refused and request.method == "POST" else 200
    return render(request, "assessments/change_set_undo.html", context, status=status)


def _fetch(request: SignedInRequest, cycle: str, pk: int) -> ChangeSet:
    review = get_object_or_404(ReviewCycle, slug=cycle)
    if not request.user.may(Permission.READ_SIGNED_OFF_RATINGS):
        raise Http404("There is no such change set.")
    found = get_object_or_404(content.visible_sets(review, request.user), pk=pk)
    found.cycle = review
    return found
