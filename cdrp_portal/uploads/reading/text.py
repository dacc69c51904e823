"""Plain text and CSV: letters and lines, nothing that a spreadsheet would run."""

import csv
import re
from io import StringIO
from pathlib import Path

from . import Refused
from .marks import refuse_two_kinds

CELL_LIMIT = 131_072
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_MARKUP = re.compile(r"\s*<(\?xml|!doctype|svg|head|body|[a-z]+:?[a-z]*\s+xmlns)", re.IGNORECASE)
# What a spreadsheet takes for a formula; a sign before a number is none.
_FORMULA = re.compile(r"\s*(=|@|[+-](?![\d .,()]*$))")


def read_text(source: Path, target: Path) -> None:
    _letters(source)
    target.write_bytes(source.read_bytes())


def read_csv(source: Path, target: Path) -> None:
    letters = _letters(source)
    csv.field_size_limit(CELL_LIMIT)
    try:
        for line, cells in enumerate(csv.reader(StringIO(letters, newline="")), start=1):
            for cell in cells:
                # One cell may hide others from this reader that a spreadsheet parts by another sign.
                if any(_FORMULA.match(part) for part in re.split("[;\t]", cell)):
                    raise Refused(f"Line {line} holds a formula. Save it with values only.")
    except csv.Error as wrong:
        raise Refused("It cannot be read as a CSV file.") from wrong
    target.write_bytes(source.read_bytes())


def _letters(source: Path) -> str:
    content = refuse_two_kinds(source)
    try:
        letters = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        letters = content.decode("cp1252", errors="replace")
    if _CONTROLS.search(letters) or "\ufffd" in letters:
        raise Refused("It is not plain text.")
    if _MARKUP.match(letters):
        raise Refused("There is a web page or a script in it.")
    return letters
