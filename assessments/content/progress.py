"""How far a health check is: what of its answers the page's figures are made of."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.humanize.templatetags.humanize import apnumber

from assessments.content.rows import Row
from cdrp_portal.status import Status


@dataclass(frozen=True)
class Line:
    """As much of a row as the page's figures are made of."""

    code: str
    theme_code: str
    theme_title: str
    value: str
    next_step: str
    is_carried: bool

    @property
    def is_answered(self) -> bool:
        return self.value != Status.NOT_ASSESSED and not self.is_carried

    @property
    def lacks_next_step(self) -> bool:
        return self.value in (Status.AMBER, Status.RED) and not self.next_step


@dataclass(frozen=True)
class Tally:
    """How many of a theme's criteria are answered."""

    code: str
    answered: int
    total: int


@dataclass(frozen=True)
class Carried:
    """How many answers of a theme were carried forward and are not confirmed."""

    code: str
    title: str
    count: int


@dataclass(frozen=True)
class Progress:
    """How far a health check is, and what is still to do."""

    rows: Sequence[Line | Row]

    @property
    def total(self) -> int:
        return len(self.rows)

    @property
    def answered(self) -> int:
        return sum(row.is_answered for row in self.rows)

    @property
    def carried(self) -> int:
        return sum(row.is_carried for row in self.rows)

    @property
    def carried_by_theme(self) -> list[Carried]:
        """Those themes that have any."""
        counts = Counter((row.theme_code, row.theme_title) for row in self.rows if row.is_carried)
        return [Carried(code, title, count) for (code, title), count in counts.items()]

    @property
    def percent(self) -> int:
        return self.answered * 100 // self.total if self.total else 0

    @property
    def is_nearly_complete(self) -> bool:
        """Whether one answer more or less decides what the page offers next."""
        return self.answered >= self.total - 1

    @property
    def next_code(self) -> str:
        """The first criterion that nobody has answered or re-confirmed; empty when all are."""
        return next((row.code for row in self.rows if not row.is_answered), "")

    @property
    def sentence(self) -> str:
        """What is still to do, in words; empty when nothing is."""
        lacking = sum(row.lacks_next_step for row in self.rows)
        carried = f"{self.carried} not re-confirmed. " if self.carried else ""
        if not lacking:
            return carried.strip()
        if lacking == 1:
            return f"{carried}One red or amber lacks a next step."
        return f"{carried}{str(apnumber(lacking)).capitalize()} reds or ambers lack a next step."

    def tally(self, theme_code: str) -> Tally:
        rows = [row for row in self.rows if row.theme_code == theme_code]
        return Tally(theme_code, sum(row.is_answered for row in rows), len(rows))
