from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.permissions import Role

# Those who change what a committee decides on, or who may sign in (QUALITY row 93).
ROLES_WITH_SECOND_STEP = {Role.EPO, Role.CLERK, Role.HEAD, Role.ADMINISTRATOR}
KNOWN = "second_step_known"


class SecondStepMiddleware:
    """Sends whoever needs a second step of signing in to set one up first. Never in demonstration mode."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.REQUIRE_SECOND_STEP and self.is_missing(request):
            return redirect("mfa_activate_totp")
        return self.get_response(request)

    def is_missing(self, request: HttpRequest) -> bool:
        user = request.user
        if not user.is_authenticated or user.role not in ROLES_WITH_SECOND_STEP:
            return False
        if request.path.startswith((reverse("account"), "/static/")) or request.session.get(KNOWN) == user.pk:
            return False
        if not is_mfa_enabled(user):
            return True
        request.session[KNOWN] = user.pk
        return False
