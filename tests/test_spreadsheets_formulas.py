"""Nothing that is written becomes a formula, read here and opened in LibreOffice (QUALITY rows 26 and 29)."""

import csv
import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest

from cdrp_portal.spreadsheets import (
    Kind,
    to_csv,
    to_ods,
    to_xlsx,
)
from tests.spreadsheet_books import FORMULAS, WORDS, book_of, hostile_book, matrix, unguarded
from tests.spreadsheet_readers import read_csv, read_ods, read_xlsx


def line_breaks(text):
    return text.replace("\r\n", "\n").replace("\r", "\n")


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
        pytest.fail("LibreOffice is not on this machine. Run make install, which brings it.")
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


def test_formula_like_cells_carry_excels_quote_prefix():
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(book_of(["=1+1", "plain"])))).worksheets[0]

    assert sheet["B2"].quotePrefix
    assert not sheet["B3"].quotePrefix
