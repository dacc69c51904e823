"""Documents: the matrix, a full paper, the briefs, and a document asked for again."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from django.urls import reverse

from accounts.models import User
from assessments.models import ReviewCycle
from bench.measure import Measure, once, queries_of, timed
from bench.pages import HEAD, fetched, signed_in
from boroughs.models import Borough
from committees.archive import REPORTS
from committees.content.brief import brief_manuscript
from committees.content.matrix import matrix_manuscript
from committees.jobs.runner import run_next
from committees.rendering import render_pdf
from committees.rendering.child import warm

PAGES_OF_A_FULL_PAPER = 12


def measure_papers(size: str) -> Iterator[Measure]:
    warm()
    head = User.objects.get(email=HEAD)
    cycle = ReviewCycle.objects.newest_first()[0]
    manuscript = matrix_manuscript({"cycle": cycle.slug}, head)
    yield _rendered("Matrix PDF, rendering", size, manuscript.content, budget=1_500)
    paper = full_paper(manuscript.content["matrix"])
    yield _rendered(f"Paper of {PAGES_OF_A_FULL_PAPER} pages with a matrix", size, paper, budget=2_000)
    yield _briefs(size, head)
    yield _unchanged(size, cycle)


def full_paper(matrix: dict[str, Any]) -> dict[str, Any]:
    """The report of 29 October 2009 with a matrix, and other sections of the archive until it is long."""
    content = next(report for report in REPORTS if report.file.startswith("2009-10-29")).content()
    others = [section for report in REPORTS for section in report.content()["sections"]]
    content["appendices"] = [
        {
            "label": "Appendix 1",
            "title": "Health Check Matrix",
            "orientation": "landscape",
            "blocks": [matrix],
        }
    ]
    for section in others * 3:
        if pages_of(content) >= PAGES_OF_A_FULL_PAPER:
            break
        content["sections"].append(deepcopy(section))
    return content


def pages_of(content: dict[str, Any]) -> int:
    return render_pdf(content, edition=None, draft=False).page_count


def _rendered(name: str, size: str, content: dict[str, Any], *, budget: float) -> Measure:
    def render() -> bytes:
        return render_pdf(content, edition=None, draft=False).pdf

    return Measure(name, size, **timed(render, times=5), quantity=len(render()), budget=budget)


def _briefs(size: str, head: User) -> Measure:
    slugs = list(Borough.objects.filter(is_generated=False).values_list("slug", flat=True))

    def pack() -> None:
        for slug in slugs:
            manuscript = brief_manuscript({"borough": slug}, head)
            render_pdf(manuscript.content, edition=None, draft=False)

    return Measure(f"{len(slugs)} borough briefs", size, milliseconds=once(pack), budget=5_000)


def _unchanged(size: str, cycle: ReviewCycle) -> Measure:
    """The matrix PDF asked for again by its address, after it was made once by the job."""
    client, address = signed_in(HEAD), reverse("matrix-pdf", args=[cycle.slug])
    client.get(address)
    while run_next():
        continue
    return Measure(
        "Matrix PDF, asked for again",
        size,
        **timed(lambda: fetched(client, address)),
        queries=len(queries_of(lambda: fetched(client, address))),
        quantity=len(fetched(client, address)),
        budget=50,
    )
