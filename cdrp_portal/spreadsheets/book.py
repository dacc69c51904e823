"""What an export says, before it is any file: a book of sheets of plain values."""

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from cdrp_portal.dates import in_london, uk_moment
from cdrp_portal.status import Status

# Of Excel, in UTF-16 units; ODS keeps to the same, so that the two files are twins.
CELL_LIMIT = 32_767
ROW_LIMIT = 1_048_576
COLUMN_LIMIT = 16_384
NAME_LIMIT = 31
# Spreadsheet programs keep 15 significant digits of a number.
DIGIT_LIMIT = 15

Value = str | int | float | Decimal | dt.date | dt.datetime | bool | None
# After `cell()`: a status is its word, a truth value "Yes" or "No", a moment is on London's clock.
Cell = str | int | float | Decimal | dt.date | dt.datetime | None


class SpreadsheetError(ValueError):
    """The export cannot be written; the message is for whoever asked for it."""


class CellTooLongError(SpreadsheetError):
    pass


class TooManyRowsError(SpreadsheetError):
    pass


class Kind(StrEnum):
    TEXT = "text"
    STATUS = "status"
    NUMBER = "number"
    MONEY = "money"
    PERCENT = "percent"
    DATE = "date"
    MOMENT = "moment"


@dataclass(frozen=True)
class Column:
    """One column; `width` is in characters. `key` names it for code and tests, `heading` for people."""

    key: str
    heading: str
    width: float = 14
    kind: Kind = Kind.TEXT


@dataclass(frozen=True)
class Editing:
    """A sheet that people write into: locked, without a password, save the columns `open`, which are of text.

    Columns are named by their keys. `choices` are offered as a list, and nothing else is taken there by a
    spreadsheet program; `hidden` are for the portal alone; `notes` stand on cells, by row (0: the heads).
    """

    open: frozenset[str]
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    notes: Mapping[tuple[int, str], str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sheet:
    """One table: a head row, then a row of values per row, in the order of the columns.

    `freeze` keeps (rows, columns) in view; the frozen columns are the row heads. `total` is how many
    rows there were before the filters.
    """

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]
    freeze: tuple[int, int] = (1, 1)
    total: int | None = None
    editing: Editing | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", tuple(self.columns))
        object.__setattr__(self, "rows", tuple(self.rows))
        if not self.columns:
            raise SpreadsheetError(f"“{self.title}” has no columns.")
        if len(self.columns) > COLUMN_LIMIT:
            raise SpreadsheetError(f"“{self.title}” has more columns than a sheet holds ({COLUMN_LIMIT:,}).")
        headings = [column.heading.casefold() for column in self.columns]
        if len(set(headings)) != len(headings):
            raise SpreadsheetError(f"Two columns of “{self.title}” have one heading.")
        for number, row in enumerate(self.rows, start=1):
            if len(row) != len(self.columns):
                raise SpreadsheetError(
                    f"Row {number} of “{self.title}” has {len(row)} values for {len(self.columns)} columns."
                )

    @property
    def row_count(self) -> int:
        return len(tuple(self.rows))

    def counted(self) -> str:
        """ "33", or "7 of 33" when filters left rows out."""
        if self.total is None or self.total == self.row_count:
            return f"{self.row_count:,}"
        return f"{self.row_count:,} of {self.total:,}"


