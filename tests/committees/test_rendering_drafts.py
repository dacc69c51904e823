"""QUALITY row 50: a draft is always marked, a final document never."""

import io

import pytest
from pypdf import PdfReader

from committees.archive import REPORTS
from committees.rendering import EditionMark, render_pdf
from tests.committees import samples
from tests.committees.tagged_pdf import read_tags
from tests.quality.soak import size

pytestmark = pytest.mark.slow

DOCUMENTS = size(8, 50)


def documents():
    for number in range(DOCUMENTS):
        if number < len(REPORTS):
            yield REPORTS[number].content()
        elif number % 5 == 0:
            yield samples.brief(borough=f"Invented {number}")
        else:
            blocks = [{"kind": "text", "text": f"Invented text {number}. " * number * 2}]
            sections = [{"letter": "A", "heading": "Text", "blocks": blocks}]
            yield samples.short_paper(number=str(number), sections=sections)


def marks(pdf):
    """How often DRAFT is printed on each page: across it and at its foot."""
    return [page.extract_text().count("DRAFT") for page in PdfReader(io.BytesIO(pdf)).pages]


def test_drafts_are_always_marked_and_final_documents_never():
    bad = []
    for number, content in enumerate(documents()):
        draft = render_pdf(content, draft=True)
        final = render_pdf(content, edition=EditionMark(1))
        if marks(draft.pdf) != [2] * draft.page_count:
            bad.append(("draft", number))
        if any(marks(final.pdf)):
            bad.append(("final", number))
        assert draft.page_count == final.page_count
    print(f"marks: {len(bad)} bad of {2 * DOCUMENTS} documents")
    assert bad == []


def test_mark_is_no_part_of_the_text():
    content = REPORTS[0].content()

    draft, final = (read_tags(render_pdf(content, draft=draft).pdf) for draft in (True, False))

    assert draft.text == final.text
    assert [tag.name for tag in draft.walk()] == [tag.name for tag in final.walk()]


def test_landscape_pages_are_marked_too():
    draft = render_pdf(samples.matrix_document(), draft=True)

    assert marks(draft.pdf) == [2] * 2
