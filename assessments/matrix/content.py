"""The matrix as a block of a document: the paper's appendix and the matrix PDF are made from this."""

from typing import Any

from assessments.matrix.model import Matrix


def matrix_content(matrix: Matrix) -> dict[str, Any]:
    """The "matrix" block: JSON-able, and the same for the same ratings on the same day.

    The rows are the Authority's and those boroughs that the filters show and the reader may see; the
    note names those that are withheld. Totals, one for each criterion, are of the boroughs alone.
    """
    shown = [row for row in matrix.rows if not row.is_withheld]
    authority = [matrix.authority] if matrix.authority and not matrix.authority.is_withheld else []
    withheld = [row.name for row in matrix.withheld]
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
            {"label": row.name, "is_authority": row.is_authority, "values": list(row.values)}
            for row in [*authority, *shown]
        ],
        "authority_alone": [
            {"code": column.code, "short_title": column.short_title, "value": value}
            for column, value in matrix.authority_only
        ],
        "totals": [
            {"green": counts.green, "amber": counts.amber, "red": counts.red, "rated": counts.rated}
            for counts in matrix.column_counts
        ],
        "position_at": matrix.position_at.isoformat(),
        "note": _note(withheld),
    }


def _note(withheld: list[str]) -> str:
    """Beside what every matrix says below itself: which health checks are not in it."""
    return f"Not signed off yet, and not counted: {', '.join(withheld)}." if withheld else ""
