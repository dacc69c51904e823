import io
import re

import pikepdf
import pytest
from pypdf import PdfReader

from committees.archive import REPORTS
from committees.rendering import EditionMark, render_pdf
from tests.committees import samples
from tests.committees.tagged_pdf import fonts, page_text, read_tags

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("tags")]

KINDS = {
    "paper": samples.paper,
    "matrix": samples.matrix_document,
    "brief": samples.brief,
    "archived": lambda: REPORTS[0].content(),
    "progress over pages": lambda: samples.short_paper(
        sections=[{"letter": "A", "heading": "Progress", "blocks": [samples.progress(2, 6, 4)]}]
    ),
}


@pytest.fixture(scope="module")
def printed():
    return {name: render_pdf(make(), edition=EditionMark(1)).pdf for name, make in KINDS.items()}


@pytest.fixture(scope="module")
def tags(printed):
    return {name: read_tags(pdf) for name, pdf in printed.items()}


def test_document_says_its_title_language_and_standard(printed):
    for name, pdf in printed.items():
        with pikepdf.open(io.BytesIO(pdf)) as file:
            assert str(file.docinfo["/Title"]), name
            assert str(file.Root.Lang) == "en-GB"
            assert bool(file.Root.MarkInfo.Marked)
            assert bool(file.Root.ViewerPreferences.DisplayDocTitle)
            assert b'pdfuaid:part="1"' in file.Root.Metadata.read_bytes()


def test_metadata_names_no_person_and_no_date(printed):
    for pdf in printed.values():
        information = PdfReader(io.BytesIO(pdf)).metadata
        assert set(information) == {"/Title", "/Creator", "/Producer"}
        assert information["/Creator"] == "CDRP Portal"


def test_headings_begin_at_one_and_skip_no_level(tags):
    bad = []
    for name, tree in tags.items():
        levels = [int(tag.name[1]) for tag in tree.all("H1", "H2", "H3", "H4", "H5", "H6")]
        if levels[0] != 1 or levels.count(1) != 1:
            bad.append((name, levels))
        bad += [(name, pair) for pair in zip(levels, levels[1:], strict=False) if pair[1] > pair[0] + 1]
    print(f"headings: {len(bad)} bad of {len(tags)} documents")
    assert bad == []


def test_headings_are_bookmarks(printed):
    outline = PdfReader(io.BytesIO(printed["paper"])).outline

    titles = [
        entry.title
        for part in outline
        if isinstance(part, list)
        for entry in part
        if not isinstance(entry, list)
    ]

    assert outline[0].title == "Assessment of MPA Role on Crime Disorder Reduction Partnerships"
    assert titles[:2] == ["Summary", "A. Recommendations"]
    assert titles[-2:] == [
        "Appendix 1: Health Check Matrix, part 2 of 2: themes D to I",
        "Appendix 2: Action plan",
    ]


def test_each_table_has_one_caption_and_it_comes_first(tags):
    tables = [(name, table) for name, tree in tags.items() for table in tree.all("Table")]
    bad = [
        name
        for name, table in tables
        if [kid.name for kid in table.children].count("Caption") != 1 or table.children[0].name != "Caption"
    ]
    print(f"captions: {len(bad)} bad of {len(tables)} tables")
    assert len(tables) == 2 + 1 + 2 + 2
    assert bad == []


def test_each_head_has_a_scope(tags):
    heads = [head for tree in tags.values() for head in tree.all("TH")]
    bad = [head.text for head in heads if head.attributes.get("Scope") not in ("Row", "Column")]
    print(f"scopes: {len(bad)} bad of {len(heads)} heads")
    assert heads
    assert bad == []


def test_each_cell_names_heads_that_exist(printed):
    bad = total = 0
    for pdf in printed.values():
        with pikepdf.open(io.BytesIO(pdf)) as file:
            tree = file.Root.StructTreeRoot
            names = {str(item) for item in tree.IDTree.Names[::2]} if "/IDTree" in tree else set()
            for cell in _cells(tree):
                headers = [str(name) for name in cell.A.get("/Headers", [])]
                total += len(headers)
                bad += sum(1 for name in headers if name not in names)
    print(f"headers: {bad} bad of {total}")
    assert total > 2_000
    assert bad == 0


def test_table_over_pages_is_one_table_with_its_heads_said_once(printed, tags):
    pages = len(PdfReader(io.BytesIO(printed["progress over pages"])).pages)
    tables = tags["progress over pages"].all("Table")

    assert pages > len(tables)
    assert [len(table.all("THead")) for table in tables] == [1, 1]
    assert [len(table.all("TBody")) for table in tables] == [6, 6]


def test_page_furniture_is_printed_and_not_tagged(printed, tags, tmp_path):
    text = tags["paper"].text

    shown = page_text(printed["paper"], tmp_path)

    assert shown.count("Metropolitan Police Authority") == len(PdfReader(io.BytesIO(printed["paper"])).pages)
    assert "Metropolitan Police Authority" not in text
    assert re.search(
        r"CECF 29 October 2009, report 7\. Edition 1, SHA-256 (\w{4} ){3}\w{4}\. Demonstration", shown
    )
    assert "Page 1 of 5" in shown
    assert "SHA-256" not in text
    assert "Page 1 of" not in text


def test_all_marked_content_hangs_in_the_tree_or_is_an_artefact(printed):
    bad = total = 0
    for pdf in printed.values():
        with pikepdf.open(io.BytesIO(pdf)) as file:
            parents = file.Root.StructTreeRoot.ParentTree.Nums
            for number, page in enumerate(file.pages):
                marked = [int(found) for found in re.findall(rb"/MCID (\d+)", page.Contents.read_bytes())]
                total += len(marked)
                bad += sum(
                    1 for mark in marked if not isinstance(parents[2 * number + 1][mark], pikepdf.Dictionary)
                )
    print(f"marked content: {bad} bad of {total}")
    assert total > 1_000
    assert bad == 0


def test_all_fonts_are_the_bundled_ones_embedded_and_mapped(printed, tmp_path):
    found = [font for pdf in printed.values() for font in fonts(pdf, tmp_path)]
    bad = [font for font in found if not re.match(r"[A-Z]{6}\+CDRP-", font[0]) or font[1:] != ["yes", "yes"]]
    print(f"fonts: {len(bad)} bad of {len(found)}")
    assert found
    assert bad == []


def _cells(tree):
    stack = [tree]
    while stack:
        element = stack.pop()
        if element.get("/S") == "/TD":
            yield element
        kids = element.get("/K", [])
        kids = kids if isinstance(kids, pikepdf.Array) else [kids]
        stack.extend(kid for kid in kids if isinstance(kid, pikepdf.Dictionary))
