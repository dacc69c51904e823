from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from assessments.models import ReviewCycle
from committees.content.manuscript import BadParameters
from committees.content.matrix import matrix_query
from committees.views.documents import document_response, refused


@require_GET
def matrix_pdf(request: SignedInRequest, cycle: str) -> HttpResponse:
    review = get_object_or_404(ReviewCycle, slug=cycle)
    if not request.user.may(Permission.READ_SIGNED_OFF_RATINGS):
        raise PermissionDenied
    try:
        query = matrix_query(request.GET)
    except BadParameters as reason:
        return refused(request, str(reason))
    return document_response(
        request, kind="health-check-matrix", parameters={"cycle": review.slug, "query": query}
    )
