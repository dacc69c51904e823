import io
import zipfile

import openpyxl
import pgtrigger
import pytest
from django.urls import reverse

from assessments.exports import matrix_book
from assessments.matrix import MatrixFilters, load_matrix
from assessments.models import HealthCheck
from cdrp_portal.spreadsheets import CONTENT_TYPES, WRITERS
from cdrp_portal.status import Status
from tests import factories
from tests.assessments.grid import fill, make_boroughs, make_cycle, make_framework, make_grid
from tests.spreadsheet_readers import about_csv, read_csv, read_ods, read_xlsx

READERS = {"xlsx": read_xlsx, "ods": read_ods, "csv": read_csv}
FORMULAS = [
    "=1+1",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    '=HYPERLINK("http://127.0.0.1/")',
    "=cmd|' /C calc'!A0",
    "\t=1",
    "'=1",
    "＝1+1",
    "http://127.0.0.1/",
]


def exported(client, grid, ending, query=""):
    response = client.get(reverse("assessments:matrix-export", args=[grid.cycle.slug, ending]) + query)
    assert response.status_code == 200, response.content[:300]
    return response


def cells_of(rows):
    """(subject, criterion's code) → word, of a sheet read back; the totals' columns are left out."""
    heads = [str(head).split(" ")[0] for head in rows[0]]
    criteria = [at for at, head in enumerate(rows[0]) if at > 1 and "in all" not in str(head)]
    return {(row[0], heads[at]): row[at] for row in rows[1:] for at in criteria}


@pytest.fixture
def grid(db):
    framework = make_framework(5, authority_alone=1)
    values = ["green", "amber", "red", "less_relevant", "not_assessed"]
    return fill(
        make_cycle(framework), make_boroughs(3), lambda _b, criterion: (values * 2)[criterion.position]
    )


@pytest.mark.parametrize("ending", WRITERS)
def test_export_holds_what_the_database_holds(grid, head, signed_in, ending):
    """Twenty whole matrices are compared in tests/committees/test_matrix_agreement.py."""
    read = cells_of(READERS[ending](exported(signed_in(head), grid, ending).content))

    expected = {cell: str(Status(value).label) for cell, value in grid.borough_cells().items()}
    assert expected.items() <= read.items()
    assert len(read) == 4 * 5


@pytest.mark.parametrize("ending", WRITERS)
def test_export_honours_the_filters_of_the_page(grid, head, signed_in, ending):
    rows = READERS[ending](exported(signed_in(head), grid, ending, "?criterion=A3&show=red").content)

    assert rows[0][2] == "A3 Title A3"
    assert {row[2] for row in rows[1:]} == {"Red"}


def test_export_says_what_it_is(grid, head, signed_in):
    response = exported(signed_in(head), grid, "csv", "?theme=A")

    about = about_csv(response.content)
    assert f"Title: {grid.cycle} health check: matrix" in about
    assert "As at: " in about
    assert "Filter: Theme: A Theme A" in about
    assert "Rows of Matrix: 4;" in about
    assert "Red, in the boroughs shown: 3" in about
    assert "Less relevant and not assessed are left out of the number rated." in about
    assert response["Content-Type"] == CONTENT_TYPES["csv"]
    assert "attachment" in response["Content-Disposition"]


def test_workbook_keeps_its_heads_in_view(grid, head, signed_in):
    book = openpyxl.load_workbook(io.BytesIO(exported(signed_in(head), grid, "xlsx").content))

    assert book.sheetnames == ["Matrix", "Totals", "About"]
    assert book["Matrix"].freeze_panes == "B2"


def test_totals_leave_out_what_is_not_a_colour(grid, head, signed_in):
    totals = read_xlsx(exported(signed_in(head), grid, "xlsx").content, sheet=1)

    labels = [status.label for status in Status]
    assert totals[0] == ["Criterion", "Title", "Theme", *labels, "Rated", "Not re-confirmed"]
    assert [row[-2] for row in totals[1:]] == [3, 3, 3, 0, 0]


