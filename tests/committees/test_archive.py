import re

import pytest

from committees.archive import REPORTS, BadSource, parse_report, report_lines
from committees.rendering import EditionMark, render_pdf
from tests.committees.tagged_pdf import poppler_text, read_tags, squeezed

BY_FILE = {report.file: report for report in REPORTS}
FIVE = pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.file[:-4])


def sentences_of(text):
    """The sentences of a source, cut by this test's own rule and not by the parser's."""
    lines = [re.sub(r"^\s*[•-] ", "", line).strip() for line in report_lines(text)]
    for line in lines:
        yield from (piece for piece in re.split(r"(?<=[.;?!])\s+(?=[A-Z‘])", line) if piece)


@pytest.mark.slow
@FIVE
def test_report_comes_out_of_its_pdf_sentence_by_sentence(report):
    document = render_pdf(report.content(), edition=EditionMark(1))
    printed = squeezed(read_tags(document.pdf).text)

    wanted = list(sentences_of(report.text()))
    at, bad = 0, []
    for sentence in wanted:
        found = printed.find(squeezed(sentence), at)
        if found < 0:
            bad.append(sentence)
        else:
            at = found + len(squeezed(sentence))
    print(f"{report.file}: {len(bad)} bad of {len(wanted)} sentences")
    assert wanted
    assert bad == []


@pytest.mark.slow
@FIVE
def test_report_prints_nothing_twice_and_nothing_else(report):
    document = render_pdf(report.content(), edition=EditionMark(1))
    printed = squeezed(read_tags(document.pdf).text)

    expected = "".join(squeezed(re.sub(r"^\s*- ", "• ", line)) for line in report_lines(report.text()))
    head, summary, rest = expected.partition("Summary")
    if not summary:
        by = squeezed(f"By: {report.content()['by']}")
        head, rest = expected[: expected.index(by) + len(by)], expected[expected.index(by) + len(by) :]
    for label in ("Appendix 1", "Appendix 2"):
        # The label and the title stand on one line in print.
        title = squeezed(
            next((a["title"] for a in report.content()["appendices"] if a["label"] == label), "")
        )
        rest = rest.replace(squeezed(label) + title, f"{squeezed(label)}:{title}", 1) if title else rest
    note = squeezed(f"Archive note: {report.missing}") if report.missing else ""
    assert printed == f"{head}Summary{rest}{note}"


def test_order_of_sentences_is_what_is_tested():
    """The control: a sentence moved, doubled or lost is noticed."""
    report = BY_FILE["2009-10-29-cecf-7.txt"]
    content = report.content()
    blocks = content["sections"][1]["blocks"]
    blocks[0], blocks[1] = blocks[1], blocks[0]
    printed = squeezed(read_tags(render_pdf(content).pdf).text)

    places = [printed.find(squeezed(sentence)) for sentence in sentences_of(report.text())]

    assert places != sorted(places)


def test_oddities_of_the_sources_are_kept():
    letters = {
        name: [section["letter"] for section in report.content()["sections"]]
        for name, report in BY_FILE.items()
    }
    empty = next(s for s in BY_FILE["2003-05-08-ppr-13.txt"].content()["sections"] if s["letter"] == "E")
    list_of_2009 = BY_FILE["2009-10-29-cecf-7.txt"].content()["sections"][1]["blocks"][4]

    assert letters["2007-07-26-mpa-10.txt"] == ["A", "B", "C", "D", "D", "E"]
    assert letters["2000-12-19-cdo-9.txt"] == ["A", "B", "C", "D", "E", "F"]
    assert empty == {"letter": "E", "heading": "Background papers", "blocks": []}
    assert list_of_2009["items"][2]["runs"][0]["text"].startswith("he restructuring of the MPA")


def test_numbering_runs_on_across_subheadings():
    section = BY_FILE["2000-12-19-cdo-9.txt"].content()["sections"][0]

    numbers = [block["number"] for block in section["blocks"] if block["kind"] == "paragraph"]
    subheadings = [block["text"] for block in section["blocks"] if block["kind"] == "subheading"]
    titles = [
        item["title"]
        for block in section["blocks"]
        if block["kind"] == "list"
        for item in block["items"]
        if "title" in item
    ]

    assert numbers == ["1", "2", "3", "4", "5", "6", "7", "8"]
    assert subheadings == [
        "Crime and disorder interface with other MPA committees",
        "Issues for CDO consideration",
        "Future proposed actions",
    ]
    assert len(titles) == 7


def test_scrutiny_report_holds_thirty_five_recommendations():
    content = BY_FILE["2003-01-30-mpa-10.txt"].content()
    first, second = content["appendices"]

    headings = [block["text"] for block in second["blocks"] if block["kind"] == "subheading"]
    at = [block.get("text") for block in second["blocks"]].index("Recommendation 19:")

    assert (first["title"], second["title"]) == ("Executive summary", "List of the recommendations")
    assert headings == [f"Recommendation {number}:" for number in range(1, 36)]
    assert [block["kind"] for block in second["blocks"][at : at + 4]] == [
        "subheading",
        "paragraph",
        "paragraph",
        "subheading",
    ]
    assert len([block for block in first["blocks"] if block["kind"] == "subheading"]) == 5


def test_missing_material_is_said_to_be_missing():
    notes = {
        name: [block["text"] for block in report.content()["supporting_material"] or []]
        for name, report in BY_FILE.items()
    }

    assert notes["2009-10-29-cecf-7.txt"] == [
        "Appendix 1, the Health Check Matrix, is not held in the archive."
    ]
    assert notes["2003-05-08-ppr-13.txt"] == ["The implementation plan is not held in the archive."]
    assert [name for name, found in notes.items() if not found] == [
        "2000-12-19-cdo-9.txt",
        "2003-01-30-mpa-10.txt",
        "2007-07-26-mpa-10.txt",
    ]


def test_supporting_material_without_a_note_keeps_its_heading():
    text = BY_FILE["2009-10-29-cecf-7.txt"].text()

    content = parse_report(text, committee="Demo Committee", committee_code="demo")

    assert content["supporting_material"] == []


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda text: text.replace("See the MOPC website", "See elsewhere"), "is missing"),
        (lambda text: text.replace("Report: 7", "Number 7"), "not followed by lines"),
        (lambda text: text.replace("29 October 2009\nBy", "29 Octember 2009\nBy"), "is not a date"),
        (lambda text: text.replace("29 October 2009\nBy", "last autumn\nBy"), "is not a date"),
    ],
)
def test_text_that_is_no_report_is_refused(change, complaint):
    text = change(BY_FILE["2009-10-29-cecf-7.txt"].text())

    with pytest.raises(BadSource, match=complaint):
        parse_report(text, committee="Demo Committee", committee_code="demo")


def test_poppler_reads_the_same_text(tmp_path):
    pdf = render_pdf(BY_FILE["2003-05-08-ppr-13.txt"].content()).pdf

    assert squeezed(poppler_text(pdf, tmp_path)) == squeezed(read_tags(pdf).text)
