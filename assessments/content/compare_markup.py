"""The totals of a comparison as HTML: six linked figures for every borough, too many for a template to draw.

Every text from the database is escaped here before it is joined, and nothing else is added to it.
"""

from collections.abc import Iterable
from html import escape

from django.utils.safestring import SafeString, mark_safe

from assessments.content.compare import Figure, Total


def totals_rows(totals: Iterable[Total]) -> SafeString:
    """A row for each theme or borough: its name, then how many of its cells moved in which way."""
    # Built from escaped texts and constants only, see the module's first lines.
    return mark_safe("\n".join([_row(total) for total in totals]))  # noqa: S308


def _row(total: Total) -> str:
    name = escape(total.name)
    cells = "".join([_figure(name, figure) for figure in total.figures])
    return f'<tr><th scope="row"><a href="{escape(total.url)}#cells">{name}</a></th>{cells}</tr>'


def _figure(name: str, figure: Figure) -> str:
    if not figure.url:
        return '<td class="num zero">0</td>'
    words = escape(figure.words)
    said = f"{name}: {figure.count} {words}"
    link = f'<a href="{escape(figure.url)}#cells" aria-label="{said}">{figure.count}</a>'
    return f'<td class="num" data-label="{words}">{link}</td>'
