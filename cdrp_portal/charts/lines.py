"""Lines over cycles."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cdrp_portal.charts.shapes import SHAPES
from cdrp_portal.status import Status

MARKS = ("●", "▲", "■")
DASHES = ("", "7 4", "2 4")
GRID_LINES = 4


@dataclass(frozen=True)
class Series:
    """One line: a value for each cycle, None where there is none."""

    label: str
    values: Sequence[float | None]
    status: str | None = None


@dataclass(frozen=True)
class Frame:
    """The chart's inner box in SVG units, how many cycles it can name, and the value at its top."""

    width: int
    left: int
    right: int
    below: int
    names: int
    top: float
    height: int = 250
    above: int = 15
    inset: int = 16

    def x(self, index: int, count: int) -> float:
        inner = self.width - self.left - self.right - 2 * self.inset
        return round(self.left + self.inset + inner * (index / (count - 1) if count > 1 else 0.5), 1)

    def y(self, value: float) -> float:
        inner = self.height - self.above - self.below
        return round(self.above + inner * (1 - value / self.top), 1)


def line_chart(cycles: Sequence[str], series: Sequence[Series], *, label: str) -> dict[str, Any]:
    """The context of includes/_line_chart.html: lines told apart by marker and dash, labelled at the end.

    Drawn twice, for a page and for a phone: text in a picture that shrinks would shrink with it.
    """
    highest = max((value for one in series for value in one.values if value is not None), default=0)
    step = _round_step(highest)
    top = step * (GRID_LINES - 1)
    return {
        "label": label,
        "drawings": [
            _drawing(Frame(540, left=40, right=90, below=35, names=6, top=top), cycles, series, step, "wide"),
            _drawing(
                Frame(290, left=34, right=78, below=50, names=3, top=top), cycles, series, step, "narrow"
            ),
        ],
        "rows": [{"cycle": c, "values": [one.values[i] for one in series]} for i, c in enumerate(cycles)],
    }


def _drawing(
    frame: Frame, cycles: Sequence[str], series: Sequence[Series], step: int, size: str
) -> dict[str, Any]:
    lines = [_line(one, index, frame) for index, one in enumerate(series)]
    _part_labels(lines)
    return {
        "size": size,
        "width": frame.width,
        "height": frame.height,
        "left": frame.left,
        "tick_x": frame.left - 8,
        "right": frame.width - frame.right,
        "grid": [_grid_line(frame, step * n) for n in range(GRID_LINES)],
        "cycles": _cycle_names(frame, cycles),
        "cycles_y": frame.height - frame.below + 23,
        "lines": lines,
        "label_x": frame.width - frame.right + 8,
    }


def _cycle_names(frame: Frame, cycles: Sequence[str]) -> list[dict[str, Any]]:
    """As many names as fit, counted back from the last; on a phone each in two lines."""
    apart = -(-len(cycles) // frame.names) or 1
    named = [i for i in range(len(cycles)) if (len(cycles) - 1 - i) % apart == 0]
    narrow = frame.names < 4
    return [
        {"x": frame.x(i, len(cycles)), "lines": cycles[i].split(" ", 1) if narrow else [cycles[i]]}
        for i in named
    ]


def _grid_line(frame: Frame, value: int) -> dict[str, Any]:
    y = frame.y(value)
    return {"y": y, "text_y": y + 4, "text": f"{value:,}"}


def _round_step(highest: float) -> int:
    """The distance of the grid lines: one digit times a power of ten, so that their figures are short."""
    size = 1
    while True:
        for factor in (1, 2, 3, 4, 5, 6, 8):
            if factor * size * (GRID_LINES - 1) >= highest:
                return factor * size
        size *= 10


def _line(one: Series, index: int, frame: Frame) -> dict[str, Any]:
    status = Status(one.status) if one.status else None
    count = len(one.values)
    points = [None if value is None else _point(frame, i, count, value) for i, value in enumerate(one.values)]
    pairs = zip(points, one.values, strict=True)
    known = [(point, value) for point, value in pairs if point is not None and value is not None]
    return {
        "css_class": status.css_class if status else "",
        "mark": SHAPES[status] if status else MARKS[index % len(MARKS)],
        "dash": DASHES[index % len(DASHES)],
        "runs": _runs(points),
        "points": [point for point, _ in known],
        "text": f"{one.label} {known[-1][1]:,}" if known else one.label,
        "text_y": known[-1][0]["y"] + 5 if known else frame.y(0),
        "empty": not known,
    }


def _point(frame: Frame, index: int, count: int, value: float) -> dict[str, float]:
    y = frame.y(value)
    return {"x": frame.x(index, count), "y": y, "mark_y": y + 5}


def _runs(points: Sequence[dict[str, float] | None]) -> list[str]:
    """Polylines between gaps: a cycle without a value breaks the line."""
    runs: list[list[str]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(f"{point['x']},{point['y']}")
    return [" ".join(run) for run in runs if len(run) > 1]


def _part_labels(lines: list[dict[str, Any]], distance: float = 18) -> None:
    """Push labels apart from the top down, so that none lies on another."""
    last = None
    for line in sorted((line for line in lines if not line["empty"]), key=lambda line: line["text_y"]):
        if last is not None and line["text_y"] - last < distance:
            line["text_y"] = last + distance
        last = line["text_y"]
