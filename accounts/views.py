from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import GRANTS, Permission, Scope
from accounts.requests import SignedInRequest

REACH = {
    Scope.ANY: "everywhere",
    Scope.LINKED: "for the boroughs you are linked to",
    Scope.OWN_UNIT: "for your own unit",
    Scope.ASSIGNED: "where they are assigned to you",
}


def sentence(permission: Permission, scope: Scope) -> str:
    """One line of what a role may do: "You may rate and submit for the boroughs you are linked to"."""
    words = f"You may {permission.value}"
    return f"{words}." if scope is Scope.ANY else f"{words} {REACH[scope]}."


@require_safe
def account(request: SignedInRequest) -> HttpResponse:
    grants = GRANTS.get(request.user.role, {})
    return render(request, "accounts/account.html", {"may": [sentence(*grant) for grant in grants.items()]})


@require_POST
def shortcuts_toggle(request: SignedInRequest) -> HttpResponse:
    """Turn the person's single-key shortcuts on or off (WCAG 2.1.4), then go back to where they were."""
    user = request.user
    user.single_key_shortcuts = not user.single_key_shortcuts
    user.save(update_fields=["single_key_shortcuts"])
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=settings.SECURE
    )
    return redirect(wanted if is_ours and wanted.startswith("/") else reverse("account"))
