from dataclasses import replace

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from accounts.requests import SignedInRequest
from assessments import actions
from assessments.content.comments import Comments, thread_of
from assessments.forms import CommentForm
from assessments.models import Comment, Rating
from assessments.views.health_check import CONFLICT, UNPROCESSABLE
from assessments.views.moderation import MODERATION_PAGE, answer, fetch_rating


@require_http_methods(["GET", "POST"])
def comments(request: SignedInRequest, cycle: str, subject: str, code: str) -> HttpResponse:
    """What is said of one rating; sent back, a new remark or an answer to one."""
    rating = fetch_rating(request, cycle, subject, code)
    shown = _shown(request, rating)
    if request.method == "GET":
        return _page(request, rating, shown)
    form = CommentForm(request.POST)
    sentence, status = "", UNPROCESSABLE
    if form.is_valid():
        data = form.cleaned_data
        answered = None
        if data["reply_to"] is not None:
            answered = get_object_or_404(rating.comments, pk=data["reply_to"])
        try:
            actions.write_comment(rating=rating, text=data["text"], reply_to=answered, by=request.user)
        except actions.NeedsReason as error:
            sentence = str(error)
        except actions.NotOpen as error:
            sentence, status = str(error), CONFLICT
        else:
            return _saved(request, rating, "The comment is saved")
    else:
        sentence = " ".join(str(one) for errors in form.errors.values() for one in errors)
    shown = replace(
        shown,
        error=sentence,
        typed=form.data.get("text", ""),
        reply_to=form.cleaned_data.get("reply_to"),
    )
    return _page(request, rating, shown, status=status)


@require_POST
def resolve(request: SignedInRequest, cycle: str, subject: str, code: str, pk: int) -> HttpResponse:
    return _turn(request, cycle, subject, code, pk, is_resolved=True)


@require_POST
def reopen(request: SignedInRequest, cycle: str, subject: str, code: str, pk: int) -> HttpResponse:
    return _turn(request, cycle, subject, code, pk, is_resolved=False)


def _turn(
    request: SignedInRequest, cycle: str, subject: str, code: str, pk: int, *, is_resolved: bool
) -> HttpResponse:
    rating = fetch_rating(request, cycle, subject, code)
    shown = _shown(request, rating)
    comment = get_object_or_404(Comment, rating=rating, reply_to=None, pk=pk)
    verb = actions.resolve_thread if is_resolved else actions.reopen_thread
    try:
        verb(comment=comment, by=request.user)
    except actions.NotOpen as error:
        return _page(request, rating, replace(shown, error=str(error)), status=CONFLICT)
    return _saved(request, rating, "Resolved" if is_resolved else "Open again")


def _shown(request: SignedInRequest, rating: Rating) -> Comments:
    shown = thread_of(rating, request.user)
    if shown is None:
        raise PermissionDenied
    return shown


def _saved(request: SignedInRequest, rating: Rating, said: str) -> HttpResponse:
    check, code = rating.health_check, rating.criterion.code
    if request.htmx:
        response = _page(request, rating, _shown(request, rating))
        return trigger_client_event(response, "announce", {"text": said})
    if request.POST.get("place") == MODERATION_PAGE:
        return redirect(f"{check.get_absolute_url()}moderate/#{code}")
    return redirect("assessments:rating", check.cycle.slug, check.subject_slug, code)


def _page(request: SignedInRequest, rating: Rating, shown: Comments, *, status: int = 200) -> HttpResponse:
    context = {
        "check": rating.health_check,
        "rating": rating,
        "comments": shown,
        "place": request.POST.get("place", ""),
        "is_answer": bool(request.htmx),
        "errors": shown.error,
    }
    if request.htmx:
        return answer(request, "assessments/_rating_comments.html", context, status=status)
    return render(request, "assessments/rating_comments.html", context, status=status)
