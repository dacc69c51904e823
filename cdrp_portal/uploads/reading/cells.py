"""A spreadsheet's cells as text, in JSON: `[{"name": "Ratings", "rows": [[2, ["Camden", ...]], ...]}]`.

A row is its number in the sheet and its cells, without the empty ones at their end. A cell is its text; one
that is no text by itself (a formula, a date) is `{"is": "a formula"}`. Rows without any cell are left out.
"""

import csv
import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

from . import Refused
from .cells_ods import sheets_of_ods
from .cells_xlsx import sheets_of_xlsx
from .office import sheet_parts
from .sheets import COLUMNS, Rows, SheetRows
from .text import CELL_LIMIT

UNCLOSED = "It breaks off, or a quotation mark in it is never closed. Save it anew as CSV."
_SIGN, _QUOTED = re.compile("[,;\t]"), re.compile('"[^"]*"')


def read_xlsx(source: Path, target: Path) -> None:
    _write(sheets_of_xlsx(sheet_parts(source, "xlsx")), target)


def read_ods(source: Path, target: Path) -> None:
    _write(sheets_of_ods(sheet_parts(source, "ods")["content.xml"]), target)


def read_csv(source: Path, target: Path) -> None:
    letters = _decoded(source.read_bytes())
    # Spreadsheet programs part cells by what their country uses.
    found = _SIGN.search(_QUOTED.sub("", letters.partition("\n")[0]))
    sign = found[0] if found else ","
    csv.field_size_limit(CELL_LIMIT)
    rows = Rows("")
    try:
        for number, cells in enumerate(
            csv.reader(StringIO(letters, newline=""), delimiter=sign, strict=True), 1
        ):
            for position, text in enumerate(cells[:COLUMNS]):
                rows.put(number, position, text)
    except csv.Error as wrong:
        raise Refused(UNCLOSED) from wrong
    _write([rows.done()], target)


def _decoded(content: bytes) -> str:
    """Text in the encodings that spreadsheet programs save; anything else is some other kind of file."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            letters = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in letters:
            break
        return letters
    raise Refused("It is not a spreadsheet. Upload an XLSX, ODS or CSV file.")


def _write(sheets: list[SheetRows], target: Path) -> None:
    listed: list[dict[str, Any]] = [{"name": sheet.name, "rows": sheet.rows} for sheet in sheets]
    target.write_text(json.dumps(listed), encoding="utf-8")
