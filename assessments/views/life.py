from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from assessments import actions
from assessments.content.evidence import greens_without_evidence, proofs_of
from assessments.content.life import to_look_at, waiting
from assessments.content.moderation import read_moderation
from assessments.forms import ReasonForm, SeenForm
from assessments.models import HealthCheck
from assessments.views.health_check import CONFLICT, UNPROCESSABLE, fetch

State = HealthCheck.State
# What keeps a health check from a step, and what the answer to that is.
REFUSALS: dict[type[Exception], int] = {
    actions.NotOpen: CONFLICT,
    actions.OwnWork: CONFLICT,
    actions.ChangedMeanwhile: CONFLICT,
    actions.NotReady: UNPROCESSABLE,
}
REFUSED: tuple[type[Exception], ...] = tuple(REFUSALS)


@dataclass(frozen=True)
class Refusal:
    """Why a step was not taken."""

    status: int
    sentence: str

    @classmethod
    def of(cls, error: Exception, *, lacking: str = "") -> "Refusal":
        return cls(REFUSALS[type(error)], lacking if isinstance(error, actions.NotReady) else str(error))


@require_http_methods(["GET", "POST"])
def submit(request: SignedInRequest, cycle: str, subject: str) -> HttpResponse:
    check = fetch(request, cycle, subject)
    if not request.user.may(Permission.RATE, check):
        raise PermissionDenied
    refused = None
    if request.method == "POST":
        try:
            actions.submit(health_check=check, by=request.user)
        except REFUSED as error:
            refused = Refusal.of(error, lacking="Not submitted: something is missing still.")
        else:
            messages.success(
                request, f"Submitted. The head of partnerships has {check.subject_name} to sign off."
            )
            return redirect(check)
    ratings = list(check.ratings.select_related("criterion").order_by("criterion__position"))
    context = {
        "check": check,
        "missing": actions.missing_for_submission(ratings),
        "before_sign_off": actions.missing_for_sign_off(ratings),
        "to_look_at": to_look_at(check),
        "without_evidence": greens_without_evidence(check),
        "proofs": proofs_of(ratings, timezone.localdate()),
        "is_open": check.takes_answers,
        "refused": refused,
        "errors": refused,
    }
    status = refused.status if refused else 200
    return render(request, "assessments/health_check_submit.html", context, status=status)


@require_POST
def withdraw(request: SignedInRequest, cycle: str, subject: str) -> HttpResponse:
    check = fetch(request, cycle, subject)
    try:
        actions.withdraw(health_check=check, by=request.user)
    except actions.NotOpen as error:
        messages.warning(request, str(error))
    else:
        messages.success(
            request, f"{check.subject_name} is yours to change again. Submit it when it is ready."
        )
    return redirect(check)


@require_http_methods(["GET", "POST"])
def moderate(request: SignedInRequest, cycle: str, subject: str) -> HttpResponse:
    """The moderation page; sent back, it says that the health check has been looked through."""
    check = _fetch_to_moderate(request, cycle, subject, "cycle__previous", "submitted_by", "moderated_by")
    refused = None
    if request.method == "POST":
        form = SeenForm(request.POST)
        try:
            seen = form.cleaned_data["seen"] if form.is_valid() else -1
            actions.mark_moderated(health_check=check, seen=seen, by=request.user)
        except REFUSED as error:
            refused = Refusal.of(error)
        else:
            messages.success(request, f"{check.subject_name} is moderated. It can be signed off.")
            return redirect("assessments:moderate", cycle, subject)
    today = timezone.localdate()
    page = read_moderation(check, user=request.user, today=today)
    show = request.GET.get("show", "")
    others = [one for one in waiting(request.user, today) if one.check.pk != check.pk]
    context = {
        "check": check,
        "url": check.get_absolute_url(),
        "page": page,
        "themes": page.themes(show),
        "show": show,
        "is_with_the_head": check.cycle.is_open and check.state in (State.SUBMITTED, State.MODERATED),
        "is_moderated": check.state == State.MODERATED,
        "is_own_work": actions.is_own_work(check, request.user),
        "next": others[0] if others else None,
        "others": len(others),
        "refused": refused,
        "errors": refused,
    }
    status = refused.status if refused else 200
    return render(request, "assessments/moderate.html", context, status=status)


