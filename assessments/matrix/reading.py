"""From the database into the matrix: three questions, whatever the number of boroughs and criteria."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from django.utils import timezone

from accounts.models import User
from accounts.permissions import Permission, Scope
from assessments.content.continuity import Earlier, continuity
from assessments.content.past import Past
from assessments.content.rating import why_read_only
from assessments.matrix.filters import BadFilter, MatrixFilters
from assessments.matrix.model import MOVES, MOVES_OF_CHANGED, Column, Matrix, Officer, Row, ThemeGroup
from assessments.models import Criterion, HealthCheck, Rating, ReviewCycle
from assessments.reach import Reach
from boroughs.models import BoroughLink
from cdrp_portal.dates import uk_date
from cdrp_portal.prepared import Prepared
from cdrp_portal.status import Movement, Status

NOT_ASSESSED = Status.NOT_ASSESSED.value
AUTHORITY, AUTHORITY_SLUG = "The Authority", "authority"
OFFICER_KINDS = (BoroughLink.Kind.OFFICER, BoroughLink.Kind.OFFICER_COVER)

CYCLES = Prepared(lambda: ReviewCycle.objects.newest_first())
CRITERIA = Prepared(
    lambda framework, earlier: (
        Criterion.objects.filter(theme__framework__in=[framework, earlier])
        .order_by("position")
        .values_list(
            "pk",
            "theme__framework_id",
            "code",
            "short_title",
            "theme__code",
            "theme__title",
            "borough_wording",
        )
    ),
    framework=-1,
    earlier=-2,
)
LINK_FIELDS = ("person_id", "person__name", "borough_id", "kind")
LINKS = Prepared(
    lambda on: BoroughLink.objects.current(on).order_by().values_list(*LINK_FIELDS),
    on=dt.date(1997, 1, 1),
)
# These columns the tables of today and those of the history have alike (`past`).
CHECK_FIELDS = ("id", "cycle_id", "borough_id", "borough__name", "borough__slug", "state")
RATING_FIELDS = ("health_check_id", "criterion_id", "value", "version", "is_carried", "evidence_until")
# Who may read which of them is not asked here but of Reach, the rule that `visible_to` is made from.
CHECKS = Prepared(
    lambda cycle, earlier: (
        HealthCheck.objects.filter(cycle__in=[cycle, earlier]).order_by().values_list(*CHECK_FIELDS)
    ),
    cycle=-1,
    earlier=-2,
)
RATINGS = Prepared(
    lambda cycle, earlier: (
        Rating.objects.filter(health_check__cycle__in=[cycle, earlier]).order_by().values_list(*RATING_FIELDS)
    ),
    cycle=-1,
    earlier=-2,
)
LATEST_SAVE = Prepared(
    lambda check: (
        Rating.objects.filter(health_check=check, rated_at__isnull=False)
        .order_by("-rated_at")
        .values_list("rated_at")[:1]
    ),
    check=-1,
)

# A rating's value, its version, and whether it is stale.
Stands = tuple[str, int, bool]
NOTHING: Stands = (NOT_ASSESSED, 0, False)
# By borough (None is the Authority), then by criterion.
Answers = dict[int | None, dict[int, Stands]]


class _Check(NamedTuple):
    pk: int
    cycle: int
    borough: int | None
    name: str
    slug: str
    state: str
    is_visible: bool


class _Link(NamedTuple):
    person: int
    name: str
    borough: int
    kind: str


class _Asked(NamedTuple):
    pk: int
    framework: int
    column: Column
    theme_title: str
    of_boroughs: bool


class _Place(NamedTuple):
    criterion: int
    earlier: int | None
    is_comparable: bool


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
    asked = _criteria(cycle.framework_id, since.framework_id if since else cycle.framework_id)
    links = _sorted(LINKS.rows(on=timezone.localdate()))
    own = frozenset([link.borough for link in links if link.person == reader])
    if past:
        links = _sorted(past.links(LINK_FIELDS))
    officers = _officers(links)
    every_theme = _themes(
        entry for entry in asked if entry.framework == cycle.framework_id and entry.of_boroughs
    )
    filters = _named(filters, every_theme, officers, since)
    themes = _narrowed(every_theme, filters)
    kept = continuity(cycle.framework_id, since.framework_id if since else cycle.framework_id)
    key_of = {(entry.framework, entry.column.code): entry.pk for entry in asked}
    places = [
        _place(column.code, kept.earlier(column.code), cycle, since, key_of)
        for theme in themes
        for column in theme.columns
    ]
    checks = _health_checks(cycle, since, Reach(user, own), past)
    now, then = _answers(checks, cycle, since, past)
    current = [check for check in checks if check.cycle == cycle.pk]
    read_only = _read_only(cycle, user, own, past)
    rows = [_row(check, places, now, then, read_only(check)) for check in current]
    alone = [entry for entry in asked if entry.framework == cycle.framework_id and not entry.of_boroughs]
    authority = next((row for row in rows if row.is_authority), None)
    reach = next((officer.boroughs for officer in officers if str(officer.pk) == filters.officer), None)
    return Matrix(
        cycle=cycle,
        since=since,
        earlier=earlier,
        filters=filters,
        read_at=at,
        themes=themes,
        every_theme=every_theme,
        officers=officers,
        own=own,
        authority=authority,
        authority_only=tuple(
            (entry.column, now[None].get(entry.pk, NOTHING)[0])
            for entry in alone
            if authority and not authority.is_withheld and _is_wanted(entry.column, filters)
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
def _criteria(framework: int, earlier: int) -> tuple[_Asked, ...]:
    """Of two cycles' frameworks: what a cycle has asked stays as it is, the database sees to that."""
    return tuple(
        _Asked(pk, of, Column(code, title, theme), theme_title, bool(borough_wording))
        for pk, of, code, title, theme, theme_title, borough_wording in CRITERIA.rows(
            framework=framework, earlier=earlier
        )
    )


