from collections.abc import Iterable
from operator import attrgetter

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from boroughs.actions import (
    LinkConflictError,
    LinkError,
    LinkOverlapError,
    VisitError,
    assign_link,
    end_link,
    note_visit,
    period_words,
)
from boroughs.content import BoroughThen, neighbours_of, people_of
from boroughs.forms import LinkEndForm, LinkForm, VisitForm
from boroughs.models import Borough, BoroughLink, Meeting, Visit
from cdrp_portal.dates import DateError, parse_as_at, uk_date
from cdrp_portal.history import Change, changes_of
from cdrp_portal.panels import panels_for

VISITS_SHOWN = 5
CHANGES_SHOWN = 15


@require_safe
def borough_detail(request: SignedInRequest, borough: str) -> HttpResponse:
    shown = _borough(request, borough)
    user, today = request.user, timezone.localdate()
    try:
        day = parse_as_at(request.GET.get("as_at"), today=today)
    except DateError as error:
        refusal = {"sentence": str(error), "url": shown.get_absolute_url(), "link": f"See {shown} of today"}
        return render(request, "boroughs/refused.html", refusal, status=400)
    if day is not None:
        return _as_at(request, BoroughThen(shown, day))
    before, after = neighbours_of(shown, Borough.objects.visible_to(user).only("name", "slug"))
    context = {
        "borough": shown,
        "before": before,
        "after": after,
        "people": people_of(shown, today),
        "panels": _panels(request, "boroughs.borough", shown),
        "meeting": Meeting.objects.visible_to(user).filter(borough=shown).upcoming(timezone.now()).first(),
        "visits": list(
            Visit.objects.visible_to(user)
            .filter(borough=shown)
            .select_related("noted_by", "meeting")[:VISITS_SHOWN]
        ),
        "may_note": user.may(Permission.NOTE_VISIT, shown),
        "may_assign": user.may(Permission.ASSIGN_LINKS, shown),
        "entries": _changes(shown),
        "today": today.isoformat(),
    }
    return render(request, "boroughs/borough_detail.html", context)


def _as_at(request: SignedInRequest, then: BoroughThen) -> HttpResponse:
    """The borough at the end of a past day: to be read, with nothing to do."""
    changes = [change for change in _changes(then.borough, None) if change.at < then.end]
    context = {
        "borough": then.borough,
        "as_at": uk_date(then.day),
        "day": then.day.isoformat(),
        "unknown": then.unknown,
        "sentence": then.sentence,
        "people": then.people,
        "entered_since": then.entered_since,
        # Before the records there is nothing that a panel could tell.
        "panels": [] if then.unknown else _panels(request, "boroughs.borough.as_at", then),
        "meeting": then.meeting,
        "visits": then.visits(VISITS_SHOWN),
        "entries": changes[:CHANGES_SHOWN],
    }
    return render(request, "boroughs/borough_as_at.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def visit_create(request: SignedInRequest, borough: str) -> HttpResponse:
    visited = _borough(request, borough)
    if not request.user.may(Permission.NOTE_VISIT, visited):
        raise PermissionDenied
    today = timezone.localdate()
    form = VisitForm(_posted(request), borough=visited, today=today)
    if request.method == "POST" and form.is_valid():
        try:
            note_visit(borough=visited, today=today, by=request.user, **form.cleaned_data)
        except VisitError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Your visit to {visited} is noted.")
            return redirect(visited)
    return _form_page(request, "boroughs/visit_create.html", visited, form)


@require_http_methods(["GET", "HEAD", "POST"])
def link_create(request: SignedInRequest, borough: str) -> HttpResponse:
    linked = _borough(request, borough)
    if not request.user.may(Permission.ASSIGN_LINKS, linked):
        raise PermissionDenied
    form = LinkForm(_posted(request), today=timezone.localdate())
    status = 422
    if request.method == "POST" and form.is_valid():
        try:
            link = assign_link(borough=linked, by=request.user, **form.cleaned_data)
        except LinkError as error:
            form.add_error(None, str(error))
            status = 409 if isinstance(error, LinkOverlapError) else 422
        else:
            messages.success(request, f"{link.person} is linked to {linked} {period_words(link)}.")
            return redirect(linked)
    return _form_page(request, "boroughs/link_create.html", linked, form, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def link_end(request: SignedInRequest, borough: str, pk: int) -> HttpResponse:
    linked = _borough(request, borough)
    link = get_object_or_404(BoroughLink.objects.select_related("person"), borough=linked, pk=pk)
    if not request.user.may(Permission.ASSIGN_LINKS, linked):
        raise PermissionDenied
    form = LinkEndForm(_posted(request), link=link, today=timezone.localdate())
    status = 422
    if request.method == "POST" and form.is_valid():
        try:
            ended = end_link(link=link, by=request.user, **form.cleaned_data)
        except LinkError as error:
            form.add_error(None, str(error))
            status = 409 if isinstance(error, LinkConflictError) else 422
        else:
            messages.success(request, f"{link.person} is linked to {linked} {period_words(ended)}.")
            return redirect(linked)
    return _form_page(
        request, "boroughs/link_end.html", linked, form, status=status, link=link, days=period_words(link)
    )


def _borough(request: SignedInRequest, slug: str) -> Borough:
    """Whoever may read no borough at all is told so; they are no secret."""
    if not request.user.may(Permission.READ_BOROUGHS):
        raise PermissionDenied
    return get_object_or_404(Borough.objects.visible_to(request.user), slug=slug)


def _posted(request: SignedInRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _form_page(
    request: SignedInRequest,
    template: str,
    borough: Borough,
    form: object,
    *,
    status: int = 422,
    **more: object,
) -> HttpResponse:
    posted = request.method == "POST"
    context = {"borough": borough, "form": form, **more}
    return render(request, template, context, status=status if posted else 200)


def _panels(request: SignedInRequest, place: str, subject: Borough | BoroughThen) -> list[dict[str, str]]:
    """The upper rooms' facts, each drawn by its own template from its own context alone."""
    return [
        {"title": panel.title, "body": render_to_string(panel.template, dict(panel.context), request)}
        for panel in panels_for(place, request, subject)
    ]


def _changes(borough: Borough, limit: int | None = CHANGES_SHOWN) -> list[Change]:
    """What changed in who is linked to the borough, and in what is known of it, newest first."""
    links = BoroughLink.objects.filter(borough=borough)
    names = {link.pk: str(link) for link in links.select_related("person", "borough")}
    told: Iterable[Change] = (
        *changes_of(links, fields=["kind", "period", "appointed_by"], names=names, limit=limit),
        *changes_of(borough, names={borough.pk: borough.name}, limit=limit),
    )
    return sorted(told, key=attrgetter("at"), reverse=True)[:limit]
