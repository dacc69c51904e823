"""A health check with `?as_at=`: as it stood at the end of that day, to be read and not to be changed."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.requests import SignedInRequest
from assessments.content.found import AUTHORITY
from assessments.content.life import state_words
from assessments.content.past import Past
from assessments.content.past_health_check import NothingThen, read_then
from assessments.models import HealthCheck
from assessments.views import health_check as today_view
from cdrp_portal.dates import DateError, parse_as_at, uk_date
from cdrp_portal.status import Status


@require_GET
def health_check(request: SignedInRequest, cycle: str, subject: str) -> HttpResponse:
    """Of a past day where one is asked for, else of today."""
    if not request.GET.get("as_at"):
        return today_view.health_check(request, cycle, subject)
    of = {"borough": None} if subject == AUTHORITY else {"borough__slug": subject}
    checks = HealthCheck.objects.select_related("cycle__previous", "borough")
    check = get_object_or_404(checks, cycle__slug=cycle, **of)
    readable_today = HealthCheck.objects.visible_to(request.user).filter(pk=check.pk).exists()
    show = request.GET.get("show", "")
    try:
        day = parse_as_at(request.GET["as_at"], today=timezone.localdate())
        if show and show not in Status.values:
            raise DateError("Show one of green, amber, red, less_relevant and not_assessed, or leave it out.")
    except DateError as error:
        if not readable_today:
            raise Http404("There is no such health check.") from error
        link = f"See {check} as it stands today"
        refusal = {"sentence": str(error), "url": check.get_absolute_url(), "link": link}
        return render(request, "assessments/refused.html", refusal, status=400)
    if day is None:
        raise Http404("No day is asked for.")

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
