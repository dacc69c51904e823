"""The files of the export writer as a whole: size, sheets, looks, bytes (QUALITY rows 25 and 32)."""

import datetime as dt
import io
import os
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest

from cdrp_portal.spreadsheets import (
    WRITERS,
    Book,
    Column,
    Kind,
    Sheet,
    SpreadsheetError,
    TooManyRowsError,
    to_csv,
    to_ods,
    to_xlsx,
)
from cdrp_portal.spreadsheets.styles import STATUS_LOOKS
from tests.quality.soak import size
from tests.spreadsheet_books import AS_AT, STATUSES, WORDS, assert_opendocument, book_of, matrix, tables_of
from tests.spreadsheet_readers import about_csv, read_csv, read_ods, read_xlsx


@pytest.mark.slow
def test_hundred_thousand_rows():
    number = size(20_000, 100_000)
    columns = [Column("n", "Number", kind=Kind.NUMBER), Column("t", "Text")]
    book = Book("Long", [Sheet("Long", columns, ((n, f"row {n}") for n in range(number)))], as_at=AS_AT)

    started = time.perf_counter()
    xlsx, ods, plain = to_xlsx(book), to_ods(book), to_csv(book)
    taken = time.perf_counter() - started

    rows = openpyxl.load_workbook(io.BytesIO(xlsx), read_only=True).worksheets[0].iter_rows(values_only=True)
    assert sum(1 for _row in rows) == number + 1
    assert_opendocument(ods)
    content = zipfile.ZipFile(io.BytesIO(ods)).read("content.xml")
    assert content.count(b'<table:table-row table:style-name="row">') > number
    assert plain.count(b"\r\n") == number + 1
    print(f"{number:,} rows three times: {taken:.1f} s")


def test_too_many_rows_says_what_to_do():
    row = ("x",)
    book = Book("Long", [Sheet("Long", [Column("a", "A")], [row] * 1_048_576)], as_at=AS_AT)

    with pytest.raises(TooManyRowsError, match="Filter the list, or export CSV"):
        to_xlsx(book)


def test_each_sheet_is_one_plain_table_with_a_head():
    book = matrix()
    workbook = openpyxl.load_workbook(io.BytesIO(to_xlsx(book)))
    tables = tables_of(to_ods(book))
    namespace = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
    bad = total = 0
    for sheet in workbook.worksheets:
        total += 1
        head = [cell.value for cell in sheet[1]]
        whole = [table.ref for table in sheet.tables.values()] == [sheet.dimensions]
        bad += bool(sheet.merged_cells.ranges) or not all(head) or not whole or sheet.freeze_panes != "B2"
    for table in tables:
        total += 1
        heads = table.findall(f"{namespace}table-header-rows/{namespace}table-row")
        merged = [cell for cell in table.iter() if "number-columns-spanned" in str(cell.attrib)]
        bad += len(heads) != 1 or bool(merged)
    words = {cell for row in read_xlsx(to_xlsx(book))[1:] for cell in row[1:]}

    print(f"sheets that are not one plain table: {bad} bad / {total}")
    assert bad == 0
    assert words == set(WORDS)


def test_three_formats_agree_cell_for_cell():
    book = matrix()
    expected = [
        [row[0], *(WORDS[STATUSES.index(status)] for status in row[1:])] for row in book.sheets[0].rows
    ]

    assert read_xlsx(to_xlsx(book))[1:] == expected
    assert read_ods(to_ods(book))[1:] == expected
    assert read_csv(to_csv(book))[1:] == expected


def test_file_says_what_it_is():
    book = matrix(rows=7)
    expected = [
        ["About this file", "Detail"],
        ["Title", "Health-check matrix"],
        ["As at", "14 October 2026, 14:32 (London time)"],
        ["Demonstration", "Invented data for demonstration. Nobody's real ratings or words."],
        ["Filter: Theme", "Information and intelligence"],
        ["Rows", "7 of 33"],
        ["Key: Green", "in place with evidence"],
    ]

    assert read_xlsx(to_xlsx(book), sheet=1) == expected
    assert read_ods(to_ods(book), sheet=1) == expected
    told = about_csv(to_csv(book))
    assert told == "About this file: " + "; ".join(f"{item}: {detail}" for item, detail in expected[1:])
    properties = openpyxl.load_workbook(io.BytesIO(to_xlsx(book))).properties
    assert (properties.title, properties.language) == ("Health-check matrix", "en-GB")
    assert properties.created == dt.datetime(2026, 10, 14, 13, 32)  # noqa: DTZ001 - as the file holds it
    meta = zipfile.ZipFile(io.BytesIO(to_ods(book))).read("meta.xml").decode()
    assert "<dc:language>en-GB</dc:language>" in meta
    assert "<dc:date>2026-10-14T13:32:00Z</dc:date>" in meta


