"""What is written is read back equal, however odd it is (QUALITY row 25)."""

import csv
import datetime as dt
import io
import re
import zipfile
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdrp_portal.spreadsheets import (
    CELL_LIMIT,
    Book,
    CellTooLongError,
    Column,
    Kind,
    Sheet,
    to_csv,
    to_ods,
    to_xlsx,
)
from tests.spreadsheet_books import AS_AT, assert_opendocument, book_of, tables_of, unguarded
from tests.spreadsheet_readers import read_csv, read_ods, read_xlsx

VALUES = [
    ("-5", "-5", "'-5"),
    ("+44 20 7202 0202", "+44 20 7202 0202", "'+44 20 7202 0202"),
    ("007", "007", "007"),
    ("1234567890123456", "1234567890123456", "1234567890123456"),
    ("one\ntwo\n\nfour", "one\ntwo\n\nfour", "one\ntwo\n\nfour"),
    ("  spaced   out\there ", "  spaced   out\there ", "  spaced   out\there "),
    (
        '_x000D_ <b>&amp;</b> "quoted", it\'s',
        '_x000D_ <b>&amp;</b> "quoted", it\'s',
        '_x000D_ <b>&amp;</b> "quoted", it\'s',
    ),
    ("£238,000 – “agreed”", "£238,000 – “agreed”", "£238,000 – “agreed”"),
    ("1/2", "1/2", "1/2"),
    ("TRUE", "TRUE", "TRUE"),
    ("14 October 2010", "14 October 2010", "14 October 2010"),
    (None, None, ""),
    ("", None, ""),
    (True, "Yes", "Yes"),
    (False, "No", "No"),
    (0, 0, "0"),
    (-5, -5, "-5"),
    (999_999_999_999_999, 999_999_999_999_999, "999999999999999"),
    (1_234_567_890_123_456, "1234567890123456", "1234567890123456"),
    (1.25, 1.25, "1.25"),
    (float("inf"), "inf", "inf"),
    (Decimal("123.10"), Decimal("123.10"), "123.10"),
    (Decimal("0.1234567890123456789"), "0.1234567890123456789", "0.1234567890123456789"),
    (dt.date(2010, 10, 14), dt.date(2010, 10, 14), "2010-10-14"),
    (AS_AT, dt.datetime(2026, 10, 14, 14, 32), "2026-10-14T14:32:00+01:00"),  # noqa: DTZ001 - as cells hold it
    (
        dt.datetime(2026, 12, 1, 23, 30, tzinfo=dt.UTC),
        dt.datetime(2026, 12, 1, 23, 30),  # noqa: DTZ001 - as cells hold it
        "2026-12-01T23:30:00+00:00",
    ),
]


def test_values_read_back_equal():
    book = book_of([value for value, _cell, _field in VALUES])
    xlsx, ods, plain = read_xlsx(to_xlsx(book))[1:], read_ods(to_ods(book))[1:], read_csv(to_csv(book))[1:]
    bad = []
    for number, (value, cell, field) in enumerate(VALUES):
        in_xlsx = xlsx[number][1]
        # XLSX has no days without a time of day, and one kind of number.
        if isinstance(cell, dt.date) and not isinstance(cell, dt.datetime):
            in_xlsx = in_xlsx.date()
        if isinstance(cell, Decimal):
            in_xlsx = Decimal(str(in_xlsx)).quantize(cell)
        bad += [(value, in_xlsx)] * (in_xlsx != cell)
        bad += [(value, ods[number][1])] * (ods[number][1] != cell)
        bad += [(value, plain[number][1])] * (plain[number][1] != field)

    print(f"values read back: {len(bad)} bad / {3 * len(VALUES)}")
    assert bad == []


def test_date_before_excels_calendar_is_text_in_xlsx():
    book = book_of([dt.date(1829, 9, 29)], Kind.DATE)

    assert read_xlsx(to_xlsx(book))[1][1] == "1829-09-29"
    assert read_ods(to_ods(book))[1][1] == dt.date(1829, 9, 29)


legal = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufffe\uffff"), max_size=60
)
spaced = st.lists(st.one_of(legal, st.sampled_from([" ", "  ", "\t", "\n", "=", "'", "_x0041_"])), max_size=8)


@settings(max_examples=60, deadline=None)
@given(st.lists(spaced.map("".join), min_size=1, max_size=10))
def test_any_text_reads_back_equal(texts):
    book = book_of(texts)

    expected = [text or None for text in texts]
    assert [row[1] for row in read_xlsx(to_xlsx(book))[1:]] == expected
    assert [row[1] for row in read_ods(to_ods(book))[1:]] == expected
    assert [unguarded(row[1]) for row in read_csv(to_csv(book))[1:]] == texts


