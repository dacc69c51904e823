"""A book as XLSX, by XlsxWriter with every cell's type said outright."""

import datetime as dt
import io
import re
import zipfile
from decimal import Decimal
from functools import cache
from typing import Any

import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from cdrp_portal.spreadsheets.book import (
    Book,
    Cell,
    Column,
    Editing,
    Kind,
    Sheet,
    cell,
    check_size,
    legal_text,
)
from cdrp_portal.spreadsheets.plain import could_be_formula
from cdrp_portal.spreadsheets.styles import (
    FONT,
    FONT_SIZE,
    INK,
    RIGHT_ALIGNED,
    RULE,
    STATUS_LOOKS,
    head_height,
)

# Excel counts days from here; earlier dates are written as text.
FIRST_DATE = dt.date(1900, 3, 1)
NUMBER_FORMATS = {
    Kind.MONEY: "[$£-809]#,##0.00",
    Kind.PERCENT: "0%",
    Kind.DATE: "[$-809]d mmmm yyyy",
    Kind.MOMENT: "[$-809]d mmmm yyyy, hh:mm",
}


def to_xlsx(book: Book) -> bytes:
    """The book as one XLSX file. Raises CellTooLongError or TooManyRowsError, before anything is written."""
    for sheet in book.sheets:
        check_size(sheet)
    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(buffer, options) as workbook:
        workbook.set_properties(
            {
                "title": legal_text(book.title),
                "author": legal_text(book.author),
                "comments": legal_text("; ".join(f"{item}: {detail}" for item, detail in book.about)),
                "created": book.as_at.astimezone(dt.UTC).replace(tzinfo=None),
            }
        )
        workbook.formats[0].set_font_name(FONT)
        workbook.formats[0].set_font_size(FONT_SIZE)
        formats = _Formats(workbook)
        for number, (name, sheet) in enumerate(book.named_sheets(), start=1):
            _write_sheet(workbook.add_worksheet(legal_text(name)), sheet, formats, number)
    return _with_language(buffer.getvalue())