@dataclass(frozen=True)
class Book:
    """An export: its sheets, and what a reader must know of them a year later.

    `filters`, `key` and `notes` are pairs of a name and its meaning; `as_at` is the moment at which
    the rows were read, and the date that the file carries.
    """

    title: str
    sheets: Sequence[Sheet]
    as_at: dt.datetime
    filters: Sequence[tuple[str, str]] = ()
    key: Sequence[tuple[str, str]] = ()
    notes: Sequence[tuple[str, str]] = ()
    demonstration: bool = False
    author: str = "Metropolitan Police Authority"
    about: tuple[tuple[str, str], ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sheets", tuple(self.sheets))
        if not self.sheets:
            raise SpreadsheetError("An export needs at least one sheet.")
        object.__setattr__(self, "about", tuple(self._about()))

    def _about(self) -> Iterable[tuple[str, str]]:
        yield "Title", self.title
        yield "As at", f"{uk_moment(self.as_at)} (London time)"
        if self.demonstration:
            yield "Demonstration", "Invented data for demonstration. Nobody's real ratings or words."
        if self.filters:
            for name, chosen in self.filters:
                yield f"Filter: {name}", chosen
        else:
            yield "Filters", "None: every row is here"
        for sheet in self.sheets:
            name = "Rows" if len(self.sheets) == 1 else f"Rows of {sheet.title}"
            yield name, sheet.counted()
        yield from self.notes
        for word, meaning in self.key:
            yield f"Key: {word}", meaning

    def about_sheet(self) -> Sheet:
        return Sheet(
            title="About",
            columns=(Column("item", "About this file", 28), Column("detail", "Detail", 80)),
            rows=self.about,
        )

    def named_sheets(self) -> list[tuple[str, Sheet]]:
        """Every sheet, "About" last, under a name that spreadsheet programs accept."""
        taken: set[str] = set()
        return [(sheet_name(sheet.title, taken), sheet) for sheet in (*self.sheets, self.about_sheet())]


def sheet_name(title: str, taken: set[str]) -> str:
    """A legal name for a sheet, not yet among `taken` (to which it is added).

    At most 31 UTF-16 units, without []:*?/\\ and control characters, not beginning or ending with
    an apostrophe, not "History" (Excel keeps that one), unlike every other whatever the case.
    """
    base = re.sub(r"[\[\]:*?/\\\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]+", " ", title)
    base = " ".join(base.split()).strip("' ") or "Sheet"
    if base.casefold() == "history":
        base = "History of changes"
    name, number = _cut(base, NAME_LIMIT), 1
    while name.casefold() in taken:
        number += 1
        ending = f" ({number})"
        name = _cut(base, NAME_LIMIT - len(ending)) + ending
    taken.add(name.casefold())
    return name


def _cut(text: str, units: int) -> str:
    return text.encode("utf-16-le")[: units * 2].decode("utf-16-le", errors="ignore").strip("' ")


def cell(value: Value, kind: Kind) -> Cell:
    """The value as every format prints it: words for statuses and truth, London's clock for moments."""
    match value:
        case None | "":
            return None
        case bool():
            return "Yes" if value else "No"
        case str():
            is_status = isinstance(value, Status) or (kind is Kind.STATUS and value in Status)
            return str(Status(value).label) if is_status else str(value)
        case dt.datetime():
            return in_london(value)
        case float() | Decimal() | int():
            return value if _is_exact(value) else str(value)
        case dt.date():
            return value
    raise SpreadsheetError(f"A cell cannot hold {type(value).__name__}.")


def _is_exact(number: int | float | Decimal) -> bool:
    """Whether a spreadsheet program keeps the number as it is."""
    match number:
        case int():
            return abs(number) < 10**DIGIT_LIMIT
        case Decimal():
            return number.is_finite() and len(number.as_tuple().digits) <= DIGIT_LIMIT
        case _:
            return math.isfinite(number)


# XML 1.0 cannot hold these, not even escaped.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BREAK = re.compile("\r\n?")


def legal_text(text: str) -> str:
    """The text as an XML cell can hold it: one line break, U+FFFD for what XML forbids."""
    return _ILLEGAL.sub("\ufffd", _BREAK.sub("\n", text))


def check_size(sheet: Sheet) -> None:
    """Raise what a reader can act on when the sheet is larger than a spreadsheet file holds."""
    if sheet.row_count >= ROW_LIMIT:
        raise TooManyRowsError(
            f"“{sheet.title}” has {sheet.row_count:,} rows; a sheet holds {ROW_LIMIT - 1:,} below its head. "
            "Filter the list, or export CSV."
        )
    for number, row in enumerate(sheet.rows, start=1):
        for column, value in zip(sheet.columns, row, strict=True):
            # Every unit is at most two of UTF-16, so short texts need no counting.
            if isinstance(value, str) and len(value) > CELL_LIMIT // 2 and _units(value) > CELL_LIMIT:
                raise CellTooLongError(
                    f"Row {number} of “{sheet.title}”, “{column.heading}”: {_units(value):,} characters, "
                    f"and a spreadsheet cell holds {CELL_LIMIT:,}. Shorten the text, or export CSV."
                )


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", errors="surrogatepass")) // 2
