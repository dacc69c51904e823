"""The matrix's table as HTML, put together from strings made once for each value, name and head.

A template would resolve some ten thousand variables for it; this takes a tenth of the page's budget, and less
where a row stands as it stood when it was drawn last: of thirty-two boroughs few change between two readers.
Every text from the database is escaped here before it is joined, and nothing else is added to it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from html import escape
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from assessments.matrix.filters import Cells, Show, View, was_in_words
from assessments.matrix.model import MANY_REDS, MOVES, MOVES_OF_CHANGED, Column, Matrix, Row, ThemeGroup
from assessments.matrix.words import Answer, Choice, Link
from cdrp_portal.status import RATED, Movement, Status

LETTER_PX = 6.5
COLUMN_PX = 28
MOVED_CLASS = {Movement.BETTER: " up", Movement.WORSE: " down"}


# A cell's rating now and before, how it moved, and whether it is stale.
Place = tuple[str, str | None, Movement | None, bool]
# A cell's class, the words of its name, and its text.
Look = tuple[str, str, str]
# The opening of a cell, the criterion's code and its name, all escaped.
Head = tuple[str, str, str]


@dataclass(frozen=True, eq=False)
class _Heads:
    """Told from another by which it is, not by what it holds: it stands in the key of each row drawn."""

    of_columns: tuple[Head, ...]


@cache
def _looks(shown: str, cells: str) -> dict[Place, Look]:
    """Class, words and text of a cell by its rating now and before: a few dozen for the whole table."""
    looks = {}
    places = {
        (*pair, move, stale)
        for moves in (MOVES, MOVES_OF_CHANGED)
        for pair, move in moves.items()
        for stale in (True, False)
    }
    for value, was, move, stale in places:
        status, css = Status(value), Status(value).css_class
        if move in MOVED_CLASS:
            css += MOVED_CLASS[move]
        if stale:
            css += " stale"
        if not Show(shown).selects(value, move, stale):
            css += " off"
        text = status.short if cells == Cells.WORDS else status.letter
        # A cell's name holds what the cell shows, so that it can be called by either.
        name = f"{text} ({status.label.lower()})" if text not in status.label else str(status.label)
        words = f"{name}, was {was_in_words(was)}" if was and was != value else name
        if move is not MOVES[value, was]:
            words += ", not comparable"
        if stale:
            words += ", not re-confirmed"
        looks[value, was, move, stale] = (css, words, text)
    return looks


def table_head(matrix: Matrix) -> SafeString:
    """Column groups, then two rows of heads: themes, then criteria and the two totals of each row."""
    return _head(matrix.themes, _address_of_columns(matrix))


@lru_cache(maxsize=100)
def _head(of_themes: tuple[ThemeGroup, ...], address: str) -> SafeString:
    groups, themes, criteria = ["<colgroup><col></colgroup>"], [], []
    for theme in of_themes:
        span = len(theme.columns)
        groups.append(f'<colgroup span="{span}"></colgroup>')
        themes.append(f'<th scope="colgroup" colspan="{span}" class="first">{_theme_title(theme)}</th>')
        for column in theme.columns:
            code, name = escape(column.code), escape(column.name)
            criteria.append(
                f'<th scope="col"{_first(column.starts_theme)}>'
                f'<a href="{address}criterion={code}" aria-label="{name}">{code}</a></th>'
            )
    groups.append('<colgroup span="2"></colgroup>')
    head = (
        f'{"".join(groups)}<thead><tr><td class="corner"></td>{"".join(themes)}<td colspan="2"></td></tr>'
        f'<tr><th class="corner" scope="col">Borough</th>{"".join(criteria)}'
        '<th scope="col" class="red first">Red</th>'
        '<th scope="col" class="rated">Rated</th></tr></thead>'
    )
    # Built from escaped texts and constants only, see the module's first lines.
    return mark_safe(head)  # noqa: S308


def _theme_title(theme: ThemeGroup) -> str:
    """On as many lines as it has words, where one line would make its columns wider than the others.

    A word that is too wide by itself may be parted in its middle, where the window leaves no room.
    """
    room = len(theme.columns) * COLUMN_PX
    if len(theme.title) * LETTER_PX <= room:
        return escape(theme.title)
    return "<br>".join([_parted(word, room) for word in theme.title.split()])


def _parted(word: str, room: int) -> str:
    if len(word) * LETTER_PX <= room:
        return escape(word)
    half = len(word) // 2
    return f"{escape(word[:half])}&shy;{escape(word[half:])}"


def table_body(matrix: Matrix) -> SafeString:
    """The Authority's row, then those of the page's boroughs. Addresses are relative to the matrix's own."""
    query, why = matrix.filters.day_query, matrix.read_only
    heads, address = _heads(matrix.columns), _address_of_reds(matrix)
    shown, cells = str(matrix.filters.show), str(matrix.filters.cells)
    subjects = [matrix.authority, *matrix.on_page] if matrix.authority else matrix.on_page
    lines = [_row(row, heads, shown, cells, address, query, why) for row in subjects]
    # Built from escaped texts and constants only, see the module's first lines.
    return mark_safe(f"<tbody>{''.join(lines)}</tbody>")  # noqa: S308


