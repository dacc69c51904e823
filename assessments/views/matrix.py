from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from assessments.exports import matrix_book
from assessments.matrix import BadFilter, Matrix, MatrixFilters, every_cycle, load_matrix
from assessments.matrix.changes import Token
from assessments.matrix.markup import table_body, table_foot, table_head
from assessments.matrix.page import MatrixPage
from assessments.models import ReviewCycle
from cdrp_portal.downloads import file_response
from cdrp_portal.panels import panels_for
from cdrp_portal.spreadsheets import CONTENT_TYPES, WRITERS


@require_GET
def cycle_matrix(request: SignedInRequest, cycle: str) -> HttpResponse:
    cycles, review = _cycle(cycle)
    if not request.user.may(Permission.READ_SIGNED_OFF_RATINGS):
        raise PermissionDenied
    token = Token.now(request.user) if review.is_open else ""
    try:
        matrix = _matrix(request, review, cycles)
    except BadFilter as error:
        return _refused(request, review, error)

    page = MatrixPage(matrix, url=request.path)
    if matrix.filters.borough and page.listed is None:
        return _refused(request, review, BadFilter(f"“{matrix.filters.borough}” is not in this matrix."))
    may_rate = review.is_open and request.user.may(Permission.RATE)
    if page.as_at:
        # What is saved today is no news of a past day.
        token, may_rate = "", False
    context = {
        "page": page,
        "matrix": matrix,
        "cycle": review,
        "token": token,
        "may_rate": may_rate,
        "may_manage": request.user.may(Permission.MANAGE_CYCLES),
        "panels": panels_for("assessments.cycle", request, review),
    }
    if page.with_table:
        context |= {"head": table_head(matrix), "body": table_body(matrix), "foot": table_foot(matrix)}
    return render(request, "assessments/matrix.html", context)


@require_GET
def matrix_export(request: SignedInRequest, cycle: str, format: str) -> HttpResponse:
    cycles, review = _cycle(cycle)
    if not request.user.may(Permission.READ_SIGNED_OFF_RATINGS):
        raise PermissionDenied
    if format not in WRITERS:
        raise Http404(f"The matrix cannot be had as {format}. Choose pdf, xlsx, ods or csv.")
    try:
        matrix = _matrix(request, review, cycles)
    except BadFilter as error:
        return _refused(request, review, error)

    content = WRITERS[format](matrix_book(matrix))
    name = f"{review.name} health check matrix, {matrix.position_at.isoformat()}.{format}"
    return file_response(content, filename=name, content_type=CONTENT_TYPES[format])


def _cycle(slug: str) -> tuple[list[ReviewCycle], ReviewCycle]:
    """All cycles, because the page offers the earlier ones, and the one that the address names."""
    cycles = every_cycle()
    review = next((cycle for cycle in cycles if cycle.slug == slug), None)
    if review is None:
        raise Http404("There is no review cycle of that name.")
    return cycles, review


def _matrix(request: SignedInRequest, review: ReviewCycle, cycles: list[ReviewCycle]) -> Matrix:
    filters = MatrixFilters.from_query(request.GET)
    return load_matrix(cycle=review, user=request.user, filters=filters, at=timezone.now(), cycles=cycles)


def _refused(request: SignedInRequest, review: ReviewCycle, error: BadFilter) -> HttpResponse:
    link = f"See the whole matrix of {review}"
    context = {"sentence": str(error), "url": review.get_absolute_url(), "link": link}
    return render(request, "assessments/refused.html", context, status=400)
