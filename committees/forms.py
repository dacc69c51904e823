from typing import Any, cast

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS

from assessments.models import ReviewCycle
from cdrp_portal.forms import DayInput
from committees.markup import LiveProgress, MarkupError, live_blocks, parse
from committees.models import CommitteeMeeting, Numbering, Paper, PaperSection, PaperTemplate
from recommendations.models import Recommendation

NUMBER_HELP = "As it stands on the agenda: 7, 14a or 3e-AGM."
CUT_OFF_HELP = "Every figure in the paper is taken at this day."

NOT_A_DAY = "Give the day as a date."
MISSING = {
    "committee": {"required": "Choose the committee."},
    "held_on": {"required": "Give the day of the meeting.", "invalid": NOT_A_DAY},
    "starts_at": {"invalid": "Give the time in hours and minutes, for example 14:00."},
    "number": {"required": "Give its number on the agenda."},
    "title": {"required": "Give the paper a title."},
    "by_office": {"required": "Say which office it is by."},
    "template": {"required": "Choose an order of headings."},
    "cut_off_on": {"required": "Give the day at which figures are taken.", "invalid": NOT_A_DAY},
}


class MeetingForm(forms.ModelForm):
    class Meta:
        model = CommitteeMeeting
        fields = ["committee", "held_on", "starts_at", "venue", "cut_off_on"]
        labels = {
            "held_on": "Date",
            "starts_at": "Time",
            "cut_off_on": "Cut-off for figures",
        }
        help_texts = {"starts_at": "For example 14:00. Leave it empty while it is not known."}
        widgets = {"held_on": DayInput, "cut_off_on": DayInput}
        error_messages = MISSING | {
            NON_FIELD_ERRORS: {"unique_together": "This committee has a meeting on that day already."}
        }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField", self.fields["committee"]).empty_label = "Choose"

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        held_on, cut_off_on = facts.get("held_on"), facts.get("cut_off_on")
        if held_on and cut_off_on and cut_off_on > held_on:
            self.add_error("cut_off_on", "The cut-off cannot come after the meeting.")
        return facts


