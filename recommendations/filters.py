from typing import Any

import django_filters
from django import forms
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Q

from recommendations.content.register import NOT_RECORDED, Facets
from recommendations.models import Action, LeadUnit, Progress, Recommendation, RecommendationQuerySet

SEARCH_LIMIT = 100


class RecommendationFilter(django_filters.FilterSet):
    """What the register can be narrowed to. `facets` gives the choices that exist for whoever asks."""

    q = django_filters.CharFilter(
        label="Words",
        method="search",
        max_length=SEARCH_LIMIT,
        error_messages={"max_length": f"Search for at most {SEARCH_LIMIT} characters."},
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    theme = django_filters.ChoiceFilter(empty_label="All themes")
    responsible_body = django_filters.ChoiceFilter(label="Responsible", empty_label="All bodies")
    acceptance = django_filters.ChoiceFilter(
        choices=Recommendation.Acceptance.choices, empty_label="All decisions"
    )
    progress = django_filters.ChoiceFilter(
        choices=[*Progress.choices, (NOT_RECORDED, "None recorded")], method="by_progress", empty_label="All"
    )
    lead_unit = django_filters.ModelChoiceFilter(
        label="Lead unit",
        queryset=LeadUnit.objects.none(),
        to_field_name="slug",
        method="by_lead_unit",
        empty_label="All units",
    )
    actions = django_filters.ChoiceFilter(
        label="Actions",
        choices=[
            ("overdue", "With an overdue action"),
            ("open", "With an open action"),
            ("none", "Without actions"),
        ],
        method="by_actions",
        empty_label="Any",
    )

    class Meta:
        model = Recommendation
        fields = ["q", "theme", "responsible_body", "acceptance", "progress", "lead_unit", "actions"]

    def __init__(self, *args: Any, facets: Facets, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["theme"].extra["choices"] = [(theme, theme) for theme in facets.themes]
        self.filters["responsible_body"].extra["choices"] = [(body, body) for body in facets.bodies]
        self.filters["lead_unit"].queryset = facets.lead_units
        for name, declared in self.filters.items():
            if name not in {"q"}:
                declared.extra["error_messages"] = {
                    "invalid_choice": f"There is no such choice under “{declared.label}”."
                }

    def search(self, rows: RecommendationQuerySet, name: str, words: str) -> RecommendationQuerySet:
        """Whole words in any form by PostgreSQL's dictionary, or the letters as they stand, or the number."""
        found = (
            Q(searched=SearchQuery(words, config="english", search_type="websearch"))
            | Q(short_title__icontains=words)
            | Q(full_text__icontains=words)
        )
        if words.isdecimal() and len(words) <= 4:
            found |= Q(number=int(words))
        return rows.annotate(searched=SearchVector("short_title", "full_text", config="english")).filter(
            found
        )

    def by_progress(self, rows: RecommendationQuerySet, name: str, value: str) -> RecommendationQuerySet:
        return rows.filter(progress="" if value == NOT_RECORDED else value)

    def by_lead_unit(self, rows: RecommendationQuerySet, name: str, unit: LeadUnit) -> RecommendationQuerySet:
        user = self.request.user
        led = Action.objects.visible_to(user).filter(lead_unit=unit)
        return rows.filter(pk__in=led.values("key_point__recommendation"))

    def by_actions(self, rows: RecommendationQuerySet, name: str, value: str) -> RecommendationQuerySet:
        """Counts the actions that the reader may see: `register` gave the rows these counts."""
        if value == "overdue":
            return rows.filter(overdue_actions__gt=0)  # type: ignore[misc]
        if value == "open":
            return rows.filter(open_actions__gt=0)  # type: ignore[misc]
        visible = Action.objects.visible_to(self.request.user).filter(key_point__recommendation__isnull=False)
        return rows.exclude(pk__in=visible.values("key_point__recommendation"))

    def in_words(self) -> list[tuple[str, str]]:
        """Each filter that is set, with what was chosen, for the page and for the export."""
        if not self.is_valid():
            return []
        return [
            (str(declared.label), self._chosen(name))
            for name, declared in self.filters.items()
            if self.form.cleaned_data.get(name)
        ]

    def _chosen(self, name: str) -> str:
        value = self.form.cleaned_data[name]
        choices = dict(getattr(self.form.fields[name], "choices", [])) if name != "lead_unit" else {}
        return str(choices.get(value, value))