def test_files_say_which_answers_are_not_reconfirmed_beside_the_ratings(grid, head, signed_in):
    """Each cell keeps one of the five words."""
    of_first = grid.checks[1].ratings.filter(criterion__code__in=["A1", "A3"])
    with pgtrigger.ignore():
        of_first.update(is_carried=True)
    client = signed_in(head)

    for ending, read in READERS.items():
        rows = read(exported(client, grid, ending).content)
        assert rows[0][-2:] == ["Not re-confirmed in all", "Not re-confirmed in all, by code"]
        told = [(str(row[-2]), row[-1] or "") for row in rows[1:]]
        assert told == [("0", ""), ("2", "A1, A3"), ("0", ""), ("0", "")]
        assert rows[2][2:5] == ["Green", "Amber", "Red"]
    totals = read_xlsx(exported(client, grid, "xlsx").content, sheet=1)
    assert [row[-1] for row in totals[1:]] == [1, 0, 1, 0, 0]


def test_movement_sheet_lists_what_moved(grid, head, signed_in):
    boroughs = grid.boroughs
    following = fill(
        make_cycle(grid.cycle.framework, months_ago=-1, previous=grid.cycle), boroughs, lambda _b, _c: "green"
    )

    moved = read_xlsx(exported(signed_in(head), following, "xlsx").content, sheet=2)

    assert len(moved) == 1 + 4 * 4
    assert moved[1][1:] == ["A2 Title A2", "Amber", "Green", "Better"]


def test_withheld_borough_is_named_without_its_ratings(grid, reader, signed_in, head):
    assert "Red" in exported(signed_in(head), grid, "csv").content.decode()

    rows = read_csv(exported(signed_in(reader), grid, "csv").content)

    assert {row[1] for row in rows[1:]} == {"Not signed off yet"}
    assert {cell for row in rows[1:] for cell in row[2:]} == {""}


@pytest.mark.parametrize("ending", ["doc", "XLSX", "html", "exe"])
def test_unknown_format_is_not_found(grid, head, signed_in, ending):
    address = reverse("assessments:matrix-export", args=[grid.cycle.slug, ending])

    assert signed_in(head).get(address).status_code == 404


def test_export_of_an_unknown_cycle_is_not_found(head, signed_in):
    assert signed_in(head).get("/assessments/never/matrix.csv").status_code == 404


def test_lead_unit_officer_gets_no_export(grid, lead, signed_in):
    address = reverse("assessments:matrix-export", args=[grid.cycle.slug, "csv"])

    assert signed_in(lead).get(address).status_code == 403


def test_names_never_become_formulas(db, head):
    """QUALITY row 25, for each text of the matrix: borough, criterion, theme and cycle."""
    framework = make_framework(len(FORMULAS), titles=FORMULAS)
    framework.themes.update(title="=1+1")
    boroughs = [factories.BoroughFactory(name=text) for text in FORMULAS]
    cycle = make_cycle(framework)
    type(cycle).objects.filter(pk=cycle.pk).update(name="=2+2")
    cycle.refresh_from_db()
    fill(cycle, boroughs, lambda _b, _c: "red", state=HealthCheck.State.SIGNED_OFF)
    book = matrix_book(load_matrix(cycle=cycle, user=head, filters=MatrixFilters()))

    files = {ending: write(book) for ending, write in WRITERS.items()}

    cells = [
        cell
        for sheet in openpyxl.load_workbook(io.BytesIO(files["xlsx"])).worksheets
        for row in sheet.iter_rows()
        for cell in row
    ]
    formulas = sum(cell.data_type == "f" or cell.hyperlink is not None for cell in cells)
    content = zipfile.ZipFile(io.BytesIO(files["ods"])).read("content.xml").decode()
    formulas += content.count("table:formula") + content.count("xlink:href")
    plain = [cell for row in read_csv(files["csv"]) for cell in row]
    formulas += sum(cell[:1] in ("=", "+", "-", "@", "\t") for cell in plain)
    print(f"texts that became formulas or links: {formulas} / {len(cells) * 2 + len(plain)}")
    assert formulas == 0
    names = {cell.value for cell in cells}
    assert {text for text in FORMULAS if text not in names} <= {"\t=1"}


@pytest.mark.parametrize("ending", WRITERS)
def test_export_costs_the_same_queries_whatever_its_size(
    db, head, signed_in, ending, django_assert_max_num_queries
):
    client, grid = signed_in(head), make_grid(boroughs=32, criteria=30)

    with django_assert_max_num_queries(8):
        exported(client, grid, ending)
