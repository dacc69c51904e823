"""An uploaded spreadsheet as rows, before the database is asked anything of them."""

import json
import re
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from assessments.imports.columns import (
    BOROUGH,
    CODE,
    KEY,
    NEEDED,
    NEXT_STEP,
    RATING,
    VERSION,
    WHY,
    WORDS,
)
from assessments.models import NEXT_STEP_LIMIT, RATIONALE_LIMIT, ReviewCycle
from cdrp_portal.spreadsheets import Column
from cdrp_portal.spreadsheets.plain import could_be_formula
from cdrp_portal.status import Status
from cdrp_portal.uploads import LIMIT, TOO_LARGE, Refused
from cdrp_portal.uploads.limited import read_in_child

_ZIP, _OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_KEY = re.compile(r"([-\w]{1,60})/([-\w]{1,80})/(\w{1,4})", re.ASCII)
_VERSION = re.compile(r"(\d{1,9})(\.0+)?", re.ASCII)
LIMITS = {WHY: RATIONALE_LIMIT, NEXT_STEP: NEXT_STEP_LIMIT}
STATUSES = {
    **{str(status.label).casefold(): status for status in Status},
    **{status.letter.casefold(): status for status in Status},
    "": Status.NOT_ASSESSED,
}


@dataclass(frozen=True)
class Fault:
    """Why one row cannot be taken, and where in the file it stands."""

    sheet: str
    row: int
    column: str
    reason: str

    @property
    def place(self) -> str:
        """ "Sheet Ratings, row 5, Rating", as a person finds it."""
        return f"{_place(self.sheet, self.row)}, {self.column}"


@dataclass(frozen=True)
class Row:
    """What one row says of one rating. `version` is the rating's when the file was made."""

    sheet: str
    number: int
    subject: str
    code: str
    version: int
    value: Status
    rationale: str
    next_step: str
    borough_cell: str
    code_cell: str

    @property
    def place(self) -> str:
        return _place(self.sheet, self.number)

    def fault(self, column: Column, reason: str) -> Fault:
        return Fault(self.sheet, self.number, column.heading, reason)


def _place(sheet: str, number: int) -> str:
    return f"Sheet {sheet}, row {number}" if sheet else f"Row {number}"


def read_rows(upload: UploadedFile, cycle: ReviewCycle) -> tuple[list[Row], list[Fault]]:
    """Every row of the file, and what is wrong with those that cannot be read.

    Raises Refused with a sentence where the file as a whole cannot be taken.
    """
    sheet, rows = _sheet_with_heads(_cells(upload))
    is_csv = not sheet
    places = _places(rows[0][1])
    read, faults = [], []
    seen: dict[tuple[str, str], int] = {}
    for number, cells in rows[1:]:
        said = {column: _cell(cells, at) for column, at in places.items()}
        if not any(said.values()):
            continue
        try:
            row = _row(sheet, number, said, cycle, is_csv=is_csv)
        except _Wrong as wrong:
            faults.append(Fault(sheet, number, wrong.column.heading, wrong.reason))
            continue
        first = seen.setdefault((row.subject, row.code), number)
        if first != number:
            raise Refused(f"Rows {first} and {number} are of the same rating. Delete one of them.")
        read.append(row)
    if not read and not faults:
        raise Refused("There is no row below its heads.")
    return read, faults


def _cells(upload: UploadedFile) -> list[dict[str, Any]]:
    if not upload.size:
        raise Refused("It is empty.")
    if upload.size > LIMIT:
        raise Refused(TOO_LARGE)
    with tempfile.TemporaryDirectory(prefix="import-") as folder:
        source, target = Path(folder) / "source", Path(folder) / "target"
        with source.open("wb") as copy:
            for chunk in upload.chunks():
                copy.write(chunk)
        read_in_child(_kind_of(source), source, target)
        return json.loads(target.read_bytes())


