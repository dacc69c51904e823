"""HTML → tagged PDF/UA-1. The same content, template version and typefaces give the same bytes."""

import gc
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from committees.rendering.assets import fetcher, press
from committees.rendering.checks import check_content
from committees.rendering.digest import EditionMark
from committees.rendering.errors import DocumentRefused, DocumentTooLarge
from committees.rendering.html import compose
from committees.rendering.kinds import DocumentKind, kind_of
from committees.rendering.tags import finish_tags

GATHERED = ("Figures gathered", 10)
COMPOSED = ("Sections and appendices composed", 25)
LAID_OUT = ("Pages laid out", 85)
CHECKED = ("Tags and file checked", 100)

# Entries of each list, and whether in the smaller type: what is tried in turn to fit a brief on its page.
_BRIEF_FITS = [(6, False), (4, False), (3, False), (2, False), (4, True), (2, True), (1, True)]


@dataclass(frozen=True)
class RenderedDocument:
    pdf: bytes
    sha256: str
    page_count: int


def rendered(pdf: bytes, page_count: int) -> RenderedDocument:
    return RenderedDocument(pdf, hashlib.sha256(pdf).hexdigest(), page_count)


def render_pdf(
    content: dict[str, Any],
    *,
    edition: EditionMark | None = None,
    draft: bool = False,
    progress: Callable[[str, int], None] | None = None,
    version: int | None = None,
) -> RenderedDocument:
    """Print in this process; a worker calls `child.render_in_child`, which adds the limits.

    `progress` is told each stage in words, with the percentage done when it ends. `version` asks for the
    template version with which an edition was issued. Raises DocumentInvalid or DocumentTooLarge.
    """
    told = progress or _nobody
    kind = kind_of(content, version)
    check_content(content)
    told(*GATHERED)
    with _collector_paused():
        document = _laid_out(content, kind, edition, draft, told)
        told(*LAID_OUT)
        # Every argument is a constant: a path or an address here would be opened past the fetcher.
        pdf, pages = finish_tags(document.write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True))
    told(*CHECKED)
    return rendered(pdf, pages)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Layout makes a million objects that all live to its end: looking through them costs a quarter of it."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _nobody(stage: str, percent: int) -> None:
    """Nobody asked to be told."""


def _laid_out(
    content: dict[str, Any],
    kind: DocumentKind,
    edition: EditionMark | None,
    draft: bool,
    told: Callable[[str, int], None],
) -> Any:
    if kind.name == "borough-brief":
        return _laid_out_on_one_page(content, kind, edition, draft, told)
    html = compose(content, template=kind.template, edition=edition, draft=draft)
    told(*COMPOSED)
    return _layout(html, kind, draft)


def _laid_out_on_one_page(
    content: dict[str, Any],
    kind: DocumentKind,
    edition: EditionMark | None,
    draft: bool,
    told: Callable[[str, int], None],
) -> Any:
    """Shorter and shorter lists until one page holds them, smaller type where two entries are still too many.

    What is left out is counted on the page, never lost unsaid.
    """
    for items, compact in _BRIEF_FITS:
        html = compose(
            content, template=kind.template, edition=edition, draft=draft, items=items, compact=compact
        )
        told(*COMPOSED)
        document = _layout(html, kind, draft)
        if len(document.pages) == 1:
            return document
    raise DocumentTooLarge(
        f"The brief on {content['borough']} does not fit one page even with one entry in each list. "
        "Shorten its opening sentence, its questions or the longest entry."
    )


def _layout(html: str, kind: DocumentKind, draft: bool) -> Any:
    from weasyprint import HTML
    from weasyprint.urls import FatalURLFetchingError

    machine = press()
    sheet = machine.sheet(kind.stylesheet, draft=draft)
    source = HTML(string=html, base_url=None, url_fetcher=fetcher())
    try:
        return source.render(
            font_config=machine.fonts, stylesheets=[sheet], pdf_variant="pdf/ua-1", presentational_hints=False
        )
    except FatalURLFetchingError as refusal:
        raise DocumentRefused(
            "The document asks for something from outside itself. It was not printed."
        ) from refusal
