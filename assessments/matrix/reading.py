"""From the database into the matrix: as many questions, whatever the number of boroughs and criteria."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from django.utils import timezone

from accounts.models import User
from accounts.permissions import Permission, Scope
from assessments.content.continuity import Earlier, continuity
from assessments.content.past import Past
from assessments.content.rating import why_read_only
from assessments.matrix.checks import NOTHING, Answers, Check, checks_of
from assessments.matrix.filters import BadFilter, MatrixFilters
from assessments.matrix.model import MOVES, MOVES_OF_CHANGED, Column, Matrix, Officer, Row, ThemeGroup
from assessments.models import Criterion, ReviewCycle
from assessments.reach import Reach
from boroughs.models import BoroughLink
from cdrp_portal.dates import uk_date
from cdrp_portal.prepared import Prepared

OFFICER_KINDS = (BoroughLink.Kind.OFFICER, BoroughLink.Kind.OFFICER_COVER)

CYCLES = Prepared(lambda: ReviewCycle.objects.newest_first())
CRITERIA = Prepared(
    lambda framework: (
        Criterion.objects.filter(theme__framework=framework)
        .order_by("position")
        .values_list("pk", "code", "short_title", "theme__code", "theme__title", "borough_wording")
    ),
    framework=-1,
)
LINK_FIELDS = ("person_id", "person__name", "borough_id", "kind")
LINKS = Prepared(
    lambda on: BoroughLink.objects.current(on).order_by().values_list(*LINK_FIELDS),
    on=dt.date(1997, 1, 1),
)


class _Link(NamedTuple):
    person: int
    name: str
    borough: int
    kind: str


class _Criterion(NamedTuple):
    pk: int
    code: str
    short_title: str
    theme: str
    theme_title: str
    borough_wording: str

    @property
    def column(self) -> Column:
        return Column(self.code, self.short_title, self.theme)


class _Asked(NamedTuple):
    """What a framework asks of boroughs, what of the Authority alone, and all of it by its codes."""

    themes: tuple[ThemeGroup, ...]
    alone: tuple[_Criterion, ...]
    keys: dict[str, int]


class _Place(NamedTuple):
    criterion: int
    earlier: int | None
    is_comparable: bool


@dataclass(frozen=True, eq=False)
class _Places:
    """Told from another by which they are, not by what they hold: rows are kept by them."""

    of_columns: tuple[_Place, ...]


def every_cycle() -> list[ReviewCycle]:
    """Newest first."""
    return CYCLES.objects()


def load_matrix(
    *,
    cycle: ReviewCycle,
    user: User,
    filters: MatrixFilters,
    since: ReviewCycle | None = None,
    at: dt.datetime | None = None,
    cycles: Iterable[ReviewCycle] | None = None,
) -> Matrix:
    """The matrix as `user` may see it: what is not theirs to read is withheld here and nowhere later.

    `since` overrides the cycle that the filters name; `cycles` are all there are, newest first, from a
    caller that has them. Raises BadFilter for a theme, criterion, officer or cycle that is not there.

    With `filters.as_at` it is what the portal held when that day was over: the state of each health check,
    its ratings, and who was linked. Who may read it is judged on that state, by the reader's links of today.
    """
    at, reader = at or timezone.now(), user.pk
    past = Past(filters.day) if filters.day else None
    if past:
        at, cycle = past.last_moment, past.cycle(cycle)
    cycles = every_cycle() if cycles is None else cycles
    earlier = tuple(other for other in cycles if other.opens_on < cycle.opens_on)
    since = since or _since(cycle, earlier, filters)
    asked = _asked(cycle.framework_id)
    links = _sorted(LINKS.rows(on=timezone.localdate()))
    own = frozenset([link.borough for link in links if link.person == reader])
    if past:
        links = _sorted(past.links(LINK_FIELDS))
    officers = _officers(links)
    filters = _named(filters, asked.themes, officers, since)
    themes = _narrowed(asked.themes, filters)
    current, before = checks_of(cycle, since, Reach(user, own), past)
    then = {check.borough: check.answers for check in before}
    places = _places_of(themes, cycle, since)
    read_only = _read_only(cycle, user, own, past)
    rows = [_row(check, then.get(check.borough), places, read_only(check)) for check in current]
    reach = next((officer.boroughs for officer in officers if str(officer.pk) == filters.officer), None)
    return Matrix(
        cycle=cycle,
        since=since,
        earlier=earlier,
        filters=filters,
        read_at=at,
        themes=themes,
        every_theme=asked.themes,
        officers=officers,
        own=own,
        authority=next((row for row in rows if row.is_authority), None),
        authority_only=tuple(
            (one.column, check.answers.of.get(one.pk, NOTHING)[0])
            for check in current
            if check.borough is None and check.answers is not None
            for one in asked.alone
            if _is_wanted(one.column, filters)
        ),
        boroughs=tuple(
            row for row in rows if not row.is_authority and (reach is None or row.borough_id in reach)
        ),
        borough_total=sum(check.borough is not None for check in current),
    )


def _since(
    cycle: ReviewCycle, earlier: tuple[ReviewCycle, ...], filters: MatrixFilters
) -> ReviewCycle | None:
    if not filters.since:
        return next((other for other in earlier if other.pk == cycle.previous_id), None)
    chosen = next((other for other in earlier if other.slug == filters.since), None)
    if chosen is None:
        names = ", ".join(other.slug for other in earlier[:12]) or "none, because this is the first"
        raise BadFilter(
            f"“{filters.since}” is not a review cycle before {cycle.name}. The earlier ones: {names}."
        )
    return chosen


@lru_cache(maxsize=100)
def _asked(framework: int) -> _Asked:
    """Read once in a process: what a cycle has asked stays as it is, the database sees to that."""
    every = [_Criterion(*row) for row in CRITERIA.rows(framework=framework)]
    return _Asked(
        themes=_themes(one for one in every if one.borough_wording),
        alone=tuple(one for one in every if not one.borough_wording),
        keys={one.code: one.pk for one in every},
    )


def _places_of(themes: Iterable[ThemeGroup], cycle: ReviewCycle, since: ReviewCycle | None) -> _Places:
    codes = tuple([column.code for theme in themes for column in theme.columns])
    if since is None:
        return _places(cycle.framework_id, None, codes, (None,) * len(codes))
    kept = continuity(cycle.framework_id, since.framework_id)
    before = tuple([kept.earlier(code) for code in codes])
    return _places(cycle.framework_id, since.framework_id, codes, before)


@lru_cache(maxsize=500)
def _places(now: int, was: int | None, codes: tuple[str, ...], before: tuple[Earlier | None, ...]) -> _Places:
    """Each column's criterion in the cycle's framework, and the one that stood for it in the earlier one."""
    here, there = _asked(now).keys, {} if was is None else _asked(was).keys
    return _Places(
        tuple(
            _Place(
                here[code],
                there.get(earlier.code) if earlier else None,
                earlier is None or earlier.is_comparable,
            )
            for code, earlier in zip(codes, before, strict=True)
        )
    )


def _themes(asked: Iterable[_Criterion]) -> tuple[ThemeGroup, ...]:
    columns: dict[tuple[str, str], list[Column]] = defaultdict(list)
    for one in asked:
        columns[one.theme, one.theme_title].append(one.column)
    return tuple(
        ThemeGroup(code, title, (replace(first, starts_theme=True), *others))
        for (code, title), (first, *others) in columns.items()
    )


def _sorted(links: Iterable[tuple[Any, ...]]) -> list[_Link]:
    """Who is linked to which borough, cover included."""
    return sorted([_Link(*link) for link in links], key=attrgetter("name", "person"))


def _officers(links: list[_Link]) -> tuple[Officer, ...]:
    reach: dict[tuple[int, str], set[int]] = defaultdict(set)
    for link in links:
        if link.kind in OFFICER_KINDS:
            reach[link.person, link.name].add(link.borough)
    return tuple(Officer(person, name, frozenset(boroughs)) for (person, name), boroughs in reach.items())


def _named(
    filters: MatrixFilters,
    themes: tuple[ThemeGroup, ...],
    officers: tuple[Officer, ...],
    since: ReviewCycle | None,
) -> MatrixFilters:
    theme = _only("theme", filters.theme, {theme.code: theme.name for theme in themes})
    titles = {column.code: column.name for theme in themes for column in theme.columns}
    criterion = _only("criterion", filters.criterion, titles)
    officer = _only("officer", filters.officer, {str(officer.pk): officer.name for officer in officers})
    return replace(
        filters,
        named_theme=theme,
        named_criterion=criterion,
        named_officer=officer,
        named_since=since.name if since else "",
    )


def _only(name: str, chosen: str, known: dict[str, str]) -> str:
    if not chosen:
        return ""
    if chosen not in known:
        if name == "officer":
            raise BadFilter("No officer of that number is linked to a borough. Choose one from the list.")
        raise BadFilter(
            f"There is no {name} “{chosen}” among those asked of boroughs in this cycle. "
            f"Choose one of: {', '.join(known)}."
        )
    return known[chosen]


def _narrowed(themes: tuple[ThemeGroup, ...], filters: MatrixFilters) -> tuple[ThemeGroup, ...]:
    if not filters.theme and not filters.criterion:
        return themes
    kept = (
        replace(theme, columns=tuple(column for column in theme.columns if _is_wanted(column, filters)))
        for theme in themes
    )
    return tuple(theme for theme in kept if theme.columns)


def _is_wanted(column: Column, filters: MatrixFilters) -> bool:
    return filters.theme in ("", column.theme) and filters.criterion in ("", column.code)


def _read_only(
    cycle: ReviewCycle, user: User, own: frozenset[int], past: Past | None
) -> Callable[[Check], str]:
    """Why the reader cannot change a health check's answers here; empty where they can."""
    scope = user.scope(Permission.RATE)
    is_open = cycle.is_open

    def why(check: Check) -> str:
        if past is not None:
            return f"This is how it stood on {uk_date(past.day)}."
        may_rate = scope is Scope.ANY or (scope is Scope.LINKED and check.borough in own)
        return why_read_only(check.state, is_open=is_open, may_rate=may_rate)

    return why


@lru_cache(maxsize=2_000)
def _row(check: Check, before: Answers | None, places: _Places, read_only: str) -> Row:
    """Of most boroughs it stands as the reader before had it, and so does all that is made of it."""
    head = (check.name, check.slug, check.borough, check.pk, check.state)
    if check.answers is None:
        return Row(*head, is_withheld=True)
    answered, earlier = check.answers.of, before.of if before else {}
    stands = [answered.get(place.criterion, NOTHING) for place in places.of_columns]
    values, versions, stale = zip(*stands, strict=True) if stands else ((), (), ())
    was = tuple(
        [earlier[place.earlier][0] if place.earlier in earlier else None for place in places.of_columns]
    )
    moves = tuple(
        [
            (MOVES if place.is_comparable else MOVES_OF_CHANGED)[value, then]
            for place, value, then in zip(places.of_columns, values, was, strict=True)
        ]
    )
    return Row(
        *head,
        values,
        was,
        moves,
        versions=versions,
        stale=stale,
        read_only=read_only,
        saved_at=check.saved_at,
    )
