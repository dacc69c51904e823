"""Two cycles cell by cell: what got better or worse, and what cannot be set side by side."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import NamedTuple, Self
from urllib.parse import urlencode

from django.db import models

from accounts.models import User
from assessments.content.continuity import Continuity, continuity
from assessments.matrix import BadFilter, Column, Matrix, MatrixFilters, Officer, Row, load_matrix
from assessments.models import ReviewCycle
from cdrp_portal.status import Movement, Status, movement

MOVE_WORDS = {
    Movement.BETTER: "Better",
    Movement.WORSE: "Worse",
    Movement.SAME: "Same",
    Movement.NEWLY_ASSESSED: "Newly assessed",
    Movement.NO_LONGER_ASSESSED: "No longer assessed",
    Movement.NOT_COMPARABLE: "Not comparable",
}
MEANING = {
    Movement.BETTER: "a step or two up from red to amber to green",
    Movement.WORSE: "a step or two down",
    Movement.SAME: "the same rating, or none in either cycle",
    Movement.NEWLY_ASSESSED: "rated now, and not rated or not asked then",
    Movement.NO_LONGER_ASSESSED: "rated then, and not rated or not asked now",
    Movement.NOT_COMPARABLE: "less relevant in one of the two, or asked in other words",
}
AUTHORITY_SLUG = "authority"


class Show(models.TextChoices):
    CHANGED = "changed", "Whatever changed"
    BETTER = "better", "Better"
    WORSE = "worse", "Worse"
    NEWLY_ASSESSED = "newly_assessed", "Newly assessed"
    NO_LONGER_ASSESSED = "no_longer_assessed", "No longer assessed"
    NOT_COMPARABLE = "not_comparable", "Not comparable"
    SAME = "same", "Same"
    ALL = "all", "Every cell"

    def selects(self, move: Movement) -> bool:
        if self is Show.CHANGED:
            return move is not Movement.SAME
        return self is Show.ALL or move == self.value


@dataclass(frozen=True)
class CompareFilters:
    """Empty means all; the parameters stand in an address in this order."""

    theme: str = ""
    officer: str = ""
    borough: str = ""
    show: str = Show.CHANGED.value

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Self:
        """Raises BadFilter. The officer's number and the theme's letter are judged as the matrix does."""
        of_matrix = MatrixFilters.from_query({name: query.get(name, "") for name in ("theme", "officer")})
        borough = MatrixFilters.from_query({"borough": query.get("borough", "")}).borough
        show = query.get("show", "").strip() or Show.CHANGED.value
        if show not in Show.values:
            allowed = ", ".join(Show.values)
            raise BadFilter(f"“{show[:60]}” cannot be chosen for show. Choose one of: {allowed}.")
        return cls(theme=of_matrix.theme, officer=of_matrix.officer, borough=borough, show=show)

    def as_query(self, **changes: str) -> str:
        values = self.__dict__ | changes
        chosen = [(name, value) for name, value in values.items() if value and value != Show.CHANGED]
        return f"?{urlencode(chosen)}" if chosen else ""


class Cell(NamedTuple):
    """One criterion of one subject in both cycles; None is a criterion that the cycle did not ask."""

    subject: str
    slug: str
    code: str
    title: str
    theme: str
    now: str | None
    was: str | None
    move: Movement
    check_url: str

    @property
    def url(self) -> str:
        return f"{self.check_url}#{self.code}"

    @property
    def move_words(self) -> str:
        return MOVE_WORDS[self.move]

    @property
    def statuses(self) -> list[Status | None]:
        """Then and now."""
        return [Status(value) if value else None for value in (self.was, self.now)]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, what it counts, and the address of the rows behind it; empty where there are none."""

    count: int
    words: str
    url: str


@dataclass(frozen=True)
class Total:
    """How the cells of a theme or a borough moved."""

    name: str
    url: str
    counts: Counter[Movement]
    figures: list[Figure]

    @property
    def total(self) -> int:
        return self.counts.total()


@dataclass(frozen=True)
class Comparison:
    """`cells` are what the theme, officer and borough leave; `shown` those of the kind asked for.

    Totals count boroughs alone, whatever kind is shown. The Authority is compared on its own.
    """

    cycle: ReviewCycle
    other: ReviewCycle
    filters: CompareFilters
    themes: dict[str, str]
    officers: tuple[Officer, ...]
    boroughs: dict[str, str]
    cells: list[Cell]
    withheld: list[str]

    @cached_property
    def shown(self) -> list[Cell]:
        show = Show(self.filters.show)
        return [cell for cell in self.cells if show.selects(cell.move)]

    @cached_property
    def counts(self) -> Counter[Movement]:
        return Counter(cell.move for cell in self.cells)

    @cached_property
    def by_theme(self) -> list[Total]:
        counts = _counted((cell.theme, cell.move) for cell in self.cells)
        return [
            self._total(f"{code} {title}", counts[code], theme=code)
            for code, title in self.themes.items()
            if code in counts
        ]

    @cached_property
    def by_borough(self) -> list[Total]:
        counts = _counted((cell.slug, cell.move) for cell in self.cells)
        return [
            self._total(name, counts[slug], borough=slug)
            for slug, name in self.boroughs.items()
            if slug in counts
        ]

    @cached_property
    def whole(self) -> Total:
        return self._total("All", self.counts)

    def _total(self, name: str, counts: Counter[Movement], **narrowed: str) -> Total:
        figures = []
        for move, words in MOVE_WORDS.items():
            url = self.filters.as_query(**narrowed, show=move.value) if counts[move] else ""
            figures.append(Figure(counts[move], words.lower(), url))
        return Total(name, self.filters.as_query(**narrowed, show=Show.ALL.value), counts, figures)

    def described(self) -> list[tuple[str, str]]:
        """Pairs of a filter and what was chosen, in words."""
        filters = self.filters
        officer = next((one.name for one in self.officers if str(one.pk) == filters.officer), "")
        pairs = [
            ("Theme", f"{filters.theme} {self.themes[filters.theme]}" if filters.theme else ""),
            ("Officer", officer),
            ("Borough", self.boroughs.get(filters.borough, "")),
            ("Show", str(Show(filters.show).label)),
        ]
        return [(name, chosen) for name, chosen in pairs if chosen]


