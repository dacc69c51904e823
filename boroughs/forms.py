from datetime import date, timedelta
from typing import Any, cast

from django import forms

from accounts.models import User
from accounts.permissions import Role
from boroughs.models import Borough, BoroughLink, Meeting
from cdrp_portal.dates import uk_date
from cdrp_portal.forms import DayInput

# A visit is noted soon after it; an older meeting is written into the note.
MEETINGS_BACK = timedelta(days=120)


class MeetingField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.title}, {uk_date(obj.starts_at)}"


class PersonField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}, {'link member' if obj.role == Role.MEMBER else 'officer'}"


class VisitForm(forms.Form):
    visited_on = forms.DateField(
        label="Day of the visit",
        widget=DayInput,
        error_messages={"required": "Give the day of the visit.", "invalid": "Give the day as a date."},
    )
    meeting = MeetingField(
        label="Meeting attended",
        queryset=Meeting.objects.none(),
        required=False,
        empty_label="None: a visit",
        error_messages={"invalid_choice": "Choose one of this borough's meetings, or none."},
    )
    note = forms.CharField(
        help_text="Whom you met and what was discussed, in a sentence or two.",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={
            "required": "Say in a sentence whom you met or what was discussed.",
            "max_length": "Say it in at most 2,000 characters.",
        },
    )

    def __init__(self, *args: Any, borough: Borough, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("visited_on", today)
        self.fields["visited_on"].widget.attrs["max"] = today.isoformat()
        meetings = cast(MeetingField, self.fields["meeting"])
        meetings.queryset = borough.meetings.filter(
            starts_at__date__lte=today, starts_at__date__gt=today - MEETINGS_BACK
        )


class LinkForm(forms.Form):
    person = PersonField(
        queryset=User.objects.none(),
        empty_label="Choose",
        error_messages={
            "required": "Choose who is linked.",
            "invalid_choice": "Choose a link member or an officer who may sign in.",
        },
    )
    kind = forms.ChoiceField(
        label="As",
        choices=BoroughLink.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose what they are linked as.",
            "invalid_choice": "Choose one of the four kinds.",
        },
    )
    starts_on = forms.DateField(
        label="First day",
        widget=DayInput,
        error_messages={"required": "Give the first day.", "invalid": "Give the first day as a date."},
    )
    ends_on = forms.DateField(
        label="Last day",
        required=False,
        help_text="Leave empty while no end is known.",
        widget=DayInput,
        error_messages={"invalid": "Give the last day as a date."},
    )
    appointed_by = forms.CharField(
        label="Appointed by",
        required=False,
        max_length=200,
        help_text="The minute or decision, if there is one.",
        error_messages={"max_length": "Say it in at most 200 characters."},
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("starts_on", today)
        people = User.objects.active().filter(role__in=[Role.MEMBER, Role.EPO])
        cast(PersonField, self.fields["person"]).queryset = people.order_by("role", "name")


class LinkEndForm(forms.Form):
    ends_on = forms.DateField(
        label="Last day",
        help_text="This day still belongs to the link.",
        widget=DayInput,
        error_messages={"required": "Give the last day.", "invalid": "Give the last day as a date."},
    )
    version = forms.IntegerField(
        widget=forms.HiddenInput, min_value=1, error_messages={"required": "Open this page again."}
    )

    def __init__(self, *args: Any, link: BoroughLink, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.update(ends_on=today, version=link.version)
