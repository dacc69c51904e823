from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseNotModified, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from assessments.matrix import BadFilter, MatrixFilters, load_matrix
from assessments.matrix.changes import Token, changed_rows
from assessments.matrix.markup import table_foot
from assessments.matrix.page import MatrixPage
from assessments.models import ReviewCycle


@require_GET
def matrix_changes(request: SignedInRequest, cycle: str) -> HttpResponse:
    """What a page of the matrix asks every few seconds: 304 while nothing of any cycle was written.

    Without `after`, the token of an earlier answer, it says who is signed in, with a token for their forms.
    """
    if not request.user.may(Permission.READ_SIGNED_OFF_RATINGS):
        raise PermissionDenied
    now = Token.now(request.user)
    tag = f'"{now}"'
    if request.headers.get("If-None-Match") == tag:
        return _tagged(HttpResponseNotModified(), tag)

    review = get_object_or_404(ReviewCycle, slug=cycle)
    answer = {"person": request.user.pk, "csrf": get_token(request), "token": str(now)}
    if "after" in request.GET:
        since = Token.read(request.GET["after"])
        if since is None:
            return _refused("This is not a token of the matrix. Load its page again.")
        try:
            filters = MatrixFilters.from_query(request.GET)
            matrix = load_matrix(cycle=review, user=request.user, filters=filters)
        except BadFilter as error:
            return _refused(str(error))
        page = MatrixPage(matrix, url=review.get_absolute_url())
        answer |= {
            "rows": changed_rows(matrix, since, user=request.user),
            "sentence": render_to_string("assessments/_matrix_sentence.html", {"page": page}),
            "foot": table_foot(matrix),
        }
    return _tagged(JsonResponse(answer), tag)


def _refused(sentence: str) -> HttpResponse:
    return JsonResponse({"sentence": sentence}, status=400)


def _tagged(response: HttpResponse, tag: str) -> HttpResponse:
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    return response
