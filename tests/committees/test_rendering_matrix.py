import pytest
from django.template.loader import render_to_string

from cdrp_portal.status import Status
from committees.rendering import DocumentInvalid, render_html, render_pdf
from committees.rendering.kinds import kind_of
from committees.rendering.matrix import CRITERIA_A_PART, matrix_key, matrix_parts
from tests.committees import samples
from tests.committees.tagged_pdf import read_tags


def theme(code, count):
    return {
        "code": code,
        "title": f"Theme {code}",
        "criteria": [{"code": f"{code}{n}", "short_title": f"Invented {n}"} for n in range(1, count + 1)],
    }


def captions(block):
    return [part.caption for part in matrix_parts(block, "Matrix")]


def test_matrix_of_twenty_five_is_cut_between_themes():
    parts = matrix_parts(samples.matrix(), "Appendix 1: Health Check Matrix")

    assert [part.caption for part in parts] == [
        "Appendix 1: Health Check Matrix, part 1 of 2: themes A to C",
        "Appendix 1: Health Check Matrix, part 2 of 2: themes D to I",
    ]
    assert [len(part.heads) for part in parts] == [12, 13]
    assert {part.width for part in parts} == {"w13"}


def test_matrix_that_fits_one_part_is_not_numbered():
    assert captions(samples.matrix(themes=[theme("A", 13)])) == ["Matrix"]


def test_part_of_one_theme_names_it():
    assert captions(samples.matrix(themes=[theme("A", 10), theme("B", 10)])) == [
        "Matrix, part 1 of 2: theme A",
        "Matrix, part 2 of 2: theme B",
    ]


def test_theme_wider_than_a_page_goes_on_and_says_so():
    parts = matrix_parts(samples.matrix(themes=[theme("A", 2), theme("B", 15)]), "Matrix")

    shown = [[(head.code, len(head.criteria), head.continued) for head in part.themes] for part in parts]

    assert shown == [[("A", 2, False)], [("B", 13, False)], [("B", 2, True)]]
    assert all(len(part.heads) <= CRITERIA_A_PART for part in parts)


def test_more_boroughs_than_a_page_holds_are_cut_into_rows_with_totals_at_the_end():
    block = samples.matrix(themes=[theme("A", 3)], names=[f"Invented {n:03}" for n in range(70)])

    parts = matrix_parts(block, "Matrix")

    assert [len(part.rows) for part in parts] == [33, 33, 5]
    assert [bool(part.totals) for part in parts] == [False, False, True]
    assert parts[1].caption == "Matrix, part 2 of 3: theme A, Invented 032 to Invented 064"


def test_key_lists_only_what_is_drawn():
    block = samples.matrix()
    for row in block["rows"]:
        row["values"] = ["green"] * len(row["values"])
    block["authority_alone"] = [{"code": "B1", "short_title": "Written role", "value": "red"}]

    assert [item["word"] for item in matrix_key(block)] == ["Green", "Red"]


def test_one_borough_is_counted_in_the_singular():
    part = matrix_parts(samples.matrix(names=["Camden"]), "Matrix")[0]

    assert [line["label"] for line in part.totals] == ["Green", "Amber", "Red", "Rated, of 1 borough"]


def marked(block, row, *places):
    block["rows"][row]["not_reconfirmed"] = list(places)
    for at, total in enumerate(block["totals"]):
        total["not_reconfirmed"] = int(at in places)
    return block


def test_answer_that_is_not_reconfirmed_is_marked_in_words_counted_apart_and_explained():
    block = marked(samples.matrix(themes=[theme("A", 3)], names=["Camden"]), 1, 0, 2)

    part = matrix_parts(block, "Matrix")[0]

    texts = [cell["text"].endswith(" †") for cell in part.rows[1]["cells"]]
    assert texts == [True, False, True]
    assert [cell["css"].rstrip("t")[-1] == "h" for cell in part.rows[1]["cells"]] == texts
    assert not any("†" in cell["text"] for cell in part.rows[0]["cells"])
    assert part.totals[-1]["label"] == "† Not re-confirmed"
    assert [cell["figure"] for cell in part.totals[-1]["cells"]] == [1, 0, 1]
    assert matrix_key(block)[-1]["word"] == "Not re-confirmed"


