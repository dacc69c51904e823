from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import reswap, retarget, trigger_client_event

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from assessments import actions
from assessments.content import health_check as content
from assessments.content.conflict import TooLong, both_texts, conflict_of
from assessments.content.drafts import taken_up, with_drafts
from assessments.content.found import found_by_address
from assessments.content.history import changes_of_check
from assessments.content.life import life_of, state_words
from assessments.content.london import link_member_words
from assessments.content.progress import Progress
from assessments.content.rows import Row
from assessments.forms import RatingForm
from assessments.models import NEXT_STEP_LIMIT, RATIONALE_LIMIT, HealthCheck, Rating
from boroughs.models import BoroughLink
from cdrp_portal.history import Change
from cdrp_portal.status import Status

LATEST_CHANGES = 8
CONFLICT, UNPROCESSABLE = 409, 422
# A row that is sent by one of its buttons is drawn anew; one that saves as its writer goes is left alone.
BUTTONS = frozenset({"save", "clear", "again", "undo", "resolve", "use_draft"})


@dataclass(frozen=True)
class Refused:
    """Why a row was not saved."""

    status: int
    sentence: str
    conflict: actions.RatingConflict | None = None


@require_GET
def health_check(request: SignedInRequest, cycle: str, subject: str) -> HttpResponse:
    check = fetch(request, cycle, subject, "cycle__previous", "submitted_by", "signed_off_by")
    show = request.GET.get("show", "")
    if show and show not in Status.values:
        sentence = "Show one of green, amber, red, less_relevant and not_assessed, or leave it out."
        context = {"sentence": sentence, "url": check.get_absolute_url(), "link": f"See all of {check}"}
        return render(request, "assessments/refused.html", context, status=400)
    page = content.read_page(check, user=request.user, today=timezone.localdate())
    return _render(request, check, page, show=show)


@require_GET
def history(request: SignedInRequest, cycle: str, subject: str) -> HttpResponse:
    check = fetch(request, cycle, subject)
    page = content.read_page(check, user=request.user, today=timezone.localdate())
    context = {"check": check, "entries": _changes(request, check, page)}
    return render(request, "assessments/health_check_history.html", context)


@require_POST
def rating_save(request: SignedInRequest, cycle: str, subject: str, code: str) -> HttpResponse:
    check = fetch(request, cycle, subject)
    form = RatingForm(taken_up(request.POST, check, code, request.user))
    saved = save_answer(request, check, code, form)
    if isinstance(saved, Refused):
        return _refuse(request, check, code, form, saved)
    if not request.htmx:
        return redirect(f"{check.get_absolute_url()}#{code}")
    today = timezone.localdate()
    if saved is None or not BUTTONS.isdisjoint(request.POST):
        page = content.read_page(check, user=request.user, today=today)
        row = row_or_404(with_drafts(page, check, request.user, today=today), code)
        response = _fragment(request, check, page, row, whole_row=True)
        return retarget(reswap(response, "outerHTML"), f"#{code}")
    row, progress = content.read_saved(check, saved, by=request.user, today=today)
    return _fragment(request, check, progress, row)


def fetch(request: SignedInRequest, cycle: str, subject: str, *more: str) -> HealthCheck:
    check = found_by_address(cycle, subject, request.user, *more)
    if check is None:
        raise Http404(f"There is no health check of {subject} in {cycle} that you may read.")
    return check


def save_answer(
    request: SignedInRequest, check: HealthCheck, code: str, form: RatingForm
) -> Rating | Refused | None:
    """The saved rating, or why it was not saved; None where the other person's text was to stand."""
    if not form.is_valid():
        return Refused(
            UNPROCESSABLE, " ".join(str(error) for errors in form.errors.values() for error in errors)
        )
    try:
        answer = _answer(request, check, code, form.cleaned_data)
        if answer is None:
            actions.drop_draft(health_check=check, code=code, by=request.user)
            return None
        return actions.save_rating(health_check=check, criterion_code=code, by=request.user, **answer)
    except Rating.DoesNotExist:
        raise Http404(f"{code} is not asked here.") from None
    except (actions.NeedsReason, TooLong) as error:
        return Refused(UNPROCESSABLE, str(error))
    except actions.NotOpen as error:
        return Refused(CONFLICT, str(error))
    except actions.RatingConflict as conflict:
        return Refused(CONFLICT, str(conflict), conflict)