def _themes(asked: Iterable[_Asked]) -> tuple[ThemeGroup, ...]:
    columns: dict[tuple[str, str], list[Column]] = defaultdict(list)
    for entry in asked:
        columns[entry.column.theme, entry.theme_title].append(entry.column)
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


def _health_checks(
    cycle: ReviewCycle, since: ReviewCycle | None, reach: Reach, past: Past | None
) -> list[_Check]:
    earlier = since.pk if since else cycle.pk
    if past is None:
        rows = CHECKS.rows(cycle=cycle.pk, earlier=earlier)
    else:
        # Made ready before its day perhaps, but nobody's to answer then.
        rows = past.checks(CHECK_FIELDS, [cycle.pk, earlier]) if past.day >= cycle.opens_on else []
    checks = [
        _Check(
            pk,
            in_cycle,
            borough,
            name or AUTHORITY,
            slug or AUTHORITY_SLUG,
            state,
            reach.reaches(state, borough),
        )
        for pk, in_cycle, borough, name, slug, state in rows
    ]
    return sorted(checks, key=lambda check: (check.borough is not None, check.name, check.pk))


def _place(
    code: str,
    before: Earlier | None,
    cycle: ReviewCycle,
    since: ReviewCycle | None,
    key_of: dict[tuple[int, str], int],
) -> _Place:
    """A column's criterion in the cycle's framework, and the one that stood for it in the earlier one."""
    earlier = key_of.get((since.framework_id, before.code)) if since and before else None
    return _Place(key_of[cycle.framework_id, code], earlier, before is None or before.is_comparable)


def _answers(
    checks: list[_Check], cycle: ReviewCycle, since: ReviewCycle | None, past: Past | None
) -> tuple[Answers, Answers]:
    """The visible ratings of the cycle, and those of the earlier one.

    Asked by cycle and not by a list of health checks, which costs more the longer it is; what is not
    this reader's is dropped as it arrives.
    """
    visible = {check.pk: check for check in checks if check.is_visible}
    by_check: dict[int, dict[int, Stands]] = {pk: {} for pk in visible}
    today = past.day if past else timezone.localdate()
    if past is None:
        rows = RATINGS.rows(cycle=cycle.pk, earlier=since.pk if since else cycle.pk)
    else:
        rows = past.ratings(RATING_FIELDS, list(visible))
    for of_check, criterion, value, version, is_carried, until in rows:
        answers = by_check.get(of_check)
        if answers is not None:
            # As Rating.is_stale has it.
            stale = is_carried or (until is not None and until < today)
            answers[criterion] = (value, version, stale)
    now: Answers = {}
    then: Answers = {}
    for pk, check in visible.items():
        (now if check.cycle == cycle.pk else then)[check.borough] = by_check[pk]
    return now, then


def _read_only(
    cycle: ReviewCycle, user: User, own: frozenset[int], past: Past | None
) -> Callable[[_Check], str]:
    """Why the reader cannot change a health check's answers here; empty where they can."""
    scope = user.scope(Permission.RATE)
    is_open = cycle.is_open

    def why(check: _Check) -> str:
        if past is not None:
            return f"This is how it stood on {uk_date(past.day)}."
        may_rate = scope is Scope.ANY or (scope is Scope.LINKED and check.borough in own)
        return why_read_only(check.state, is_open=is_open, may_rate=may_rate)

    return why


def _row(check: _Check, places: list[_Place], now: Answers, then: Answers, read_only: str) -> Row:
    head = (check.name, check.slug, check.borough, check.pk, check.state)
    if not check.is_visible:
        return Row(*head, is_withheld=True)
    answered, before = now[check.borough], then.get(check.borough, {})
    stands = [answered.get(place.criterion, NOTHING) for place in places]
    values, versions, stale = zip(*stands, strict=True) if stands else ((), (), ())
    was = tuple([before[place.earlier][0] if place.earlier in before else None for place in places])
    comparable = tuple([place.is_comparable for place in places])
    moves = _moves(values, was, comparable)
    return Row(*head, values, was, moves, versions=versions, stale=stale, read_only=read_only)


@lru_cache(maxsize=2_000)
def _moves(
    values: tuple[str, ...], was: tuple[str | None, ...], comparable: tuple[bool, ...]
) -> tuple[Movement | None, ...]:
    """Of one row, which stands as it stood for most of the readers and most of the time."""
    return tuple(
        [
            (MOVES if may_compare else MOVES_OF_CHANGED)[value, earlier]
            for value, earlier, may_compare in zip(values, was, comparable, strict=True)
        ]
    )


def latest_save(row: Row) -> dt.datetime | None:
    """When a rating of this health check was last saved."""
    found = LATEST_SAVE.rows(check=row.health_check_id)
    return found[0][0] if found else None
