from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import BaseUserCreationForm
from django.contrib.auth.models import Group
from django.http import HttpRequest

from accounts.models import User
from cdrp_portal.reference_admin import KeptAdmin

# One way in: the portal's own, with its throttling and its second step.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = "CDRP Portal: people and reference data"
admin.site.site_title = "CDRP Portal"
admin.site.index_title = "People and reference data"
admin.site.unregister(Group)
admin.site.unregister(EmailAddress)
admin.site.unregister(Authenticator)


class OneEmailMixin:
    """An e-mail address is one person's, however it is typed."""

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].lower()  # type: ignore[attr-defined]
        others = User.objects.filter(email__iexact=email).exclude(pk=self.instance.pk)  # type: ignore[attr-defined]
        if others.exists():
            raise forms.ValidationError(f"{others[0].name} signs in with this address.")
        return email


class PersonAddForm(OneEmailMixin, BaseUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "name", "role")
        field_classes: dict[str, type[forms.Field]] = {}


class PersonForm(OneEmailMixin, forms.ModelForm):
    class Meta:
        model = User
        fields = ("email", "name", "role", "is_active", "single_key_shortcuts")


@admin.register(User)
class PersonAdmin(KeptAdmin, UserAdmin):
    """People are never deleted, because what they did stays theirs: they are no longer let in."""

    form = PersonForm
    add_form = PersonAddForm
    list_display = ("name", "email", "role", "is_active")
    list_filter = ("role", "is_active")
    search_fields = ("name", "email")
    ordering = ("name",)
    filter_horizontal = ()
    readonly_fields = ("last_login", "joined_at")
    fieldsets = (
        (None, {"fields": ("name", "email", "role", "is_active")}),
        ("Settings", {"fields": ("single_key_shortcuts",)}),
        ("Dates", {"fields": ("last_login", "joined_at")}),
    )
    add_fieldsets = ((None, {"fields": ("name", "email", "role", "password1", "password2")}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Nobody shuts themselves out: another administrator changes one's role."""
        own = ("role", "is_active") if obj is not None and obj == request.user else ()
        return (*self.readonly_fields, *own)

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        # An address that is no longer theirs must not let them in.
        EmailAddress.objects.filter(user=obj).exclude(email__iexact=obj.email).delete()


@admin.register(Authenticator)
class SecondStepAdmin(admin.ModelAdmin):
    """A lost telephone: the second step is taken away, and set up anew. Its secret is shown to nobody."""

    list_display = ("user", "type", "created_at", "last_used_at")
    fields = readonly_fields = ("user", "type", "created_at", "last_used_at")
    search_fields = ("user__name", "user__email")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