def test_mark_of_a_rating_that_is_not_there_is_refused():
    with pytest.raises(DocumentInvalid, match="Camden marks a rating that it does not have"):
        render_html(
            samples.matrix_document(
                matrix=marked(samples.matrix(themes=[theme("A", 3)], names=["Camden"]), 1, 3)
            )
        )


def test_version_of_an_issued_edition_prints_an_unmarked_matrix_as_it_did():
    """Version 2 adds rules for marked cells alone: what was issued keeps its own stylesheet, whole."""
    kinds = [kind_of({"kind": "health-check-matrix"}, version) for version in (1, 2)]
    first, second = (kind.stylesheet for kind in kinds)

    assert render_to_string(second).startswith(render_to_string(first))
    content = samples.matrix_document(matrix=samples.matrix(themes=[theme("A", 3)], names=["Camden"]))
    assert render_html(content, version=1) == render_html(content, version=2)


@pytest.mark.slow
def test_matrix_reads_back_cell_for_cell_under_its_heads():
    bad = total = 0
    for seed in range(2):
        block = samples.matrix(seed)
        tree = read_tags(render_pdf(samples.matrix_document(matrix=block)).pdf)
        found = {key: value for table in tree.all("Table") for key, value in ratings_in(table).items()}
        codes = [criterion["code"] for theme in block["themes"] for criterion in theme["criteria"]]
        for row in block["rows"]:
            for code, value in zip(codes, row["values"], strict=True):
                total += 1
                bad += found.get((row["label"], code)) != Status(value).short
        assert len(found) == len(codes) * len(block["rows"])
    print(f"cells: {bad} bad of {total}")
    assert total == 2 * 33 * 25
    assert bad == 0


def ratings_in(table):
    """(row, criterion) → word, found through each cell's own Headers."""
    names = {head.attributes["ID"]: head.text for head in table.all("TH")}
    found = {}
    for cell in table.all("TD"):
        heads = [names[name] for name in cell.attributes["Headers"]]
        shape, _, word = cell.text.partition(" ")
        if len(heads) == 3 and not cell.text.isdigit():
            assert shape in "●▲■–○"
            row, theme, criterion = heads
            assert theme[0] == criterion[0]
            found[row, criterion.split()[0]] = word
    return found


def test_totals_are_printed_with_their_denominator():
    block = samples.matrix(themes=[theme("A", 1)])
    tree = read_tags(render_pdf(samples.matrix_document(matrix=block)).pdf)

    rows = [[cell.text for cell in row.children] for row in tree.all("TR")][-4:]

    total = block["totals"][0]
    assert rows == [
        ["Green", str(total["green"])],
        ["Amber", str(total["amber"])],
        ["Red", str(total["red"])],
        ["Rated, of 32 boroughs", str(total["rated"])],
    ]


@pytest.mark.slow
def test_criteria_of_the_authority_alone_and_the_filters_are_said_below():
    block = samples.matrix()
    block["authority_alone"] = [
        {"code": "B1", "short_title": "Written role", "value": "red"},
        {"code": "F4", "short_title": "Own role reviewed", "value": "green"},
    ]
    content = samples.matrix_document(matrix=block, filters=["only red", "theme C"])

    text = read_tags(render_pdf(content).pdf).text

    assert "Asked of the Authority alone: B1 Written role ■ Red; F4 Own role reviewed ● Green." in text
    assert "Less relevant and not rated are left out of the number rated." in text
    assert "Shown: only red; theme C." in text


@pytest.mark.slow
def test_matrix_keeps_to_its_pages():
    """With what is not re-confirmed, which takes a line of the key and of the totals, and a note below."""
    block = samples.matrix()
    block = marked(block, 1, *range(len(block["totals"])))
    block["authority_alone"] = [
        {"code": f"F{n}", "short_title": "Own role reviewed", "value": "green"} for n in range(5)
    ]

    assert render_pdf(samples.matrix_document(matrix=block)).page_count == 2
