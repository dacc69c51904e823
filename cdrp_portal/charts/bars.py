"""Stacked bars."""

from collections.abc import Mapping
from dataclasses import dataclass

from cdrp_portal.charts.shapes import SHAPES
from cdrp_portal.status import Status

# What a mark and each digit take of a bar on a phone, in per cent. A figure that does not fit is left to the
# table beside the bar, which has them all.
MARK_TAKES, DIGIT_TAKES = 6, 2.5


@dataclass(frozen=True)
class Part:
    """One status in a stacked bar. Places are per cent of the bar's width; its text never stretches."""

    status: Status
    count: int
    start: float
    width: float

    @property
    def mark(self) -> str:
        return SHAPES[self.status]

    @property
    def middle(self) -> float:
        return round(self.start + self.width / 2, 2)

    @property
    def end(self) -> float:
        return round(self.start + self.width, 2)

    @property
    def has_figure(self) -> bool:
        return self.width >= MARK_TAKES + DIGIT_TAKES * len(str(self.count))


def stacked_bar(counts: Mapping[Status, int], *, total: int = 0) -> list[Part]:
    """The context of includes/_bar_chart.html: the parts in the order of the statuses, none that is empty.

    `total` is what the whole width stands for, where bars of different length stand below one another.
    """
    whole = max(total, sum(counts.values())) or 1
    parts: list[Part] = []
    before = 0
    for status in Status:
        count = counts.get(status, 0)
        if count:
            start = round(100 * before / whole, 2)
            parts.append(Part(status, count, start, round(100 * count / whole, 2)))
            before += count
    return parts
