"""What the matrix page says besides its table: the sentence, the choices, one borough as a list."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from django.utils import timezone
from django.utils.safestring import SafeString

from assessments.matrix.filters import Cells, Show, View, was_in_words
from assessments.matrix.markup import answer_chips, answer_list, figures, list_items, options, segments
from assessments.matrix.model import MANY_REDS, Column, Matrix, Row
from assessments.matrix.words import Answer, Choice, Link, TablePage
from cdrp_portal.dates import uk_date
from cdrp_portal.status import Movement, Status

OFFERED = (Show.ALL, Show.WORSE, Show.RED, Show.CHANGED, Show.NOT_RECONFIRMED)
# What the list's own form chooses anew.
OF_LIST = frozenset({"borough", "page"})
FORMATS = (("PDF", "pdf"), ("Excel (XLSX)", "xlsx"), ("OpenDocument (ODS)", "ods"), ("CSV", "csv"))


@dataclass(frozen=True)
class MatrixPage:
    """The page around the table. Its words are made here, so that the template only sets them out."""

    matrix: Matrix
    url: str

    @property
    def state(self) -> str:
        cycle, day = self.matrix.cycle, self.matrix.filters.day
        if day is not None and day < cycle.opens_on:
            return f"Opens {uk_date(cycle.opens_on)}"
        if cycle.closed_at is not None:
            return f"Closed {uk_date(cycle.closed_at)}"
        return f"Open until {uk_date(cycle.closes_on)}"

    @property
    def counts(self) -> SafeString:
        """How many of each rating, each with the address of the boroughs behind it."""
        return figures(
            self._shown(f"{self.matrix.counts[status.value]:,} {was_in_words(status)}", status.value, count)
            for status in Status
            if (count := self.matrix.counts[status.value]) or status.rank
        )

    @property
    def moves(self) -> SafeString:
        return figures(
            self._shown(f"{count:,} {move.value}", move.value, count)
            for move in (Movement.BETTER, Movement.WORSE)
            for count in [self.matrix.moves[move.value]]
        )

    @property
    def not_reconfirmed(self) -> SafeString:
        """How many answers are last cycle's or stand on evidence that has lapsed; empty when none."""
        count = self.matrix.stale_count
        words = f"{count:,} not re-confirmed, or on lapsed evidence"
        return figures([self._shown(words, Show.NOT_RECONFIRMED, count)] if count else [])

    def _shown(self, text: str, show: str, count: int) -> Link:
        return Link(text, self.matrix.filters.as_query(show=show, view="", borough="") if count else "")

    @property
    def shown(self) -> str:
        """What the filters leave, in words; empty while everything is shown."""
        matrix = self.matrix
        if not matrix.filters.is_narrowed:
            return ""
        boroughs = f"{len(matrix.rows):,} of {matrix.borough_total:,} boroughs"
        return f"Showing {boroughs}. {matrix.filters.as_sentence()}"

    @property
    def withheld(self) -> str:
        count = len(self.matrix.withheld)
        if not count:
            return ""
        if count == 1:
            return f"{self.matrix.withheld[0].name} is not signed off yet and is not counted."
        return f"{count:,} boroughs are not signed off yet and are not counted."

    @property
    def clear_url(self) -> str:
        kept = self.matrix.filters.as_query(theme="", criterion="", officer="", show=Show.ALL)
        return f"{self.url}{kept}"

    @property
    def empty(self) -> str:
        """Why no borough is shown; empty while some are."""
        matrix = self.matrix
        if matrix.rows:
            return ""
        if self.is_before:
            return matrix.nothing_then
        if not matrix.boroughs:
            return "No borough is in this matrix."
        show = Show(matrix.filters.show)
        if show.compares and matrix.since is None:
            return "There is no earlier cycle to compare with."
        scope = matrix.filters.named_criterion or matrix.filters.named_theme or "any criterion"
        if show is Show.NOT_RECONFIRMED:
            return f"Every borough’s answer to {scope} is confirmed."
        if show.compares:
            return f"No borough is {show.value} on {scope} since {matrix.filters.named_since}."
        return f"No borough is {was_in_words(show.value)} on {scope}."

    @property
    def empty_link(self) -> Link:
        """One way onward from where no borough is shown."""
        if self.is_before:
            return Link(f"See {self.matrix.cycle} as it stands today", self.today_url)
        return Link("Clear these filters", self.clear_url)

    # As at a day

    @property
    def is_before(self) -> bool:
        """Whether the day is one on which there was nothing of the cycle yet."""
        return bool(self.matrix.nothing_then)

    @property
    def as_at(self) -> str:
        """The day in words; empty while the matrix is today's."""
        return uk_date(self.matrix.filters.day) if self.matrix.filters.day else ""

    @property
    def today_url(self) -> str:
        return f"{self.url}{self.matrix.filters.as_query(as_at='')}"

    @property
    def latest_day(self) -> str:
        return timezone.localdate().isoformat()

    @property
    def themes(self) -> SafeString:
        chosen = self.matrix.filters.theme
        every = [Choice("", "All themes", not chosen)]
        return options(
            every
            + [Choice(theme.code, theme.name, theme.code == chosen) for theme in self.matrix.every_theme]
        )

    @property
    def officers(self) -> SafeString:
        chosen = self.matrix.filters.officer
        every = [Choice("", "All officers", not chosen)]
        people = [(str(officer.pk), officer.name) for officer in self.matrix.officers]
        return options(every + [Choice(number, name, number == chosen) for number, name in people])

    @property
    def shows(self) -> SafeString:
        """The four that are always offered, and whatever else a link has chosen."""
        chosen = Show(self.matrix.filters.show)
        offered = OFFERED if chosen in OFFERED else (*OFFERED, chosen)
        return segments("show", [Choice(show.value, str(show.label), show is chosen) for show in offered])

    @cached_property
    def cycles(self) -> SafeString:
        """The earlier cycles; without any, nothing can be compared and nothing is offered."""
        chosen = self.matrix.since.pk if self.matrix.since else None
        return options(Choice(cycle.slug, cycle.name, cycle.pk == chosen) for cycle in self.matrix.earlier)

    @property
    def cell_forms(self) -> SafeString:
        chosen = self.matrix.filters.cells
        return segments("cells", [Choice(cells.value, str(cells.label), cells == chosen) for cells in Cells])

    @property
    def exports(self) -> SafeString:
        """The four files, which lie below the page's own address."""
        query = self.matrix.filters.as_query(data_only=True)
        return list_items(Link(label, f"{self.url}matrix.{ending}{query}") for label, ending in FORMATS)

    @cached_property
    def statuses(self) -> tuple[Status, ...]:
        """Those that the table draws, for the key."""
        drawn = self.matrix.shown_counts.keys() | (
            self.matrix.authority.counts.keys() if self.matrix.authority else set()
        )
        return tuple(status for status in Status if status.value in drawn)

    @property
    def has_moves(self) -> bool:
        authority = self.matrix.authority.moves if self.matrix.authority else ()
        return any(
            move in authority or self.matrix.moves[move.value] for move in (Movement.BETTER, Movement.WORSE)
        )

    @property
    def has_stale(self) -> bool:
        """Whether the table hatches anything, for the key."""
        authority = [self.matrix.authority] if self.matrix.authority else []
        return any(True in row.stale for row in [*authority, *self.matrix.rows])

    @property
    def has_many_reds(self) -> bool:
        return any(counts.red >= MANY_REDS for counts in self.matrix.column_counts)

    @property
    def in_letters(self) -> bool:
        return self.matrix.filters.cells == Cells.LETTERS

    @property
    def kept(self) -> tuple[tuple[str, str], ...]:
        """What the list's own form must hand on, so that choosing a borough keeps the filters."""
        return tuple(pair for pair in self.matrix.filters.chosen().items() if pair[0] not in OF_LIST)

    @property
    def authority_chips(self) -> SafeString:
        return answer_chips(self.authority_only)

    @cached_property
    def authority_only(self) -> list[Answer]:
        row = self.matrix.authority
        if row is None:
            return []
        return [self._answer(row, column, value, None, None) for column, value in self.matrix.authority_only]

    @property
    def with_table(self) -> bool:
        return self.matrix.filters.view != View.LIST

    @property
    def with_list(self) -> bool:
        return self.matrix.filters.view != View.TABLE and self.listed is not None

    @property
    def form_class(self) -> str:
        """Which of the two forms the stylesheet shows at which width."""
        if self.is_before:
            return "matrix-page--table"
        return {View.TABLE: "matrix-page--table", View.LIST: "matrix-page--list"}.get(
            View(self.matrix.filters.view), "matrix-page--either"
        )

    @property
    def table_url(self) -> str:
        return f"{self.url}{self.matrix.filters.as_query(view=View.TABLE)}"

    @property
    def list_url(self) -> str:
        return f"{self.url}{self.matrix.filters.as_query(view='')}"

    # The pages of the table

    @cached_property
    def pages(self) -> tuple[TablePage, ...]:
        """Each page by its first and last borough; none where one page holds every row."""
        pages, current = self.matrix.pages, self.matrix.page_number
        if len(pages) == 1:
            return ()
        return tuple(
            TablePage(
                url=f"{self.url}{self.matrix.filters.as_query(page=str(number) if number > 1 else '')}",
                words=f"{rows[0].name} to {rows[-1].name}",
                is_current=number == current,
                rel={current - 1: "prev", current + 1: "next"}.get(number, ""),
                first=rows[0].slug,
                last=rows[-1].slug,
                rows="|".join([f"{row.slug}:{row.name}" for row in rows]) if number != current else "",
            )
            for number, rows in enumerate(pages, start=1)
        )

    @property
    def page_words(self) -> str:
        """ "Boroughs 61 to 120 of 343.", where there are pages."""
        before = sum(len(rows) for rows in self.matrix.pages[: self.matrix.page_number - 1])
        last = before + len(self.matrix.on_page)
        return f"Boroughs {before + 1:,} to {last:,} of {len(self.matrix.rows):,}."

    @property
    def elsewhere(self) -> int:
        """How many of the boroughs shown stand on the other pages."""
        return len(self.matrix.rows) - len(self.matrix.on_page)

    @property
    def previous_page(self) -> TablePage | None:
        return next((page for page in self.pages if page.rel == "prev"), None)

    @property
    def next_page(self) -> TablePage | None:
        return next((page for page in self.pages if page.rel == "next"), None)

    # One borough as a list

    @cached_property
    def listed(self) -> Row | None:
        """The borough asked for, else the reader's own first, else the first that can be read."""
        matrix = self.matrix
        if matrix.filters.borough:
            return matrix.borough(matrix.filters.borough)
        own = (row for row in matrix.visible if row.borough_id in matrix.own)
        return next(own, None) or next(iter(matrix.visible), None) or next(iter(self.subjects), None)

    @cached_property
    def subjects(self) -> list[Row]:
        authority = [self.matrix.authority] if self.matrix.authority else []
        return [*authority, *self.matrix.boroughs]

    @property
    def listed_choices(self) -> SafeString:
        return options(Choice(row.slug, row.name, row is self.listed) for row in self.subjects)

    @property
    def before(self) -> Link | None:
        return self._neighbour(-1)

    @property
    def after(self) -> Link | None:
        return self._neighbour(1)

    def _neighbour(self, step: int) -> Link | None:
        if self.listed is None:
            return None
        place = self.subjects.index(self.listed) + step
        if not 0 <= place < len(self.subjects):
            return None
        row = self.subjects[place]
        return Link(row.name, f"{self.url}{self.matrix.filters.as_query(borough=row.slug)}")

    @property
    def listed_officers(self) -> str:
        listed = self.listed
        names = [
            officer.name
            for officer in self.matrix.officers
            if listed and listed.borough_id in officer.boroughs
        ]
        return ", ".join(names)

    @property
    def listed_saved_at(self) -> dt.datetime | None:
        return self.listed.saved_at if self.listed and not self.listed.is_withheld else None

    @property
    def listed_counts(self) -> tuple[tuple[int, Status], ...]:
        counts = self.listed.counts if self.listed else {}
        return tuple((counts.get(status.value, 0), status) for status in Status if status.rank)

    @cached_property
    def groups(self) -> tuple[tuple[str, SafeString], ...]:
        """The borough's answers under the theme's name, as far as the filters leave them."""
        row = self.listed
        if row is None or row.is_withheld:
            return ()
        answers: dict[str, list[Answer]] = {theme.name: [] for theme in self.matrix.themes}
        heading = {theme.code: theme.name for theme in self.matrix.themes}
        for column, answer in self._answers(row):
            answers[heading[column.theme]].append(answer)
        if row.is_authority and Show(self.matrix.filters.show) is Show.ALL:
            answers["Asked of the Authority only"] = self.authority_only
        return tuple((name, answer_list(found)) for name, found in answers.items() if found)

    def _answers(self, row: Row) -> Iterator[tuple[Column, Answer]]:
        show = Show(self.matrix.filters.show)
        places = zip(self.matrix.columns, row.values, row.was, row.moves, row.stale, strict=True)
        for column, value, was, move, stale in places:
            if show.selects(value, move, stale):
                yield column, self._answer(row, column, value, was, move)

    def _answer(self, row: Row, column: Column, value: str, was: str | None, move: Movement | None) -> Answer:
        words = ""
        if was and move is not None and move is not Movement.SAME:
            lead = {Movement.BETTER: "Better: was", Movement.WORSE: "Worse: was"}.get(move, "Was")
            words = f"{lead} {was_in_words(was)} in {self.matrix.filters.named_since}"
        css = {Movement.BETTER: "move move--better", Movement.WORSE: "move move--worse"}
        return Answer(
            code=column.code,
            title=column.short_title,
            url=f"{self.url}{row.slug}/{column.code}/{self.matrix.filters.day_query}",
            status=Status(value),
            move_words=words,
            move_class=css.get(move, "move") if move else "",
        )
