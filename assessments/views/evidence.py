from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from assessments import actions
from assessments.content.evidence import evidence_of, kind_words
from assessments.content.history import changes_of_evidence
from assessments.forms import EvidenceEditForm, EvidenceForm, ProofForm
from assessments.models import Evidence, Rating
from cdrp_portal.dates import uk_date
from cdrp_portal.downloads import file_response

AUTHORITY = "authority"
CONFLICT, UNPROCESSABLE = 409, 422


@require_safe
def evidence_list(request: SignedInRequest, cycle: str, subject: str, code: str) -> HttpResponse:
    return _page(request, _fetch(request, cycle, subject, code))


@require_http_methods(["GET", "HEAD", "POST"])
def evidence_add(request: SignedInRequest, cycle: str, subject: str, code: str) -> HttpResponse:
    rating = _fetch(request, cycle, subject, code)
    _require_rate(request, rating)
    form = EvidenceForm(today=timezone.localdate())
    status = 200
    if request.method == "POST":
        # Asked for first: only what has come in can be too large.
        posted, files = request.POST, request.FILES
        is_too_large = getattr(request, "is_upload_too_large", False)
        form = EvidenceForm(posted, files, today=timezone.localdate(), is_too_large=is_too_large)
        status = UNPROCESSABLE
        if not actions.takes_evidence(rating.health_check):
            form = EvidenceForm(today=timezone.localdate())
            status = CONFLICT
        elif form.is_valid():
            try:
                added = actions.add_evidence(rating=rating, by=request.user, **_given(form))
            except actions.NotOpen as error:
                form.add_error(None, str(error))
                status = CONFLICT
            else:
                messages.success(request, f"Added: {added.title}. {kind_words(added)}.")
                return redirect("assessments:evidence-list", cycle, subject, code)
    context = {**_context(request, rating), "form": form}
    return render(request, "assessments/evidence_add.html", context, status=status)


@require_safe
def evidence_file(request: SignedInRequest, cycle: str, subject: str, code: str, pk: int) -> HttpResponse:
    """The file, to keep and never to be shown here: whatever it holds, it does not run in the portal."""
    evidence = _fetch_evidence(request, cycle, subject, code, pk)
    name = evidence.file.name
    if not name or not default_storage.exists(name):
        raise Http404("There is no such file.")
    with default_storage.open(name) as kept:
        content = kept.read()
    return file_response(content, filename=evidence.file_name, content_type=evidence.content_type)


@require_http_methods(["GET", "HEAD", "POST"])
def evidence_edit(request: SignedInRequest, cycle: str, subject: str, code: str, pk: int) -> HttpResponse:
    evidence = _fetch_evidence(request, cycle, subject, code, pk)
    rating = evidence.rating
    _require_rate(request, rating)
    today = timezone.localdate()
    initial = {
        "title": evidence.title,
        "dated_on": evidence.dated_on,
        "look_again_on": evidence.look_again_on,
        "stamp": actions.stamp_of(evidence),
    }
    form = EvidenceEditForm(request.POST or None, initial=initial, today=today)
    status = UNPROCESSABLE if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_evidence(evidence=evidence, by=request.user, **form.cleaned_data)
        except actions.NotOpen as error:
            form.add_error(None, str(error))
            status = CONFLICT
        except actions.EvidenceConflict as conflict:
            form = _with_both(request, form, conflict)
            status = CONFLICT
        else:
            messages.success(request, f"Changed: {form.cleaned_data['title']}.")
            return redirect("assessments:evidence-list", cycle, subject, code)
    context = {**_context(request, rating), "form": form, "of": evidence, "kind": kind_words(evidence)}
    return render(request, "assessments/evidence_edit.html", context, status=status)


@require_POST
def evidence_withdraw(request: SignedInRequest, cycle: str, subject: str, code: str, pk: int) -> HttpResponse:
    evidence = _fetch_evidence(request, cycle, subject, code, pk)
    try:
        actions.withdraw_evidence(evidence=evidence, by=request.user)
    except actions.NotOpen as error:
        return _page(request, evidence.rating, refused=str(error))
    messages.success(request, f"Withdrawn: {evidence.title}. It can be given back below.")
    return redirect("assessments:evidence-list", cycle, subject, code)


@require_POST
def evidence_restore(request: SignedInRequest, cycle: str, subject: str, code: str, pk: int) -> HttpResponse:
    evidence = _fetch_evidence(request, cycle, subject, code, pk)
    try:
        actions.restore_evidence(evidence=evidence, by=request.user)
    except actions.NotOpen as error:
        return _page(request, evidence.rating, refused=str(error))
    messages.success(request, f"Given back: {evidence.title}.")
    return redirect("assessments:evidence-list", cycle, subject, code)


