from typing import Any

from django import forms

from assessments.models import ReviewCycle, Theme


class LondonForm(forms.Form):
    """Which cycle the map of London shows, and whether its progress or the ratings of one theme."""

    def __init__(self, *args: Any, cycles: list[ReviewCycle], themes: list[Theme], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cycle"] = forms.ChoiceField(
            label="Review cycle", choices=[(cycle.slug, cycle.name) for cycle in cycles]
        )
        self.fields["theme"] = forms.ChoiceField(
            label="Show",
            required=False,
            choices=[("", "How far they are"), *((theme.code, str(theme)) for theme in themes)],
        )