def test_line_breaks_become_the_cells_own():
    book = book_of(["a\r\nb\rc\nd"])

    assert read_xlsx(to_xlsx(book))[1][1] == "a\nb\nc\nd"
    assert read_ods(to_ods(book))[1][1] == "a\nb\nc\nd"
    assert read_csv(to_csv(book))[1][1] == "a\r\nb\rc\nd"


ODD_TITLES = [
    "History", "history", "", "   ", "'quoted'", "a" * 80, "\U0001f600" * 40, "[a]:b*c?d/e\\f", "\x00\x01",
    "\ud800",
    "Matrix & key <2010>", "About", "ABOUT", "'", "=1+1", "a\nb", "Camden’s", "矩阵", "-", "Sheet1",
]  # fmt: skip
ODD_TEXTS = [
    chr(code) for code in (*range(32), 0x7F, 0x85, 0xA0, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF, 0x202E, 0x2028)
]
ODD_TEXTS += [f"a{text}b" for text in ODD_TEXTS[:20]] + [
    "x" * CELL_LIMIT,
    "é" * CELL_LIMIT,
    "\U0001f600" * 16_383,
]


def test_odd_texts_and_names_give_valid_files():
    books = [book_of([text, text[:9] * 2]) for text in ODD_TEXTS]
    books += [
        Book(title, [Sheet(title, [Column("a", "A")], [[title]])] * 3, as_at=AS_AT, notes=[(title, title)])
        for title in ODD_TITLES
    ]
    bad = []
    for book in books:
        xlsx = openpyxl.load_workbook(io.BytesIO(to_xlsx(book)))
        names = xlsx.sheetnames
        well_named = all(
            0 < len(name.encode("utf-16-le")) // 2 <= 31
            and not re.search(r"[\[\]:*?/\\]|^'|'$", name)
            and name.casefold() != "history"
            for name in names
        )
        ods = to_ods(book)
        assert_opendocument(ods)
        tables = [
            table.get("{urn:oasis:names:tc:opendocument:xmlns:table:1.0}name") for table in tables_of(ods)
        ]
        distinct = len({name.casefold() for name in names}) == len(book.sheets) + 1
        if not (well_named and distinct and tables == names):
            bad.append((book.title, names, tables))
        list(csv.reader(io.StringIO(to_csv(book).decode("utf-8-sig"), newline="")))

    print(f"odd files: {len(bad)} bad / {3 * len(books)}")
    assert 3 * len(books) >= 100
    assert bad == []


def test_illegal_characters_become_the_replacement_character():
    book = book_of(["a\x0bb\ufffec"])

    assert read_xlsx(to_xlsx(book))[1][1] == "a\ufffdb\ufffdc"
    assert read_ods(to_ods(book))[1][1] == "a\ufffdb\ufffdc"


@pytest.mark.parametrize("text", ["x" * (CELL_LIMIT + 1), "\U0001f600" * 16_384])
def test_cell_too_long_says_where(text):
    book = book_of(["short", text])

    for write in (to_xlsx, to_ods):
        with pytest.raises(CellTooLongError, match="Row 2 of “Values”, “Value”: 32,768 characters"):
            write(book)
    assert read_csv(to_csv(book))[2][1] == text


def test_numbers_keep_their_formats():
    columns = [
        Column("m", "Money", kind=Kind.MONEY),
        Column("p", "Share", kind=Kind.PERCENT),
        Column("d", "Date", kind=Kind.DATE),
        Column("t", "Moment", kind=Kind.MOMENT),
    ]
    row = [Decimal("238000"), Decimal("0.25"), dt.date(2010, 10, 14), AS_AT]
    book = Book("Kinds", [Sheet("Kinds", columns, [row], freeze=(1, 0))], as_at=AS_AT)
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(book))).worksheets[0]
    content = zipfile.ZipFile(io.BytesIO(to_ods(book))).read("content.xml").decode()

    assert [cell.number_format for cell in sheet[2]] == [
        "[$£-809]#,##0.00",
        "0%",
        "[$-809]d mmmm yyyy",
        "[$-809]d mmmm yyyy, hh:mm",
    ]
    assert sheet.freeze_panes == "A2"
    assert 'office:value-type="currency" office:currency="GBP" office:value="238000"' in content
    assert 'office:value-type="percentage" office:value="0.25"' in content
    assert 'office:date-value="2026-10-14T14:32:00"' in content