def test_empty_list_is_still_a_file_that_says_so():
    book = Book("Empty", [Sheet("Empty", [Column("a", "Borough")], [], total=33)], as_at=AS_AT)

    assert read_xlsx(to_xlsx(book)) == [["Borough"]]
    assert read_ods(to_ods(book)) == [["Borough"]]
    assert read_csv(to_csv(book)) == [["Borough"]]
    assert ["Rows", "0 of 33"] in read_xlsx(to_xlsx(book), sheet=1)
    assert ["Filters", "None: every row is here"] in read_ods(to_ods(book), sheet=1)
    assert "Rows: 0 of 33" in about_csv(to_csv(book))


def test_rows_of_several_sheets_are_counted_apart():
    sheet = Sheet("Boroughs", [Column("a", "A")], [["x"]])
    book = Book("Two", [sheet, Sheet("Authority", [Column("a", "A")], [["y"], ["z"]])], as_at=AS_AT)

    assert read_xlsx(to_xlsx(book), sheet=2)[-2:] == [["Rows of Boroughs", "1"], ["Rows of Authority", "2"]]


def test_statuses_look_alike_in_both():
    book = matrix()
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(book))).worksheets[0]
    content = zipfile.ZipFile(io.BytesIO(to_ods(book))).read("content.xml").decode()
    seen = set()
    for row in sheet.iter_rows(min_row=2, min_col=2):
        for cell in row:
            look = STATUS_LOOKS[cell.value]
            assert cell.fill.fgColor.rgb == f"FF{look.fill[1:]}"
            assert cell.font.color.rgb == f"FF{look.text[1:]}"
            assert cell.font.bold == look.bold
            seen.add(cell.value)
    assert seen == set(WORDS)
    for word, look in STATUS_LOOKS.items():
        style = f"status-{word.lower().replace(' ', '-')}"
        (declared,) = re.findall(f'<style:style style:name="{style}".*?</style:style>', content)
        assert f'fo:background-color="{look.fill}"' in declared
        assert f'fo:color="{look.text}"' in declared
        assert f'fo:font-weight="{"bold" if look.bold else "normal"}"' in declared
        assert content.count(f'table:style-name="{style}"') == sum(
            row.count(word) for row in read_ods(to_ods(book))
        )
    assert sheet["A1"].font.bold
    assert sheet["A1"].border.bottom.style == "medium"
    assert sheet["A2"].font.bold


PROBE = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
from tests.quality.soak import size
from tests.spreadsheet_books import matrix, hostile_book, FORMULAS
from cdrp_portal.spreadsheets import WRITERS
for book in (matrix(), hostile_book(FORMULAS)):
    print([hashlib.sha256(write(book)).hexdigest() for write in WRITERS.values()])
"""


@pytest.mark.slow
def test_same_book_gives_same_bytes_in_other_processes():
    root = Path(__file__).resolve().parent.parent
    seen = set()
    for seed, zone, language in (
        ("0", "UTC", "C.UTF-8"),
        ("1", "Asia/Tokyo", "C"),
        ("2", "America/New_York", "POSIX"),
    ):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": language}
        probe = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", PROBE, str(root)],
            env=environment, capture_output=True, text=True, check=True, cwd=root,
        )  # fmt: skip
        seen.add(probe.stdout)

    assert len(seen) == 1


@pytest.mark.parametrize("kind", WRITERS)
def test_matrix_is_written_in_half_a_second(kind):
    book = matrix()
    # The processor's time: a core that others use as well would make it another test.
    started = time.process_time()
    WRITERS[kind](book)
    taken = time.process_time() - started

    print(f"{kind}: {taken * 1000:.0f} ms")
    assert taken < 0.5


def test_declarations_that_cannot_be_written_are_refused():
    column = Column("a", "A")
    with pytest.raises(SpreadsheetError, match="has no columns"):
        Sheet("S", [], [])
    with pytest.raises(SpreadsheetError, match="Two columns of “S” have one heading"):
        Sheet("S", [column, Column("b", "a")], [])
    with pytest.raises(SpreadsheetError, match="Row 2 of “S” has 2 values for 1 columns"):
        Sheet("S", [column], [["x"], ["x", "y"]])
    with pytest.raises(SpreadsheetError, match="16,384"):
        Sheet("S", [Column(str(n), str(n)) for n in range(16_385)], [])
    with pytest.raises(SpreadsheetError, match="at least one sheet"):
        Book("B", [], as_at=AS_AT)
    with pytest.raises(SpreadsheetError, match="cannot hold list"):
        to_csv(book_of([["x"]]))
    with pytest.raises(ValueError, match="no time zone"):
        to_csv(book_of([dt.datetime(2010, 10, 14)]))  # noqa: DTZ001 - the point of the test
