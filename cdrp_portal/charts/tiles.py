"""The tile map of London."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cdrp_portal.charts.shapes import SHAPES
from cdrp_portal.status import Status

COLUMNS, ROWS = 8, 7
GAP = 4
CITY_COLUMN, CITY_ROW = 4, 3
SMALL, LARGE = 46, 56
BAR_HEIGHT = 6
# The middle of the focus ring's 3 px line, 2 px clear of the tile: a thick outline already means "behind".
RING_OUT = 3.5

TICK = "✓"
FACT_ON_A_PHONE = 5

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
