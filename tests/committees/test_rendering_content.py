import pytest

from committees.rendering import (
    DocumentInvalid,
    DocumentTooLarge,
    EditionMark,
    content_digest,
    render_html,
    render_pdf,
    short_digest,
)
from committees.rendering.checks import MAX_BLOCKS, MAX_CELLS, MAX_DOCUMENT, MAX_PART, MAX_TEXT, MAX_WORD
from committees.rendering.progress import progress_groups
from tests.committees import samples
from tests.committees.tagged_pdf import read_tags


def with_blocks(*blocks):
    return samples.short_paper(sections=[{"letter": "B", "heading": "Text", "blocks": list(blocks)}])


def text(characters):
    return {"kind": "text", "text": ("word " * (characters // 5 + 1))[:characters]}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (with_blocks(text(MAX_TEXT + 1)), "Section B has a paragraph of 20,001 characters"),
        (with_blocks(*[text(MAX_TEXT)] * (MAX_PART // MAX_TEXT + 1)), "Section B is too long"),
        (with_blocks({"kind": "text", "text": "x" * (MAX_WORD + 1)}), "a word of more than 400 letters"),
        (with_blocks(*[text(5)] * (MAX_BLOCKS + 1)), "2,001 paragraphs and tables"),
        (
            samples.short_paper(
                appendices=[
                    {"label": f"Appendix {n}", "title": "Long", "blocks": [text(MAX_TEXT)] * 14}
                    for n in range(1, MAX_DOCUMENT // (14 * MAX_TEXT) + 2)
                ]
            ),
            "The document is too long",
        ),
        (
            samples.short_paper(
                appendices=[{"label": "Appendix 2", "title": "", "blocks": [text(MAX_TEXT)] * 16}]
            ),
            "Appendix 2 is too long: 320,0",
        ),
        (with_blocks({"kind": "list", "items": [[[[[[[[[[[["deep"]]]]]]]]]]]]}), "nested too deeply"),
        (
            samples.matrix_document(matrix=samples.matrix(names=["Invented"] * (MAX_CELLS // 25))),
            f"25,025 cells, where {MAX_CELLS:,} fit",
        ),
    ],
)
def test_document_beyond_its_bounds_is_refused_in_words(content, complaint):
    with pytest.raises(DocumentTooLarge, match=complaint):
        render_pdf(content)


def broken_matrix(change):
    block = samples.matrix()
    change(block)
    return samples.matrix_document(matrix=block)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ({"kind": "leaflet"}, "no document of the kind “leaflet”"),
        ({}, "no document of the kind “None”"),
        ({"kind": "borough-brief", "borough": "Camden"}, "The document lacks cycle, date, sentence, counts"),
        (with_blocks({"kind": "picture"}), "Section B holds a block of the unknown kind “picture”"),
        (with_blocks({"kind": "paragraph"}), "A paragraph in section B lacks runs"),
        (
            with_blocks({"kind": "text", "text": "A smile 😀"}),
            r"Section B holds the character “😀” \(U\+1F600\)",
        ),
        (with_blocks({"kind": "text", "text": "A bell \a"}), r"Section B holds the character U\+0007"),
        (broken_matrix(lambda block: block.update(rows=[])), "no rows or no criteria"),
        (broken_matrix(lambda block: block.update(themes=[])), "no rows or no criteria"),
        (
            broken_matrix(lambda block: block["rows"][1]["values"].pop()),
            "Dagenham has 24 ratings for 25 criteria",
        ),
        (broken_matrix(lambda block: block["rows"][1].update(values=["blue"] * 25)), "is rated “blue”"),
        (broken_matrix(lambda block: block["totals"].pop()), "24 totals for 25 criteria"),
    ],
)
def test_content_that_is_not_whole_is_refused_in_words(content, complaint):
    with pytest.raises(DocumentInvalid, match=complaint):
        render_pdf(content)


def test_template_version_that_never_was_is_refused():
    with pytest.raises(DocumentInvalid, match="“committee-paper” in version 99"):
        render_pdf(samples.short_paper(), version=99)


def test_template_version_of_an_edition_may_be_asked_for():
    content = samples.short_paper()

    assert render_pdf(content, version=1).sha256 == render_pdf(content).sha256


def test_digest_does_not_depend_on_the_order_of_keys():
    content = samples.short_paper()

    assert content_digest(dict(reversed(content.items()))) == content_digest(content)
    assert content_digest(content | {"number": "14b"}) != content_digest(content)


def test_short_digest_is_the_first_sixteen_digits_in_fours():
    assert short_digest("7dc64a7352e75aff" + "0" * 48) == "7dc6 4a73 52e7 5aff"


@pytest.mark.parametrize(
    ("content", "marks", "wanted"),
    [
        (
            samples.short_paper(),
            {"edition": EditionMark(2)},
            "DEMO 14 October 2010, report 14a. Edition 2, SHA-256 ",
        ),
        (samples.short_paper(), {"draft": True}, "DEMO 14 October 2010, report 14a. DRAFT, SHA-256 "),
        (samples.matrix_document(), {}, "Autumn 2010, position at 14 October 2010. SHA-256 "),
        (samples.brief(), {}, "Camden, Autumn 2010, 14 October 2010. SHA-256 "),
    ],
)
def test_footer_says_what_it_is_and_of_which_content(content, marks, wanted):
    html = render_html(content, **marks)

    assert wanted + short_digest(content_digest(content)) in html
    assert "Demonstration ratings: invented." in html


def test_real_document_is_not_called_a_demonstration():
    assert "Demonstration" not in render_html(samples.short_paper(demonstration=False))


def test_text_is_printed_as_text_and_not_as_markup():
    html = render_html(with_blocks({"kind": "text", "text": "<b>bold</b> & “quoted”"}))

    assert "&lt;b&gt;bold&lt;/b&gt; &amp; “quoted”" in html


def test_letter_and_accent_typed_apart_are_printed_as_one():
    pdf = render_pdf(with_blocks({"kind": "text", "text": "cafe\u0301"})).pdf

    assert "café" in read_tags(pdf).text


def test_correction_is_said_under_the_head():
    content = samples.short_paper(correction="Paragraph 5 said 32; it is 27.")

    assert (
        "What this edition corrects: Paragraph 5 said 32; it is 27."
        in read_tags(render_pdf(content).pdf).text
    )


def test_blocks_of_each_kind_are_printed_in_order():
    runs = [{"text": "See "}, {"text": "Appendix 1", "bold": True}, {"text": "."}]
    content = with_blocks(
        {"kind": "paragraph", "number": "14a", "runs": runs},
        {
            "kind": "list",
            "ordered": True,
            "step": 1,
            "items": [{"title": "One.", "runs": runs}, {"runs": runs}],
        },
        {"kind": "subheading", "text": "After"},
        {"kind": "list", "ordered": False, "items": [{"runs": [{"text": "point"}]}]},
        {"kind": "lines", "lines": ["Line one", "Line two"]},
        {"kind": "note", "text": "Lost."},
        {"kind": "text", "text": "None"},
        samples.progress(1, 1, 1) | {"title": ""},
    )

    text = read_tags(render_pdf(content).pdf).text

    assert text.replace(" .", ".").endswith(
        "B. Text 14a. See Appendix 1. 1. One. See Appendix 1. 2. See Appendix 1. After • point Line one "
        "Line two Archive note: Lost. None Recommendation 15. All CDRPs should have a protocol on "
        "information sharing with the relevant partners. Key points Actions Lead Position at 29 October 2009 "
        "Key point 1: a protocol is in place in each borough Invented action 1.1: agree it with partners "
        "Demo Unit Complete. Sent to all boroughs; twenty have answered, the rest are asked again. "
        "(14 September 2009)"
    )


@pytest.mark.slow
def test_matrix_inside_a_section_has_its_own_pages_and_heading():
    pdf = render_pdf(
        with_blocks({"kind": "text", "text": "Before"}, samples.matrix(), {"kind": "text", "text": "After"})
    )

    tags = read_tags(pdf.pdf)

    assert pdf.page_count == 4
    assert [tag.text for tag in tags.all("H3")] == [
        "Health Check Matrix, part 1 of 2: themes A to C",
        "Health Check Matrix, part 2 of 2: themes D to I",
    ]


def test_appendix_without_a_title_has_its_label_alone():
    content = samples.short_paper(
        appendices=[{"label": "Appendix 3", "blocks": [{"kind": "text", "text": "Text"}]}]
    )

    assert "<h2>Appendix 3</h2>" in render_html(content)


def row(point, length=10, **position):
    return {
        "key_point": point,
        "action": "a" * length,
        "lead": "Demo Unit",
        "position": {"status": "", "text": "", **position},
    }


def test_neighbours_with_one_key_point_stand_under_it_together():
    groups = progress_groups([row("One"), row("One"), row("Two"), row("One", date="2010-10-14")])

    assert [(group["key_point"], len(group["rows"])) for group in groups] == [
        ("One", 2),
        ("Two", 1),
        ("One", 1),
    ]
    assert groups[2]["rows"][0]["position"]["date"] == "14 October 2010"


def test_key_point_too_long_for_a_page_goes_on_and_says_so():
    groups = progress_groups([row("One", 600)] * 4)

    assert [(len(group["rows"]), group["continued"]) for group in groups] == [
        (1, False),
        (1, True),
        (1, True),
        (1, True),
    ]


def entries(count, length=30):
    return [{"title": f"Entry {n}", "text": "x " * length} for n in range(1, count + 1)]


@pytest.mark.slow
@pytest.mark.parametrize("length", [1, 100])
@pytest.mark.parametrize("count", [0, 6, 7, 25])
def test_brief_is_always_one_page_and_counts_what_it_leaves_out(count, length):
    content = samples.brief(
        better=entries(count, length), worse=entries(count, length), overdue=entries(count, length)
    )

    document = render_pdf(content)

    text = read_tags(document.pdf).text
    shown = text.count("Entry ")
    assert document.page_count == 1
    assert ("Nothing got worse." in text) == (count == 0)
    if shown < 3 * count:
        assert f"And {count - shown // 3} more" in text


def test_brief_whose_sentence_alone_fills_the_page_is_refused_in_words():
    with pytest.raises(DocumentTooLarge, match="The brief on Camden does not fit one page"):
        render_pdf(samples.brief(sentence="word " * 1_500))


@pytest.mark.parametrize(("questions", "title"), [(1, "One question to ask"), (3, "Three questions to ask")])
def test_brief_counts_its_questions(questions, title):
    assert title in render_html(samples.brief(questions=["What?"] * questions))


def test_brief_without_meeting_officers_or_questions_leaves_them_out():
    content = samples.brief(next_meeting=None, officers=[], questions=[], counts={}, compared_with=None)

    html = render_html(content)

    assert not any(words in html for words in ("Next meeting", "Your officer", "to ask", "Compared", "chip"))
