"""A health check or a rating with `?as_at=`: as it stood at the end of that day, to be read alone."""

import datetime as dt
from typing import cast

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.requests import SignedInRequest
from assessments.content.found import AUTHORITY
from assessments.content.life import state_words
from assessments.content.past import Past
from assessments.content.past_health_check import NothingThen, read_then
from assessments.content.past_rating import read_rating_then
from assessments.models import HealthCheck
from assessments.views import health_check as today_view
from assessments.views import rating as todays_rating
from cdrp_portal.dates import DateError, parse_as_at, uk_date
from cdrp_portal.status import Status


@require_GET
def health_check(request: SignedInRequest, cycle: str, subject: str) -> HttpResponse:
    """Of a past day where one is asked for, else of today."""
    if not request.GET.get("as_at"):
        return today_view.health_check(request, cycle, subject)
    check, readable_today = _fetch(request, cycle, subject)
    show = request.GET.get("show", "")
    try:
        day = _day(request)
        if show and show not in Status.values:
            raise DateError("Show one of green, amber, red, less_relevant and not_assessed, or leave it out.")
    except DateError as error:
        url, link = check.get_absolute_url(), f"See {check} as it stands today"
        return _refused(request, error, url, link, is_readable=readable_today)

    context = {"check": check, "url": check.get_absolute_url(), "as_at": uk_date(day), "day": day.isoformat()}
    try:
        then = read_then(check, user=request.user, past=Past(day))
    except NothingThen as nothing:
        # Of what a reader may read neither then nor now they do not learn how it stood.
        if not readable_today:
            raise Http404("There is no such health check.") from nothing
        return render(request, "assessments/health_check_as_at.html", {**context, "nothing": str(nothing)})
    return render(
        request,
        "assessments/health_check_as_at.html",
        {
            **context,
            "check": then.check,
            "page": then.page,
            "themes": then.page.themes(show),
            "counts": then.page.counts(),
            "show": Status(show) if show else None,
            "state_sentence": state_words(then.check),
            "link_member": then.link_member,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def rating(request: SignedInRequest, cycle: str, subject: str, code: str) -> HttpResponse:
    """Of a past day where one is asked for, else of today: what is sent is always today's."""
    if request.method == "POST" or not request.GET.get("as_at"):
        return todays_rating.rating(request, cycle, subject, code)
    check, readable_today = _fetch(request, cycle, subject)
    url = f"{check.get_absolute_url()}{code}/"
    try:
        day = _day(request)
    except DateError as error:
        return _refused(
            request, error, url, f"See {code} of {check} as it stands today", is_readable=readable_today
        )

    context = {"check": check, "url": url, "code": code, "as_at": uk_date(day), "day": day.isoformat()}
    try:
        then = read_rating_then(check, code, user=request.user, past=Past(day))
    except NothingThen as nothing:
        if not readable_today:
            raise Http404("There is no such health check.") from nothing
        context["nothing"] = str(nothing)
    else:
        if then is None:
            raise Http404(f"{code} was not asked here.")
        context |= {"check": then.check, "then": then, "row": then.row, "entries": then.changes}
    template = "assessments/_rating_panel_as_at.html" if request.htmx else "assessments/rating_as_at.html"
    return render(request, template, context)


def _fetch(request: SignedInRequest, cycle: str, subject: str) -> tuple[HealthCheck, bool]:
    """The health check, whoever asks, and whether they may read it as it stands today."""
    of = {"borough": None} if subject == AUTHORITY else {"borough__slug": subject}
    checks = HealthCheck.objects.select_related("cycle__previous", "borough")
    check = get_object_or_404(checks, cycle__slug=cycle, **of)
    return check, HealthCheck.objects.visible_to(request.user).filter(pk=check.pk).exists()


def _day(request: SignedInRequest) -> dt.date:
    """Of an address that asks for one. Raises DateError."""
    return cast(dt.date, parse_as_at(request.GET["as_at"], today=timezone.localdate()))


def _refused(
    request: SignedInRequest, error: DateError, url: str, link: str, *, is_readable: bool
) -> HttpResponse:
    """In words, but not to whoever may not know that there is such a health check."""
    if not is_readable:
        raise Http404("There is no such health check.") from error
    return render(
        request, "assessments/refused.html", {"sentence": str(error), "url": url, "link": link}, status=400
    )
