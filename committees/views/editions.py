"""Issued papers: public, without sign-in, as they were (DESIGN §5, last line)."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from cdrp_portal.downloads import file_response
from cdrp_portal.uploads import size_words
from committees.models import Committee, Edition, EditionQuerySet, on_the_agenda
from committees.rendering.digest import short_digest
from committees.rendering.html import paper_context
from committees.views.meetings import day_or_404

PAGE = 20


def editions_for(request: HttpRequest) -> EditionQuerySet:
    """The public's editions; exempt ones too for those who may read papers in draft."""
    editions = Edition.objects.select_related("paper__meeting__committee")
    if request.user.is_authenticated and request.user.may(Permission.READ_DRAFT_PAPERS):
        return editions
    return editions.public()


@login_not_required
@require_safe
def edition_list(request: HttpRequest) -> HttpResponse:
    words = request.GET.get("words", "").strip()[:200].replace("\x00", "")
    committee, year = request.GET.get("committee", ""), request.GET.get("year", "")
    oldest_first = request.GET.get("order") == "oldest"
    newest = editions_for(request).latest_of_each().values("pk")
    found = editions_for(request).filter(pk__in=newest).without_pdf()
    years = sorted(
        {held_on.year for held_on in found.values_list("paper__meeting__held_on", flat=True)}, reverse=True
    )
    if words:
        found = found.annotate(text=SearchVector("paper__title", "content", config="english")).filter(
            text=SearchQuery(words, config="english", search_type="websearch")
        )
    if committee:
        found = found.filter(paper__meeting__committee__code=committee)
    if year.isascii() and year.isdigit() and len(year) == 4:
        found = found.filter(paper__meeting__held_on__year=int(year))
    sign = "" if oldest_first else "-"
    found = found.order_by(f"{sign}paper__meeting__held_on", *on_the_agenda("paper__number"))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "count": page.paginator.count,
        "words": words,
        "committee": committee,
        "year": year,
        "oldest_first": oldest_first,
        "is_filtered": bool(words or committee or year),
        "committees": Committee.objects.filter(meetings__papers__editions__in=newest).distinct(),
        "years": [str(year) for year in years],
        "query": request.GET.urlencode(),
    }
    return render(request, "committees/edition_list.html", context)


def edition_or_404(request: HttpRequest, code: str, held_on: str, number: str) -> Edition:
    """The edition asked for by `?edition=`, else the latest. An exempt one is as absent as one never made."""
    editions = editions_for(request).filter(
        paper__meeting__committee__code=code,
        paper__meeting__held_on=day_or_404(held_on),
        paper__number=number,
    )
    wanted = request.GET.get("edition", "")
    if wanted:
        editions = editions.filter(
            number=int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 5 else 0
        )
    edition = editions.order_by("-number").first()
    if edition is None:
        raise Http404("No paper of that number was issued for that meeting.")
    return edition


@login_not_required
@require_safe
def edition_detail(request: HttpRequest, code: str, held_on: str, number: str) -> HttpResponse:
    edition = edition_or_404(request, code, held_on, number)
    context = {
        "edition": edition,
        "paper_row": edition.paper,
        "meeting": edition.paper.meeting,
        "size": size_words(len(edition.pdf)),
        "digest": short_digest(edition.content_digest),
        "others": edition.paper.editions.without_pdf().exclude(pk=edition.pk),
        "document": paper_context(edition.content),
        "pdf_url": f"{edition.get_absolute_url().rstrip('/')}.pdf",
    }
    return render(request, "committees/edition_detail.html", context)


@login_not_required
@require_safe
def edition_pdf(request: HttpRequest, code: str, held_on: str, number: str) -> HttpResponse:
    edition = edition_or_404(request, code, held_on, number)
    name = f"{code}-{held_on}-report-{number}-edition-{edition.number}.pdf"
    return file_response(bytes(edition.pdf), filename=name, content_type="application/pdf", inline=True)
