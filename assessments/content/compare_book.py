"""The comparison of two cycles as a book for the spreadsheet writers: the page's cells, and the totals."""

import datetime as dt

from assessments.content.compare import MEANING, MOVE_WORDS, Comparison, Total
from cdrp_portal.spreadsheets import Book, Column, Kind, Sheet, Value

NOT_ASKED = "Not asked"


def comparison_book(comparison: Comparison, *, as_at: dt.datetime) -> Book:
    cycle, other = comparison.cycle, comparison.other
    notes = [("How it is counted", "Totals count every cell of the boroughs chosen, whatever kind is shown.")]
    if comparison.withheld:
        notes.append(("Not signed off yet, and not compared", ", ".join(comparison.withheld)))
    return Book(
        title=f"Health checks of {cycle} against {other}",
        sheets=[_cells(comparison), _totals("Themes", "Theme", comparison.by_theme)]
        + [_totals("Boroughs", "Borough", comparison.by_borough)],
        as_at=as_at,
        filters=comparison.described(),
        key=[(words, MEANING[move]) for move, words in MOVE_WORDS.items()],
        notes=notes,
        demonstration=cycle.is_demonstration or other.is_demonstration,
    )


def _cells(comparison: Comparison) -> Sheet:
    return Sheet(
        title="Cells",
        columns=[
            Column("borough", "Borough", 26),
            Column("code", "Criterion", 10),
            Column("title", "Title", 30),
            Column("was", f"Was, {comparison.other}", 18, Kind.STATUS),
            Column("now", f"Now, {comparison.cycle}", 18, Kind.STATUS),
            Column("movement", "Movement", 20),
        ],
        rows=[
            [
                cell.subject,
                cell.code,
                cell.title,
                cell.was or NOT_ASKED,
                cell.now or NOT_ASKED,
                cell.move_words,
            ]
            for cell in comparison.shown
        ],
        total=len(comparison.cells),
    )


def _totals(title: str, heading: str, totals: list[Total]) -> Sheet:
    figures = [Column(move.value, words, 13, Kind.NUMBER) for move, words in MOVE_WORDS.items()]
    rows: list[list[Value]] = [
        [total.name, *(total.counts[move] for move in MOVE_WORDS), total.total] for total in totals
    ]
    return Sheet(
        title=title,
        columns=[Column("name", heading, 30), *figures, Column("cells", "Cells", 10, Kind.NUMBER)],
        rows=rows,
    )
