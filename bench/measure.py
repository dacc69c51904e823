"""One measured thing, and how it is measured."""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, TypedDict

from django.db import connection
from django.test.utils import CaptureQueriesContext

TIMES = 30

Task = Callable[[], Any]


@dataclass(frozen=True)
class Measure:
    """A row of the table. A limit that is None is no promise; `within` answers for those that are."""

    name: str
    size: str
    milliseconds: float | None = None
    least: float | None = None
    floor: float | None = None
    floor_least: float | None = None
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


class Timing(TypedDict, total=False):
    """The fields of a measure that are times: median and least, of what is measured and of its floor."""

    milliseconds: float
    least: float
    floor: float
    floor_least: float


def timed(task: Task, lowest: Task | None = None, times: int = TIMES) -> Timing:
    """Milliseconds of a task and of its floor, by turns.

    By turns, because a machine with neighbours is quicker in one second than in the next; the least is what
    the code takes when none of them is in its way. A worker has been at work for a while, so as many turns go
    before, unmeasured.
    """
    tasks = [task] if lowest is None else [task, lowest]
    for _ in range(times):
        for each in tasks:
            each()
    gc.collect()
    taken = [[once(each) for each in tasks] for _ in range(times)]
    own, *beside = zip(*taken, strict=True)
    found = Timing(milliseconds=statistics.median(own), least=min(own))
    for floor in beside:
        found["floor"], found["floor_least"] = statistics.median(floor), min(floor)
    return found


def once(task: Task) -> float:
    """Milliseconds of one turn."""
    start = time.perf_counter()
    task()
    return round((time.perf_counter() - start) * 1000, 2)


def queries_of(task: Task) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        task()
    return [query["sql"] for query in captured]
