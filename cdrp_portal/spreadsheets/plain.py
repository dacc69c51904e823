"""A book's first sheet as CSV, for programs and for people who open it in a spreadsheet."""

import csv
import datetime as dt
import io
import re
from decimal import Decimal

from cdrp_portal.spreadsheets.book import Book, Cell, cell

# What Excel and LibreOffice may take for a formula when they open plain text. Leading apostrophes count
# as well, so that taking one apostrophe off every such text gives back exactly what stood there.
_FORMULA = re.compile(
    "'*(?:[\\s\x00-\x1f\x7f\xa0\u200b-\u200f\u2060\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])"
)
_UNENCODABLE = re.compile("[\x00\ud800-\udfff]")


def could_be_formula(text: str) -> bool:
    return _FORMULA.match(text) is not None


def to_csv(book: Book) -> bytes:
    """The first sheet as CSV: UTF-8 with a byte order mark (Excel reads it as Latin otherwise), CRLF.

    The last column is empty; its heading holds what the file is (title, as-at time, filters, counts).
    """
    sheet = book.sheets[0]
    lines = io.StringIO(newline="")
    writer = csv.writer(lines, lineterminator="\r\n")
    about = "; ".join(f"{item}: {detail}" for item, detail in book.about)
    writer.writerow(
        [*(_field(column.heading) for column in sheet.columns), _field(f"About this file: {about}")]
    )
    for row in sheet.rows:
        writer.writerow(
            [
                *(_field(cell(value, column.kind)) for column, value in zip(sheet.columns, row, strict=True)),
                "",
            ]
        )
    return lines.getvalue().encode("utf-8-sig")


def _field(value: Cell) -> str:
    match value:
        case None:
            return ""
        case str():
            text = _UNENCODABLE.sub("\ufffd", value)
            return f"'{text}" if could_be_formula(text) else text
        case dt.date():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
        case _:
            return str(value)
