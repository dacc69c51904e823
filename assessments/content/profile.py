"""A health check by theme: how many criteria are green, amber and red, beside the cycle before."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.text import get_text_list

from assessments.content.health_check import Page, ThemeRows
from assessments.content.rows import Row
from assessments.content.trend import Figure
from assessments.models import HealthCheck, ReviewCycle
from cdrp_portal.charts import Part, stacked_bar
from cdrp_portal.status import Status


@dataclass(frozen=True)
class Line:
    """A theme in one of the two cycles; `widest` is the number of criteria of the largest theme."""

    cycle: ReviewCycle
    counts: Mapping[Status, int]
    widest: int
    is_now: bool

    @property
    def parts(self) -> list[Part]:
        return stacked_bar(self.counts, total=self.widest)

    @property
    def figures(self) -> list[Figure]:
        return [Figure(status, self.counts[status], "") for status in Status]

    @property
    def words(self) -> str:
        """ "1 green, 3 amber": only what there is."""
        return ", ".join(f"{count} {status.label.lower()}" for status, count in self.counts.items() if count)


@dataclass(frozen=True)
class ThemeLines:
    code: str
    title: str
    lines: list[Line]

    @property
    def now(self) -> Line:
        return self.lines[0]

    @property
    def then(self) -> Line | None:
        return self.lines[1] if len(self.lines) > 1 else None


@dataclass(frozen=True)
class Profile:
    """`before` is None where no answer of the cycle before may be read, or was given."""

    cycle: ReviewCycle
    before: ReviewCycle | None
    themes: list[ThemeLines]

    @property
    def sentence(self) -> str:
        """Which themes are red, and how many were."""
        red = [theme for theme in self.themes if theme.lines[0].counts[Status.RED]]
        names = get_text_list([f"{theme.code} {theme.title}" for theme in red], "and")
        words = f"Red criteria stand in {names}." if red else "No criterion is red."
        if self.before is None:
            return words
        now, was = (sum(theme.lines[place].counts[Status.RED] for theme in self.themes) for place in (0, 1))
        return f"{words} {now} red now, {was} in {self.before}."


def profile_of(check: HealthCheck, page: Page) -> Profile:
    """No queries: what the page of the health check has read is all there is to draw."""
    rows, themes = list(page.rows), page.themes()
    before = check.cycle.previous if any(_was(row) for row in rows) else None
    widest = max((len(theme.rows) for theme in themes), default=0)
    return Profile(check.cycle, before, [_lines(theme, check.cycle, before, widest) for theme in themes])


def _lines(theme: ThemeRows, cycle: ReviewCycle, before: ReviewCycle | None, widest: int) -> ThemeLines:
    lines = [Line(cycle, _counted(row.value for row in theme.rows), widest, is_now=True)]
    if before:
        lines.append(Line(before, _counted(_was(row) for row in theme.rows), widest, is_now=False))
    return ThemeLines(theme.code, theme.title, lines)


def _was(row: Row) -> Status | None:
    """What the criterion was rated then, if the two can be compared."""
    return row.last.value if row.last and row.last.is_comparable else None


def _counted(values: Iterable[Status | None]) -> dict[Status, int]:
    counts = Counter(value or Status.NOT_ASSESSED for value in values)
    return {status: counts[status] for status in Status}
