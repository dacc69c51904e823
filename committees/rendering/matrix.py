"""The matrix cut into parts that each fit one landscape page (LOOK.md §9)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cdrp_portal.status import Status

CRITERIA_A_PART = 13
ROWS_A_PART = 33  # the Authority and the 32 boroughs

MEANING: dict[Status, str] = {
    Status.GREEN: "in place, with evidence",
    Status.AMBER: "partly in place",
    Status.RED: "not in place",
    Status.LESS_RELEVANT: "less relevant in London",
    Status.NOT_ASSESSED: "not assessed",
}

# In the text and not in the stylesheet: a generated box in each cell would cost a quarter of the time.
SHAPE: dict[Status, str] = {
    Status.GREEN: "●",
    Status.AMBER: "▲",
    Status.RED: "■",
    Status.LESS_RELEVANT: "–",
    Status.NOT_ASSESSED: "○",
}


# Of an answer of last cycle that nobody has confirmed since, or whose evidence has lapsed. Hatching alone is
# not read aloud, and is lost in a copy of a copy.
NOT_RECONFIRMED = "†"


def shaped(value: str) -> str:
    """Shape and word, as a cell prints them: "▲ Amber"."""
    return f"{SHAPE[Status(value)]} {Status(value).short}"


@dataclass(frozen=True)
class ThemeHead:
    code: str
    title: str
    criteria: list[dict[str, str]]
    continued: bool = False


@dataclass(frozen=True)
class Part:
    caption: str
    themes: list[ThemeHead]
    heads: list[dict[str, Any]]
    rows: list[dict[str, Any]]
    totals: list[dict[str, Any]]
    width: str


def matrix_parts(block: dict[str, Any], title: str) -> list[Part]:
    """Whole themes only, at most 13 criteria and 33 rows a part, each with full heads.

    A theme of more than 13 criteria is the one thing that is cut, and says that it goes on.
    """
    columns = list(_column_parts(block["themes"]))
    rows = [block["rows"][at : at + ROWS_A_PART] for at in range(0, len(block["rows"]), ROWS_A_PART)]
    count = len(columns) * len(rows)
    # All parts are equally divided by the widest, so that cells stand in the same places on each page.
    widest = max(sum(len(theme.criteria) for theme in themes) for themes in columns)
    boroughs = sum(1 for row in block["rows"] if not row["is_authority"])
    is_marked = _is_marked(block)
    parts: list[Part] = []
    start = 0
    for themes in columns:
        end = start + sum(len(theme.criteria) for theme in themes)
        for group in rows:
            number = len(parts) + 1
            caption = title if count == 1 else f"{title}, part {number} of {count}: {_span(themes)}"
            if len(rows) > 1:
                caption += f", {group[0]['label']} to {group[-1]['label']}"
            parts.append(
                Part(
                    caption=caption,
                    themes=themes,
                    heads=_heads(themes),
                    rows=[_row(row, start, end, themes) for row in group],
                    totals=_totals(block["totals"][start:end], boroughs, themes) if group is rows[-1] else [],
                    width=f"w{widest}{' marked' if is_marked else ''}",
                )
            )
        start = end
    return parts


def matrix_key(block: dict[str, Any]) -> list[dict[str, str]]:
    """The statuses that the matrix draws, in their order; nothing that it does not draw."""
    drawn = {value for row in block["rows"] for value in row["values"]}
    drawn |= {criterion["value"] for criterion in block.get("authority_alone") or []}
    key = [
        {"shape": SHAPE[status], "word": status.short, "meaning": MEANING[status]}
        for status in Status
        if status in drawn
    ]
    if _is_marked(block):
        meaning = "last cycle’s answer or lapsed evidence"
        key.append({"shape": NOT_RECONFIRMED, "word": "Not re-confirmed", "meaning": meaning})
    return key


def _is_marked(block: dict[str, Any]) -> bool:
    return any(row.get("not_reconfirmed") for row in block["rows"])


def _column_parts(themes: list[dict[str, Any]]) -> Iterator[list[ThemeHead]]:
    part: list[ThemeHead] = []
    room = CRITERIA_A_PART
    for theme in _pieces(themes):
        if len(theme.criteria) > room:
            yield part
            part, room = [], CRITERIA_A_PART
        part.append(theme)
        room -= len(theme.criteria)
    yield part


def _pieces(themes: list[dict[str, Any]]) -> Iterator[ThemeHead]:
    for theme in themes:
        criteria = theme["criteria"]
        for at in range(0, len(criteria), CRITERIA_A_PART):
            yield ThemeHead(theme["code"], theme["title"], criteria[at : at + CRITERIA_A_PART], at > 0)


def _span(themes: list[ThemeHead]) -> str:
    first, last = themes[0].code, themes[-1].code
    return f"theme {first}" if first == last else f"themes {first} to {last}"


def _heads(themes: list[ThemeHead]) -> list[dict[str, Any]]:
    return [
        {**criterion, "starts": at == 0} for theme in themes for at, criterion in enumerate(theme.criteria)
    ]


def _starts(themes: list[ThemeHead]) -> list[bool]:
    return [at == 0 for theme in themes for at in range(len(theme.criteria))]


def _row(row: dict[str, Any], start: int, end: int, themes: list[ThemeHead]) -> dict[str, Any]:
    marked = frozenset(row.get("not_reconfirmed", ()))
    places = zip(range(start, end), row["values"][start:end], _starts(themes), strict=True)
    return {
        "label": row["label"],
        "is_authority": row["is_authority"],
        "cells": [_cell(value, begins, at in marked) for at, value, begins in places],
    }


def _cell(value: str, begins_theme: bool, is_marked: bool) -> dict[str, str]:
    """One class a cell: a second one would cost the renderer a tenth of its time."""
    css = f"{Status(value).css_class}{'h' if is_marked else ''}{'t' if begins_theme else ''}"
    text = shaped(value)
    return {"css": css, "text": f"{text} {NOT_RECONFIRMED}" if is_marked else text}


def _totals(totals: list[dict[str, int]], boroughs: int, themes: list[ThemeHead]) -> list[dict[str, Any]]:
    lines = [
        ("Green", "green"),
        ("Amber", "amber"),
        ("Red", "red"),
        (f"Rated, of {boroughs} boroughs" if boroughs != 1 else "Rated, of 1 borough", "rated"),
    ]
    if totals and "not_reconfirmed" in totals[0]:
        lines.append((f"{NOT_RECONFIRMED} Not re-confirmed", "not_reconfirmed"))
    return [
        {
            "label": label,
            "cells": [
                {"css": "nt" if begins else "n", "figure": total[key]}
                for total, begins in zip(totals, _starts(themes), strict=True)
            ],
        }
        for label, key in lines
    ]
