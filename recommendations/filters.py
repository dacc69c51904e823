from typing import Any

import django_filters
from django import forms
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Q

from assessments.models import Rating
from recommendations.content import PlanFacets, PlanLine
from recommendations.content.plan_lines import NO_ACTION, OPEN
from recommendations.content.register import NOT_RECORDED, Facets
from recommendations.models import Action, LeadUnit, Progress, Recommendation, RecommendationQuerySet

SEARCH_LIMIT = 100


class Narrowing(django_filters.FilterSet):
    """A list's words and choices: refused in a sentence, and told in words."""

    q = django_filters.CharFilter(
        label="Words",
        method="search",
        max_length=SEARCH_LIMIT,
        error_messages={"max_length": f"Search for at most {SEARCH_LIMIT} characters."},
        widget=forms.TextInput(attrs={"type": "search"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for declared in self.filters.values():
            if isinstance(declared, django_filters.ChoiceFilter | django_filters.ModelChoiceFilter):
                declared.extra["error_messages"] = {
                    "invalid_choice": f"There is no such choice under “{declared.label}”."
                }

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
        value, field = self.form.cleaned_data[name], self.form.fields[name]
        if value is True:
            return "yes"
        choices = dict(field.choices) if isinstance(field, django_filters.fields.ChoiceField) else {}
        return str(choices.get(value, value))


class RecommendationFilter(Narrowing):
    """What the register can be narrowed to. `facets` gives the choices that exist for whoever asks."""

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


class CyclePlanFilter(Narrowing):
    """What the action plan of a cycle can be narrowed to."""

    borough = django_filters.ChoiceFilter(label="Borough", empty_label="All boroughs")
    theme = django_filters.ChoiceFilter(label="Theme", empty_label="All themes")
    criterion = django_filters.ChoiceFilter(label="Criterion", empty_label="All criteria")
    lead_unit = django_filters.ChoiceFilter(label="Lead unit", empty_label="All units")
    state = django_filters.ChoiceFilter(
        label="State of the action",
        choices=[(OPEN, "Any that is open"), *Progress.choices, (NO_ACTION, "No action yet")],
        empty_label="All",
    )
    overdue = django_filters.BooleanFilter(label="Overdue only", widget=forms.CheckboxInput)

    class Meta:
        model = Rating
        fields: list[str] = []

    def __init__(self, *args: Any, lines: list[PlanLine], facets: PlanFacets, **kwargs: Any) -> None:
        super().__init__(*args, queryset=Rating.objects.none(), **kwargs)
        self.all_lines = lines
        self.filters["borough"].extra["choices"] = facets.boroughs
        self.filters["theme"].extra["choices"] = [(theme, theme) for theme in facets.themes]
        self.filters["criterion"].extra["choices"] = facets.criteria
        self.filters["lead_unit"].extra["choices"] = facets.units

    @property
    def lines(self) -> list[PlanLine]:
        """The lines that are left: worked out from ratings and actions, so that no queryset holds them."""
        asked = self.form.cleaned_data
        lines = [line for line in self.all_lines if self._keeps(line, asked)]
        if asked["borough"]:
            lines = [there for line in lines for there in line.within(asked["borough"])]
        return lines

    def _keeps(self, line: PlanLine, asked: dict[str, Any]) -> bool:
        return (
            line.says(asked["q"])
            and asked["theme"] in ("", line.theme)
            and asked["criterion"] in ("", line.code)
            and (not asked["lead_unit"] or line.is_led_by(asked["lead_unit"]))
            and (not asked["state"] or line.is_in_state(asked["state"]))
            and (not asked["overdue"] or line.is_overdue)
        )