def _answer(
    request: SignedInRequest, check: HealthCheck, code: str, data: dict[str, Any]
) -> dict[str, Any] | None:
    """What to save, by the row's buttons; None when the other person's text is to stand."""
    typed = {name: data[name] for name in ("value", "rationale", "next_step", "version", "undo")}
    if data["resolve"] == "theirs":
        return None
    if data["resolve"]:
        typed["version"] = data["seen"]
    if data["clear"]:
        typed["value"] = Status.NOT_ASSESSED
    if typed["value"] and not data["again"] and data["resolve"] != "both":
        return typed
    row = content.read_page(check, user=request.user, today=timezone.localdate()).row(code)
    if row is None:
        raise Rating.DoesNotExist
    if data["again"] and row.last:
        return {
            **typed,
            "value": row.last.value,
            "rationale": row.last.rationale,
            "next_step": row.last.next_step,
        }
    typed["value"] = typed["value"] or row.value
    if data["resolve"] == "both":
        typed["rationale"] = both_texts(row.rationale, typed["rationale"], limit=RATIONALE_LIMIT)
        typed["next_step"] = both_texts(row.next_step, typed["next_step"], limit=NEXT_STEP_LIMIT)
    return typed


def _refuse(
    request: SignedInRequest, check: HealthCheck, code: str, form: RatingForm, refused: Refused
) -> HttpResponse:
    page = content.read_page(check, user=request.user, today=timezone.localdate())
    row = as_typed(row_or_404(page, code), form, refused)
    if request.htmx and "use_draft" in request.POST:
        response = _fragment(request, check, page, row, refused=refused, whole_row=True)
        return retarget(reswap(response, "outerHTML"), f"#{code}")
    if request.htmx:
        return _fragment(request, check, page, row, refused=refused)
    return _render(request, check, page.with_row(row), refused=refused, row=row)


def row_or_404(page: content.Page, code: str) -> Row:
    row = page.row(code)
    if row is None:
        raise Http404(f"{code} is not asked here.")
    return row


def as_typed(row: Row, form: RatingForm, refused: Refused) -> Row:
    """The row with what its writer typed, and with the version they typed it over."""
    data = form.data
    value = data.get("value", "")
    conflict = conflict_of(refused.conflict, today=timezone.localdate()) if refused.conflict else None
    return replace(
        row,
        value=Status(value) if value in Status.values else row.value,
        rationale=data.get("rationale", row.rationale),
        next_step=data.get("next_step", row.next_step),
        version=form.cleaned_data.get("version", row.version),
        error="" if conflict else refused.sentence,
        conflict=conflict,
        save_kind="failed",
        save_text="Not saved: two texts have met" if conflict else f"Not saved: {refused.sentence}",
    )


def _fragment(
    request: SignedInRequest,
    check: HealthCheck,
    progress: Progress,
    row: Row,
    *,
    refused: Refused | None = None,
    whole_row: bool = False,
) -> HttpResponse:
    context = {
        "url": check.get_absolute_url(),
        "page": progress,
        "theme": progress.tally(row.theme_code),
        "row": row,
        "whole_row": whole_row,
        "editable": True,
        "choices": content.CHOICES,
    }
    status = refused.status if refused else 200
    # Of what every page shows a fragment needs nothing, unless it holds a form of its own.
    body = render_to_string("assessments/_rating_saved.html", context, request if whole_row else None)
    response = HttpResponse(body, status=status)
    said = row.conflict["heading"] if row.conflict else f"{row.code}: {row.save_text}"
    return trigger_client_event(response, "announce", {"text": said, "urgent": refused is not None})


def _render(
    request: SignedInRequest,
    check: HealthCheck,
    page: content.Page,
    *,
    show: str = "",
    refused: Refused | None = None,
    row: Row | None = None,
) -> HttpResponse:
    may_rate = request.user.may(Permission.RATE, check)
    if may_rate and check.takes_answers:
        page = with_drafts(page, check, request.user, today=timezone.localdate())
    context = {
        "check": check,
        "url": check.get_absolute_url(),
        "page": page,
        "themes": page.themes(show),
        "counts": page.counts(),
        "show": Status(show) if show else None,
        "editable": may_rate and check.takes_answers,
        "life": life_of(check, request.user, may_rate=may_rate),
        # What a moderator did is told to whoever it was said to.
        "may_discuss": may_rate or request.user.may(Permission.MODERATE, check),
        "link_member": _link_member(check),
        "state_sentence": state_words(check),
        "choices": content.CHOICES,
        "entries": _changes(request, check, page, limit=LATEST_CHANGES),
        "today": timezone.localdate().isoformat(),
        "errors": refused,
        "refused": refused,
        "refused_row": row,
    }
    status = refused.status if refused else 200
    return render(request, "assessments/health_check.html", context, status=status)


def _link_member(check: HealthCheck) -> str:
    """Who speaks for the Authority in the borough, as a sentence; empty for the Authority itself."""
    if check.borough is None:
        return ""
    kinds = BoroughLink.Kind.MEMBER, BoroughLink.Kind.MEMBER_COVER
    links = BoroughLink.objects.filter(borough=check.borough).of_kind(*kinds).current(timezone.localdate())
    return link_member_words(list(links.select_related("person").order_by("person__name")))


def _changes(
    request: SignedInRequest, check: HealthCheck, page: content.Page, limit: int | None = None
) -> list[Change]:
    names = {row.pk: row.name for row in page.rows}
    return changes_of_check(check, request.user, names=names, limit=limit)
