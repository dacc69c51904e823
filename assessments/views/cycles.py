from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe
from django_tables2 import RequestConfig

from accounts.models import User
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from assessments.actions.carrying import carry_forward
from assessments.actions.cycles import (
    CycleRefused,
    Days,
    DaysConflict,
    OfficerConflict,
    close_cycle,
    set_days,
    set_officers,
)
from assessments.actions.guards import NotOpen
from assessments.actions.sets import NothingChanged
from assessments.content.cycles import days_of, read_cycles, read_people
from assessments.content.figures import NAMED, PARTS, counted, said
from assessments.content.readiness import carriable, read_readiness
from assessments.forms.cycles import CountedForm, DaysForm, OfficersForm, ReadinessForm, SeenDaysForm
from assessments.models import HealthCheck, ReviewCycle
from assessments.tables import ReadinessTable
from cdrp_portal.history import changes_of
from cdrp_portal.panels import panels_for

CONFLICT, UNPROCESSABLE = 409, 422
RATINGS_ON_A_PAGE = 50
DAYS = {
    "opens_on": "first day",
    "submit_by": "last day to submit",
    "moderate_by": "last day to sign off",
    "closes_on": "last day",
}


@require_safe
def cycle_list(request: SignedInRequest) -> HttpResponse:
    if not request.user.may(Permission.READ_SIGNED_OFF_RATINGS):
        raise PermissionDenied
    return render(request, "assessments/cycle_list.html", read_cycles(request.user, on=timezone.localdate()))


@require_safe
def cycle_readiness(request: SignedInRequest, cycle: str) -> HttpResponse:
    found = _fetch(request, cycle)
    readiness = read_readiness(found, on=timezone.localdate())
    form = ReadinessForm(request.GET, officers=readiness.officers)
    is_valid = form.is_valid()
    chosen = form.cleaned_data if is_valid else {"officer": "", "state": ""}
    table = ReadinessTable(readiness.shown(**chosen))
    RequestConfig(request, paginate=False).configure(table)
    context = {
        "cycle": found,
        "snapshot": getattr(found, "snapshot", None),
        "readiness": readiness,
        "table": table,
        "form": form,
        "is_filtered": any(chosen.values()),
        "carriable": carriable(found),
        "panels": panels_for("assessments.cycle", request, found),
    }
    return render(request, "assessments/readiness.html", context, status=200 if is_valid else 400)


