from django import forms

from assessments.forms.ratings import RatingForm


class DraftForm(RatingForm):
    """What is typed in a row and not saved yet, no longer than what could be saved."""

    offer = forms.BooleanField(required=False)
