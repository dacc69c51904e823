import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, cast

from django import forms
from django.utils.text import capfirst

from accounts.models import User
from accounts.permissions import Permission, Role, scope_of
from assessments.content.figures import NAMED
from assessments.content.readiness import FINISHED
from assessments.models import Framework, HealthCheck, ReviewCycle
from cdrp_portal.forms import DayInput

RATERS = [role for role in Role.values if scope_of(role, Permission.RATE) is not None]


def _day(label: str, *, required: bool, help_text: str = "") -> forms.DateField:
    what = label[0].lower() + label[1:]
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=DayInput,
        error_messages={"required": f"Give the {what}.", "invalid": f"Give the {what} as a date."},
    )


class DaysForm(forms.Form):
    """The days of a cycle; whether they follow one another is the action's question."""

    opens_on = _day("First day", required=True)
    submit_by = _day("Last day to submit", required=False, help_text="Empty: the last day.")
    moderate_by = _day("Last day to sign off", required=False, help_text="Empty: the last day.")
    closes_on = _day("Last day", required=True, help_text="The cycle stays open until you close it.")


class SeenDaysForm(forms.Form):
    """The days as they were when the page was opened, which it sends back."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "prefix": "seen"})
        for name, field in DaysForm.base_fields.items():
            self.fields[name] = forms.DateField(required=field.required, widget=forms.HiddenInput)


class CycleForm(DaysForm):
    """A new cycle, but for who is responsible where."""

    framework = forms.ModelChoiceField(
        queryset=Framework.objects.none(),
        empty_label=None,
        error_messages={
            "required": "Choose the framework that is asked.",
            "invalid_choice": "Choose a published framework.",
        },
    )
    name = forms.CharField(
        max_length=60,
        help_text="It is also the cycle’s address, so it cannot be changed.",
        error_messages={
            "required": "Give the cycle a name, such as Autumn 2010.",
            "max_length": "Give a name of at most 60 characters.",
        },
    )
    previous = forms.ModelChoiceField(
        label="Compare with",
        queryset=ReviewCycle.objects.none(),
        required=False,
        empty_label="No earlier cycle",
        error_messages={"invalid_choice": "Choose an earlier cycle, or none."},
    )
    carry = forms.BooleanField(
        label="Carry last cycle’s answers forward, not re-confirmed",
        required=False,
        help_text="They count as not answered until an officer confirms or changes each of them.",
    )
    field_order = (
        "framework",
        "name",
        "opens_on",
        "submit_by",
        "moderate_by",
        "closes_on",
        "previous",
        "carry",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        frameworks = Framework.objects.filter(is_draft=False).order_by("name", "-version")
        cast(forms.ModelChoiceField, self.fields["framework"]).queryset = frameworks
        cycles = ReviewCycle.objects.newest_first()
        cast(forms.ModelChoiceField, self.fields["previous"]).queryset = cycles

    def clean_previous(self) -> ReviewCycle | None:
        previous = self.cleaned_data["previous"]
        opens_on: dt.date | None = self.cleaned_data.get("opens_on")
        if previous is not None and opens_on is not None and previous.opens_on >= opens_on:
            raise forms.ValidationError("Choose a cycle that began before this one.")
        return previous


class OfficersForm(forms.Form):
    """Who is responsible for each borough in one cycle, under the borough's number."""

    def __init__(
        self, *args: Any, own: Mapping[int, str], chosen: Mapping[int, int | None], **kwargs: Any
    ) -> None:
        """`own`: what is said of the borough's own officer; `chosen`: who is responsible now."""
        super().__init__(*args, **kwargs)
        people = User.objects.active().filter(role__in=RATERS).order_by("name")
        self.people = {person.pk: person for person in people}
        names = [(str(person.pk), person.name) for person in self.people.values()]
        for borough, words in own.items():
            now = chosen.get(borough)
            # Somebody who has left stays what is chosen, until somebody else is.
            gone = [(str(now), "Somebody who may not sign in")] if now and now not in self.people else []
            self.fields[f"officer-{borough}"] = forms.ChoiceField(
                required=False,
                choices=[("", words), *names, *gone],
                initial=str(now or ""),
                # Sent back, so that what somebody else has changed since is told apart.
                show_hidden_initial=True,
                error_messages={"invalid_choice": "Choose an officer who may sign in."},
            )

    def seen(self, borough: int) -> int | None:
        """Whom the page showed as responsible when it was opened."""
        sent = self.data.get(self.add_initial_prefix(f"officer-{borough}"), "")
        return int(sent) if sent.isdecimal() and len(sent) < 19 else None

    def officers(self) -> dict[int, User | None]:
        """By borough; None: the borough's own."""
        return {
            int(name.removeprefix("officer-")): self.people.get(int(value)) if value else None
            for name, value in self.cleaned_data.items()
        }


class ReadinessForm(forms.Form):
    """Which health checks of a cycle are listed."""

    officer = forms.ChoiceField(
        required=False, error_messages={"invalid_choice": "Choose one of the officers listed."}
    )
    state = forms.ChoiceField(
        required=False,
        choices=[("", "All states"), *HealthCheck.State.choices, (FINISHED, "Submitted or further")],
        error_messages={"invalid_choice": "Choose one of the states listed."},
    )

    def __init__(self, *args: Any, officers: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self.fields["officer"], "All officers", officers)


class CountedForm(forms.Form):
    """Which of a cycle's ratings are listed: a part that its readiness counts, whose, and where."""

    of = forms.ChoiceField(
        label="Ratings",
        choices=[(part.key, capfirst(part.words)) for part in NAMED.values()],
        error_messages={"invalid_choice": "Choose one of the kinds listed."},
    )
    officer = forms.ChoiceField(
        required=False, error_messages={"invalid_choice": "Choose one of the officers listed."}
    )
    subject = forms.ChoiceField(
        label="Borough",
        required=False,
        error_messages={"invalid_choice": "Choose one of the boroughs listed."},
    )

    def __init__(
        self,
        *args: Any,
        officers: Iterable[tuple[str, str]],
        subjects: Iterable[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        _offer(self.fields["officer"], "All officers", officers)
        _offer(self.fields["subject"], "All boroughs", subjects)


def _offer(field: forms.Field, everything: str, choices: Iterable[tuple[str, str]]) -> None:
    cast(forms.ChoiceField, field).choices = [("", everything), *choices]
