"""How the administrator's pages treat reference data: nothing is deleted, everything tells its history."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from cdrp_portal.history import changes_of


class KeptAdmin(admin.ModelAdmin):
    """Rows that other rows and past papers stand on: changed, never deleted.

    "History" shows what the database's own triggers recorded, whoever made the change and wherever.
    """

    object_history_template = "admin/object_changes.html"
    list_per_page = 50

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        obj = self.get_object(request, object_id)
        changes = changes_of(obj) if obj is not None else []
        return super().history_view(request, object_id, {**(extra_context or {}), "entries": changes})


class ShownAdmin(KeptAdmin):
    """Rows that are made on the portal's own pages, under their rules: here they are only read."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
