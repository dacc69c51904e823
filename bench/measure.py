"""One measured thing, and how it is measured."""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

TIMES = 30


@dataclass(frozen=True)
class Measure:
    """A row of the table. A limit that is None is no promise; `within` answers for those that are."""

    name: str
    size: str
    milliseconds: float | None = None
    floor: float | None = None
    queries: int | None = None
    quantity: int | None = None
    unit: str = "bytes"
    budget: float | None = None
    query_budget: int | None = None
    quantity_budget: int | None = None

    @property
    def within(self) -> bool | None:
        limits = [
            (self.milliseconds, self.budget),
            (self.queries, self.query_budget),
            (self.quantity, self.quantity_budget),
        ]
        held = [value <= limit for value, limit in limits if value is not None and limit is not None]
        return all(held) if held else None

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "within": self.within}


def median(task: Callable[[], Any], times: int = TIMES) -> float:
    """Milliseconds of a worker that has been at work for a while: as many turns go before, unmeasured."""
    for _ in range(times):
        task()
    gc.collect()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        task()
        taken.append(time.perf_counter() - start)
    return round(statistics.median(taken) * 1000, 2)


def once(task: Callable[[], Any]) -> float:
    start = time.perf_counter()
    task()
    return round((time.perf_counter() - start) * 1000, 2)


def queries_of(task: Callable[[], Any]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        task()
    return [query["sql"] for query in captured]
