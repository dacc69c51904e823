from typing import Any, cast

from django import forms

from assessments.actions.frameworks import Wording
from assessments.forms.ratings import TextField
from assessments.models import Criterion, Framework, Theme


class ThemeForm(forms.Form):
    title = forms.CharField(
        max_length=80,
        error_messages={
            "required": "Give the theme a title.",
            "max_length": "Give a title of at most 80 characters.",
        },
    )


class RenamedThemeForm(ThemeForm):
    # The title when the page was opened, so that nobody's change is overwritten unseen.
    seen = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)


class EarlierField(forms.ModelChoiceField):
    """An earlier version’s criterion, named with its version where there are several."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj}, version {obj.theme.framework.version}"


class CriterionForm(forms.Form):
    """What one criterion asks, and which of the version before it asks on."""

    short_title = forms.CharField(
        max_length=60,
        help_text="A few words: the head of its column in the matrix.",
        error_messages={
            "required": "Give the criterion a short title.",
            "max_length": "Give a short title of at most 60 characters.",
        },
    )
    authority_wording = TextField(
        label="As it is asked of the Authority",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say what is asked of the Authority."},
    )
    borough_wording = TextField(
        label="As it is asked of each borough",
        required=False,
        help_text="Empty: it is asked of the Authority only.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    evidence_expected = TextField(
        label="What proves it", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    continues = EarlierField(
        label="Asks on",
        queryset=Criterion.objects.none(),
        required=False,
        help_text="The earlier criterion whose answers are last cycle’s answers to this one.",
        error_messages={"invalid_choice": "Choose a criterion of the version before."},
    )
    is_not_comparable = forms.BooleanField(
        label="Changed, so not comparable",
        required=False,
        help_text="Its answers are then not set against earlier ones, and none is carried forward.",
    )
    # What the page showed when it was opened, so that nobody's change is overwritten unseen.
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, framework: Framework, criterion: Criterion | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(EarlierField, self.fields["continues"])
        earlier = Criterion.objects.filter(
            theme__framework__name=framework.name, theme__framework__version__lt=framework.version
        ).select_related("theme__framework")
        latest = earlier.order_by("-theme__framework__version").first()
        before = latest.theme.framework_id if latest else None
        field.queryset = earlier.filter(theme__framework=before).order_by("position")
        # Where nothing is chosen its code decides: a code that was asked before has to say what it asks on.
        if criterion is not None and criterion.continues_id is not None:
            field.empty_label = None
            field.required = True
            field.error_messages["required"] = (
                "Choose what it asks on. To ask something new, add a criterion."
            )
        else:
            field.empty_label = "Nothing: it is new"

    def wording(self) -> Wording:
        data = self.cleaned_data
        return Wording(
            short_title=data["short_title"],
            authority_wording=data["authority_wording"],
            borough_wording=data["borough_wording"],
            evidence_expected=data["evidence_expected"],
            continues_id=data["continues"].pk if data["continues"] else None,
            is_comparable=not data["is_not_comparable"],
        )


class NewCriterionForm(CriterionForm):
    theme = forms.ModelChoiceField(
        queryset=Theme.objects.none(),
        empty_label=None,
        error_messages={"required": "Choose a theme.", "invalid_choice": "Choose one of the themes."},
    )
    field_order = ("theme",)

    def __init__(self, *args: Any, framework: Framework, **kwargs: Any) -> None:
        super().__init__(*args, framework=framework, criterion=None, **kwargs)
        cast(forms.ModelChoiceField, self.fields["theme"]).queryset = framework.themes.all()
