from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from assessments.models import Criterion, Framework, ReviewCycle, Theme
from cdrp_portal.reference_admin import KeptAdmin, ShownAdmin


class UntilAskedAdmin(KeptAdmin):
    """A framework that a cycle has asked stays as it was: a new version is a new row (DESIGN §2)."""

    path_to_framework = ""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return super().has_change_permission(request)
        framework = obj
        for step in self.path_to_framework.split():
            framework = getattr(framework, step)
        asked = ReviewCycle.objects.filter(framework=framework).exists()
        return not asked and super().has_change_permission(request, obj)


@admin.register(Framework)
class FrameworkAdmin(UntilAskedAdmin):
    list_display = ("name", "version", "published_on")


@admin.register(Theme)
class ThemeAdmin(UntilAskedAdmin):
    path_to_framework = "framework"
    list_display = ("code", "title", "framework")
    list_filter = ("framework",)
    list_select_related = ("framework",)


@admin.register(Criterion)
class CriterionAdmin(UntilAskedAdmin):
    path_to_framework = "theme framework"
    list_display = ("code", "short_title", "theme", "derived_from")
    list_filter = ("theme__framework", "theme")
    list_select_related = ("theme",)
    search_fields = ("code", "short_title", "authority_wording", "borough_wording")


@admin.register(ReviewCycle)
class ReviewCycleAdmin(ShownAdmin):
    """Cycles are opened and closed by the head (DESIGN §5)."""

    list_display = ("name", "framework", "opens_on", "closes_on", "closed_at")
    list_select_related = ("framework",)
