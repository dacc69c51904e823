from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class SignedInRequest(HttpRequest):
    """What a view is given behind LoginRequiredMiddleware: only for reading the types, nobody makes one."""

    user: User
    htmx: HtmxDetails
