from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, cast

from django import forms

from cdrp_portal.dates import DateError, parse_as_at
from cdrp_portal.forms import DayInput
from recommendations.actions import PositionError, check_stated_on
from recommendations.content.cycle_plan import Area, Finding, proposed_text
from recommendations.models import Action, LeadUnit, Position, Progress


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


class AnswerForm(forms.ModelForm):
    """An action that answers a rating: what, who leads, by when."""

    class Meta:
        model = Action
        fields = ["text", "lead_unit", "due_on"]
        labels = {"text": "What is to be done", "lead_unit": "Lead unit", "due_on": "Due"}
        help_texts = {"due_on": "May be left open."}
        widgets = {"text": forms.Textarea(attrs={"rows": 3}), "due_on": DayInput}
        error_messages = {
            "text": {
                "required": "Say what is to be done.",
                "max_length": "Say it in at most 400 characters.",
            },
            "lead_unit": {
                "required": "Choose who leads.",
                "invalid_choice": "Choose one of the lead units.",
            },
            "due_on": {"invalid": "Give the day as a date."},
        }

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        cast(forms.ModelChoiceField, self.fields["lead_unit"]).empty_label = "Choose"
        self.fields["due_on"].widget.attrs["min"] = today.isoformat()

    def clean_due_on(self) -> date | None:
        return _due(self.cleaned_data["due_on"], self.today)


def _due(value: date | None, today: date) -> date | None:
    if value is not None and value < today:
        raise forms.ValidationError("Give a day that is still to come.")
    return value


class CommonForm(forms.Form):
    """Who leads, and by when, wherever a criterion of the plan says nothing else."""

    prefix = "all"
    lead_unit = forms.ModelChoiceField(
        LeadUnit.objects.none(),
        required=False,
        empty_label="Chosen for each",
        error_messages={"invalid_choice": "Choose one of the lead units."},
    )
    due_on = forms.DateField(
        label="Due",
        required=False,
        widget=DayInput,
        error_messages={"invalid": "Give the day as a date."},
    )

    def __init__(self, *args: Any, units: Sequence[tuple[Any, str]], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        field = cast(forms.ModelChoiceField, self.fields["lead_unit"])
        field.queryset = LeadUnit.objects.all()
        field.choices = [("", "Chosen for each"), *units]
        self.fields["due_on"].widget.attrs["min"] = today.isoformat()

    def clean_due_on(self) -> date | None:
        return _due(self.cleaned_data["due_on"], self.today)

    def as_sentences(self) -> list[tuple[str, str]]:
        return [
            (f"id_{self.add_prefix(name)}", str(sentence))
            for name, errors in self.errors.items()
            for sentence in errors
        ]


class BuildForm(AnswerForm):
    """One criterion of a cycle's plan: taken in or not, and then as an action."""

    include = forms.BooleanField(required=False)

    def __init__(
        self, *args: Any, units: Sequence[tuple[Any, str]], area: Area, common: CommonForm, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.area, self.common = area, common
        # Fetched once for all the forms of a page, where each would ask for itself.
        cast(forms.ModelChoiceField, self.fields["lead_unit"]).choices = [("", "As for all"), *units]
        self.fields["lead_unit"].required = False
        self.fields["due_on"].help_text = ""
        self.fields["text"].widget.attrs["rows"] = 2
        if self.is_bound and not self.data.get(self.add_prefix("include")):
            self.fields["text"].required = False

    def clean(self) -> dict[str, Any]:
        """What is said for all stands where nothing is said here."""
        data = super().clean() or self.cleaned_data
        for name in ("lead_unit", "due_on"):
            if name in data and not data[name] and self.common.is_valid():
                data[name] = self.common.cleaned_data[name]
        if data.get("include") and "lead_unit" in data and not data["lead_unit"]:
            self.add_error("lead_unit", "Choose who leads.")
        return data

    def _post_clean(self) -> None:
        """No row is made from the form itself: `answer_ratings` checks what it plans."""

    def answer(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("text", "lead_unit", "due_on")}

    def as_sentences(self) -> list[tuple[str, str]]:
        """Each error with the field that it is about, for the summary at the top of the page."""
        return [
            (f"id_{self.add_prefix(name)}", f"{self.area.code}: {sentence}")
            for name, errors in self.errors.items()
            for sentence in errors
        ]


def build_forms(
    data: Mapping[str, Any] | None,
    wanted: Sequence[tuple[Area, list[Finding]]],
    *,
    units: Iterable[LeadUnit],
    usual: Mapping[str, int],
    today: date,
) -> tuple[CommonForm, list[tuple[Area, list[Finding], BuildForm]]]:
    """What is said for all, and each criterion's own; `usual` leads it where nobody chooses another."""
    choices = [(unit.pk, unit.name) for unit in units]
    common = CommonForm(data, units=choices, today=today)
    return common, [
        (
            area,
            findings,
            BuildForm(
                data,
                prefix=area.code,
                initial={
                    "include": True,
                    "text": proposed_text(area, findings),
                    "lead_unit": usual.get(area.code),
                },
                units=choices,
                area=area,
                common=common,
                today=today,
            ),
        )
        for area, findings in wanted
    ]
