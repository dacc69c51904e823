"""What changed between the ends of two days: each rating that says something else, by whom and when."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from accounts.models import User
from assessments.models import Criterion, HealthCheck, Rating, ReviewCycle
from assessments.reach import Reach
from boroughs.models import Borough
from cdrp_portal.dates import DateError, end_of_day, london_date, parse_as_at, uk_date, uk_moment
from cdrp_portal.past import rows_at
from cdrp_portal.status import Movement, Status, movement

A_WEEK = dt.timedelta(days=7)
AUTHORITY, AUTHORITY_SLUG = "The Authority", "authority"
SAID_FIELDS = ("value", "rationale", "next_step")


class Said(NamedTuple):
    value: str
    rationale: str
    next_step: str


WAYS = {
    Movement.BETTER: "better",
    Movement.WORSE: "worse",
    Movement.NEWLY_ASSESSED: "newly assessed",
    Movement.NO_LONGER_ASSESSED: "not assessed any more",
    Movement.NOT_COMPARABLE: "to or from less relevant",
    Movement.SAME: "in words alone",
}
NOTHING = Said(Status.NOT_ASSESSED.value, "", "")


@dataclass(frozen=True)
class Span:
    """The ends of two days; `borough` is a slug, or empty for all."""

    first: dt.date
    last: dt.date
    borough: str = ""

    @property
    def words(self) -> str:
        return f"between the end of {uk_date(self.first)} and the end of {uk_date(self.last)}"


@dataclass(frozen=True)
class Changed:
    """A rating that says something else. `who` and `when` are of its last change within the span."""

    rating: int
    subject: str
    criterion: str
    url: str
    before: Said
    after: Said
    who: str = ""
    when: str = ""

    @property
    def new_text(self) -> bool:
        return self.before.rationale != self.after.rationale

    @property
    def new_step(self) -> bool:
        return self.before.next_step != self.after.next_step


@dataclass(frozen=True)
class Between:
    """`withheld` are those whose health check the reader may not read as it stood on one of the days."""

    span: Span
    changed: list[Changed]
    withheld: list[str]

    @property
    def sentence(self) -> str:
        """How many changed, and in which way: "3 ratings changed between …: 1 better, 2 in words alone"."""
        if not self.changed:
            return f"No rating changed {self.span.words}."
        ways = Counter(movement(one.after.value, one.before.value) for one in self.changed)
        told = ", ".join(f"{ways[way]:,} {words}" for way, words in WAYS.items() if ways[way])
        count = "1 rating" if len(self.changed) == 1 else f"{len(self.changed):,} ratings"
        return f"{count} changed {self.span.words}: {told}."

    @property
    def left_out(self) -> str:
        """Why some are not told of; empty where all are."""
        if not self.withheld:
            return ""
        if len(self.withheld) == 1:
            return f"{self.withheld[0]} was not signed off on one of these days, and is left out."
        return f"{len(self.withheld)} were not signed off on one of these days, and are left out."


def read_span(query: Any, *, cycle: ReviewCycle, today: dt.date) -> Span:
    """The days of an address, else the last week of the cycle. Raises DateError."""
    end = london_date(cycle.closed_at) if cycle.closed_at else today
    last = parse_as_at(query.get("to", "").strip(), today=today) or end
    week_before = max(last, dt.date.min + A_WEEK) - A_WEEK
    first = parse_as_at(query.get("from", "").strip(), today=today) or week_before
    if first > last:
        raise DateError(f"{uk_date(first)} is after {uk_date(last)}. Write the earlier day first.")
    return Span(first, last, query.get("borough", "").strip())


def read_between(*, cycle: ReviewCycle, user: User, span: Span) -> Between:
    """As far as `user` may read each health check as it stood on both days. Five queries, or six.

    Raises DateError, which says what is wrong with an address, for a borough that is not in the cycle.
    """
    if span.borough and span.borough not in boroughs_in(cycle):
        raise DateError(f"“{span.borough[:60]}” is not in {cycle}.")
    starts, ends = end_of_day(span.first), end_of_day(span.last)
    reach = Reach(user)
    checks, withheld = {}, []
    before = dict(rows_at(HealthCheck, starts, "id", "state", cycle=cycle.pk))
    fields = ("id", "borough_id", "borough__name", "borough__slug", "state")
    for pk, borough, name, slug, state in rows_at(HealthCheck, ends, *fields, cycle=cycle.pk):
        subject = (name or AUTHORITY, slug or AUTHORITY_SLUG)
        if span.borough not in ("", subject[1]):
            continue
        if reach.reaches(state, borough) and reach.reaches(before.get(pk, state), borough):
            checks[pk] = (borough is not None, *subject)
        else:
            withheld.append(subject[0])
    changed = _changed(cycle, checks, starts, ends) if checks else []
    return Between(span, changed, sorted(withheld))


def boroughs_in(cycle: ReviewCycle) -> dict[str, str]:
    found = Borough.objects.filter(health_checks__cycle=cycle).order_by("name")
    return {AUTHORITY_SLUG: AUTHORITY, **dict(found.values_list("slug", "name"))}


def _changed(
    cycle: ReviewCycle, checks: dict[int, tuple[bool, str, str]], starts: dt.datetime, ends: dt.datetime
) -> list[Changed]:
    of: dict[str, Any] = {"health_check__in": list(checks)}
    before = {pk: Said(*said) for pk, *said in rows_at(Rating, starts, "id", *SAID_FIELDS, **of)}
    after = rows_at(Rating, ends, "id", "health_check_id", "criterion_id", *SAID_FIELDS, **of)
    asked = {
        pk: (position, code, title)
        for pk, position, code, title in Criterion.objects.filter(
            theme__framework=cycle.framework_id
        ).values_list("pk", "position", "code", "short_title")
    }
    found, address = [], cycle.get_absolute_url()
    for pk, check, criterion, *said in after:
        was, now = before.get(pk, NOTHING), Said(*said)
        if was != now:
            of_borough, subject, slug = checks[check]
            position, code, title = asked[criterion]
            url = f"{address}{slug}/{code}/"
            changed = Changed(pk, subject, f"{code} {title}", url, was, now)
            found.append(((of_borough, subject, position), changed))
    return [changed for _place, changed in sorted(found, key=lambda pair: pair[0])]


def with_authors(changed: Sequence[Changed], span: Span) -> list[Changed]:
    """The same with who changed each last and when: two queries, for as many as stand on a page."""
    last = _last_changes([one.rating for one in changed], end_of_day(span.last))
    people = {who for who, _at in last.values()} - {None}
    names = dict(User.objects.filter(pk__in=people).values_list("pk", "name"))
    told = [(one, *last[one.rating]) for one in changed]
    return [replace(one, who=names.get(who, "The portal"), when=uk_moment(at)) for one, who, at in told]


def _last_changes(ratings: Collection[int], ends: dt.datetime) -> dict[int, tuple[int | None, dt.datetime]]:
    """The last event of each that changed what it says: others raise a flag, or show a proof."""
    events = Rating.pgh_event_model.objects.filter(  # type: ignore[attr-defined]
        pgh_obj_id__in=ratings, pgh_created_at__lt=ends
    ).order_by("pgh_id")
    said: dict[int, Said] = {}
    last: dict[int, tuple[int | None, dt.datetime]] = {}
    fields = ("pgh_obj_id", "pgh_created_at", "pgh_context__metadata", *SAID_FIELDS)
    for pk, at, context, *values in events.values_list(*fields):
        now = Said(*values)
        if said.get(pk, NOTHING) != now or pk not in last:
            last[pk] = ((context or {}).get("user"), at)
        said[pk] = now
    return last
