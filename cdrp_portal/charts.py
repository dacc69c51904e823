"""Where the parts of a chart stand: numbers in, coordinates out, drawn by a template as inline SVG.

Nothing here is markup. A page shows the same figures as a table beside each chart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cdrp_portal.status import Status

COLUMNS, ROWS = 8, 7
GAP = 4
CITY_COLUMN, CITY_ROW = 4, 3
SMALL, LARGE = 46, 56
BAR_HEIGHT = 6
# The middle of the focus ring's 3 px line, 2 px clear of the tile: a thick outline already means "behind".
RING_OUT = 3.5

MARKS = ("●", "▲", "■")
SHAPES = {
    Status.GREEN: "●",
    Status.AMBER: "▲",
    Status.RED: "■",
    Status.LESS_RELEVANT: "–",
    Status.NOT_ASSESSED: "○",
}
TICK = "✓"
FACT_ON_A_PHONE = 5
DASHES = ("", "7 4", "2 4")
GRID_LINES = 4

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
        "ring": size + 2 * RING_OUT,
        "tiles": [_placed(tile, size, pitch) for tile in tiles],
        "city": _box(CITY_COLUMN, CITY_ROW, size, pitch),
        "key": [_key_line(state, text, tiles) for state, text in words],
        "vacancies": any(tile.vacancy for tile in tiles),
    }


def _key_line(state: str, words: str, tiles: Sequence[Tile]) -> dict[str, Any]:
    ticked = any(tile.state == state and tile.fact == TICK for tile in tiles)
    return {"css_class": _css_class(state), "words": words, "ticked": ticked}


def _css_class(state: str) -> str:
    return "behind" if state == "not_yet" else state


def _box(column: int, row: int, size: int, pitch: int) -> dict[str, Any]:
    x, y = column * pitch + GAP // 2, row * pitch + GAP // 2
    return {
        "x": x,
        "y": y,
        "middle": x + size // 2,
        "middle_y": y + size // 2 + 4,
        "label_y": round(y + size * 0.45, 1),
        "fact_y": round(y + size * 0.77, 1),
    }


def _spoken(tile: Tile) -> str:
    """A tile's name begins with what is seen on it, so that it can be called by voice."""
    seen = tile.label if tile.fact in ("", TICK) else f"{tile.label} {tile.fact}"
    return f"{seen}, {tile.name}: {tile.words}" + (", link member vacancy" if tile.vacancy else "")


def _placed(tile: Tile, size: int, pitch: int) -> dict[str, Any]:
    box = _box(tile.column, tile.row, size, pitch)
    status = Status(tile.status) if tile.status else None
    share = min(max(tile.fraction or 0.0, 0.0), 1.0)
    return {
        **box,
        "tile": tile,
        "css_class": status.css_class if status else f"tile--{_css_class(tile.state)}" if tile.state else "",
        "shape": SHAPES[status] if status else "",
        "fact": "" if tile.fact == TICK else tile.fact,
        "long": len(tile.fact) > FACT_ON_A_PHONE,
        "tick": f"M{box['middle'] - 5} {box['fact_y'] - 4.5}l3.5 3.5 6.5-7.5" if tile.fact == TICK else "",
        "bar": round(share * (size - 2), 1) if tile.fraction is not None and share else 0,
        "bar_y": box["y"] + size - BAR_HEIGHT,
        "ring_x": box["x"] - RING_OUT,
        "ring_y": box["y"] - RING_OUT,
        "vacancy_x": box["x"] + size - 15,
        "vacancy_letter": f"M{box['x'] + size - 11.5} {box['y'] + 3.5}l4 8 4-8",
        "name": _spoken(tile),
    }


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
