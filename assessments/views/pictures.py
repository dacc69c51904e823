from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from assessments.content.health_check import read_page
from assessments.content.pictures import Order, PictureFilters, read_pictures
from assessments.content.profile import profile_of
from assessments.content.trend import read_trend
from assessments.matrix import BadFilter, every_cycle
from assessments.views.health_check import fetch


@require_GET
def cycle_pictures(request: SignedInRequest, cycle: str) -> HttpResponse:
    cycles = every_cycle()
    review = next((one for one in cycles if one.slug == cycle), None)
    if review is None:
        raise Http404("There is no review cycle of that name.")
    if not request.user.may(Permission.READ_SIGNED_OFF_RATINGS):
        raise PermissionDenied
    try:
        filters = PictureFilters.from_query(request.GET)
        pictures = read_pictures(cycle=review, cycles=cycles, user=request.user, filters=filters)
    except BadFilter as error:
        url = f"{review.get_absolute_url()}pictures/"
        refusal = {"sentence": str(error), "url": url, "link": f"See all pictures of {review}"}
        return render(request, "assessments/refused.html", refusal, status=400)

    context = {"pictures": pictures, "cycle": review, "filters": filters, "orders": Order.choices}
    return render(request, "assessments/pictures.html", context)


@require_GET
def health_check_pictures(request: SignedInRequest, cycle: str, subject: str) -> HttpResponse:
    check = fetch(request, cycle, subject, "cycle__previous")
    page = read_page(check, user=request.user, today=timezone.localdate())
    trend = read_trend(
        cycle=check.cycle,
        cycles=every_cycle(),
        user=request.user,
        subject=check.subject_name,
        check=check,
    )
    context = {
        "check": check,
        "url": check.get_absolute_url(),
        "profile": profile_of(check, page),
        "trend": trend,
    }
    return render(request, "assessments/pictures_profile.html", context)
