"""A heat map: lines by columns, in each square a sign and a tone."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

# Places across are per cent of the width, so that the drawing narrows and its text does not;
# places down are pixels.
NAMES, WIDEST = 16, 14
ROW, BEFORE_TOTALS = 28, 6
HEAD_LINES, HEAD_LINE, LETTERS_OF_A_TENTH = 3, 15, 18
# How much of its column a square takes: neighbours that moved stand apart.
SHARE = 0.92
# More columns than this are too narrow for a finger on a phone: the drawing keeps a width and is scrolled.
MOST_ON_A_PHONE = 10

SIGNS = {"up": "↑", "down": "↓", "even": "±", "same": "=", "none": "–"}


@dataclass(frozen=True)
class HeatSquare:
    """`way` is one of SIGNS; `name` is what a listener hears of the link, and begins with what is seen."""

    way: str
    figure: int = 0
    is_heavy: bool = False
    url: str = ""
    name: str = ""


@dataclass(frozen=True)
class HeatLine:
    name: str
    short: str
    squares: Sequence[HeatSquare]


def heat_map(
    heads: Sequence[tuple[str, str]],
    lines: Sequence[HeatLine],
    totals: HeatLine,
    *,
    title: str,
    description: str,
) -> dict[str, Any]:
    """The context of includes/_heat_map.html. `heads` are code and title; the last column is the whole."""
    wide = round(min((100 - NAMES) / len(heads), WIDEST), 2)
    named = [_words(code, words, wide) for code, words in heads]
    head = HEAD_LINE * max(len(words) for words in named) + 16
    drawn = [_line(line, head + place * ROW, wide) for place, line in enumerate(lines)]
    foot = head + len(lines) * ROW + BEFORE_TOTALS
    codes = [code or title for code, title in heads]
    return {
        "title": title,
        "description": description,
        "is_wide": len(heads) > MOST_ON_A_PHONE,
        "width": round(wide * SHARE, 2),
        "box_height": ROW - 4,
        "height": foot + ROW,
        "heads": [
            _head(code, words, place, head, wide)
            for place, (code, words) in enumerate(zip(codes, named, strict=True))
        ],
        "codes_y": head - 10,
        "lines": [*drawn, _line(totals, foot, wide)],
        "right": round(NAMES + wide * len(heads), 2),
        "whole_x": round(NAMES + wide * (len(heads) - 1), 2),
        "head_y": head - 3,
        "totals_y": foot - 3,
    }


def _words(code: str, title: str, wide: float) -> list[str]:
    letters = max(int(wide * LETTERS_OF_A_TENTH / 10), 1)
    return wrap(f"{code} {title}".strip(), letters, max_lines=HEAD_LINES, placeholder="…")


def _head(code: str, words: list[str], place: int, head: float, wide: float) -> dict[str, Any]:
    first = head - 10 - HEAD_LINE * (len(words) - 1)
    lines = [(text, first + HEAD_LINE * down) for down, text in enumerate(words)]
    return {"code": code, "lines": lines, "x": _middle(place, wide)}


def _line(line: HeatLine, top: float, wide: float) -> dict[str, Any]:
    squares = list(enumerate(line.squares))
    return {
        "line": line,
        "y": top + 2,
        "rule_y": top + ROW,
        "text_y": top + 18,
        "same": _signs("same", squares, wide),
        "none": _signs("none", squares, wide),
        "moved": [
            {
                "square": square,
                "x": round(NAMES + wide * (place + (1 - SHARE) / 2), 2),
                "middle": _middle(place, wide),
                "text": f"{SIGNS[square.way]}{square.figure or ''}",
                "css_class": f"h-{square.way}{' h-heavy' if square.is_heavy else ''}",
            }
            for place, square in squares
            if square.url
        ],
    }


def _signs(way: str, squares: list[tuple[int, HeatSquare]], wide: float) -> dict[str, str] | None:
    """The signs of one way in one text, each letter with a place of its own: most squares stayed the same."""
    places = [_middle(place, wide) for place, square in squares if square.way == way]
    if not places:
        return None
    return {"x": " ".join(f"{place}%" for place in places), "text": SIGNS[way] * len(places)}


def _middle(place: int, wide: float) -> float:
    return round(NAMES + wide * (place + 0.5), 2)
