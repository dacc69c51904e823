"""London in one cycle as a book for the spreadsheet writers."""

import datetime as dt
from collections.abc import Sequence

from assessments.content.london import London, LondonRow
from cdrp_portal.spreadsheets import Book, Column, Kind, Sheet, Value
from cdrp_portal.status import Status

COLUMNS = (
    Column("borough", "Borough", 26),
    Column("part", "Part of London", 14),
    Column("member", "Link member", 30),
    Column("officer", "Officer", 20),
    *(Column(status.value, status.label, 12, Kind.NUMBER) for status in Status),
    Column("answered", "Answered", 10, Kind.NUMBER),
    Column("asked", "Asked", 8, Kind.NUMBER),
    Column("state", "State", 14),
    Column("behind", "Behind", 8),
    Column("change", "Last change", 18, Kind.MOMENT),
    Column("withheld", "Ratings withheld", 16),
)


def london_book(
    london: London, rows: Sequence[LondonRow], *, filters: Sequence[tuple[str, str]], as_at: dt.datetime
) -> Book:
    counted = str(london.theme) if london.theme else "all themes"
    return Book(
        title=f"London, {london.cycle}",
        sheets=[
            Sheet("London", COLUMNS, [_line(row) for row in rows], freeze=(1, 1), total=len(london.rows))
        ],
        as_at=as_at,
        filters=filters,
        notes=[
            ("Review cycle", str(london.cycle)),
            ("Ratings counted", counted),
            ("Behind", "Fewer than 10 answered when three quarters of the cycle's time has gone"),
            ("Ratings withheld", "Not signed off yet, so not shown to whoever made this file"),
        ],
        demonstration=london.cycle.is_demonstration,
    )


def _line(row: LondonRow) -> list[Value]:
    standing = row.standing
    counts: list[Value] = [standing.counts.get(status.value) for status in Status]
    return [
        row.name,
        "Inner" if standing.borough.is_inner else "Outer",
        row.member,
        row.officer,
        *counts,
        row.answered,
        row.asked,
        row.state,
        standing.is_behind,
        row.last_change,
        row.is_withheld,
    ]
