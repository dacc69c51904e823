from django.contrib import admin
from django.http import HttpRequest

from boroughs.models import Borough, BoroughLink, Meeting, Visit
from cdrp_portal.reference_admin import KeptAdmin, ShownAdmin


@admin.register(Borough)
class BoroughAdmin(KeptAdmin):
    """The 32 come from the reference data; what identifies them is not changed here."""

    list_display = ("name", "gss_code", "bocu_code", "tile_label", "is_inner")
    list_filter = ("is_inner", "is_generated")
    search_fields = ("name", "gss_code", "bocu_code")
    readonly_fields = ("name", "slug", "gss_code", "is_generated")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(BoroughLink)
class BoroughLinkAdmin(ShownAdmin):
    """Links are assigned and ended by the head, on the borough's page (DESIGN §5)."""

    list_display = ("borough", "person", "kind", "period", "appointed_by")
    list_filter = ("kind", "borough")
    list_select_related = ("borough", "person")
    search_fields = ("borough__name", "person__name")


@admin.register(Meeting)
class MeetingAdmin(KeptAdmin):
    list_display = ("borough", "title", "starts_at", "venue")
    list_filter = ("borough",)
    list_select_related = ("borough",)
    search_fields = ("title", "borough__name")
    date_hierarchy = "starts_at"


@admin.register(Visit)
class VisitAdmin(ShownAdmin):
    list_display = ("borough", "visited_on", "noted_by")
    list_filter = ("borough",)
    list_select_related = ("borough", "noted_by")