@lru_cache(maxsize=100)
def _heads(columns: tuple[Column, ...]) -> _Heads:
    return _Heads(
        tuple(
            (f"<td{_first(column.starts_theme)}>", escape(column.code), escape(column.name))
            for column in columns
        )
    )


@lru_cache(maxsize=1_000)
def _row(row: Row, heads: _Heads, shown: str, cells: str, address: str, query: str, why: str) -> str:
    name, slug = escape(row.name), escape(row.slug)
    opening = f'<tr id="row-{slug}"{" class=authority" if row.is_authority else ""}'
    if row.is_withheld:
        cell = f'<td class="withheld" colspan="{len(heads.of_columns) + 2}">Not signed off yet</td>'
        return f'{opening}><th scope="row">{name}</th>{cell}</tr>'
    # The end tags of cells and rows are left out, as HTML allows: they would be a thirtieth of the page.
    line = "".join(
        [
            f'{start}<a class="cell {css}" href="{slug}/{code}/{query}"'
            f' aria-label="{name}, {title}: {words}">{text}</a>'
            for (start, code, title), (css, words, text) in zip(
                heads.of_columns,
                _looked(row, _looks(shown, cells)),
                strict=True,
            )
        ]
    )
    reds, rated = _totals(row, address)
    totals = f'<td class="red first">{reds}<td class="rated">{rated}'
    head = f'<th scope="row"><a href="{slug}/{query}">{name}</a></th>'
    return f"{opening}{_editing(row, why)}>{head}{line}{totals}"


def _looked(row: Row, looks: dict[Place, Look]) -> list[Look]:
    return [looks[place] for place in zip(row.values, row.was, row.moves, row.stale, strict=True)]


def _editing(row: Row, why: str) -> str:
    """What the script needs of a row: the versions to save over, or why nothing here can be changed.

    The reason that most of them have is said once, above the table.
    """
    if row.read_only:
        return f' data-why="{escape(row.read_only)}"' if row.read_only != why else ""
    return f' data-v="{" ".join(map(str, row.versions))}"'


def _totals(row: Row, address: str) -> tuple[str, int]:
    red = row.counts.red
    name, slug = escape(row.name), escape(row.slug)
    reds = f'<a href="{address}{slug}" aria-label="{name}: {red} Red">{red}</a>' if red else "0"
    return reds, row.counts.rated


def row_parts(matrix: Matrix, row: Row) -> dict[str, Any]:
    """A row that is on the page already, as the script draws it anew: its cells, its two totals."""
    looks = _looks(matrix.filters.show, matrix.filters.cells)
    reds, rated = _totals(row, _address_of_reds(matrix))
    cells = {
        column.code: {"css": css, "words": words, "text": text, "version": version}
        for column, version, (css, words, text) in zip(
            matrix.columns, row.versions, _looked(row, looks), strict=True
        )
    }
    return {"cells": cells, "reds": reds, "rated": rated, "why": row.read_only}


def table_foot(matrix: Matrix) -> SafeString:
    """How many of the boroughs shown have each colour, and out of how many that have any."""
    address = _address_of_columns(matrix)
    firsts = tuple([(escape(column.code), column.starts_theme) for column in matrix.columns])
    lines = [
        _foot_line(
            status,
            firsts,
            tuple([counts[status.value] for counts in matrix.column_counts]),
            matrix.shown_counts.red if status is Status.RED else "",
            address,
        )
        for status in RATED
    ]
    shown = len([row for row in matrix.rows if not row.is_withheld])
    rated = "".join(
        [
            f"<td{_first(column.starts_theme)}>{counts.rated}"
            for column, counts in zip(matrix.columns, matrix.column_counts, strict=True)
        ]
    )
    lines.append(
        f'<tr><th scope="row">Rated, of {shown}</th>{rated}'
        f'<td class="first"><td class="rated">{matrix.shown_counts.rated}'
    )
    # Built from escaped texts and constants only, see the module's first lines.
    return mark_safe(f"<tfoot>{''.join(lines)}</tfoot>")  # noqa: S308


