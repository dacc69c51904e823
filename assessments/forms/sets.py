import re
from typing import Any

from django import forms

from assessments.forms.ratings import RELOAD, TextField
from assessments.models import RATIONALE_LIMIT
from cdrp_portal.forms import RatingRadios
from cdrp_portal.status import Status

CHOOSE = "Choose a rating."
# "17.0 18.3": each rating's key and version, within what their columns can hold.
CELLS = re.compile(r"\d{1,18}\.\d{1,9}( \d{1,18}\.\d{1,9})*", re.ASCII)


class CellsInput(forms.HiddenInput):
    """All cells in one text, and those that are ticked beside it: a request's fields are counted."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        return " ".join(filter(None, data.getlist(name)))


class CellsField(forms.CharField):
    """Ratings with the versions that their writer saw: "17.0 18.3" becomes {17: 0, 18: 3}."""

    widget = CellsInput

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return {}
        if not CELLS.fullmatch(text):
            raise forms.ValidationError(RELOAD)
        pairs = (cell.split(".") for cell in text.split(" "))
        return {int(pk): int(version) for pk, version in pairs}


class BulkForm(forms.Form):
    """One rating, and one reason, for several cells."""

    cells = CellsField(error_messages={"required": "Choose at least one rating to change."})
    value = forms.ChoiceField(
        label="Rating",
        choices=Status.choices,
        widget=RatingRadios,
        error_messages={"required": CHOOSE, "invalid_choice": CHOOSE},
    )
    rationale = TextField(
        label="Reason",
        max_length=RATIONALE_LIMIT,
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text="Left blank, each keeps the reason that it has.",
        error_messages={"max_length": f"Shorten the reason to {RATIONALE_LIMIT:,} characters."},
    )
