from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html

from recommendations.models import Recommendation

NUMERIC = {"th": {"class": "num"}, "td": {"class": "num"}}


class RecommendationTable(tables.Table):
    """The register. Addresses are put together from the list's own, so that none is reversed per cell."""

    number = tables.Column("Recommendation", order_by="number")
    responsible_body = tables.Column("Responsible")
    theme = tables.Column("Theme")
    acceptance = tables.Column("Acceptance")
    progress = tables.Column("Progress", order_by="progress_rank", empty_values=())
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.base = reverse("recommendations:recommendation-list")

    def render_number(self, record: Recommendation) -> str:
        return format_html(
            '<a href="{}{}/"><span class="code">{}</span> {}</a>',
            self.base,
            record.number,
            record.number,
            record.short_title,
        )

    def render_progress(self, record: Recommendation) -> str:
        return record.get_progress_display() or "Not recorded"

    def render_open_actions(self, record: Recommendation) -> str:
        return self._count(record, record.open_actions, "open")

    def render_overdue_actions(self, record: Recommendation) -> str:
        return self._count(record, record.overdue_actions, "overdue")

    def _count(self, record: Recommendation, count: int, only: str) -> str:
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
