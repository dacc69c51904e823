"""The matrix's rows as they stood at a day's end, in the shapes that `reading` asks of today's tables."""

import copy
import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from assessments.models import HealthCheck, Rating, ReviewCycle
from boroughs.models import BoroughLink
from cdrp_portal.dates import end_of_day
from cdrp_portal.past import rows_at

CYCLE_FIELDS = ("opens_on", "submit_by", "moderate_by", "closes_on", "closed_at", "closed_by_id")


@dataclass(frozen=True)
class Past:
    """What the portal held when London's day was over."""

    day: dt.date

    @cached_property
    def end(self) -> dt.datetime:
        return end_of_day(self.day)

    @property
    def last_moment(self) -> dt.datetime:
        return self.end - dt.timedelta(microseconds=1)

    def cycle(self, cycle: ReviewCycle) -> ReviewCycle:
        """The cycle with its dates of then, and not closed if it was closed later."""
        then = copy.copy(cycle)
        found = rows_at(ReviewCycle, self.end, *CYCLE_FIELDS, id=cycle.pk)
        if found:
            for name, value in zip(CYCLE_FIELDS, found[0], strict=True):
                setattr(then, name, value)
        elif then.closed_at is not None and then.closed_at >= self.end:
            then.closed_at = then.closed_by_id = None
        return then

    def checks(self, fields: Sequence[str], cycles: Collection[int]) -> list[tuple[Any, ...]]:
        return rows_at(HealthCheck, self.end, *fields, cycle__in=cycles)

    def ratings(self, fields: Sequence[str], checks: Collection[int]) -> list[tuple[Any, ...]]:
        return rows_at(Rating, self.end, *fields, health_check__in=checks)

    def links(self, fields: Sequence[str], **of: Any) -> list[tuple[Any, ...]]:
        """Who was linked on that day, as far as the portal knew by its end."""
        found = rows_at(BoroughLink, self.end, "period", *fields, **of)
        return [tuple(row) for period, *row in found if self.day in period]
