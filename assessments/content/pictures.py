"""A cycle in pictures: the ratings of each criterion, the trend over the cycles, and where it moved.

All of it is made from the matrix, so that no picture can say something else than the matrix does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise, starmap
from typing import Any, Self
from urllib.parse import urlencode

from django.db import models
from django.utils.text import get_text_list

from accounts.models import User
from assessments.content.trend import Figure, Trend, read_trend
from assessments.matrix import BadFilter, Column, Counts, Matrix, MatrixFilters, Row, ThemeGroup, load_matrix
from assessments.models import ReviewCycle
from boroughs.models import Borough
from cdrp_portal.charts import HeatLine, HeatSquare, Part, heat_map, stacked_bar
from cdrp_portal.status import Movement, Status

# Two steps and more in one theme are drawn heavier than one.
HEAVY = 2
ALL_BOROUGHS, ALL_THEMES = "All boroughs", "All themes"


class Order(models.TextChoices):
    RED = "red", "Most red first"
    FRAMEWORK = "framework", "As in the framework"


@dataclass(frozen=True)
class PictureFilters:
    """Empty means all; an empty `since` means the previous cycle."""

    theme: str = ""
    criterion: str = ""
    since: str = ""
    order: str = Order.RED.value

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Self:
        """Raises BadFilter. What the matrix has too is judged as the matrix does."""
        names = ("theme", "criterion", "since")
        of_matrix = MatrixFilters.from_query({name: query.get(name, "") for name in names})
        order = query.get("order", "").strip() or Order.RED.value
        if order not in Order.values:
            allowed = ", ".join(Order.values)
            raise BadFilter(f"“{order[:60]}” cannot be chosen for order. Choose one of: {allowed}.")
        return cls(of_matrix.theme, of_matrix.criterion, of_matrix.since, order)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.theme or self.criterion)

    @property
    def of_matrix(self) -> MatrixFilters:
        return MatrixFilters(theme=self.theme, criterion=self.criterion, since=self.since)


@dataclass(frozen=True)
class Bar:
    """One criterion: how many of the counted boroughs are rated how."""

    code: str
    name: str
    url: str
    counts: Mapping[Status, int]

    @property
    def parts(self) -> list[Part]:
        return stacked_bar(self.counts)

    @property
    def figures(self) -> list[Figure]:
        urls = {status: f"{self.url}&show={status.value}" for status, count in self.counts.items() if count}
        return [Figure(status, count, urls.get(status, "")) for status, count in self.counts.items()]

    @property
    def reds(self) -> int:
        return self.counts[Status.RED]

    @property
    def rank(self) -> tuple[int, int]:
        return -self.reds, -self.counts[Status.AMBER]


@dataclass(frozen=True, slots=True)
class Moved:
    """How many ratings of a borough in a theme got better and worse; None where none can be compared."""

    better: int
    worse: int
    name: str
    theme: str
    url: str
    is_known: bool = True

    @property
    def net(self) -> int:
        return self.better - self.worse

    @property
    def way(self) -> str:
        if not self.is_known:
            return "none"
        if self.net:
            return "up" if self.net > 0 else "down"
        return "even" if self.better else "same"

    @property
    def is_heavy(self) -> bool:
        return abs(self.net) >= HEAVY

    @property
    def css_class(self) -> str:
        way = "none" if self.way == "same" else self.way
        return f"heat--{way} heat--heavy" if self.is_heavy else f"heat--{way}"

    @property
    def square(self) -> HeatSquare:
        """As it is drawn."""
        return HeatSquare(self.way, abs(self.net), self.is_heavy, self.url, self.spoken)

    @property
    def words(self) -> str:
        """What is seen: the balance."""
        if not self.is_known:
            return "not compared"
        if self.net:
            return f"{abs(self.net)} {'better' if self.net > 0 else 'worse'}"
        return "even" if self.better else "same"

    @property
    def spoken(self) -> str:
        """The link in words: what is seen first, then of what, and what the balance is made of."""
        return f"{self.words}, {self.name}, {self.theme}: {self.better} better, {self.worse} worse"


@dataclass(frozen=True)
class HeatRow:
    """`short` is the borough's label on the map of London, for where its name has no room."""

    name: str
    short: str
    whole: Moved
    cells: list[Moved]

    @cached_property
    def line(self) -> HeatLine:
        return HeatLine(self.name, self.short, [cell.square for cell in (*self.cells, self.whole)])


@dataclass(frozen=True)
class Heat:
    """Boroughs by themes: the balance of better and worse since an earlier cycle."""

    since: ReviewCycle
    themes: list[ThemeGroup]
    whole_of: str
    rows: list[HeatRow]
    totals: HeatRow

    @cached_property
    def ways(self) -> set[str]:
        """Those that are drawn, for the key; "up-heavy" where two and more got better."""
        squares = [square for row in (*self.rows, self.totals) for square in row.line.squares]
        return {f"{square.way}-heavy" if square.is_heavy else square.way for square in squares}

    @property
    def drawing(self) -> dict[str, Any]:
        """The context of includes/_heat_map.html: the same as the table, a sign in each square."""
        whole = ("All", self.whole_of.removeprefix("All ")) if self.themes else ("", self.whole_of)
        return heat_map(
            [*((theme.code, theme.title) for theme in self.themes), whole],
            [row.line for row in self.rows],
            self.totals.line,
            title=f"Movement since {self.since.name}: boroughs by themes",
            description=f"{self.sentence} Each square that moved is a link; the others stayed the same, "
            "or cannot be compared. The table below says each in words.",
        )

    @property
    def sentence(self) -> str:
        known = [row for row in self.rows if row.whole.is_known]
        if not known:
            return f"No borough can be set beside {self.since}."
        ways = [row.whole.net for row in known]
        better, worse = sum(net > 0 for net in ways), sum(net < 0 for net in ways)
        of = f"{better} of {len(known)} boroughs got better on balance and {worse} worse"
        words = f"Since {self.since} {of}."
        lowest = min(ways)
        if lowest < 0:
            furthest = [row.name for row in known if row.whole.net == lowest]
            words += f" Furthest down: {get_text_list(furthest, 'and')}, by {-lowest}."
        return words

    @property
    def left_out(self) -> list[str]:
        return [row.name for row in self.rows if not row.whole.is_known]


