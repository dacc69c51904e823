"""Reading the reference data that the project carries as CSV files."""

import csv
from pathlib import Path


class BadReferenceData(Exception):
    """The reference data is not what the portal stands on; the message says what is wrong."""


def read_rows(path: Path, expected: int | None = None) -> list[dict[str, str]]:
    """The rows of a UTF-8 CSV file with a header; refuses another count than `expected`."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if expected is not None and len(rows) != expected:
        raise BadReferenceData(f"{path.name} holds {len(rows)} rows; there are exactly {expected}.")
    return rows
