"""The one export writer: plain values from the database into XLSX, ODS and CSV.

Declare a `Book` of `Sheet`s; each `Sheet` is one table with one head row from its first cell on, and
no merged cells. `to_xlsx`, `to_ods` and `to_csv` print the same values:

* Text stays text. In XLSX and ODS no cell is ever a formula or a link, and no character is altered,
  save that characters XML cannot hold become U+FFFD and every line break becomes the cell's own.
* In CSV a text that a spreadsheet program could take for a formula (it begins with = + - @ or their
  full-width forms, after any apostrophes, spaces or invisible characters; or with a tab or a line
  break) gets one apostrophe in front. That apostrophe is the only difference from the database.
* A status is its word ("Green"); a truth value is "Yes" or "No"; None is an empty cell; a moment is
  London's time (with its offset in CSV); whole numbers beyond 15 digits are written as text, because
  spreadsheet programs round them.
* What the file is stands in the file: title, as-at time, filters, row counts, key, and whether the
  data are for demonstration. XLSX and ODS have a second sheet "About"; in CSV it is the heading of a
  last column whose cells are empty, so that every reader still gets one plain table from line one.

The same book gives the same bytes, whenever and wherever it is written.
"""

from cdrp_portal.spreadsheets.book import (
    CELL_LIMIT,
    Book,
    CellTooLongError,
    Column,
    Editing,
    Kind,
    Sheet,
    SpreadsheetError,
    TooManyRowsError,
    Value,
)
from cdrp_portal.spreadsheets.ods import to_ods
from cdrp_portal.spreadsheets.plain import to_csv
from cdrp_portal.spreadsheets.xlsx import to_xlsx

CONTENT_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "csv": "text/csv; charset=utf-8",
}
WRITERS = {"xlsx": to_xlsx, "ods": to_ods, "csv": to_csv}

__all__ = [
    "CELL_LIMIT",
    "CONTENT_TYPES",
    "WRITERS",
    "Book",
    "CellTooLongError",
    "Column",
    "Editing",
    "Kind",
    "Sheet",
    "SpreadsheetError",
    "TooManyRowsError",
    "Value",
    "to_csv",
    "to_ods",
    "to_xlsx",
]
