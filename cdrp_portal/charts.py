"""Where the parts of a chart stand: numbers in, coordinates out, drawn by a template as inline SVG.

Nothing here is markup. A page shows the same figures as a table beside each chart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cdrp_portal.status import Status

COLUMNS, ROWS = 8, 7
GAP = 4
CITY_COLUMN, CITY_ROW = 4, 3
SMALL, LARGE = 46, 56
BAR_HEIGHT = 6

MARKS = ("●", "▲", "■")
SHAPES = {
    Status.GREEN: "●",
    Status.AMBER: "▲",
    Status.RED: "■",
    Status.LESS_RELEVANT: "–",
    Status.NOT_ASSESSED: "○",
}
DASHES = ("", "7 4", "2 4")

# What a tile can say, the class that draws it, and its line in the key. Statuses have the page's own key.
STATES = {
    "done": "submitted",
    "progress": "in progress",
    "behind": "behind",
    "carried": "carried out",
    "not_yet": "not yet",
}


@dataclass(frozen=True)
class Tile:
    """One borough on the map. `words` is what a listener hears after the name: "9 of 25 answered, behind"."""

    label: str
    name: str
    column: int
    row: int
    url: str
    words: str
    fact: str = ""
    state: str = ""
    fraction: float | None = None
    vacancy: bool = False
    status: str | None = None


def tile_map(
    tiles: Sequence[Tile], *, label: str, small: bool = False, key: Sequence[tuple[str, str]] = ()
) -> dict[str, Any]:
    """The context of includes/_tile_map.html.

    `key` says in words what the states mean on this page, in its order, as (state, words); without it
    each state that is drawn gets its usual words.
    """
    size = SMALL if small else LARGE
    pitch = size + GAP
    drawn = {tile.state for tile in tiles}
    words = key or [(state, text) for state, text in STATES.items() if state in drawn]
    return {
        "label": label,
        "small": small,
        "width": COLUMNS * pitch,
        "height": ROWS * pitch,
        "size": size,
        "tiles": [_placed(tile, size, pitch) for tile in tiles],
        "city": _box(CITY_COLUMN, CITY_ROW, size, pitch),
        "key": [{"css_class": _css_class(state), "state": state, "words": text} for state, text in words],
        "vacancies": any(tile.vacancy for tile in tiles),
    }


def _css_class(state: str) -> str:
    return "behind" if state == "not_yet" else state


def _box(column: int, row: int, size: int, pitch: int) -> dict[str, Any]:
    x, y = column * pitch + GAP // 2, row * pitch + GAP // 2
    return {"x": x, "y": y, "middle": x + size / 2, "label_y": y + size * 0.45, "fact_y": y + size * 0.77}


def _placed(tile: Tile, size: int, pitch: int) -> dict[str, Any]:
    box = _box(tile.column, tile.row, size, pitch)
    status = Status(tile.status) if tile.status else None
    share = min(max(tile.fraction or 0.0, 0.0), 1.0)
    return {
        **box,
        "tile": tile,
        "css_class": status.css_class if status else f"tile--{_css_class(tile.state)}" if tile.state else "",
        "shape": SHAPES[status] if status else "",
        "bar": round(share * (size - 2), 1) if tile.fraction is not None and share else 0,
        "bar_y": box["y"] + size - BAR_HEIGHT,
        "vacancy_x": box["x"] + size - 15,
        "vacancy_middle": box["x"] + size - 7.5,
        "vacancy_y": box["y"] + 12,
        "name": f"{tile.name}: {tile.words}" + (", link member vacancy" if tile.vacancy else ""),
    }


@dataclass(frozen=True)
class Series:
    """One line: a value for each cycle, None where there is none."""

    label: str
    values: Sequence[float | None]
    status: str | None = None


@dataclass(frozen=True)
class Frame:
    """The chart's inner box in SVG units, and the value at its top."""

    width: int
    height: int
    top: float
    left: int = 40
    right: int = 90
    above: int = 15
    below: int = 35

    def x(self, index: int, count: int) -> float:
        inner = self.width - self.left - self.right
        return round(self.left + 16 + (inner - 32) * (index / (count - 1) if count > 1 else 0.5), 1)

    def y(self, value: float) -> float:
        inner = self.height - self.above - self.below
        return round(self.above + inner * (1 - value / self.top), 1)


def line_chart(
    cycles: Sequence[str], series: Sequence[Series], *, label: str, width: int = 540, height: int = 250
) -> dict[str, Any]:
    """The context of includes/_line_chart.html: lines told apart by marker and dash, labelled at the end."""
    highest = max((value for one in series for value in one.values if value is not None), default=0)
    step = _round_step(highest)
    frame = Frame(width=width, height=height, top=step * 3)
    lines = [_line(one, index, frame) for index, one in enumerate(series)]
    _part_labels(lines)
    return {
        "label": label,
        "width": width,
        "height": height,
        "left": frame.left,
        "tick_x": frame.left - 8,
        "right": width - frame.right,
        "grid": [
            {"y": frame.y(step * n), "text": f"{step * n:,}", "text_y": frame.y(step * n) + 4}
            for n in range(4)
        ],
        "cycles": [{"x": frame.x(i, len(cycles)), "text": text} for i, text in enumerate(cycles)],
        "cycles_y": height - 12,
        "lines": lines,
        "label_x": width - frame.right + 8,
        "rows": [{"cycle": c, "values": [one.values[i] for one in series]} for i, c in enumerate(cycles)],
    }


def _round_step(highest: float) -> int:
    """The distance of the grid lines: 1, 2 or 5 times a power of ten, three of which hold the highest."""
    size = 1
    while True:
        for factor in (1, 2, 5):
            if factor * size * 3 >= highest:
                return factor * size
        size *= 10


def _line(one: Series, index: int, frame: Frame) -> dict[str, Any]:
    status = Status(one.status) if one.status else None
    count = len(one.values)
    points = [
        {"x": frame.x(i, count), "y": frame.y(value), "mark_y": frame.y(value) + 5}
        if value is not None
        else None
        for i, value in enumerate(one.values)
    ]
    known = [
        (point, value) for point, value in zip(points, one.values, strict=True) if point and value is not None
    ]
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
