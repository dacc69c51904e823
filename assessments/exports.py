"""The matrix as a book for the spreadsheet writers: plain values, straight from the read model."""

from assessments.matrix import Matrix, Row, not_reconfirmed_by_column
from cdrp_portal.spreadsheets import Book, Column, Kind, Sheet
from cdrp_portal.status import RATED, Movement, Status

WITHHELD = "Not signed off yet"
NOT_RECONFIRMED = "Not re-confirmed"
LEFT_OUT = "Less relevant and not assessed are left out of the number rated."
MEANING = {
    Status.GREEN: "in place, with evidence",
    Status.AMBER: "partly in place",
    Status.RED: "not in place",
    Status.LESS_RELEVANT: "judged less relevant in London, with a reason",
    Status.NOT_ASSESSED: "no answer yet",
}
MOVED = {
    Movement.BETTER: "Better",
    Movement.WORSE: "Worse",
    Movement.NEWLY_ASSESSED: "Newly assessed",
    Movement.NOT_COMPARABLE: "Not comparable",
    Movement.NO_LONGER_ASSESSED: "Not assessed any more",
}


def matrix_book(matrix: Matrix) -> Book:
    """The matrix, the totals of each criterion, and what moved, with the filters of the page."""
    sheets = [_cells(matrix), _totals(matrix)]
    if matrix.since is not None:
        sheets.append(_movements(matrix))
    return Book(
        title=f"{matrix.cycle.name} health check: matrix",
        sheets=sheets,
        as_at=matrix.read_at,
        filters=matrix.filters.described(),
        key=[(str(status.label), meaning) for status, meaning in MEANING.items()],
        notes=_notes(matrix),
        demonstration=matrix.cycle.is_demonstration,
    )


def _cells(matrix: Matrix) -> Sheet:
    columns = [Column("borough", "Borough", 26), Column("state", "State", 14)]
    columns += [Column(column.code, column.name, 13, Kind.STATUS) for column in matrix.columns]
    columns += [Column(status.value, f"{status.label} in all", 9, Kind.NUMBER) for status in RATED]
    columns.append(Column("rated", "Rated in all", 9, Kind.NUMBER))
    # Told beside the ratings and not in them: a cell holds one of five words, for whoever filters or sums.
    columns.append(Column("not_reconfirmed", f"{NOT_RECONFIRMED} in all", 13, Kind.NUMBER))
    columns.append(Column("not_reconfirmed_codes", f"{NOT_RECONFIRMED} in all, by code", 26))
    return Sheet(
        title="Matrix",
        columns=columns,
        rows=[_line(matrix, row) for row in _subjects(matrix)],
        freeze=(1, 1),
        total=matrix.borough_total + bool(matrix.authority),
    )


def _subjects(matrix: Matrix) -> list[Row]:
    """As on the page: the Authority stands above boroughs, and not where the filters leave none."""
    return [matrix.authority, *matrix.rows] if matrix.authority and matrix.rows else list(matrix.rows)


def _line(matrix: Matrix, row: Row) -> list[str | int | None]:
    if row.is_withheld:
        return [row.name, WITHHELD, *([None] * (len(matrix.columns) + len(RATED) + 3))]
    figures = [*(row.counts[status.value] for status in RATED), row.counts.rated]
    marked = [column.code for column, stale in zip(matrix.columns, row.stale, strict=True) if stale]
    return [row.name, row.state_in_words, *row.values, *figures, len(marked), ", ".join(marked)]


def _totals(matrix: Matrix) -> Sheet:
    """One line a criterion, counting the boroughs shown; the Authority is counted nowhere."""
    titles = {theme.code: theme.name for theme in matrix.themes}
    figures = [Column(status.value, str(status.label), 13, Kind.NUMBER) for status in Status]
    return Sheet(
        title="Totals",
        columns=[
            Column("code", "Criterion", 10),
            Column("title", "Title", 30),
            Column("theme", "Theme", 24),
            *figures,
            Column("rated", "Rated", 13, Kind.NUMBER),
            Column("not_reconfirmed", NOT_RECONFIRMED, 15, Kind.NUMBER),
        ],
        rows=[
            [
                column.code,
                column.short_title,
                titles[column.theme],
                *(counts[status.value] for status in Status),
                counts.rated,
                marked,
            ]
            for column, counts, marked in zip(
                matrix.columns, matrix.column_counts, not_reconfirmed_by_column(matrix), strict=True
            )
        ],
    )


def _movements(matrix: Matrix) -> Sheet:
    return Sheet(
        title="Movement",
        columns=[
            Column("borough", "Borough", 26),
            Column("criterion", "Criterion", 30),
            Column("was", f"Was, {matrix.filters.named_since}", 16, Kind.STATUS),
            Column("now", f"Now, {matrix.cycle.name}", 16, Kind.STATUS),
            Column("movement", "Movement", 22),
        ],
        rows=[
            [row.name, column.name, was, value, MOVED[move]]
            for row in _subjects(matrix)
            if not row.is_withheld
            for column, value, was, move in zip(matrix.columns, row.values, row.was, row.moves, strict=True)
            if move is not None and move is not Movement.SAME
        ],
    )


def _notes(matrix: Matrix) -> list[tuple[str, str]]:
    counts = matrix.shown_counts
    notes = [
        ("Position", matrix.position_at.isoformat()),
        *((f"{status.label}, in the boroughs shown", f"{counts[status.value]:,}") for status in Status),
        ("Rated, in the boroughs shown", f"{counts.rated:,}"),
        (
            f"{NOT_RECONFIRMED} (last cycle’s answer, or lapsed evidence), in the boroughs that can be read",
            f"{matrix.stale_count:,}",
        ),
        ("How it is counted", f"{LEFT_OUT} The Authority is not counted."),
    ]
    if matrix.withheld:
        names = ", ".join(row.name for row in matrix.withheld)
        notes.append(("Not signed off yet, and not counted", names))
    for column, value in matrix.authority_only:
        notes.append((f"Asked of the Authority only, {column.name}", str(Status(value).label)))
    return notes
