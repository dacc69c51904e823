from typing import Any

from django import forms

from assessments.forms.sets import CellsField
from assessments.imports import read_rows
from assessments.models import ReviewCycle
from cdrp_portal.uploads import TOO_LARGE, Refused


class ImportForm(forms.Form):
    """A spreadsheet that was downloaded for editing. Read in full here; nothing of it is kept as a file."""

    file = forms.FileField(
        label="The edited file",
        help_text="XLSX, ODS or CSV, up to 10 MB. Nothing is changed before you have seen every difference.",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.ods,.csv"}),
        error_messages={
            "required": "Choose the file.",
            "empty": "The file is empty.",
            "max_length": "Give the file a shorter name.",
            "invalid": "Choose the file again.",
        },
    )

    def __init__(self, *args: Any, cycle: ReviewCycle, is_too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cycle = cycle
        self.is_too_large = is_too_large

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        try:
            self.rows, self.faults = read_rows(upload, self.cycle)
        except Refused as refused:
            raise forms.ValidationError(str(refused)) from refused
        return upload

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.is_too_large:
            # The file has not arrived, so what the field says of it is not so.
            self.errors.pop("file", None)
            self.add_error("file", TOO_LARGE)
        return data


class AcceptForm(forms.Form):
    """Which of the differences are taken: each rating with the version that was on the page."""

    cells = CellsField(error_messages={"required": "Tick at least one difference to accept."})

    @property
    def sent(self) -> set[str] | None:
        """The ticks as they came in, valid or not; None before any were sent."""
        return set(self["cells"].data.split()) if self.is_bound else None
