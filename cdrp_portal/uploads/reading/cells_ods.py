"""The cells of an ODS, from a part that has been checked: no document type, so no entities, is in it."""

import re
from xml.parsers import expat

from . import Refused
from .office import ODD
from .sheets import COLUMNS, ROWS, SHEETS, Cell, Rows, SheetRows, local_name

# Spaces as they stand in the file count once; this marks them until their paragraph ends.
_LOOSE = "\0"
_SPACES = re.compile("[ \t\r\n]+")
LAST_ROW = 1_048_576


def sheets_of_ods(content: bytes) -> list[SheetRows]:
    reader = expat.ParserCreate(namespace_separator=" ")
    reader.buffer_text = True
    sheets = _Sheets()
    reader.StartElementHandler = sheets.start
    reader.EndElementHandler = sheets.end
    reader.CharacterDataHandler = sheets.letters
    try:
        reader.Parse(content, True)
    except expat.ExpatError as wrong:
        raise Refused(ODD) from wrong
    return sheets.found


class _Sheets:
    def __init__(self) -> None:
        self.found: list[SheetRows] = []
        self._rows: Rows | None = None
        self._row = self._row_times = 0
        self._position = 0
        self._row_cells: list[tuple[int, Cell]] = []
        self._cell: dict[str, str] | None = None
        self._paragraphs: list[str] = []
        self._pieces: list[str] = []
        self._in_paragraph = False
        # Inside a note or a drawing, whose paragraphs are not the cell's.
        self._beside = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        local = local_name(tag)
        if local in ("annotation", "frame", "shapes", "tracked-changes") or self._beside:
            self._beside += 1
            return
        told = {local_name(name): value for name, value in attributes.items()}
        if local == "table" and self._rows is None:
            self._rows, self._row = Rows(told.get("name", "")), 0
        elif local == "table-row":
            self._row_times = _times(told.get("number-rows-repeated"))
            self._row_cells, self._position = [], 0
        elif local in ("table-cell", "covered-table-cell"):
            self._cell, self._paragraphs = told, []
        elif local in ("p", "h") and self._cell is not None:
            self._in_paragraph, self._pieces = True, []
        elif self._in_paragraph:
            self._in_line(local, told)

    def _in_line(self, local: str, told: dict[str, str]) -> None:
        if local == "s":
            self._pieces.append(" " * min(_times(told.get("c")), 32_767))
        elif local == "tab":
            self._pieces.append("\t")
        elif local == "line-break":
            self._pieces.append("\n")

    def letters(self, text: str) -> None:
        if self._in_paragraph and not self._beside:
            self._pieces.append(_SPACES.sub(_LOOSE, text))

    def end(self, tag: str) -> None:
        local = local_name(tag)
        if self._beside:
            self._beside -= 1
        elif local in ("p", "h") and self._in_paragraph:
            line = re.sub(f"{_LOOSE}+", _LOOSE, "".join(self._pieces)).strip(_LOOSE)
            self._paragraphs.append(line.replace(_LOOSE, " "))
            self._in_paragraph = False
        elif local in ("table-cell", "covered-table-cell") and self._cell is not None:
            self._end_cell(self._cell)
        elif local == "table-row" and self._rows is not None:
            self._end_row(self._rows)
        elif local == "table" and self._rows is not None:
            self.found.append(self._rows.done())
            self._rows = None
            if len(self.found) > SHEETS:
                raise Refused(f"It has more than {SHEETS} sheets.")

    def _end_cell(self, told: dict[str, str]) -> None:
        said = _said(told, "\n".join(self._paragraphs))
        times = _times(told.get("number-columns-repeated"))
        if said:
            self._row_cells += [(self._position + at, said) for at in range(min(times, COLUMNS))]
        self._position += times
        self._cell = None

    def _end_row(self, rows: Rows) -> None:
        if self._row_cells:
            for at in range(min(self._row_times, ROWS + 1)):
                for position, said in self._row_cells:
                    rows.put(self._row + at + 1, position, said)
        self._row += self._row_times


def _times(number: str | None) -> int:
    return min(int(number), LAST_ROW) if number and number.isdecimal() and len(number) < 9 else 1


def _said(told: dict[str, str], text: str) -> Cell:
    if told.get("formula"):
        return {"is": "a formula"}
    kind = told.get("value-type", "")
    if kind in ("date", "time"):
        return {"is": "a date or a time"}
    return told.get("string-value") or text or told.get("value", "")
