"""The matrix as a block of a document: the paper's appendix and the matrix PDF are made from this."""

from typing import Any

from assessments.matrix.model import Matrix, Row


def matrix_content(matrix: Matrix) -> dict[str, Any]:
    """The "matrix" block: JSON-able, and the same for the same ratings on the same day.

    The rows are the Authority's and those boroughs that the filters show and the reader may see; the
    note names those that are withheld. Totals, one for each criterion, are of the boroughs alone.
    What is not re-confirmed is told only where there is any.
    """
    shown = [row for row in matrix.rows if not row.is_withheld]
    authority = [matrix.authority] if matrix.authority and not matrix.authority.is_withheld else []
    withheld = [row.name for row in matrix.withheld]
    not_reconfirmed = not_reconfirmed_by_column(matrix)
    return {
        "kind": "matrix",
        "title": f"{matrix.cycle.name} health check",
        "themes": [
            {
                "code": theme.code,
                "title": theme.title,
                "criteria": [
                    {"code": column.code, "short_title": column.short_title} for column in theme.columns
                ],
            }
            for theme in matrix.themes
        ],
        "rows": [
            {
                "label": row.name,
                "is_authority": row.is_authority,
                "values": list(row.values),
                **_places_not_reconfirmed(row),
            }
            for row in [*authority, *shown]
        ],
        "authority_alone": [
            {"code": column.code, "short_title": column.short_title, "value": value}
            for column, value in matrix.authority_only
        ],
        "totals": [
            {
                "green": counts.green,
                "amber": counts.amber,
                "red": counts.red,
                "rated": counts.rated,
                **({"not_reconfirmed": marked} if any(not_reconfirmed) else {}),
            }
            for counts, marked in zip(matrix.column_counts, not_reconfirmed, strict=True)
        ],
        "position_at": matrix.position_at.isoformat(),
        "note": _note(withheld),
    }


def not_reconfirmed_by_column(matrix: Matrix) -> list[int]:
    """Of the rows shown, as `column_counts` is: answers carried forward, or on evidence that has lapsed."""
    shown = [row.stale for row in matrix.rows if not row.is_withheld]
    return [sum(row[at] for row in shown) for at in range(len(matrix.columns))]


def _places_not_reconfirmed(row: Row) -> dict[str, list[int]]:
    places = [at for at, stale in enumerate(row.stale) if stale]
    return {"not_reconfirmed": places} if places else {}


def _note(withheld: list[str]) -> str:
    """Beside what every matrix says below itself: which health checks are not in it."""
    return f"Not signed off yet, and not counted: {', '.join(withheld)}." if withheld else ""