class _Formats:
    """One format per look, made when it is first needed."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self.get = cache(self._get)

    def head(self, column: Column) -> Any:
        align = "right" if column.kind in RIGHT_ALIGNED else "left"
        return self._add(bold=True, bottom=2, bottom_color=INK, text_wrap=True, valign="bottom", align=align)

    def _get(
        self,
        kind: Kind,
        *,
        status: str = "",
        row_head: bool = False,
        text: bool = False,
        quoted: bool = False,
        is_open: bool = False,
    ) -> Any:
        properties: dict[str, Any] = {"valign": "top", "bottom": 1, "bottom_color": RULE}
        if text:
            properties |= {"num_format": "@", "text_wrap": True}
        elif kind in NUMBER_FORMATS:
            properties |= {
                "num_format": NUMBER_FORMATS[kind],
                "align": "right" if kind in RIGHT_ALIGNED else "left",
            }
        if quoted:
            properties["quote_prefix"] = True
        if is_open:
            properties["locked"] = False
        if row_head:
            properties["bold"] = True
        if status:
            look = STATUS_LOOKS[status]
            properties |= {"bg_color": look.fill, "font_color": look.text, "bold": look.bold}
        return self._add(**properties)

    def _add(self, **properties: Any) -> Any:
        return self._workbook.add_format({"font_name": FONT, "font_size": FONT_SIZE, **properties})


def _write_sheet(worksheet: Worksheet, sheet: Sheet, formats: _Formats, number: int) -> None:
    columns = list(sheet.columns)
    last_row, last_column = sheet.row_count, len(columns) - 1
    if last_row:
        # A table names its head row to a screen reader; its style stays ours.
        heads = [{"header": legal_text(column.heading)} for column in columns]
        worksheet.add_table(
            0, 0, last_row, last_column, {"name": f"Table{number}", "style": None, "columns": heads}
        )
    for position, column in enumerate(columns):
        worksheet.set_column(position, position, column.width)
        worksheet.write_string(0, position, legal_text(column.heading), formats.head(column))
    worksheet.set_row(0, head_height([(column.heading, column.width) for column in columns]))
    worksheet.freeze_panes(*sheet.freeze)
    worksheet.repeat_rows(0)
    worksheet.set_landscape()
    worksheet.set_paper(9)
    worksheet.fit_to_pages(1, 0)
    for row_number, row in enumerate(sheet.rows, start=1):
        for position, (column, value) in enumerate(zip(columns, row, strict=True)):
            row_head = position < sheet.freeze[1]
            value_there = cell(value, column.kind)
            if sheet.editing and column.key in sheet.editing.open:
                _write_open(worksheet, row_number, position, value_there, formats)
            else:
                _write_cell(worksheet, row_number, position, value_there, column.kind, row_head, formats)
    if sheet.editing:
        _make_editable(worksheet, sheet, sheet.editing)


def _make_editable(worksheet: Worksheet, sheet: Sheet, editing: Editing) -> None:
    for position, column in enumerate(sheet.columns):
        if column.key in editing.hidden:
            worksheet.set_column(position, position, column.width, None, {"hidden": True})
        choices = editing.choices.get(column.key)
        if choices and sheet.row_count:
            rule = {
                "validate": "list",
                "source": list(choices),
                "error_title": column.heading,
                "error_message": f"Choose one of the list: {', '.join(choices)}.",
            }
            worksheet.data_validation(1, position, sheet.row_count, position, rule)
    places = {column.key: position for position, column in enumerate(sheet.columns)}
    for (row, key), note in editing.notes.items():
        worksheet.write_comment(
            row, places[key], legal_text(note), {"author": "", "x_scale": 2.5, "y_scale": 1.6}
        )
    allowed = dict.fromkeys(("format_columns", "format_rows", "sort", "autofilter"), True)
    worksheet.protect("", allowed)


def _write_open(worksheet: Worksheet, row: int, position: int, value: Cell, formats: _Formats) -> None:
    """A cell to write in: formatted as text, so that what is typed stays as it is typed."""
    text = "" if value is None else legal_text(str(value))
    look = formats.get(Kind.TEXT, text=True, quoted=could_be_formula(text), is_open=True)
    if text:
        worksheet.write_string(row, position, text, look)
    else:
        worksheet.write_blank(row, position, None, look)


def _write_cell(
    worksheet: Worksheet, row: int, position: int, value: Cell, kind: Kind, row_head: bool, formats: _Formats
) -> None:
    match value:
        case None:
            worksheet.write_blank(row, position, None, formats.get(kind, row_head=row_head))
        case dt.datetime():
            naive = value.replace(tzinfo=None)
            worksheet.write_datetime(row, position, naive, formats.get(Kind.MOMENT, row_head=row_head))
        case dt.date() if value >= FIRST_DATE:
            worksheet.write_datetime(row, position, value, formats.get(Kind.DATE, row_head=row_head))
        case int() | float() | Decimal():
            worksheet.write_number(row, position, value, formats.get(kind, row_head=row_head))
        case _:
            text = legal_text(value if isinstance(value, str) else value.isoformat())
            status = text if kind is Kind.STATUS and text in STATUS_LOOKS else ""
            look = formats.get(
                kind, status=status, row_head=row_head, text=not status, quoted=could_be_formula(text)
            )
            worksheet.write_string(row, position, text, look)


_CORE = "docProps/core.xml"


def _with_language(content: bytes) -> bytes:
    """The file with its language told and every entry dated alike; XlsxWriter has no setting for either."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(result, "w") as target:
        for entry in source.infolist():
            data = source.read(entry)
            if entry.filename == _CORE:
                data = re.sub(rb"(?=</cp:coreProperties>)", b"<dc:language>en-GB</dc:language>", data)
            plain = zipfile.ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0))
            plain.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(plain, data)
    return result.getvalue()
