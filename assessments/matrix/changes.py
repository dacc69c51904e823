"""What has changed in a cycle since its matrix was drawn: one cheap look at the history, then the cells."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from django.db.models import Value

from accounts.models import User
from assessments.matrix.markup import row_parts
from assessments.matrix.model import Matrix, Row
from assessments.models import HealthCheck, Rating
from cdrp_portal.dates import uk_time
from cdrp_portal.prepared import Prepared

# Events are numbered before they are committed: of two that are written at once the later number may be
# seen first. As many as this may overtake one and it is still found.
RECENT = 50
# The events' models are made by the history's decorator, which the models' own types know nothing of.
RATING_EVENTS = Rating.pgh_event_model.objects  # type: ignore[attr-defined]
CHECK_EVENTS = HealthCheck.pgh_event_model.objects  # type: ignore[attr-defined]
NEWEST = Prepared(
    lambda: (
        RATING_EVENTS.order_by("-pgh_id")
        .values_list(Value(0), "pgh_id")[:RECENT]
        .union(CHECK_EVENTS.order_by("-pgh_id").values_list(Value(1), "pgh_id")[:RECENT], all=True)
    )
)
TOKEN = re.compile(r"\d{1,19}(\.\d{1,21}){6}")


class Mark(NamedTuple):
    """Of the newest events of a table the oldest, the newest, and the sum, which any other moves."""

    oldest: int
    newest: int
    total: int

    @classmethod
    def of(cls, numbers: Sequence[int]) -> Self:
        if not numbers:
            return cls(0, 0, 0)
        return cls(min(numbers) if len(numbers) == RECENT else 0, max(numbers), sum(numbers))


@dataclass(frozen=True)
class Token:
    """Where the history stood when a page was drawn for somebody."""

    person: int
    ratings: Mark
    checks: Mark

    @classmethod
    def now(cls, user: User) -> Self:
        """Taken before what it stands for is read, so that nothing falls between the two."""
        rows = NEWEST.rows()
        ratings, checks = (Mark.of([number for of, number in rows if of == table]) for table in (0, 1))
        return cls(user.pk, ratings, checks)

    @classmethod
    def read(cls, text: str) -> Self | None:
        """None for what was never a token."""
        if not TOKEN.fullmatch(text):
            return None
        person, *numbers = map(int, text.split("."))
        return cls(person, Mark(*numbers[:3]), Mark(*numbers[3:]))

    def __str__(self) -> str:
        return ".".join(map(str, (self.person, *self.ratings, *self.checks)))


def changed_rows(matrix: Matrix, since: Token, *, user: User) -> dict[str, dict[str, Any]]:
    """By the row's name in the address: its cells that may have changed, its totals, who changed what.

    Of a health check that the reader may not see, of one that the filters leave out, and of
    one that stands on another page, there is nothing.
    """
    authority = [matrix.authority] if matrix.authority else []
    shown = {row.health_check_id: row for row in (*authority, *matrix.on_page) if not row.is_withheld}
    saved = Rating.objects.filter(
        pk__in=RATING_EVENTS.filter(pgh_id__gt=since.ratings.oldest).values("pgh_obj_id"),
        health_check__in=list(shown),
    ).values_list("health_check_id", "criterion__code", "rated_by_id", "rated_by__name", "rated_at")
    moved = CHECK_EVENTS.filter(pgh_id__gt=since.checks.oldest, pgh_obj_id__in=list(shown))
    said: dict[int, dict[str, str]] = defaultdict(dict)
    for check in moved.values_list("pgh_obj_id", flat=True):
        said[check] = {}
    for check, code, by, name, at in saved:
        said[check][code] = f"changed by {name} at {uk_time(at)}" if at and by != user.pk else ""
    return {shown[check].slug: _parts(matrix, shown[check], words) for check, words in said.items()}


def _parts(matrix: Matrix, row: Row, said: dict[str, str]) -> dict[str, Any]:
    parts = row_parts(matrix, row)
    cells = {code: {**parts["cells"][code], "said": said[code]} for code in said if code in parts["cells"]}
    return {**parts, "cells": cells, "versions": " ".join(map(str, row.versions))}
