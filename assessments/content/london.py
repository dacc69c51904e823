"""London in one cycle: a tile and a line of the table for each borough."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import get_text_list

from accounts.models import User
from assessments.content.standing import Standing, standings
from assessments.models import HealthCheck, ReviewCycle, Theme
from boroughs.models import BoroughLink
from cdrp_portal.charts import Tile
from cdrp_portal.dates import uk_date
from cdrp_portal.status import Status

# The worst first: one red makes a theme red.
WORST_FIRST = (Status.RED, Status.AMBER, Status.GREEN, Status.LESS_RELEVANT, Status.NOT_ASSESSED)
NOT_SIGNED_OFF = "not signed off yet"

VACANT = format_html('<span class="badge" aria-hidden="true">{}</span> ', "V")
BEHIND = format_html(' <span class="tag tag--progress">{}</span>', "Behind")
COUNT = '<td class="num" data-label="{}"><a href="{}?show={}">{}<span class="vh"> {} in {}</span></a></td>'
NO_COUNT = '<td class="num" data-label="{}">0</td>'
ANSWERED = '<td class="num nowrap" data-label="Answered"><a href="{}">{}</a></td>'
WITHHELD = (
    '<td class="quiet" colspan="3" data-label="Ratings">Not signed off yet</td>'
    '<td class="num nowrap" data-label="Answered">{}</td>'
)


@dataclass(frozen=True)
class LondonRow:
    """One borough. The counts and the worst rating are None where they are not signed off for the reader."""

    standing: Standing
    name: str
    url: str
    check_url: str
    member: str
    officer: str
    answered: int
    asked: int
    state: str
    last_change: dt.datetime | None
    green: int | None
    amber: int | None
    red: int | None
    worst: Status | None

    @property
    def is_withheld(self) -> bool:
        return not self.standing.is_visible

    @property
    def is_vacant(self) -> bool:
        return self.standing.is_vacant

    @property
    def is_behind(self) -> bool:
        return self.standing.is_behind

    @property
    def counts(self) -> tuple[tuple[str, int | None], ...]:
        return ("Green", self.green), ("Amber", self.amber), ("Red", self.red)

    @property
    def cells(self) -> SafeString:
        """The row of the table. By a template its thirty variables took a third of the page's time."""
        first = format_html('<th scope="row"><a href="{}">{}</a></th>', self.url, self.name)
        seat = format_html(
            '<td data-label="Link member">{}{}</td>', VACANT if self.is_vacant else "", self.member
        )
        officer = format_html('<td class="nowrap" data-label="Officer">{}</td>', self.officer or "No officer")
        state = format_html('<td data-label="State">{}{}</td>', self.state, BEHIND if self.is_behind else "")
        day = uk_date(self.last_change) if self.last_change else "None yet"
        change = format_html('<td class="nowrap" data-label="Last change">{}</td>', day)
        return format_html("{}" * 6, first, seat, officer, self._answers, state, change)

    @property
    def _answers(self) -> SafeString:
        """The counts, each with the address of what it counts, and how many are answered."""
        words = f"{self.answered} of {self.asked}"
        if self.is_withheld:
            return format_html(WITHHELD, words)
        counts = [
            format_html(COUNT, word, self.check_url, word.lower(), count, word.lower(), self.name)
            if count
            else format_html(NO_COUNT, word)
            for word, count in self.counts
        ]
        return format_html("{}" * 4, *counts, format_html(ANSWERED, self.check_url, words))


