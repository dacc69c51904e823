from dataclasses import replace

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRefresh, trigger_client_event

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from assessments import actions
from assessments.content.moderation import Moderation, moderation_of
from assessments.forms import FlagForm, ModerateForm
from assessments.models import Rating
from assessments.views.health_check import CONFLICT, UNPROCESSABLE, fetch

# From which page a form was sent: where its answer leads without htmx.
MODERATION_PAGE = "moderation"


@require_http_methods(["GET", "POST"])
def moderate_rating(request: SignedInRequest, cycle: str, subject: str, code: str) -> HttpResponse:
    """Another value for one rating, with its reason; or the officer's own again."""
    rating = fetch_rating(request, cycle, subject, code)
    if not request.user.may(Permission.MODERATE, rating.health_check):
        raise PermissionDenied
    if request.method == "GET":
        return _page(request, rating, _shown(request, rating))
    form = ModerateForm(request.POST)
    sentence, status = _first_error(form), UNPROCESSABLE
    if not sentence:
        data = form.cleaned_data
        try:
            if data["undo"]:
                actions.undo_moderation(rating=rating, version=data["version"], by=request.user)
            else:
                actions.moderate_rating(
                    rating=rating,
                    value=data["value"],
                    reason=data["reason"],
                    version=data["version"],
                    by=request.user,
                )
        except actions.NeedsReason as error:
            sentence = str(error)
        except (actions.NotOpen, actions.OwnWork, actions.ModerationConflict) as error:
            sentence, status = str(error), CONFLICT
        else:
            said = "The officer’s rating stands again" if data["undo"] else f"{code} is moderated"
            return _saved(request, rating, said, is_value=True)
    shown = replace(
        _shown(request, rating),
        error=sentence,
        typed_value=form.data.get("value", ""),
        typed_reason=form.data.get("reason", ""),
    )
    return _page(request, rating, shown, status=status)


@require_http_methods(["GET", "POST"])
def flag_rating(request: SignedInRequest, cycle: str, subject: str, code: str) -> HttpResponse:
    """Ask for one rating to be looked at again; or ask that no more."""
    rating = fetch_rating(request, cycle, subject, code)
    if not request.user.may(Permission.MODERATE, rating.health_check):
        raise PermissionDenied
    if request.method == "GET":
        return _page(request, rating, _shown(request, rating))
    form = FlagForm(request.POST)
    sentence, status = _first_error(form), UNPROCESSABLE
    if not sentence:
        data = form.cleaned_data
        try:
            if data["settle"]:
                actions.unflag_rating(rating=rating, version=data["version"], by=request.user)
            else:
                actions.flag_rating(
                    rating=rating, note=data["note"], version=data["version"], by=request.user
                )
        except actions.NeedsReason as error:
            sentence = str(error)
        except (actions.NotOpen, actions.ModerationConflict) as error:
            sentence, status = str(error), CONFLICT
        else:
            return _saved(request, rating, f"{code} is {'no longer ' if data['settle'] else ''}flagged")
    shown = replace(_shown(request, rating), flag_error=sentence, typed_flag=form.data.get("note", ""))
    return _page(request, rating, shown, status=status)


def fetch_rating(request: SignedInRequest, cycle: str, subject: str, code: str) -> Rating:
    check = fetch(request, cycle, subject, "cycle__previous")
    ratings = Rating.objects.filter(health_check=check).select_related("criterion", "moderated_by")
    rating = get_object_or_404(ratings, criterion__code=code)
    rating.health_check = check
    return rating


def _first_error(form: ModerateForm | FlagForm) -> str:
    return "" if form.is_valid() else " ".join(str(one) for errors in form.errors.values() for one in errors)


def _shown(request: SignedInRequest, rating: Rating) -> Moderation:
    """As it stands now, whatever was tried: the next attempt is made over that."""
    now = fetch_rating(
        request, rating.health_check.cycle.slug, rating.health_check.subject_slug, rating.criterion.code
    )
    shown = moderation_of(now, request.user)
    if shown is None:
        raise PermissionDenied
    return shown


def _saved(request: SignedInRequest, rating: Rating, said: str, *, is_value: bool = False) -> HttpResponse:
    check, code = rating.health_check, rating.criterion.code
    if not request.htmx:
        if request.POST.get("place") == MODERATION_PAGE:
            return redirect(f"{check.get_absolute_url()}moderate/#{code}")
        return redirect("assessments:rating", check.cycle.slug, check.subject_slug, code)
    # The rating's own page says its value elsewhere too; the moderation page and the matrix's panel
    # say nothing of it beyond this part.
    if is_value and request.htmx.current_url_abs_path == f"{check.get_absolute_url()}{code}/":
        return HttpResponseClientRefresh()
    response = _page(request, rating, _shown(request, rating))
    trigger_client_event(response, "moderated", {"code": code})
    return trigger_client_event(response, "announce", {"text": said})


def _page(request: SignedInRequest, rating: Rating, shown: Moderation, *, status: int = 200) -> HttpResponse:
    template = "assessments/_rating_moderation.html" if request.htmx else "assessments/moderate_rating.html"
    context = {
        "check": rating.health_check,
        "rating": rating,
        "moderation": shown,
        "place": request.POST.get("place", ""),
        "is_answer": bool(request.htmx),
        "errors": shown.error or shown.flag_error,
    }
    return render(request, template, context, status=status)