@require_safe
def readiness_ratings(request: SignedInRequest, cycle: str) -> HttpResponse:
    """The ratings behind one figure of the readiness: of a kind, of whoever is responsible, of a borough."""
    found, today = _fetch(request, cycle), timezone.localdate()
    readiness = read_readiness(found, on=today)
    asked = {"of": PARTS[0].key, **request.GET.dict()}
    form = CountedForm(asked, officers=readiness.officers, subjects=readiness.subjects)
    if not form.is_valid():
        return render(
            request, "assessments/readiness_ratings.html", {"cycle": found, "form": form}, status=400
        )
    chosen = form.cleaned_data
    part = NAMED[chosen["of"]]
    rows = readiness.shown(officer=chosen["officer"], subject=chosen["subject"])
    page = Paginator(counted(part, [row.check for row in rows], on=today), RATINGS_ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "cycle": found,
        "form": form,
        "part": part,
        "page": page,
        "rows": [said(part, rating, today) for rating in page],
        "query": urlencode({name: value for name, value in chosen.items() if value}),
        "is_narrowed": bool(chosen["officer"] or chosen["subject"]),
    }
    return render(request, "assessments/readiness_ratings.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def cycle_dates(request: SignedInRequest, cycle: str) -> HttpResponse:
    found = _fetch(request, cycle)
    if request.method != "POST":
        return _dates_page(request, found, DaysForm(initial=_initial(Days.of(found))), Days.of(found))
    form, seen = DaysForm(request.POST), SeenDaysForm(request.POST)
    # Days that are sent back broken say as much as none: what stands is then shown beside what was typed.
    opened = days_of(seen.cleaned_data) if seen.is_valid() else None
    if not form.is_valid():
        return _dates_page(request, found, form, opened, UNPROCESSABLE)
    try:
        set_days(cycle=found, days=days_of(form.cleaned_data), seen=opened, by=request.user)
    except (CycleRefused, NotOpen) as refused:
        form.add_error(None, str(refused))
        return _dates_page(request, found, form, opened, UNPROCESSABLE)
    except DaysConflict as conflict:
        form.add_error(None, f"{conflict} Theirs are below: send yours again to put them in their place.")
        return _dates_page(request, found, form, conflict.theirs, CONFLICT, theirs=conflict.theirs)
    messages.success(request, f"The days of {found} are saved.")
    return redirect("assessments:cycle-readiness", found.slug)


@require_http_methods(["GET", "HEAD", "POST"])
def cycle_officers(request: SignedInRequest, cycle: str) -> HttpResponse:
    found = _fetch(request, cycle)
    checks = list(found.health_checks.of_boroughs().select_related("borough", "cycle", "officer"))
    form = _officers_form(request, checks)
    status = 200
    if request.method == "POST":
        status = UNPROCESSABLE
        if form.is_valid():
            try:
                changed = _changed(checks, form)
                set_officers(chosen=changed, by=request.user)
            except (NotOpen, OfficerConflict) as refused:
                form.add_error(None, str(refused))
                status = CONFLICT
            else:
                messages.success(request, _changed_words(len(changed)))
                return redirect("assessments:cycle-readiness", found.slug)
    context = {
        "cycle": found,
        "form": form,
        "rows": [(check, form[f"officer-{check.borough_id}"]) for check in checks],
        "entries": _officer_changes(checks),
    }
    return render(request, "assessments/cycle_officers.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def cycle_carry(request: SignedInRequest, cycle: str) -> HttpResponse:
    found = _fetch(request, cycle)
    refused = ""
    if request.method == "POST":
        try:
            change_set = carry_forward(cycle=found, by=request.user)
        except NothingChanged as nothing:
            refused = str(nothing)
        else:
            messages.success(
                request, f"{change_set.changes.count():,} answers carried forward, not re-confirmed."
            )
            return redirect("assessments:cycle-readiness", found.slug)
    context = {"cycle": found, "carriable": carriable(found), "refused": refused}
    status = UNPROCESSABLE if refused else 200
    return render(request, "assessments/cycle_carry.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def cycle_close(request: SignedInRequest, cycle: str) -> HttpResponse:
    found = _fetch(request, cycle)
    refused = ""
    if request.method == "POST":
        try:
            closed = close_cycle(cycle=found, by=request.user)
        except NotOpen as error:
            refused = str(error)
        else:
            messages.success(request, f"{closed} is closed. What it held is kept with its digest.")
            return redirect("assessments:cycle-readiness", closed.slug)
    readiness = read_readiness(found, on=timezone.localdate())
    context = {"cycle": found, "readiness": readiness, "refused": refused}
    return render(request, "assessments/cycle_close.html", context, status=UNPROCESSABLE if refused else 200)


def _fetch(request: SignedInRequest, cycle: str) -> ReviewCycle:
    if not request.user.may(Permission.MANAGE_CYCLES):
        raise PermissionDenied
    cycles = ReviewCycle.objects.select_related("framework", "previous", "closed_by", "snapshot")
    return get_object_or_404(cycles, slug=cycle)


def _initial(days: Days) -> dict[str, Any]:
    return {name: getattr(days, name) for name in DAYS}


def _dates_page(
    request: SignedInRequest,
    cycle: ReviewCycle,
    form: DaysForm,
    seen: Days | None,
    status: int = 200,
    theirs: Days | None = None,
) -> HttpResponse:
    seen = seen or Days.of(cycle)
    context = {
        "cycle": cycle,
        "form": form,
        "seen": SeenDaysForm(initial=_initial(seen)),
        "theirs": theirs,
        "entries": [change for change in changes_of(cycle, fields=DAYS) if change.field],
    }
    return render(request, "assessments/cycle_dates.html", context, status=status)


def _officers_form(request: SignedInRequest, checks: list[HealthCheck]) -> OfficersForm:
    people = read_people(timezone.localdate())
    boroughs = [check.borough_id for check in checks if check.borough_id is not None]
    return OfficersForm(
        request.POST if request.method == "POST" else None,
        own={borough: people.officer_words(borough) for borough in boroughs},
        chosen={check.borough_id: check.officer_id for check in checks if check.borough_id is not None},
    )


def _changed(checks: list[HealthCheck], form: OfficersForm) -> dict[int, tuple[User | None, int | None]]:
    """Whom the page names anew, and whom it showed before, by the health check's number."""
    chosen = form.officers()
    return {
        check.pk: (chosen[check.borough_id], form.seen(check.borough_id))
        for check in checks
        if check.borough_id is not None and f"officer-{check.borough_id}" in form.changed_data
    }


def _changed_words(count: int) -> str:
    if not count:
        return "Nobody was changed."
    return f"Changed for {count} borough{'' if count == 1 else 's'}."


def _officer_changes(checks: list[HealthCheck]) -> list[Any]:
    names = {check.pk: check.subject_name for check in checks}
    rows = HealthCheck.objects.filter(pk__in=names)
    changes = changes_of(rows, fields={"officer": "responsible officer"}, names=names)
    return [change for change in changes if change.field]
