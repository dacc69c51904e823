from collections.abc import Iterator
from typing import Any

import django_filters
from django import forms

from assessments.content.london import WORST_FIRST, London, in_state
from assessments.models import HealthCheck
from boroughs.models import BoroughQuerySet

NAME_LIMIT = 60


class LondonFilter(django_filters.FilterSet):
    """Which boroughs the table of London shows; the map always shows them all."""

    q = django_filters.CharFilter(
        label="Borough",
        field_name="name",
        lookup_expr="icontains",
        max_length=NAME_LIMIT,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    officer = django_filters.ChoiceFilter(label="Officer", method="by_officer", empty_label="All officers")
    inner = django_filters.ChoiceFilter(
        label="Part of London",
        choices=[("inner", "Inner London"), ("outer", "Outer London")],
        method="by_part",
        empty_label="Both",
    )
    state = django_filters.ChoiceFilter(
        label="State",
        choices=[
            *HealthCheck.State.choices,
            ("finished", "Submitted, moderated or signed off"),
            ("behind", "Behind"),
        ],
        method="by_state",
        empty_label="All states",
    )
    member = django_filters.ChoiceFilter(
        label="Link member",
        choices=[("vacant", "Vacant"), ("appointed", "Appointed")],
        method="by_member",
        empty_label="Any",
    )
    worst = django_filters.ChoiceFilter(
        label="Worst rating",
        choices=[(status.value, status.label) for status in WORST_FIRST],
        method="by_worst",
        empty_label="Any",
    )

    def __init__(self, *args: Any, london: London, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.london = london
        people = {person for row in london.rows for person in row.standing.officers}
        choices = [(str(one.pk), one.name) for one in sorted(people, key=lambda one: one.name)]
        self.filters["officer"].extra["choices"] = choices

    def by_officer(self, boroughs: BoroughQuerySet, name: str, value: str) -> BoroughQuerySet:
        rows = self.london.rows
        chosen = [
            row.standing.borough.pk
            for row in rows
            if value in {str(person.pk) for person in row.standing.officers}
        ]
        return boroughs.filter(pk__in=chosen)

    def by_part(self, boroughs: BoroughQuerySet, name: str, value: str) -> BoroughQuerySet:
        return boroughs.filter(is_inner=value == "inner")

    def by_state(self, boroughs: BoroughQuerySet, name: str, value: str) -> BoroughQuerySet:
        return boroughs.filter(pk__in=in_state(self.london.rows, value))

    def by_member(self, boroughs: BoroughQuerySet, name: str, value: str) -> BoroughQuerySet:
        vacant = [row.standing.borough.pk for row in self.london.vacant]
        return boroughs.filter(pk__in=vacant) if value == "vacant" else boroughs.exclude(pk__in=vacant)

    def by_worst(self, boroughs: BoroughQuerySet, name: str, value: str) -> BoroughQuerySet:
        return boroughs.filter(
            pk__in=[row.standing.borough.pk for row in self.london.rows if row.worst == value]
        )

    def in_words(self) -> Iterator[tuple[str, str]]:
        """What was chosen, as pairs of a filter's label and the chosen words."""
        for name, field in self.form.fields.items():
            value = self.form.cleaned_data.get(name)
            if value:
                yield str(field.label), str(dict(getattr(field, "choices", ())).get(value, value))
