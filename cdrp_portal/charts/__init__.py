"""Where the parts of a chart stand: numbers in, coordinates out, drawn by a template as inline SVG.

Nothing here is markup. A page shows the same figures as a table beside each chart.
"""

from cdrp_portal.charts.bars import Part, stacked_bar
from cdrp_portal.charts.heat import HeatLine, HeatSquare, heat_map
from cdrp_portal.charts.lines import GRID_LINES, Series, line_chart
from cdrp_portal.charts.shapes import SHAPES
from cdrp_portal.charts.tiles import Tile, tile_map

__all__ = [
    "GRID_LINES",
    "SHAPES",
    "HeatLine",
    "HeatSquare",
    "Part",
    "Series",
    "Tile",
    "heat_map",
    "line_chart",
    "stacked_bar",
    "tile_map",
]
