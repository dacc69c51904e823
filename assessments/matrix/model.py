"""The matrix as plain values: what every page, file and paper of it is made from."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, product

from assessments.matrix.filters import MatrixFilters, Show
from assessments.models import HealthCheck, ReviewCycle
from cdrp_portal.dates import london_date, uk_date
from cdrp_portal.status import RATED, Movement, Status, movement

MANY_REDS = 4
# All of London stands on one page; of every partnership in the country a page is a part.
ON_ONE_PAGE, ON_A_PAGE = 100, 60
RATED_VALUES = tuple(status.value for status in RATED)
Pair = tuple[str, str | None]
# Thirty answers, so that eight hundred cells do not each ask; and the same of a criterion that was changed.
PAIRS: list[Pair] = list(product(Status.values, [*Status.values, None]))
MOVES, MOVES_OF_CHANGED = (
    {(now, was): movement(now, was, comparable=comparable) if was else None for now, was in PAIRS}
    for comparable in (True, False)
)


@dataclass(frozen=True, slots=True)
class Column:
    code: str
    short_title: str
    theme: str
    starts_theme: bool = False

    @property
    def name(self) -> str:
        return f"{self.code} {self.short_title}"


@dataclass(frozen=True, slots=True)
class ThemeGroup:
    code: str
    title: str
    columns: tuple[Column, ...]

    @property
    def name(self) -> str:
        return f"{self.code} {self.title}"


@dataclass(frozen=True, slots=True)
class Officer:
    pk: int
    name: str
    boroughs: frozenset[int]


class Counts(Counter[str]):
    """How many of each status. The denominator of every share is `rated`: the three colours only."""

    @property
    def green(self) -> int:
        return self[Status.GREEN.value]

    @property
    def amber(self) -> int:
        return self[Status.AMBER.value]

    @property
    def red(self) -> int:
        return self[Status.RED.value]

    @property
    def less_relevant(self) -> int:
        return self[Status.LESS_RELEVANT.value]

    @property
    def not_assessed(self) -> int:
        return self[Status.NOT_ASSESSED.value]

    @property
    def rated(self) -> int:
        return sum([self[value] for value in RATED_VALUES])


@dataclass(frozen=True, eq=False)
class Row:
    """One health check across the columns. Each tuple runs in the columns' order.

    `was` and `moves` hold None where nothing can be said: there is no earlier cycle, the criterion
    was not in it, or its answer is not for this reader. A withheld row holds no values at all.
    It is told from another by which it is: what is drawn of a row is kept for as long as the row is.
    """

    name: str
    slug: str
    borough_id: int | None
    health_check_id: int
    state: str
    values: tuple[str, ...] = ()
    was: tuple[str | None, ...] = ()
    moves: tuple[Movement | None, ...] = ()
    versions: tuple[int, ...] = ()
    stale: tuple[bool, ...] = ()
    # Why the reader cannot change its answers here; empty where they can.
    read_only: str = ""
    is_withheld: bool = False
    # When an answer was last saved; not known of a past day.
    saved_at: dt.datetime | None = None

    @property
    def is_authority(self) -> bool:
        return self.borough_id is None

    @property
    def state_in_words(self) -> str:
        return str(HealthCheck.State(self.state).label)

    @cached_property
    def counts(self) -> Counts:
        return Counts(self.values)

    def matches(self, show: Show) -> bool:
        places = zip(self.values, self.moves, self.stale, strict=True)
        return any(show.selects(value, move, stale) for value, move, stale in places)


@dataclass(frozen=True)
class Matrix:
    """A cycle's ratings as one reader may see them, after the filters.

    `boroughs` are all that the theme, criterion and officer leave; `rows` are those of them that also
    have what `filters.show` asks for. The counts are of boroughs: the Authority's row stands first and
    is counted nowhere. `authority_only` is asked of the Authority alone. `own` are the reader's boroughs.
    """

    cycle: ReviewCycle
    since: ReviewCycle | None
    earlier: tuple[ReviewCycle, ...]
    filters: MatrixFilters
    read_at: dt.datetime
    themes: tuple[ThemeGroup, ...]
    every_theme: tuple[ThemeGroup, ...]
    officers: tuple[Officer, ...]
    own: frozenset[int]
    authority: Row | None
    authority_only: tuple[tuple[Column, str], ...]
    boroughs: tuple[Row, ...]
    borough_total: int

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        return tuple(column for theme in self.themes for column in theme.columns)

    @cached_property
    def visible(self) -> tuple[Row, ...]:
        return tuple(row for row in self.boroughs if not row.is_withheld)

    @cached_property
    def withheld(self) -> tuple[Row, ...]:
        return tuple(row for row in self.boroughs if row.is_withheld)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The boroughs shown. A withheld one is shown only while nothing is asked of its ratings."""
        show = Show(self.filters.show)
        if show is Show.ALL:
            return self.boroughs
        return tuple(row for row in self.visible if row.matches(show))

    @cached_property
    def pages(self) -> tuple[tuple[Row, ...], ...]:
        """The rows as the table parts them; every count is of all of them."""
        if len(self.rows) <= ON_ONE_PAGE:
            return (self.rows,)
        return tuple(self.rows[first : first + ON_A_PAGE] for first in range(0, len(self.rows), ON_A_PAGE))

    @property
    def page_number(self) -> int:
        """The page asked for, or the last where there are fewer."""
        return min(int(self.filters.page or 1), len(self.pages))

    @property
    def on_page(self) -> tuple[Row, ...]:
        return self.pages[self.page_number - 1]

    @cached_property
    def counts(self) -> Counts:
        """Of every visible borough cell, whatever `show` leaves out."""
        return Counts(chain.from_iterable([row.values for row in self.visible]))

    @cached_property
    def moves(self) -> Counter[str]:
        """How many borough cells moved in which way, whatever `show` leaves out."""
        moves = [move for row in self.visible for move in row.moves]
        return Counter({move.value: moves.count(move) for move in Movement})

    @cached_property
    def stale_count(self) -> int:
        """How many borough cells are not re-confirmed this cycle, whatever `show` leaves out."""
        return sum([row.stale.count(True) for row in self.visible])

    @cached_property
    def read_only(self) -> str:
        """Why most of the rows that cannot be changed cannot; empty where every one can."""
        reasons = Counter([row.read_only for row in self.visible if row.read_only])
        return reasons.most_common(1)[0][0] if reasons else ""

    @cached_property
    def column_counts(self) -> tuple[Counts, ...]:
        """Of the rows shown, one for each column."""
        shown = [row.values for row in self.rows if not row.is_withheld]
        if not shown:
            return tuple(Counts() for _column in self.columns)
        return tuple(Counts(values) for values in zip(*shown, strict=True))

    @cached_property
    def shown_counts(self) -> Counts:
        return Counts(chain.from_iterable([row.values for row in self.rows]))

    @property
    def position_at(self) -> dt.date:
        """The day that the ratings stand for: today while the cycle is open, else the day it closed."""
        return london_date(self.cycle.closed_at or self.read_at)

    @property
    def nothing_then(self) -> str:
        """Why there is nothing at all on the day asked for; empty where there is something."""
        day = self.filters.day
        if day is None or self.borough_total or self.authority:
            return ""
        if day < self.cycle.opens_on:
            return f"{self.cycle} opened on {uk_date(self.cycle.opens_on)}, after {uk_date(day)}."
        return f"The portal held nothing of {self.cycle} on {uk_date(day)}."

    def borough(self, slug: str) -> Row | None:
        if self.authority is not None and slug == self.authority.slug:
            return self.authority
        return next((row for row in self.boroughs if row.slug == slug), None)
