from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from assessments.content.cycles import read_cycles


@require_safe
def cycle_list(request: SignedInRequest) -> HttpResponse:
    if not request.user.may(Permission.READ_SIGNED_OFF_RATINGS):
        raise PermissionDenied
    return render(request, "assessments/cycle_list.html", read_cycles(request.user, on=timezone.localdate()))
