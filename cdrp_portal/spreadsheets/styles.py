"""How a cell looks, said once for XLSX and ODS (LOOK.md §3, §5): pale fill, dark text, weight by rank."""

from dataclasses import dataclass

from cdrp_portal.spreadsheets.book import Kind
from cdrp_portal.status import Status

# On every desktop; Source Sans 3 is not, and a spreadsheet cannot carry its typeface.
FONT = "Arial"
FONT_SIZE = 10
INK = "#171B2B"
RULE = "#C5C9D5"
GROUND = "#F5F6FA"


@dataclass(frozen=True)
class Look:
    fill: str
    text: str
    bold: bool


# Green recedes; amber and red are bold, so that the rank survives a grey print.
STATUS_LOOKS: dict[str, Look] = {
    str(Status.GREEN.label): Look("#CCE2D8", "#004F2A", bold=False),
    str(Status.AMBER.label): Look("#FFF7BF", "#594D00", bold=True),
    str(Status.RED.label): Look("#F4CDC6", "#2A0B06", bold=True),
    str(Status.LESS_RELEVANT.label): Look("#EEEFEF", "#282D30", bold=False),
    str(Status.NOT_ASSESSED.label): Look("#EEEFEF", "#282D30", bold=False),
}

RIGHT_ALIGNED = frozenset({Kind.NUMBER, Kind.MONEY, Kind.PERCENT})
# About one line of 10-point Arial, for heads that wrap.
LINE_HEIGHT_POINTS = 13.5


def head_height(headings_and_widths: list[tuple[str, float]]) -> float:
    """Points that the tallest head needs when its words wrap in its column."""
    lines = max(_lines(heading, width) for heading, width in headings_and_widths)
    return lines * LINE_HEIGHT_POINTS + 4


def _lines(text: str, width: float) -> int:
    lines, used = 1, 0
    for word in text.split():
        # Bold letters are about a tenth wider than a column's unit, the width of a figure.
        length = round(len(word) * 1.1)
        if used and used + 1 + length > width:
            lines, used = lines + 1, length
        else:
            used += length + bool(used)
    return lines
