from datetime import date
from typing import Any

from django import forms
from django.core.validators import URLValidator

from cdrp_portal.forms import DayInput
from cdrp_portal.uploads import ACCEPT, KINDS_WORDS, TOO_LARGE, Refused, receive

ONE_OF_TWO = "Choose a file, or give a link."
CUT_OFF = "The upload was cut off before it had arrived. Add it again."
NOT_BOTH = "Add the file and the link one after the other: give one of the two."


class EvidenceEditForm(forms.Form):
    """What the evidence shows, and its two days."""

    title = forms.CharField(
        label="What it shows",
        max_length=200,
        help_text="In a few words: the minute that names the deputy.",
        error_messages={
            "required": "Say what it shows.",
            "max_length": "Say it in at most 200 characters.",
        },
    )
    dated_on = forms.DateField(
        label="The day it is of",
        help_text="Of the meeting or of the paper, not of today.",
        widget=DayInput,
        error_messages={"required": "Give the day that it is of.", "invalid": "Give the day as a date."},
    )
    look_again_on = forms.DateField(
        label="Holds until",
        required=False,
        help_text="The last day on which it holds. Leave empty if it does not lapse.",
        widget=DayInput,
        error_messages={"invalid": "Give the last day as a date."},
    )
    stamp = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["dated_on"].widget.attrs["max"] = today.isoformat()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        dated_on, look_again_on = data.get("dated_on"), data.get("look_again_on")
        if dated_on and dated_on > self.today:
            self.add_error("dated_on", "Give a day that has been: evidence is of something that happened.")
        if dated_on and look_again_on and look_again_on < dated_on:
            self.add_error("look_again_on", "It cannot hold until a day before the day that it is of.")
        return data


class LinkField(forms.URLField):
    """A web address. Its check takes the place of Django's own: beside it, both would say the same."""

    default_validators = [URLValidator(schemes=["http", "https"])]


class EvidenceForm(EvidenceEditForm):
    """A file or a link, and what it shows. The file is read in full before anything is kept."""

    file = forms.FileField(
        required=False,
        help_text=f"{KINDS_WORDS}, up to 10 MB. Who made it, and where a picture was taken, is not kept. "
        "Names beside comments in an OpenDocument file or a workbook stay: look before you add one.",
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        error_messages={
            "empty": "The file is empty.",
            "max_length": "Give the file a shorter name.",
            "invalid": "Choose the file again.",
        },
    )
    url = LinkField(
        label="Or a link",
        required=False,
        max_length=500,
        assume_scheme="https",
        error_messages={
            "invalid": "Give the whole address, such as https://www.example.org/minutes.",
            "max_length": "Give an address of at most 500 characters.",
        },
    )
    field_order = ["title", "file", "url", "dated_on", "look_again_on"]

    def __init__(self, *args: Any, is_too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_too_large = is_too_large

    @property
    def is_cut_off(self) -> bool:
        """The last thing that the page sends is missing, so the file before it may be a part of one."""
        return self.data.get("whole") != "1"

    def clean_file(self) -> Any:
        upload = self.cleaned_data.get("file")
        if self.is_too_large:
            raise forms.ValidationError(TOO_LARGE)
        if self.is_cut_off:
            raise forms.ValidationError(CUT_OFF)
        if not upload:
            return None
        try:
            return receive(upload)
        except Refused as refused:
            raise forms.ValidationError(str(refused)) from refused

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.is_too_large or self.is_cut_off:
            # What stood after the file has not arrived, so nothing can be said of it.
            for name in ("url", "dated_on", "look_again_on"):
                self.errors.pop(name, None)
        if "file" in self.errors or "url" in self.errors:
            return data
        if data.get("file") and data.get("url"):
            self.add_error("url", NOT_BOTH)
        elif not data.get("file") and not data.get("url"):
            self.add_error("file", ONE_OF_TWO)
        return data


class ProofForm(forms.Form):
    """By when a green is shown to be one; empty takes the promise back."""

    due_on = forms.DateField(
        label="Proof will be shown by",
        required=False,
        widget=DayInput,
        error_messages={"invalid": "Give the day as a date."},
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_on"].widget.attrs["min"] = today.isoformat()