@require_POST
def moderate_again(request: SignedInRequest, cycle: str, subject: str) -> HttpResponse:
    check = _fetch_to_moderate(request, cycle, subject)
    try:
        actions.moderate_again(health_check=check, by=request.user)
    except actions.NotOpen as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, f"{check.subject_name} is no longer marked as moderated.")
    return redirect("assessments:moderate", cycle, subject)


@require_http_methods(["GET", "POST"])
def give_back(request: SignedInRequest, cycle: str, subject: str) -> HttpResponse:
    """Return a health check to its officer, with the reason."""
    check = _fetch_to_moderate(request, cycle, subject, "submitted_by")
    form, refused = ReasonForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            actions.return_to_officer(health_check=check, reason=form.cleaned_data["reason"], by=request.user)
        except actions.NeedsReason as error:
            form.add_error("reason", str(error))
        except actions.NotOpen as error:
            refused = Refusal.of(error)
        else:
            messages.success(request, f"Returned. {check.subject_name} can be changed and submitted again.")
            return redirect(check)
    context = {
        "check": check,
        "form": form,
        "to_look_at": to_look_at(check),
        "is_with_the_head": check.cycle.is_open and check.state in (State.SUBMITTED, State.MODERATED),
        "refused": refused,
        "errors": refused,
    }
    return render(request, "assessments/health_check_return.html", context, status=_status(form, refused))


@require_http_methods(["GET", "POST"])
def sign_off(request: SignedInRequest, cycle: str, subject: str) -> HttpResponse:
    check = _fetch_to_moderate(request, cycle, subject, "submitted_by")
    refused = None
    if request.method == "POST":
        form = SeenForm(request.POST)
        try:
            seen = form.cleaned_data["seen"] if form.is_valid() else -1
            actions.sign_off(health_check=check, seen=seen, by=request.user)
        except REFUSED as error:
            refused = Refusal.of(error, lacking="Not signed off: something is missing still.")
        else:
            messages.success(request, f"Signed off. Nobody can change {check.subject_name} now.")
            return redirect(check)
    ratings = list(check.ratings.select_related("criterion").order_by("criterion__position"))
    context = {
        "check": check,
        "missing": actions.before_sign_off(ratings),
        "seen": sum(rating.version for rating in ratings),
        "to_look_at": [one for one in to_look_at(check) if one.threads],
        "is_with_the_head": check.cycle.is_open and check.state in (State.SUBMITTED, State.MODERATED),
        "is_own_work": actions.is_own_work(check, request.user),
        "refused": refused,
        "errors": refused,
    }
    return render(request, "assessments/sign_off.html", context, status=refused.status if refused else 200)


@require_http_methods(["GET", "POST"])
def reopen(request: SignedInRequest, cycle: str, subject: str) -> HttpResponse:
    check = _fetch_to_moderate(request, cycle, subject, "submitted_by", "signed_off_by")
    form, refused = ReasonForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            actions.reopen(health_check=check, reason=form.cleaned_data["reason"], by=request.user)
        except actions.NeedsReason as error:
            form.add_error("reason", str(error))
        except actions.NotOpen as error:
            refused = Refusal.of(error)
        else:
            messages.success(
                request, f"Open again. {check.subject_name} can be changed, and has to be submitted anew."
            )
            return redirect(check)
    context = {
        "check": check,
        "form": form,
        "is_signed_off": check.cycle.is_open and check.state == State.SIGNED_OFF,
        "refused": refused,
        "errors": refused,
    }
    return render(request, "assessments/reopen.html", context, status=_status(form, refused))


def _fetch_to_moderate(request: SignedInRequest, cycle: str, subject: str, *more: str) -> HealthCheck:
    check = fetch(request, cycle, subject, *more)
    if not request.user.may(Permission.MODERATE, check):
        raise PermissionDenied
    return check


def _status(form: ReasonForm, refused: Refusal | None) -> int:
    if refused:
        return refused.status
    return UNPROCESSABLE if form.errors else 200
