from typing import Any

from django import forms

from assessments.models import Rating, ReviewCycle, Theme
from cdrp_portal.status import Status


class TextField(forms.CharField):
    """Browsers send line breaks as two characters; kept as one, so that a text equals itself."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return super().to_python(value.replace("\r\n", "\n") if isinstance(value, str) else value)


class RatingForm(forms.Form):
    """What a row of the health check sends. Nothing else of a rating can be set by whoever saves it."""

    value = forms.ChoiceField(
        choices=Status.choices,
        required=False,
        error_messages={"invalid_choice": "Choose green, amber, red or less relevant."},
    )
    rationale = TextField(max_length=Rating._meta.get_field("rationale").max_length, required=False)
    next_step = TextField(max_length=Rating._meta.get_field("next_step").max_length, required=False)
    version = forms.IntegerField(
        min_value=0, max_value=2**31 - 1, error_messages={"required": "Load this page again before saving."}
    )
    # The row's buttons: what to do with two texts that met, take the answer away, give last cycle's again.
    resolve = forms.ChoiceField(choices=[(one, one) for one in ("mine", "theirs", "both")], required=False)
    seen = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False)
    clear = forms.BooleanField(required=False)
    again = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("resolve") and data.get("seen") is None:
            raise forms.ValidationError("Load this page again before choosing between the two texts.")
        return data


class LondonForm(forms.Form):
    """Which cycle the map of London shows, and whether its progress or the ratings of one theme."""

    cycle = forms.ChoiceField(label="Review cycle")
    theme = forms.ChoiceField(required=False, label="Show")

    def __init__(self, *args: Any, cycles: list[ReviewCycle], themes: list[Theme], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cycle"].choices = [(cycle.slug, cycle.name) for cycle in cycles]
        self.fields["theme"].choices = [
            ("", "How far they are"),
            *((theme.code, f"{theme.code} {theme.title}") for theme in themes),
        ]
