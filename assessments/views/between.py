from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from assessments.content.between import boroughs_in, read_between, read_span, with_authors
from assessments.models import ReviewCycle
from cdrp_portal.dates import DateError

RATINGS_ON_A_PAGE = 50


@require_GET
def cycle_between(request: SignedInRequest, cycle: str) -> HttpResponse:
    review = get_object_or_404(ReviewCycle, slug=cycle)
    if not request.user.may(Permission.READ_SIGNED_OFF_RATINGS):
        raise PermissionDenied
    today = timezone.localdate()
    context = {"cycle": review, "boroughs": boroughs_in(review), "today": today.isoformat()}
    try:
        span = read_span(request.GET, cycle=review, today=today)
        between = read_between(cycle=review, user=request.user, span=span)
    except DateError as error:
        names = ("from", "to", "borough")
        context |= {"errors": str(error), "asked": {name: request.GET.get(name, "") for name in names}}
        return render(request, "assessments/between.html", context, status=400)

    page = Paginator(between.changed, RATINGS_ON_A_PAGE).get_page(request.GET.get("page"))
    address = request.GET.copy()
    address.pop("page", None)
    context |= {
        "asked": {"from": span.first.isoformat(), "to": span.last.isoformat(), "borough": span.borough},
        "between": between,
        "span": span,
        "page": page,
        "rows": with_authors(list(page.object_list), span),
        # What the page offers where nothing changed: a longer time, of the same borough.
        "whole": f"?{urlencode({'from': review.opens_on, 'borough': span.borough})}",
        "page_query": f"?{address.urlencode()}&" if address else "?",
    }
    return render(request, "assessments/between.html", context)
