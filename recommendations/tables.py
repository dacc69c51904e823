from collections.abc import Iterator
from itertools import groupby
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from assessments.content.found import AUTHORITY
from recommendations.content import PlanLine
from recommendations.content.cycle_plan import Somewhere
from recommendations.models import Recommendation

NUMERIC = {"th": {"class": "num"}, "td": {"class": "num"}}


class RecommendationTable(tables.Table):
    """The register. `lines` draws the rows; the columns give the heads, the order and the export's sorting.

    Addresses are put together from the list's own, so that none is reversed per cell.
    """

    number = tables.Column("Recommendation", order_by="number")
    responsible_body = tables.Column("Responsible")
    theme = tables.Column("Theme")
    acceptance = tables.Column("Acceptance")
    progress = tables.Column("Progress", order_by="progress_rank")
    open_actions = tables.Column("Open actions", attrs=NUMERIC, initial_sort_descending=True)
    overdue_actions = tables.Column("Overdue", attrs=NUMERIC, initial_sort_descending=True)

    class Meta:
        model = Recommendation
        fields = (
            "number",
            "responsible_body",
            "theme",
            "acceptance",
            "progress",
            "open_actions",
            "overdue_actions",
        )
        order_by = "number"
        template_name = "recommendations/_register_table.html"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.base = reverse("recommendations:recommendation-list")

    def lines(self) -> Iterator[tuple[SafeString, list[tuple[str, str, str | SafeString]]]]:
        """Each row on the page: its head, then (label, class, cell) for every other column."""
        for row in self.paginated_rows:
            record = row.record
            yield (
                self._head(record),
                [
                    ("Responsible", "", record.responsible_body),
                    ("Theme", "", record.theme),
                    ("Acceptance", "", record.get_acceptance_display()),
                    ("Progress", "", record.get_progress_display() or "Not recorded"),
                    ("Open actions", "num", self._count(record, record.open_actions, "open")),
                    ("Overdue", "num", self._count(record, record.overdue_actions, "overdue")),
                ],
            )

    def _head(self, record: Recommendation) -> SafeString:
        number = record.number
        return format_html(
            '<a href="{}{}/"><span class="code">{}</span> {}</a>',
            self.base,
            number,
            number,
            record.short_title,
        )

    def _count(self, record: Recommendation, count: int, only: str) -> str | SafeString:
        if not count:
            return "0"
        return format_html(
            '<a href="{}{}/?only={}#plan">{}<span class="vh"> {} of recommendation {}</span></a>',
            self.base,
            record.number,
            only,
            count,
            only,
            record.number,
        )


class CyclePlanTable(tables.Table):
    """The action plan of a cycle in the framework's order; `groups` draws the rows, a criterion at a time."""

    name = tables.Column("Criterion")
    findings = tables.Column("Where")
    action = tables.Column("Action")
    lead = tables.Column("Lead", accessor="action__lead")
    position = tables.Column("Position", accessor="action__newest")

    class Meta:
        orderable = False
        template_name = "recommendations/_cycle_plan_table.html"

    def groups(self) -> Iterator[tuple[Somewhere, list[PlanLine]]]:
        """Each criterion on the page, with where all that is left of it lies, and its lines on the page."""
        for code, rows in groupby((row.record for row in self.paginated_rows), key=lambda line: line.code):
            lines = list(rows)
            findings = {one.pk: one for line in self.data if line.code == code for one in line.findings}
            found = sorted(findings.values(), key=lambda one: (one.slug == AUTHORITY, one.subject))
            yield Somewhere(code, lines[0].title, lines[0].theme, found), lines
