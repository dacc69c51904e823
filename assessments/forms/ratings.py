from typing import Any

from django import forms

from assessments.models import NEXT_STEP_LIMIT, RATIONALE_LIMIT
from cdrp_portal.status import Status

RELOAD = "Load this page again before saving."


class TextField(forms.CharField):
    """Browsers send line breaks as two characters; kept as one, so that a text equals itself."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str | None:
        return super().to_python(value.replace("\r\n", "\n") if isinstance(value, str) else value)


def _text(called: str, limit: int) -> TextField:
    return TextField(
        max_length=limit,
        required=False,
        error_messages={"max_length": f"Shorten the {called} to {limit:,} characters."},
    )


def _version(*, required: bool) -> forms.IntegerField:
    wrong = dict.fromkeys(("required", "invalid", "min_value", "max_value"), RELOAD)
    return forms.IntegerField(min_value=0, max_value=2**31 - 1, required=required, error_messages=wrong)


class RatingForm(forms.Form):
    """What a row of the health check sends. Nothing else of a rating can be set by whoever saves it."""

    value = forms.ChoiceField(
        choices=Status.choices,
        required=False,
        error_messages={"invalid_choice": "Choose green, amber, red or less relevant."},
    )
    rationale = _text("reason", RATIONALE_LIMIT)
    next_step = _text("next step", NEXT_STEP_LIMIT)
    version = _version(required=True)
    # The row's buttons: what to do with two texts that met, take the answer away, give last cycle's again,
    # take back what was saved over a version.
    resolve = forms.ChoiceField(
        choices=[(one, one) for one in ("mine", "theirs", "both")],
        required=False,
        error_messages={"invalid_choice": RELOAD},
    )
    seen = _version(required=False)
    clear = forms.BooleanField(required=False)
    again = forms.BooleanField(required=False)
    undo = _version(required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("resolve") and "seen" in data and data["seen"] is None:
            raise forms.ValidationError(RELOAD)
        return data
