import re
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from cdrp_portal.reference_admin import KeptAdmin
from committees.models import Committee, CommitteeMeeting, Numbering, PaperTemplate

HEADING_KEYS = {"key", "one", "many", "numbering", "text"}
# Of a section made from it: PaperSection.key.
HEADING_KEY = re.compile(r"[a-z0-9-]{1,40}")


@admin.register(Committee)
class CommitteeAdmin(KeptAdmin):
    list_display = ("name", "code", "parent", "starts_on", "ends_on", "quorum")
    list_select_related = ("parent",)
    search_fields = ("name", "code")


@admin.register(CommitteeMeeting)
class CommitteeMeetingAdmin(KeptAdmin):
    """A meeting with papers is kept; an empty one may be taken out again."""

    list_display = ("committee", "held_on", "starts_at", "venue", "cut_off_on")
    list_filter = ("committee",)
    list_select_related = ("committee",)
    date_hierarchy = "held_on"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_staff and obj is not None and not obj.papers.exists()


class PaperTemplateForm(forms.ModelForm):
    class Meta:
        model = PaperTemplate
        fields = ("name", "starts_on", "headings")

    def clean_headings(self) -> Any:
        headings = self.cleaned_data["headings"]
        if not isinstance(headings, list) or not headings:
            raise forms.ValidationError("Give a list of headings.")
        keys = []
        for number, heading in enumerate(headings, start=1):
            if not isinstance(heading, dict) or not set(heading) >= HEADING_KEYS:
                raise forms.ValidationError(f"Heading {number} needs: {', '.join(sorted(HEADING_KEYS))}.")
            if not HEADING_KEY.fullmatch(str(heading["key"])):
                raise forms.ValidationError(
                    f"The key of heading {number} is part of an address: a to z, digits, hyphens, at most 40."
                )
            if heading["numbering"] not in Numbering.values:
                raise forms.ValidationError(
                    f"The numbering of heading {number} is one of: {', '.join(Numbering.values)}."
                )
            keys.append(heading["key"])
        if len(set(keys)) != len(keys):
            raise forms.ValidationError("Two headings have one key.")
        return headings


@admin.register(PaperTemplate)
class PaperTemplateAdmin(KeptAdmin):
    form = PaperTemplateForm
    list_display = ("name", "starts_on")
