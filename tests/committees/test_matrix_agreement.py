"""The matrix as PDF, XLSX, ODS and CSV, read back and held against the database, cell for cell."""

import random
from collections.abc import Iterator

import pytest
from django.urls import reverse

from assessments.models import HealthCheck, Rating
from cdrp_portal.spreadsheets import WRITERS
from cdrp_portal.status import Status
from committees.content.matrix import matrix_manuscript
from committees.rendering import render_pdf
from tests.assessments.grid import Grid, fill, make_boroughs, make_cycle, make_framework
from tests.committees.tagged_pdf import Tag, read_tags
from tests.quality.soak import size
from tests.spreadsheet_readers import read_csv, read_ods, read_xlsx

SETS = size(4, 20)
PARTS = 4  # so that both cores share them
CELLS = 32 * 25
READERS = {"xlsx": read_xlsx, "ods": read_ods, "csv": read_csv}
LABELS = {str(status.label): status.value for status in Status}
SHORT = {status.short: status.value for status in Status}

# (borough, criterion's code) → the rating, and whether it is marked as not re-confirmed.
Cells = dict[tuple[str, str], tuple[str | None, bool]]


def cells_of_sheet(rows: list[list[str]]) -> Cells:
    heads = [str(head).split(" ")[0] for head in rows[0]]
    criteria = [at for at, head in enumerate(rows[0]) if at > 1 and "in all" not in str(head)]
    by_code = rows[0].index("Not re-confirmed in all, by code")
    return {
        (row[0], heads[at]): (LABELS.get(row[at]), heads[at] in str(row[by_code] or "").split(", "))
        for row in rows[1:]
        for at in criteria
    }


def cells_of_pdf(pdf: bytes) -> Cells:
    cells = [cell for table in read_tags(pdf).all("Table") for cell in _cells_of_table(table)]
    assert len(dict(cells)) == len(cells)
    return dict(cells)


def _cells_of_table(table: Tag) -> Iterator[tuple[tuple[str, str], tuple[str | None, bool]]]:
    _themes, heads, *rows = [row.all("TH", "TD") for row in table.all("TR")]
    codes = [head.text.split(" ")[0] for head in heads]
    names = [row[0].text for row in rows]
    for row in rows[: names.index("Green")]:
        for code, cell in zip(codes[1:], row[1:], strict=True):
            _shape, words = cell.text.split(" ", 1)
            yield (row[0].text, code), (SHORT.get(words.removesuffix(" †")), words.endswith(" †"))


def carry_some(grid: Grid, chance: random.Random) -> Cells:
    """A tenth of the answers become last cycle's, which nobody has confirmed; and what a file should say."""
    answered = Rating.objects.filter(health_check__cycle=grid.cycle).exclude(value=Status.NOT_ASSESSED)
    carried = [pk for pk in answered.order_by("pk").values_list("pk", flat=True) if chance.random() < 0.1]
    answered.filter(pk__in=carried).update(is_carried=True)
    marked = set(
        answered.filter(is_carried=True, health_check__borough__isnull=False).values_list(
            "health_check__borough__name", "criterion__code"
        )
    )
    return {cell: (value, cell in marked) for cell, value in grid.borough_cells().items()}


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_four_files_agree_with_the_database(db, head, signed_in, part):
    """Drawn data sets, rating and mark; every reader is other code than the writer."""
    client = signed_in(head)
    framework, boroughs = make_framework(25, authority_alone=5), make_boroughs(32)
    marks = 0
    wrong, total = dict.fromkeys(("pdf", *WRITERS), 0), dict.fromkeys(("pdf", *WRITERS), 0)
    for seed in range(part, SETS, PARTS):
        chance = random.Random(seed)
        grid = fill(
            make_cycle(framework),
            boroughs,
            lambda _b, _c, chance=chance: chance.choice(Status.values),
            state=HealthCheck.State.DRAFT,
        )
        expected = carry_some(grid, chance)
        marks += sum(is_marked for _value, is_marked in expected.values())
        manuscript = matrix_manuscript({"cycle": grid.cycle.slug}, head)
        read = {"pdf": cells_of_pdf(render_pdf(manuscript.content, edition=None, draft=False).pdf)}
        for ending, reader in READERS.items():
            address = reverse("assessments:matrix-export", args=[grid.cycle.slug, ending])
            read[ending] = cells_of_sheet(reader(client.get(address).content))

        for ending, cells in read.items():
            found = {cell: value for cell, value in cells.items() if cell[0] != "The Authority"}
            assert found.keys() == expected.keys()
            wrong[ending] += sum(found[cell] != value for cell, value in expected.items())
            total[ending] += len(found)

    for ending in total:
        print(f"{ending}: cells that differ from the database: {wrong[ending]} / {total[ending]}")
    assert set(total.values()) == {SETS // PARTS * CELLS}
    assert set(wrong.values()) == {0}
    # A tenth of what is answered.
    assert marks > SETS // PARTS * CELLS / 20


def test_readers_notice_a_cell_that_differs(db, head):
    """The control: a paper of other ratings is told apart, in exactly the cells that differ."""
    framework, boroughs = make_framework(3), make_boroughs(2)
    grid = fill(make_cycle(framework), boroughs, lambda _b, _c: "green")
    manuscript = matrix_manuscript({"cycle": grid.cycle.slug}, head)
    manuscript.content["matrix"]["rows"][2]["values"][1] = "red"
    manuscript.content["matrix"]["rows"][1]["not_reconfirmed"] = [2]

    read = cells_of_pdf(render_pdf(manuscript.content, edition=None, draft=False).pdf)

    differing = {cell for cell, value in grid.borough_cells().items() if read[cell] != (value, False)}
    assert differing == {(boroughs[1].name, "A2"), (boroughs[0].name, "A3")}