@require_POST
def proof_promise(request: SignedInRequest, cycle: str, subject: str, code: str) -> HttpResponse:
    rating = _fetch(request, cycle, subject, code)
    _require_rate(request, rating)
    today = timezone.localdate()
    form = ProofForm(request.POST, today=today)
    if not form.is_valid():
        return _page(request, rating, proof_form=form, status=UNPROCESSABLE)
    due_on = form.cleaned_data["due_on"]
    try:
        actions.promise_proof(rating=rating, due_on=due_on, today=today, by=request.user)
    except actions.ProofRefused as error:
        form.add_error("due_on", str(error))
        return _page(request, rating, proof_form=form, status=UNPROCESSABLE)
    except actions.NotOpen as error:
        return _page(request, rating, refused=str(error))
    said = f"Green, awaiting proof until {uk_date(due_on)}." if due_on else "No proof is promised any more."
    messages.success(request, said)
    return redirect("assessments:evidence-list", cycle, subject, code)


@require_POST
def proof_confirm(request: SignedInRequest, cycle: str, subject: str, code: str) -> HttpResponse:
    rating = _fetch(request, cycle, subject, code)
    try:
        actions.confirm_proof(rating=rating, by=request.user)
    except (actions.ProofRefused, actions.NotOpen) as error:
        return _page(request, rating, refused=str(error))
    messages.success(request, f"Confirmed: the proof of {rating.criterion} was shown.")
    return redirect("assessments:evidence-list", cycle, subject, code)


def _fetch(request: SignedInRequest, cycle: str, subject: str, code: str) -> Rating:
    of = {"health_check__borough": None} if subject == AUTHORITY else {"health_check__borough__slug": subject}
    ratings = Rating.objects.visible_to(request.user).select_related(
        "health_check__cycle", "health_check__borough", "criterion", "proof_confirmed_by"
    )
    return get_object_or_404(ratings, health_check__cycle__slug=cycle, criterion__code=code, **of)


def _fetch_evidence(request: SignedInRequest, cycle: str, subject: str, code: str, pk: int) -> Evidence:
    """By its whole address, so that evidence never answers under another rating's. Withdrawn: to raters."""
    rating = _fetch(request, cycle, subject, code)
    evidence = get_object_or_404(Evidence.objects.visible_to(request.user), pk=pk, rating=rating)
    evidence.rating = rating
    if evidence.withdrawn_at is not None and not request.user.may(Permission.RATE, rating.health_check):
        raise Http404("There is no such evidence.")
    return evidence


def _require_rate(request: SignedInRequest, rating: Rating) -> None:
    if not request.user.may(Permission.RATE, rating.health_check):
        raise PermissionDenied


def _given(form: EvidenceForm) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in ("title", "file", "url", "dated_on", "look_again_on")}


def _with_both(
    request: SignedInRequest, form: EvidenceEditForm, conflict: actions.EvidenceConflict
) -> EvidenceEditForm:
    """What was typed stays in the form, what stands is said above it; saving again takes its place."""
    data = request.POST.copy()
    data["stamp"] = actions.stamp_of(conflict.theirs)
    again = EvidenceEditForm(data, today=form.today)
    until = conflict.theirs.look_again_on
    holds = f", holds until {uk_date(until)}" if until else ""
    again.add_error(
        None,
        f"Somebody changed this while you were writing. It now says “{conflict.theirs.title}”, "
        f"of {uk_date(conflict.theirs.dated_on)}{holds}. Save again to put yours in its place.",
    )
    return again


def _context(request: SignedInRequest, rating: Rating) -> dict[str, Any]:
    check = rating.health_check
    return {
        "check": check,
        "rating": rating,
        "is_open": actions.takes_evidence(check),
        "rating_url": f"{check.get_absolute_url()}{rating.criterion.code}/",
        "evidence": evidence_of(rating, request.user, timezone.localdate()),
    }


def _page(
    request: SignedInRequest,
    rating: Rating,
    *,
    refused: str = "",
    proof_form: ProofForm | None = None,
    status: int = 200,
) -> HttpResponse:
    may_rate = request.user.may(Permission.RATE, rating.health_check)
    context = {
        **_context(request, rating),
        "refused": refused,
        "errors": refused,
        "form": proof_form,
        "proof_form": proof_form
        or ProofForm(initial={"due_on": rating.proof_due_on}, today=timezone.localdate()),
        # What was withdrawn is told to whoever may give it back, and to nobody else.
        "entries": changes_of_evidence(rating) if may_rate else None,
    }
    return render(request, "assessments/evidence_list.html", context, status=CONFLICT if refused else status)