def _kind_of(source: Path) -> str:
    """By what the file holds; its name may say anything."""
    with source.open("rb") as opened:
        begins = opened.read(8)
    if begins.startswith(_OLD):
        raise Refused("It is locked with a password, or of an old kind. Save it as XLSX or ODS without one.")
    if not begins.startswith(_ZIP):
        return "csv-cells"
    try:
        with zipfile.ZipFile(source) as archive:
            return "ods-cells" if "mimetype" in archive.namelist() else "xlsx-cells"
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as wrong:
        raise Refused("It is damaged or breaks off. Save it anew and upload that.") from wrong


def _sheet_with_heads(sheets: list[dict[str, Any]]) -> tuple[str, list[Any]]:
    """The first sheet whose first row has the heads; else a sentence that says which are missing."""
    missing: list[str] = []
    for sheet in sheets:
        rows = sheet["rows"]
        if not rows:
            continue
        there = _heads(rows[0][1])
        lacks = [column.heading for column in NEEDED if column.heading.casefold() not in there]
        if not lacks:
            return sheet["name"], rows
        if not missing or len(lacks) < len(missing):
            missing = lacks
    if not missing:
        raise Refused("There is nothing in it.")
    if len(missing) == len(NEEDED):
        raise Refused(
            "It is not a file of ratings: no column is headed Rating. Download one for editing first."
        )
    raise Refused(
        f"It lacks the column{'' if len(missing) == 1 else 's'} {', '.join(missing)}. "
        "Keep the first row and the hidden columns as they are."
    )


def _heads(cells: list[Any]) -> list[str]:
    return [cell.strip().casefold() if isinstance(cell, str) else "" for cell in cells]


def _places(cells: list[Any]) -> dict[Column, int]:
    heads = _heads(cells)
    twice = next((column for column in NEEDED if heads.count(column.heading.casefold()) > 1), None)
    if twice is not None:
        raise Refused(f"Two columns are headed {twice.heading}. Delete one of them.")
    return {column: heads.index(column.heading.casefold()) for column in NEEDED}


def _cell(cells: list[Any], at: int) -> Any:
    return cells[at] if at < len(cells) else ""


class _Wrong(Exception):
    def __init__(self, column: Column, reason: str) -> None:
        self.column, self.reason = column, reason


def _row(sheet: str, number: int, said: dict[Column, Any], cycle: ReviewCycle, *, is_csv: bool) -> Row:
    for column, cell in said.items():
        if not isinstance(cell, str):
            raise _Wrong(column, f"It holds {cell['is']}. Write it as text.")
    texts = {column: _plain(cell, is_csv=is_csv) for column, cell in said.items()}
    key = _KEY.fullmatch(texts[KEY].strip())
    if key is None:
        raise _Wrong(KEY, "Its hidden key is missing or was changed. Rows cannot be added.")
    if key[1] != cycle.slug:
        raise Refused(f"It is of another cycle, “{key[1]}”. Upload it on the page of that cycle.")
    version = _VERSION.fullmatch(texts[VERSION].strip())
    if version is None:
        raise _Wrong(VERSION, "Its hidden version is missing or was changed. Download the file again.")
    value = STATUSES.get(" ".join(texts[RATING].split()).casefold())
    if value is None:
        raise _Wrong(RATING, f"“{texts[RATING].strip()[:40]}” is not a rating. Choose {_listed(WORDS)}.")
    for column, limit in LIMITS.items():
        if len(texts[column].strip()) > limit:
            raise _Wrong(
                column, f"It has {len(texts[column].strip()):,} characters. Shorten it to {limit:,}."
            )
    return Row(
        sheet=sheet,
        number=number,
        subject=key[2],
        code=key[3],
        version=int(version[1]),
        value=value,
        rationale=texts[WHY],
        next_step=texts[NEXT_STEP],
        borough_cell=texts[BOROUGH].strip(),
        code_cell=texts[CODE].strip(),
    )


def _plain(text: str, *, is_csv: bool) -> str:
    """The cell's text; in CSV without the one apostrophe that keeps it from being taken for a formula."""
    if is_csv and text.startswith("'") and could_be_formula(text[1:]):
        text = text[1:]
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _listed(words: tuple[str, ...]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"