@dataclass(frozen=True)
class London:
    cycle: ReviewCycle
    theme: Theme | None
    rows: list[LondonRow]

    @property
    def finished(self) -> list[LondonRow]:
        return [row for row in self.rows if row.standing.is_finished]

    @property
    def unfinished(self) -> list[LondonRow]:
        """Those that are furthest from being submitted come first."""
        rows = [row for row in self.rows if not row.standing.is_finished]
        return sorted(rows, key=lambda row: row.answered)

    @property
    def behind(self) -> list[LondonRow]:
        return [row for row in self.rows if row.is_behind]

    @property
    def vacant(self) -> list[LondonRow]:
        return [row for row in self.rows if row.is_vacant]

    @property
    def withheld(self) -> list[LondonRow]:
        return [row for row in self.rows if row.is_withheld]

    @property
    def by_worst(self) -> list[tuple[Status, list[LondonRow]]]:
        groups = ((status, [row for row in self.rows if row.worst == status]) for status in WORST_FIRST)
        return [(status, rows) for status, rows in groups if rows]

    @property
    def key(self) -> list[tuple[str, str]]:
        """What a tile without a rating means; the states of progress have words of their own."""
        return [("", NOT_SIGNED_OFF)] if self.theme and self.withheld else []

    def tiles(self) -> list[Tile]:
        return [self._tile(row) for row in self.rows if not row.standing.borough.is_generated]

    def _tile(self, row: LondonRow) -> Tile:
        borough = row.standing.borough
        words, fact, state = self._said(row)
        in_progress = state in ("progress", "behind") and row.asked
        return Tile(
            label=borough.tile_label,
            name=borough.name,
            column=borough.tile_column,
            row=borough.tile_row,
            url=row.url if row.is_withheld else row.check_url,
            words=words,
            fact=fact,
            state=state,
            fraction=row.answered / row.asked if in_progress else None,
            vacancy=row.is_vacant,
            status=row.worst if self.theme else None,
        )

    def _said(self, row: LondonRow) -> tuple[str, str, str]:
        """What a tile says: to listeners, on its second line, and by its state."""
        if self.theme is not None:
            if row.worst is None:
                return NOT_SIGNED_OFF, "", ""
            return f"worst is {row.worst.label.lower()}", row.worst.letter, ""
        if row.standing.is_finished:
            return row.state.lower(), "✓", "done"
        words = f"{row.answered} of {row.asked} answered"
        fact = f"{row.answered}/{row.asked}"
        return (f"{words}, behind", fact, "behind") if row.is_behind else (words, fact, "progress")


def read_london(cycle: ReviewCycle, *, theme: Theme | None, user: User, on: dt.date) -> London:
    found = standings(cycle, user, on, theme=theme.code if theme else "")
    # Addresses are put together from two, so that none is reversed per borough.
    boroughs, checks = reverse("london"), cycle.get_absolute_url()
    return London(cycle, theme, [_row(one, boroughs, checks) for one in found])


def _row(standing: Standing, boroughs: str, checks: str) -> LondonRow:
    borough, counts = standing.borough, standing.counts
    return LondonRow(
        standing=standing,
        name=borough.name,
        url=f"{boroughs}{borough.slug}/",
        check_url=f"{checks}{borough.slug}/",
        member=get_text_list([person.name for person in standing.members], "and") or vacancy_words(standing),
        officer=get_text_list([person.name for person in standing.officers], "and"),
        answered=standing.answered,
        asked=standing.asked,
        state=standing.state_words,
        last_change=standing.last_change,
        green=counts.get(Status.GREEN),
        amber=counts.get(Status.AMBER),
        red=counts.get(Status.RED),
        worst=worst_of(counts),
    )


def vacancy_words(standing: Standing) -> str:
    """ "No link member since 9 September 2010; cover by Demo Member F"."""
    since = f" since {uk_date(standing.vacant_since)}" if standing.vacant_since else ""
    cover = get_text_list([person.name for person in standing.cover], "and")
    return f"No link member{since}" + (f"; cover by {cover}" if cover else "")


def link_member_words(links: Sequence[BoroughLink]) -> str:
    members = [link.person.name for link in links if link.kind == BoroughLink.Kind.MEMBER]
    cover = [link.person.name for link in links if link.kind == BoroughLink.Kind.MEMBER_COVER]
    if members:
        return f"Link member{'s' if len(members) > 1 else ''} {get_text_list(members, 'and')}."
    return f"No link member; cover by {get_text_list(cover, 'and')}." if cover else "No link member."


def worst_of(counts: dict[str, int]) -> Status | None:
    """The worst rating among the counted ones; None when nothing may be seen of them."""
    return next((status for status in WORST_FIRST if counts.get(status)), None)


def in_state(rows: Sequence[LondonRow], state: str) -> Collection[int]:
    """The boroughs whose health check is in a state, or is "finished" or "behind"."""
    match state:
        case "behind":
            chosen = [row for row in rows if row.is_behind]
        case "finished":
            chosen = [row for row in rows if row.standing.is_finished]
        case _:
            chosen = [row for row in rows if row.standing.state == HealthCheck.State(state)]
    return [row.standing.borough.pk for row in chosen]
