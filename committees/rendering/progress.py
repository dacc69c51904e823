"""The table Key points | Actions | Lead | Position at a date, grouped for print."""

import datetime as dt
from collections.abc import Iterator
from itertools import groupby
from math import ceil
from typing import Any

from cdrp_portal.dates import uk_date

# How many letters a line of each column holds at 10 pt, and how many lines may be kept on one page.
_LETTERS = {"key_point": 28, "action": 36, "lead": 14, "position": 36}
_LINES_TOGETHER = 30


def progress_groups(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Neighbouring rows under their key point, in groups short enough never to be cut by a page."""
    groups = []
    for key_point, found in groupby(rows, key=lambda row: row["key_point"]):
        for at, some in enumerate(_bounded(list(found))):
            groups.append(
                {
                    "key_point": key_point,
                    "continued": at > 0,
                    "rows": [
                        {"action": row["action"], "lead": row["lead"], "position": _position(row["position"])}
                        for row in some
                    ],
                }
            )
    return groups


def _bounded(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    group: list[dict[str, Any]] = []
    lines = 0
    for row in rows:
        needed = _lines(row)
        if group and lines + needed > _LINES_TOGETHER:
            yield group
            group, lines = [], 0
        group.append(row)
        lines += needed
    yield group


def _lines(row: dict[str, Any]) -> int:
    texts = {
        "action": row["action"],
        "lead": row["lead"],
        "position": f"{row['position']['status']}. {row['position']['text']}",
    }
    return max(ceil(len(text) / _LETTERS[column]) for column, text in texts.items()) + 1


def _position(position: dict[str, Any]) -> dict[str, str]:
    date = position.get("date")
    return {
        "status": position["status"],
        "text": position["text"],
        "date": uk_date(dt.date.fromisoformat(date)) if date else "",
    }