def read_comparison(
    *,
    cycle: ReviewCycle,
    other: ReviewCycle,
    user: User,
    filters: CompareFilters,
    cycles: Iterable[ReviewCycle] | None = None,
) -> Comparison:
    """`cycle` against the earlier `other`, as far as `user` may read both. Raises BadFilter.

    A borough of which either health check is not theirs to read is named as withheld and counted nowhere.
    """
    cycles = None if cycles is None else list(cycles)
    chosen = MatrixFilters(officer=filters.officer)
    now = load_matrix(cycle=cycle, user=user, filters=chosen, since=other, cycles=cycles)
    # What moved before the earlier one is not asked here, so it is told of no cycle before it.
    then = load_matrix(cycle=other, user=user, filters=MatrixFilters(), cycles=[other])
    kept = continuity(cycle.framework_id, other.framework_id)
    themes = {theme.code: theme.title for theme in now.every_theme}
    themes |= {theme.code: theme.title for theme in then.every_theme if theme.code not in themes}
    boroughs = {row.slug: row.name for row in now.boroughs}
    known = {AUTHORITY_SLUG: "The Authority", **boroughs} if now.authority else boroughs
    if filters.theme and filters.theme not in themes:
        raise BadFilter(f"There is no theme “{filters.theme}” here. Choose one of: {', '.join(themes)}.")
    if filters.borough and filters.borough not in known:
        raise BadFilter(f"“{filters.borough}” is not in this comparison.")

    sides = _Sides(now, then, kept)
    cells: list[Cell] = []
    withheld: list[str] = []
    for row in _subjects(now, filters):
        before = then.borough(row.slug)
        if row.is_withheld or (before is not None and before.is_withheld):
            withheld.append(row.name)
        else:
            cells += sides.cells(row, before)
    return Comparison(
        cycle=cycle,
        other=other,
        filters=filters,
        themes=themes,
        officers=now.officers,
        boroughs=known,
        cells=[cell for cell in cells if filters.theme in ("", cell.theme)],
        withheld=withheld,
    )


def _subjects(now: Matrix, filters: CompareFilters) -> list[Row]:
    if filters.borough == AUTHORITY_SLUG:
        return [now.authority] if now.authority else []
    return [row for row in now.boroughs if filters.borough in ("", row.slug)]


@dataclass(frozen=True)
class _Sides:
    """The two matrices, and which criterion asks on from which: the same for every subject."""

    now: Matrix
    then: Matrix
    kept: Continuity

    @cached_property
    def urls(self) -> tuple[str, str]:
        return self.now.cycle.get_absolute_url(), self.then.cycle.get_absolute_url()

    def cells(self, row: Row, before: Row | None) -> Iterator[Cell]:
        of_now, of_then = (f"{url}{row.slug}/" for url in self.urls)
        earlier = list(_answers(before, self.then)) if before else []
        said = {column.code: value for column, value in earlier}
        for column, value in _answers(row, self.now):
            asked = self.kept.earlier(column.code)
            was = said.get(asked.code) if asked else None
            move = movement(value, was, comparable=asked.is_comparable if asked else True)
            yield _cell(row, column, of_now, value, was, move)
        dropped = self.kept.dropped(list(said))
        for column, was in earlier:
            if column.code in dropped and was != Status.NOT_ASSESSED:
                yield _cell(row, column, of_then, None, was, movement(None, was))


def _answers(row: Row, matrix: Matrix) -> Iterable[tuple[Column, str]]:
    answers = zip(matrix.columns, row.values, strict=True)
    return chain(answers, matrix.authority_only) if row.is_authority else answers


def _cell(row: Row, column: Column, check_url: str, now: str | None, was: str | None, move: Movement) -> Cell:
    return Cell(row.name, row.slug, column.code, column.short_title, column.theme, now, was, move, check_url)


def _counted(pairs: Iterable[tuple[str, Movement]]) -> dict[str, Counter[Movement]]:
    counts: dict[str, Counter[Movement]] = {}
    for key, move in pairs:
        counts.setdefault(key, Counter())[move] += 1
    return counts