@dataclass(frozen=True)
class Pictures:
    matrix: Matrix
    filters: PictureFilters
    trend: Trend

    @property
    def cycle(self) -> ReviewCycle:
        return self.matrix.cycle

    @property
    def counted(self) -> str:
        """Whose ratings are counted, and whose are not."""
        visible, withheld = self.matrix.visible, self.matrix.withheld
        words = f"Counted: {len(visible)} of {self.matrix.borough_total} boroughs."
        if not withheld:
            return words
        return f"{words} Not signed off yet: {get_text_list([row.name for row in withheld], 'and')}."

    @cached_property
    def bars(self) -> list[Bar]:
        matrix = self.matrix
        if not matrix.visible:
            return []
        pairs = zip(matrix.columns, matrix.column_counts, strict=True)
        bars = [self._bar(column, counts) for column, counts in pairs]
        return sorted(bars, key=lambda bar: bar.rank) if self.filters.order == Order.RED else bars

    @property
    def bars_sentence(self) -> str:
        most = max((bar.reds for bar in self.bars), default=0)
        if not most:
            return "No criterion is red anywhere."
        names = [bar.name for bar in self.bars if bar.reds == most]
        where = f"in {most} of {len(self.matrix.visible)} boroughs"
        return f"Most often red: {get_text_list(names, 'and')}, {where}."

    @cached_property
    def heat(self) -> Heat | None:
        """None where there is no earlier cycle, or nothing to compare in this one.

        Of one theme or criterion only the balance of it is shown, for there are no others to add up.
        """
        matrix = self.matrix
        if matrix.since is None or not matrix.visible or not matrix.columns:
            return None
        ends = accumulate((len(theme.columns) for theme in matrix.themes), initial=0)
        themes = list(zip(matrix.themes, starmap(slice, pairwise(ends)), strict=True))
        if len(themes) == 1:
            themes = []
        short = dict(Borough.objects.values_list("slug", "tile_label"))
        rows = [self._heat_row(row.name, short[row.slug], row.slug, [row], themes) for row in matrix.visible]
        whole = self._heat_row(ALL_BOROUGHS, "All", "", list(matrix.visible), themes)
        return Heat(matrix.since, [theme for theme, _place in themes], self._heat_of, rows, whole)

    @cached_property
    def _address(self) -> str:
        return self.cycle.get_absolute_url()

    @cached_property
    def _heat_of(self) -> str:
        return self.matrix.filters.named_criterion or self.matrix.filters.named_theme or ALL_THEMES

    def _heat_row(
        self, name: str, short: str, slug: str, rows: list[Row], themes: list[tuple[ThemeGroup, slice]]
    ) -> HeatRow:
        whole = _moved(rows, slice(None), name, self._heat_of, self._behind(slug, self.filters.theme))
        cells = [
            _moved(rows, place, name, theme.name, self._behind(slug, theme.code)) for theme, place in themes
        ]
        return HeatRow(name, short, whole, cells)

    def _behind(self, slug: str, theme: str) -> str:
        """The address of the ratings that a balance is made of, put together: none is reversed per cell."""
        since, criterion, address = self.matrix.since, self.filters.criterion, self._address
        if criterion and slug:
            return f"{address}{slug}/{criterion}/"
        if criterion:
            asked = {"criterion": criterion, "show": "changed", "since": since.slug if since else ""}
            return f"{address}?{urlencode(asked)}"
        of = [(key, value) for key, value in (("theme", theme), ("borough", slug)) if value]
        query = f"?{urlencode(of)}" if of else ""
        return f"{address}compare/{since.slug if since else ''}/{query}#cells"

    def _bar(self, column: Column, counts: Counts) -> Bar:
        url = f"{self._address}?criterion={column.code}"
        return Bar(column.code, column.name, url, {status: counts[status.value] for status in Status})


def read_pictures(
    *, cycle: ReviewCycle, cycles: list[ReviewCycle], user: User, filters: PictureFilters
) -> Pictures:
    """As far as `user` may read each health check. Raises BadFilter.

    Eight queries, two more where the framework has changed since, whatever the number of boroughs and cycles.
    """
    matrix = load_matrix(cycle=cycle, user=user, filters=filters.of_matrix, cycles=cycles)
    named = matrix.filters.named_criterion or matrix.filters.named_theme
    trend = read_trend(
        cycle=cycle,
        cycles=cycles,
        user=user,
        subject=named or "London",
        codes=[column.code for column in matrix.columns] if filters.is_narrowed else None,
        query={"theme": filters.theme, "criterion": filters.criterion},
    )
    return Pictures(matrix, filters, trend)


def _moved(rows: list[Row], place: slice, name: str, theme: str, url: str) -> Moved:
    moves = [move for row in rows for move in row.moves[place] if move is not None]
    better, worse = moves.count(Movement.BETTER), moves.count(Movement.WORSE)
    # Newly assessed everywhere is no movement either: there was nothing before.
    compared = any(move not in (Movement.NEWLY_ASSESSED, Movement.NOT_COMPARABLE) for move in moves)
    return Moved(better, worse, name, theme, url if better or worse else "", is_known=compared)