class PaperForm(forms.ModelForm):
    """A new paper for a meeting; its template is the newest heading order of the meeting's time."""

    class Meta:
        model = Paper
        fields = ["number", "title", "by_office", "template", "cut_off_on"]
        labels = {"by_office": "By", "template": "Order of headings", "cut_off_on": "Cut-off for figures"}
        help_texts = {"number": NUMBER_HELP, "cut_off_on": CUT_OFF_HELP}
        widgets = {"cut_off_on": DayInput}
        error_messages = MISSING

    def __init__(self, *args, meeting: CommitteeMeeting, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.meeting = meeting
        templates = PaperTemplate.objects.filter(starts_on__lte=meeting.held_on)
        choice = cast("forms.ModelChoiceField", self.fields["template"])
        choice.queryset, choice.empty_label = templates, None
        self.initial.setdefault("template", templates.first())
        self.initial.setdefault("by_office", "Chief Executive")
        self.initial.setdefault("cut_off_on", meeting.cut_off_on or meeting.held_on)

    def clean_number(self) -> str:
        number = self.cleaned_data["number"].strip()
        if Paper.objects.filter(meeting=self.meeting, number=number).exists():
            raise forms.ValidationError(f"This meeting has a report {number} already.")
        if "/" in number:
            raise forms.ValidationError(
                "Write the number without a stroke: it is part of the paper's address."
            )
        return number


class HeadForm(forms.ModelForm):
    """Title, number, office, summary and cut-off of a draft."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Paper
        fields = ["number", "title", "by_office", "cut_off_on", "summary"]
        labels = {"by_office": "By", "cut_off_on": "Cut-off for figures"}
        help_texts = {
            "number": NUMBER_HELP,
            "cut_off_on": CUT_OFF_HELP,
            "by_office": "The office, not the author.",
        }
        widgets = {"cut_off_on": DayInput, "summary": forms.Textarea(attrs={"rows": 8})}
        error_messages = MISSING

    def clean_number(self) -> str:
        number = self.cleaned_data["number"].strip()
        others = Paper.objects.filter(meeting=self.instance.meeting, number=number).exclude(
            pk=self.instance.pk
        )
        if others.exists():
            raise forms.ValidationError(f"This meeting has a report {number} already.")
        if "/" in number:
            raise forms.ValidationError(
                "Write the number without a stroke: it is part of the paper's address."
            )
        return number


class SectionForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    text = forms.CharField(
        required=False,
        max_length=PaperSection._meta.get_field("text").max_length,
        widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "true"}),
        help_text=(
            "An empty line begins a new paragraph, and paragraphs number themselves. ## begins a "
            "sub-heading, 1. or - an item of a list, **two stars** make words bold."
        ),
    )

    def __init__(self, *args, section: PaperSection, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.section = section
        self.fields["text"].label = f"Text of {section.heading}"
        if section.numbering == Numbering.THAT:
            self.fields[
                "text"
            ].help_text = (
                "One paragraph for each recommendation, without the word That: it is printed before them."
            )

    def clean_text(self) -> str:
        text = self.cleaned_data["text"]
        try:
            parse(text, self.section.numbering)
        except MarkupError as error:
            raise forms.ValidationError(str(error)) from error
        return text


class LiveMatrixForm(forms.Form):
    """Adds a line that stands for a cycle's matrix, or for one theme of it."""

    cycle = forms.ModelChoiceField(ReviewCycle.objects.newest_first(), empty_label=None, to_field_name="slug")
    theme = forms.ChoiceField(required=False)
    evidence = forms.BooleanField(label="List the evidence behind the greens", required=False)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        cycle = ReviewCycle.objects.newest_first().first()
        themes = cycle.framework.themes.all() if cycle else []
        choice = cast("forms.ChoiceField", self.fields["theme"])
        choice.choices = [("", "All themes"), *((theme.code, str(theme)) for theme in themes)]

    def line(self) -> str:
        theme = f", theme {self.cleaned_data['theme']}" if self.cleaned_data["theme"] else ""
        evidence = ", evidence" if self.cleaned_data["evidence"] else ""
        return f"[matrix: {self.cleaned_data['cycle'].slug}{theme}{evidence}]"


class LiveProgressForm(forms.Form):
    """Adds a line that stands for the progress table of chosen recommendations."""

    numbers = forms.CharField(
        label="Recommendations",
        max_length=120,
        help_text="Numbers or ranges, for example 12, 31-33.",
        error_messages={"required": "Give the numbers of recommendations."},
    )

    def clean_numbers(self) -> str:
        numbers = self.cleaned_data["numbers"].strip()
        line = f"[progress: {numbers}]"
        try:
            [live] = live_blocks(line)
        except MarkupError as error:
            raise forms.ValidationError("Write numbers or ranges, for example 12, 31-33.") from error
        known = set(Recommendation.objects.values_list("number", flat=True))
        asked = live.numbers if isinstance(live, LiveProgress) else ()
        missing = [number for number in asked if number not in known]
        if missing:
            raise forms.ValidationError(f"There is no recommendation {missing[0]}.")
        return numbers

    def line(self) -> str:
        return f"[progress: {self.cleaned_data['numbers']}]"


class AppendixForm(forms.Form):
    heading = forms.CharField(
        label="Title of the appendix",
        max_length=160,
        error_messages={"required": "Give the appendix a title."},
    )


class IssueForm(forms.Form):
    """The one step that cannot be taken back asks for a tick."""

    fingerprint = forms.CharField(widget=forms.HiddenInput)
    confirmed = forms.BooleanField(
        label="I have read the draft and it is right",
        error_messages={"required": "Tick the box when you have read the draft and it is right."},
    )
