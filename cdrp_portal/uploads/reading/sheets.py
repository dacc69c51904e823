"""The rows of a sheet while they are read, under limits."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from . import Refused

ROWS = 25_000
COLUMNS = 60
LETTERS = 30_000_000
SHEETS = 50
Cell = str | dict[str, str]


@lru_cache(maxsize=1_000)
def local_name(name: str) -> str:
    """A name without its namespace: what a prefix stands for is the file's choice."""
    return name.rpartition(" ")[2]


@dataclass(frozen=True)
class SheetRows:
    name: str
    rows: list[Any]


class Rows:
    """Gathers cells row by row; refuses more than an import could ever need."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._rows: dict[int, list[Cell]] = {}
        self._letters = 0

    def put(self, number: int, position: int, cell: Cell) -> None:
        if not cell or position >= COLUMNS:
            return
        row = self._rows.setdefault(number, [])
        row.extend([""] * (position + 1 - len(row)))
        row[position] = cell
        self._letters += len(cell)
        if len(self._rows) > ROWS or self._letters > LETTERS:
            raise Refused(f"It is larger than an import takes: {ROWS:,} rows are the limit.")

    def done(self) -> SheetRows:
        return SheetRows(self._name, [[number, self._rows[number]] for number in sorted(self._rows)])
