"""What is said of a borough's people: who holds each seat, and since when it is vacant."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from operator import attrgetter, itemgetter

from django.db.models import Min

from accounts.models import User
from boroughs.actions import last_day, period_words
from boroughs.models import Borough, BoroughLink, Meeting, Visit
from cdrp_portal.dates import end_of_day, london_date, uk_date
from cdrp_portal.past import rows_at

Kind = BoroughLink.Kind


@dataclass(frozen=True)
class Holder:
    link_pk: int
    name: str
    kind: str
    days: str
    is_cover: bool


@dataclass(frozen=True)
class Seat:
    """The link member's or the officer's place. `vacancy` is a sentence where nobody holds it."""

    title: str
    holders: Sequence[Holder]
    vacancy: str

    @property
    def names(self) -> str:
        return " and ".join(holder.name for holder in self.holders if not holder.is_cover)


@dataclass(frozen=True)
class People:
    member: Seat
    officer: Seat
    coming: Sequence[Holder]
    earlier: Sequence[Holder]

    @property
    def seats(self) -> Sequence[Seat]:
        return (self.member, self.officer)

    @property
    def sentence(self) -> str:
        """Who answers for the borough today, or that a seat is vacant."""
        return " ".join(seat.vacancy or f"{seat.title}: {seat.names}." for seat in self.seats)


def people_of(borough: Borough, on: date) -> People:
    """Everybody ever linked to the borough, as things stand on that day: one query."""
    return _people(list(borough.links.select_related("person").order_by("period", "pk")), on)


def _people(links: Sequence[BoroughLink], on: date) -> People:
    current = [link for link in links if _covers(link, on)]
    return People(
        member=seat_of(links, on, title="Link member", kind=Kind.MEMBER, cover=Kind.MEMBER_COVER),
        officer=seat_of(links, on, title="Officer", kind=Kind.OFFICER, cover=Kind.OFFICER_COVER),
        coming=[_holder(link) for link in links if link.period.lower > on],
        earlier=[
            _holder(link) for link in reversed(links) if link not in current and link.period.lower <= on
        ],
    )


def seat_of(links: Iterable[BoroughLink], on: date, *, title: str, kind: str, cover: str) -> Seat:
    """One seat from all the links of one borough."""
    rows = list(links)
    holders = [link for link in rows if link.kind == kind and _covers(link, on)]
    covering = [link for link in rows if link.kind == cover and _covers(link, on)]
    ended = [
        link.period.upper
        for link in rows
        if link.kind == kind and link.period.upper and link.period.upper <= on
    ]
    return Seat(
        title=title,
        holders=[_holder(link) for link in (*holders, *covering)],
        vacancy="" if holders else _vacancy(title.lower(), max(ended, default=None), covering),
    )


def _vacancy(title: str, since: date | None, covering: Sequence[BoroughLink]) -> str:
    words = f"No {title} since {uk_date(since)}" if since else f"No {title} has been appointed"
    if not covering:
        return f"{words}; no cover."
    last = last_day(covering[0])
    until = f" until {uk_date(last)}" if last else ""
    return f"{words}; cover by {covering[0].person.name}{until}."


def _holder(link: BoroughLink) -> Holder:
    return Holder(
        link_pk=link.pk,
        name=link.person.name,
        kind=str(link.get_kind_display()),
        days=period_words(link),
        is_cover=link.kind in (Kind.MEMBER_COVER, Kind.OFFICER_COVER),
    )


def _covers(link: BoroughLink, on: date) -> bool:
    return link.period.lower <= on and (link.period.upper is None or on < link.period.upper)


@dataclass(frozen=True)
class BoroughThen:
    """A borough as the portal knew it when that day was over; upper rooms' panels are asked about this."""

    borough: Borough
    day: date

    @property
    def end(self) -> datetime:
        return end_of_day(self.day)

    @cached_property
    def begins_on(self) -> date | None:
        """The first day of which the portal has records of the borough, where that day was later."""
        events = Borough.pgh_event_model.objects  # type: ignore[attr-defined]
        first = events.filter(pgh_obj_id=self.borough.pk).aggregate(first=Min("pgh_created_at"))["first"]
        return london_date(first) if first is not None and first >= self.end else None

    @property
    def unknown(self) -> str:
        """What the page cannot say, in words; empty while the portal had records."""
        if self.begins_on is None:
            return ""
        return (
            f"The portal’s records of {self.borough} begin on {uk_date(self.begins_on)}. "
            "Who was linked on this day is told from the days of the appointments, as they were entered "
            "since. What stood in the health check, the actions and the diary is not known."
        )

    @property
    def sentence(self) -> str:
        if not self.unknown:
            return self.people.sentence
        known = [f"{seat.title}: {seat.names}." for seat in self.people.seats if seat.names]
        return " ".join(known) or "Who was linked on this day is not known."

    @cached_property
    def people(self) -> People:
        """As the portal knew them; of a day before its records, as their days were entered since."""
        if self.begins_on is not None:
            return people_of(self.borough, self.day)
        fields = ("id", "person_id", "person__name", "kind", "period")
        rows = sorted(rows_at(BoroughLink, self.end, *fields, borough=self.borough.pk), key=itemgetter(0))
        links = [
            BoroughLink(pk=pk, person=User(pk=person, name=name), kind=kind, period=period)
            for pk, person, name, kind, period in rows
        ]
        return _people(sorted(links, key=lambda link: link.period.lower), self.day)

    @cached_property
    def entered_since(self) -> list[Holder]:
        """Whose appointment is known today to have held on that day, and was not in the portal then."""
        if self.begins_on is not None:
            return []
        told = {holder.link_pk for seat in self.people.seats for holder in seat.holders}
        links = self.borough.links.current(self.day).exclude(pk__in=told).select_related("person")
        return [_holder(link) for link in links]

    @cached_property
    def meeting(self) -> Meeting | None:
        """The next one that was in the diary."""
        fields = ("title", "starts_at", "venue")
        rows = rows_at(Meeting, self.end, *fields, borough=self.borough.pk)
        coming = [Meeting(**dict(zip(fields, row, strict=True))) for row in rows if row[1] >= self.end]
        return min(coming, key=attrgetter("starts_at"), default=None)

    def visits(self, limit: int) -> list[tuple[date, str, str]]:
        """Day, who and what they noted, latest first."""
        fields = ("visited_on", "noted_by__name", "note", "id")
        rows = rows_at(Visit, self.end, *fields, borough=self.borough.pk)
        latest = sorted(rows, key=itemgetter(0, 3), reverse=True)[:limit]
        return [(day, who, note) for day, who, note, _pk in latest]


def neighbours_of(borough: Borough, boroughs: Iterable[Borough]) -> tuple[Borough | None, Borough | None]:
    """The boroughs before and after it in the order given."""
    rows = list(boroughs)
    place = rows.index(borough)
    before = rows[place - 1] if place else None
    after = rows[place + 1] if place + 1 < len(rows) else None
    return before, after
