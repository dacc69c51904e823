"""The matrix of a review cycle as a document of its own."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from django.core.exceptions import PermissionDenied

from accounts.models import User
from accounts.permissions import Permission
from assessments.matrix import BadFilter, Matrix, MatrixFilters, load_matrix, matrix_content
from assessments.models import ReviewCycle
from committees.content.manuscript import BadParameters, Manuscript, NotThere


def matrix_manuscript(parameters: Mapping[str, Any], by: User) -> Manuscript:
    """`parameters`: cycle (its slug) and query (the page's filters as they stand in its address)."""
    if not by.may(Permission.READ_SIGNED_OFF_RATINGS):
        raise PermissionDenied("You may not read the ratings of health checks.")
    cycle = ReviewCycle.objects.filter(slug=parameters.get("cycle", "")).first()
    if cycle is None:
        raise NotThere(NotThere.SENTENCE)
    try:
        filters = MatrixFilters.from_query(dict(parse_qsl(parameters.get("query", ""))))
        matrix = load_matrix(cycle=cycle, user=by, filters=filters)
    except BadFilter as refusal:
        raise BadParameters(str(refusal)) from refusal
    block = matrix_content(matrix)
    if not block["rows"]:
        raise BadParameters(_why_empty(matrix))
    narrowed = matrix.filters.as_sentence().rstrip(".") if matrix.filters.is_narrowed else ""
    return Manuscript(
        title=f"Health check matrix, {cycle.name}{f' ({narrowed})' if narrowed else ''}",
        filename=f"health-check-matrix-{cycle.slug}.pdf",
        content={
            "kind": "health-check-matrix",
            "title": block["title"],
            "cycle": cycle.name,
            "date": block["position_at"],
            "filters": [f"{name}: {chosen}" for name, chosen in _narrowing(matrix)],
            "matrix": block,
            "demonstration": cycle.is_demonstration,
        },
    )


def matrix_query(query: Mapping[str, str]) -> str:
    """The part of a page's address that decides which ratings are shown. Raises BadParameters."""
    try:
        return MatrixFilters.from_query(query).as_query(data_only=True).removeprefix("?")
    except BadFilter as refusal:
        raise BadParameters(str(refusal)) from refusal


def _narrowing(matrix: Matrix) -> list[tuple[str, str]]:
    return [pair for pair in matrix.filters.described() if pair[0] != "Movement since"]


def _why_empty(matrix: Matrix) -> str:
    if matrix.nothing_then:
        return matrix.nothing_then
    if matrix.withheld and not matrix.visible:
        return f"No health check of {matrix.cycle.name} that you may read is signed off yet."
    return f"No borough is left to print. {matrix.filters.as_sentence()} Clear a filter, then ask again."
