from datetime import date
from typing import cast

from django import forms

from cdrp_portal.dates import DateError, parse_as_at
from cdrp_portal.forms import DayInput
from recommendations.actions import PositionError, check_stated_on
from recommendations.models import Position, Progress


class PlanForm(forms.Form):
    """What of a plan is asked for: the day, which actions, and whether earlier positions are wanted."""

    ONLY = [("", "All actions"), ("open", "Open actions"), ("overdue", "Overdue actions")]

    as_at = forms.CharField(required=False)
    only = forms.ChoiceField(
        required=False,
        choices=ONLY,
        error_messages={"invalid_choice": "Choose all, open or overdue actions."},
    )
    earlier = forms.BooleanField(required=False)

    def __init__(self, *args, today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_as_at(self) -> date:
        try:
            return parse_as_at(self.cleaned_data["as_at"], today=self.today) or self.today
        except DateError as error:
            raise forms.ValidationError(str(error)) from error


class PositionForm(forms.ModelForm):
    class Meta:
        model = Position
        fields = ["stated_on", "status", "text"]
        labels = {"stated_on": "Position at", "status": "How far it is", "text": "How it stands"}
        help_texts = {
            "stated_on": "The day on which it stands so.",
            "text": "A sentence or two, as it may be printed in a paper. Earlier positions stay as they are.",
        }
        widgets = {"stated_on": DayInput, "text": forms.Textarea(attrs={"rows": 4})}
        error_messages = {
            "stated_on": {"required": "Give the day of this position.", "invalid": "Give the day as a date."},
            "status": {
                "required": "Choose how far the action is.",
                "invalid_choice": "Choose one of the six words for how far it is.",
            },
            "text": {
                "required": "Say in a sentence how the action stands.",
                "max_length": "Say it in at most 2,000 characters.",
            },
        }

    def __init__(self, *args, today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("stated_on", today)
        self.today = today
        cast(forms.ChoiceField, self.fields["status"]).choices = [("", "Choose"), *Progress.choices]
        self.fields["stated_on"].widget.attrs["max"] = today.isoformat()

    def clean_stated_on(self) -> date:
        stated_on = self.cleaned_data["stated_on"]
        try:
            check_stated_on(stated_on, today=self.today)
        except PositionError as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return stated_on
