from typing import Any

from django import forms

from assessments.forms.ratings import TextField
from cdrp_portal.status import Status

RELOAD = "Load this page again before saving."
NOTE_LIMIT, TEXT_LIMIT = 400, 2_000


def _text(called: str, limit: int, **options: Any) -> TextField:
    too_long = f"Shorten the {called} to {limit:,} characters."
    return TextField(max_length=limit, required=False, error_messages={"max_length": too_long}, **options)


def _version() -> forms.IntegerField:
    wrong = dict.fromkeys(("required", "invalid", "min_value", "max_value"), RELOAD)
    return forms.IntegerField(min_value=0, max_value=2**31 - 1, error_messages=wrong)


class ReasonForm(forms.Form):
    """Why a health check is returned to its officer, or opened again."""

    reason = _text(
        "reason",
        TEXT_LIMIT,
        label="Reason",
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Its officer reads it at the top of the health check.",
    )


class SeenForm(forms.Form):
    """What the answers were when the page was opened on which they are judged."""

    seen = forms.IntegerField(
        min_value=0, error_messages=dict.fromkeys(("required", "invalid", "min_value"), RELOAD)
    )


class ModerateForm(forms.Form):
    """Another value beside the officer's, or, by the button `undo`, the officer's own again."""

    value = forms.ChoiceField(
        choices=[(one.value, one.label) for one in Status if one != Status.NOT_ASSESSED],
        required=False,
        error_messages={"invalid_choice": "Choose green, amber, red or less relevant."},
    )
    reason = _text("reason", TEXT_LIMIT)
    version = _version()
    undo = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "value" in data and not data["value"] and not data.get("undo"):
            raise forms.ValidationError("Choose green, amber, red or less relevant.")
        return data


class FlagForm(forms.Form):
    """What is to be looked at again; by the button `settle`, nothing any more."""

    note = _text("flag", NOTE_LIMIT)
    version = _version()
    settle = forms.BooleanField(required=False)


class CommentForm(forms.Form):
    """A remark, or an answer to one."""

    text = _text("comment", TEXT_LIMIT)
    reply_to = forms.IntegerField(
        required=False, error_messages={"invalid": "Load this page again before answering."}
    )
