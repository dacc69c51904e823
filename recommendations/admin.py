from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from accounts.models import User
from accounts.permissions import Role
from cdrp_portal.reference_admin import KeptAdmin, ShownAdmin
from recommendations.models import Action, ActionPlan, KeyPoint, LeadUnit, Position, Recommendation, Scrutiny


class LeadUnitForm(forms.ModelForm):
    class Meta:
        model = LeadUnit
        fields = ("name", "slug", "organisation", "officers")
        widgets = {"officers": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Only whoever may give a unit's positions is one of its officers.
        officers = cast(forms.ModelMultipleChoiceField, self.fields["officers"])
        officers.queryset = User.objects.with_role(Role.LEAD)


@admin.register(LeadUnit)
class LeadUnitAdmin(KeptAdmin):
    form = LeadUnitForm
    list_display = ("name", "organisation")
    search_fields = ("name", "organisation")
    prepopulated_fields = {"slug": ("name",)}


class RecommendationForm(forms.ModelForm):
    class Meta:
        model = Recommendation
        fields = (
            "theme",
            "short_title",
            "responsible_body",
            "supporting_bodies",
            "is_among_the_twelve",
            "plan_order",
            "acceptance",
            "accepted_on",
            "progress",
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        decided = cleaned.get("acceptance") != Recommendation.Acceptance.NONE_RECORDED
        if decided and not cleaned.get("accepted_on"):
            self.add_error("accepted_on", "Give the day of the decision.")
        if not decided and cleaned.get("accepted_on"):
            self.add_error("accepted_on", "Without a decision there is no day: leave it empty.")
        return cleaned


@admin.register(Recommendation)
class RecommendationAdmin(KeptAdmin):
    """The number and the full text are the scrutiny's own words and stay as they were printed."""

    form = RecommendationForm
    fields = ("number", "full_text", *RecommendationForm.Meta.fields)
    readonly_fields = ("number", "full_text")
    list_display = ("number", "short_title", "theme", "acceptance", "progress")
    list_display_links = ("number", "short_title")
    list_filter = ("theme", "acceptance", "progress")
    search_fields = ("short_title", "full_text")
    ordering = ("number",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(KeyPoint)
class KeyPointAdmin(KeptAdmin):
    list_display = ("text", "recommendation", "plan", "position")
    list_filter = ("plan", "recommendation")
    list_select_related = ("recommendation", "plan")
    search_fields = ("text",)


@admin.register(Action)
class ActionAdmin(ShownAdmin):
    """How an action stands is told by its positions, on its own page."""

    list_display = ("text", "lead_unit", "borough", "due_on", "status")
    list_filter = ("status", "lead_unit")
    list_select_related = ("lead_unit", "borough")
    search_fields = ("text",)


@admin.register(Position)
class PositionAdmin(ShownAdmin):
    list_display = ("stated_on", "action", "status", "given_by")
    list_filter = ("status",)
    list_select_related = ("action", "given_by")
    search_fields = ("text",)


@admin.register(Scrutiny)
class ScrutinyAdmin(KeptAdmin):
    list_display = ("title", "reported_on")


@admin.register(ActionPlan)
class ActionPlanAdmin(KeptAdmin):
    list_display = ("name", "body")
