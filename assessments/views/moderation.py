from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRefresh, trigger_client_event

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from assessments import actions
from assessments.content.moderation import Moderation, moderation_of, read_moderation
from assessments.forms import FlagForm, ModerateForm
from assessments.models import HealthCheck, Rating
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
                saved = actions.undo_moderation(rating=rating, version=data["version"], by=request.user)
            else:
                saved = actions.moderate_rating(
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
            seen = _seen(request, rating, saved, data["version"])
            return _saved(request, rating, said, seen=seen, is_value=True)
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
                saved = actions.unflag_rating(rating=rating, version=data["version"], by=request.user)
            else:
                saved = actions.flag_rating(
                    rating=rating, note=data["note"], version=data["version"], by=request.user
                )
        except actions.NeedsReason as error:
            sentence = str(error)
        except (actions.NotOpen, actions.ModerationConflict) as error:
            sentence, status = str(error), CONFLICT
        else:
            said = f"{code} is {'no longer ' if data['settle'] else ''}flagged"
            return _saved(request, rating, said, seen=_seen(request, rating, saved, data["version"]))
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


def _seen(request: SignedInRequest, before: Rating, saved: Rating, version: int) -> str:
    """The number of the answers that the page has shown, with what was just saved from it and nothing else.

    Who moderates has seen their own change, and of other people's only what the page showed. Empty where the
    page has no such number.
    """
    shown = request.POST.get("seen", "")
    if not (shown.isascii() and shown.isdigit() and len(shown) < 10):
        return ""
    is_own = before.version == version and saved.version == version + 1
    return str(int(shown) + is_own)


def _saved(
    request: SignedInRequest, rating: Rating, said: str, *, seen: str, is_value: bool = False
) -> HttpResponse:
    check, code = rating.health_check, rating.criterion.code
    if not request.htmx:
        if request.POST.get("place") == MODERATION_PAGE:
            return redirect(f"{check.get_absolute_url()}moderate/#{code}")
        return redirect("assessments:rating", check.cycle.slug, check.subject_slug, code)
    # The rating's own page says its value elsewhere too; the moderation page's figures come with the
    # answer, and the matrix's panel says nothing of it beyond this part.
    if is_value and request.htmx.current_url_abs_path == f"{check.get_absolute_url()}{code}/":
        return HttpResponseClientRefresh()
    response = _page(request, rating, _shown(request, rating), seen=seen)
    trigger_client_event(response, "moderated", {"code": code})
    return trigger_client_event(response, "announce", {"text": said})


def _page(
    request: SignedInRequest, rating: Rating, shown: Moderation, *, seen: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "seen": seen,
        "check": rating.health_check,
        "rating": rating,
        "moderation": shown,
        "place": request.POST.get("place", ""),
        "is_answer": bool(request.htmx),
        "errors": shown.error or shown.flag_error,
    }
    if request.htmx:
        return answer(request, "assessments/_rating_moderation.html", context, status=status)
    return render(request, "assessments/moderate_rating.html", context, status=status)


def answer(request: SignedInRequest, part: str, context: dict[str, Any], *, status: int) -> HttpResponse:
    """The part of a page that was sent by htmx; to the moderation page with its figures as they are now."""
    check: HealthCheck = context["check"]
    page = urlsplit(request.htmx.current_url or "")
    if page.path != f"{check.get_absolute_url()}moderate/":
        return render(request, part, context, status=status)
    figures = {
        "part": part,
        "page": read_moderation(check, user=request.user, today=timezone.localdate()),
        "url": check.get_absolute_url(),
        "show": QueryDict(page.query).get("show", ""),
    }
    return render(request, "assessments/_moderation_answer.html", context | figures, status=status)