@lru_cache(maxsize=300)
def _foot_line(
    status: Status,
    columns: tuple[tuple[str, bool], ...],
    numbers: tuple[int, ...],
    overall: int | str,
    address: str,
) -> str:
    """`columns` are their codes, escaped, and whether they begin a theme."""
    is_red, value = status is Status.RED, status.value
    cells = []
    for (code, starts_theme), number in zip(columns, numbers, strict=True):
        href = f"{address}criterion={code}&amp;show={value}"
        inside = f'<a href="{href}">{number}</a>' if number else "0"
        cells.append(f"<td{_first(starts_theme, is_red and number >= MANY_REDS)}>{inside}")
    head = f'<th scope="row"><span class="shape {status.css_class}">{status.label}</span></th>'
    return f'<tr>{head}{"".join(cells)}<td class="first">{overall}<td>'


@cache
def _first(starts_theme: bool, is_many: bool = False) -> str:
    """The class of a cell: the first of a theme stands apart, four or more reds are tinted."""
    classes = [name for name, holds in (("first", starts_theme), ("many", is_many)) if holds]
    return f' class="{" ".join(classes)}"' if classes else ""


def _address_of_columns(matrix: Matrix) -> str:
    """The page's own address up to the criterion, escaped."""
    kept = matrix.filters.as_query(criterion="", theme="", show=Show.ALL.value)
    return escape(f"{kept}&" if kept else "?")


def _address_of_reds(matrix: Matrix) -> str:
    """The list of one borough's reds, up to the borough's name, escaped."""
    return escape(
        matrix.filters.as_query(show=Show.RED.value, view=View.LIST.value, borough="") + "&borough="
    )


def answer_list(answers: Iterable[Answer]) -> SafeString:
    """One theme of a borough's list: code, title, the rating's chip, and how it moved."""
    lines = []
    for answer in answers:
        moved = (
            f'<span class="{answer.move_class}">{escape(answer.move_words)}</span>'
            if answer.move_words
            else ""
        )
        lines.append(
            f'<li><span class="code">{escape(answer.code)}</span><a href="{escape(answer.url)}">'
            f"{escape(answer.title)}</a>{_chip(answer.status)}{moved}</li>"
        )
    # Built from escaped texts and constants only, see the module's first lines.
    return mark_safe(f'<ul class="criteria-list">{"".join(lines)}</ul>')  # noqa: S308


def answer_chips(answers: Iterable[Answer]) -> SafeString:
    """Each criterion's code, linked and named in full, with the chip of its rating."""
    chips = [
        f'<span><a href="{escape(answer.url)}" aria-label="{escape(answer.code)} {escape(answer.title)}">'
        f"{escape(answer.code)}</a> {_chip(answer.status)}</span>"
        for answer in answers
    ]
    # Built from escaped texts and constants only, see the module's first lines.
    return mark_safe(" ".join(chips))  # noqa: S308


def figures(links: Iterable[Link]) -> SafeString:
    """ "551 Green, 180 Amber": each with the address of the rows behind it, where there are any."""
    # Built from escaped texts and constants only, see the module's first lines.
    return mark_safe(", ".join([_linked(link) for link in links]))  # noqa: S308


def list_items(links: Iterable[Link]) -> SafeString:
    # Built from escaped texts and constants only, see the module's first lines.
    return mark_safe("".join([f"<li>{_linked(link)}</li>" for link in links]))  # noqa: S308


def _chip(status: Status) -> str:
    return f'<span class="chip {status.css_class}">{status.label}</span>'


def _linked(link: Link) -> str:
    text = escape(link.text)
    return f'<a href="{escape(link.url)}">{text}</a>' if link.url else text


def options(choices: Iterable[Choice]) -> SafeString:
    """The options of a select."""
    lines = [
        f'<option value="{escape(choice.value)}"{" selected" if choice.is_chosen else ""}>'
        f"{escape(choice.label)}</option>"
        for choice in choices
    ]
    # Built from escaped texts and constants only, see the module's first lines.
    return mark_safe("".join(lines))  # noqa: S308


def segments(name: str, choices: Iterable[Choice]) -> SafeString:
    """Radios side by side, of which one is chosen."""
    lines = [
        f'<label class="segment"><input type="radio" name="{name}" value="{escape(choice.value)}"'
        f"{' checked' if choice.is_chosen else ''}><span>{escape(choice.label)}</span></label>"
        for choice in choices
    ]
    # Built from escaped texts and constants only, see the module's first lines.
    return mark_safe("".join(lines))  # noqa: S308
