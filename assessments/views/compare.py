from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from assessments.content.compare import MEANING, MOVE_WORDS, CompareFilters, Comparison, Show, read_comparison
from assessments.content.compare_book import comparison_book
from assessments.content.compare_markup import totals_rows
from assessments.matrix import BadFilter, every_cycle
from assessments.models import ReviewCycle
from cdrp_portal.downloads import file_response
from cdrp_portal.spreadsheets import CONTENT_TYPES, WRITERS

CELLS_ON_A_PAGE = 50


@require_GET
def cycle_compare(request: SignedInRequest, cycle: str, other: str) -> HttpResponse:
    cycles, now, then = _pair(cycle, other)
    if not request.user.may(Permission.READ_SIGNED_OFF_RATINGS):
        raise PermissionDenied
    if now.opens_on < then.opens_on:
        return redirect("assessments:cycle-compare", then.slug, now.slug)
    try:
        comparison = _comparison(request, cycles, now, then)
    except BadFilter as error:
        return _refused(request, now, then, str(error))

    page = Paginator(comparison.shown, CELLS_ON_A_PAGE).get_page(request.GET.get("page"))
    query = comparison.filters.as_query()
    context = {
        "comparison": comparison,
        "filters": comparison.filters,
        "page": page,
        "query": query,
        "page_query": f"{query}&" if query else "?",
        "key": [(words, MEANING[move]) for move, words in MOVE_WORDS.items()],
        "shows": Show.choices,
        "others": [one for one in cycles if one.pk not in (now.pk, then.pk)],
        "formats": WRITERS,
        "rows_by_theme": totals_rows(comparison.by_theme),
        "rows_by_borough": totals_rows(comparison.by_borough),
    }
    return render(request, "assessments/compare.html", context)


@require_GET
def compare_export(request: SignedInRequest, cycle: str, other: str, format: str) -> HttpResponse:
    cycles, now, then = _pair(cycle, other)
    if not request.user.may(Permission.READ_SIGNED_OFF_RATINGS):
        raise PermissionDenied
    if format not in WRITERS:
        raise Http404(f"The comparison cannot be had as {format}. Choose xlsx, ods or csv.")
    if now.opens_on < then.opens_on:
        now, then = then, now
    try:
        comparison = _comparison(request, cycles, now, then)
    except BadFilter as error:
        return _refused(request, now, then, str(error))
    content = WRITERS[format](comparison_book(comparison, as_at=timezone.now()))
    name = f"{now.name} against {then.name}, {timezone.localdate().isoformat()}.{format}"
    return file_response(content, filename=name, content_type=CONTENT_TYPES[format])


def _pair(cycle: str, other: str) -> tuple[list[ReviewCycle], ReviewCycle, ReviewCycle]:
    cycles = every_cycle()
    named = {one.slug: one for one in cycles}
    if cycle not in named or other not in named or cycle == other:
        raise Http404("These are not two review cycles.")
    return cycles, named[cycle], named[other]


def _comparison(
    request: SignedInRequest, cycles: list[ReviewCycle], now: ReviewCycle, then: ReviewCycle
) -> Comparison:
    filters = CompareFilters.from_query(request.GET)
    return read_comparison(cycle=now, other=then, user=request.user, filters=filters, cycles=cycles)


def _refused(request: SignedInRequest, now: ReviewCycle, then: ReviewCycle, sentence: str) -> HttpResponse:
    url = f"{now.get_absolute_url()}compare/{then.slug}/"
    context = {"sentence": sentence, "url": url, "link": f"See all of {now} against {then}"}
    return render(request, "assessments/refused.html", context, status=400)
