"""What surrounds every request: its number, the headers of every response, and who changed what.

`SecurityHeadersMiddleware` stands first in MIDDLEWARE and `RequestIdMiddleware` second, above WhiteNoise,
so that static files, refusals and errors carry the headers too.
"""

import logging
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import pghistory.middleware
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import render

from cdrp_portal.spreadsheets import SpreadsheetError

GetResponse = Callable[[HttpRequest], HttpResponseBase]

REQUEST_ID_HEADER = "X-Request-ID"
_request_id: ContextVar[str] = ContextVar("request_id", default="-")

ALWAYS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        f"{feature}=()"
        for feature in (
            "accelerometer",
            "autoplay",
            "browsing-topics",
            "camera",
            "display-capture",
            "encrypted-media",
            "geolocation",
            "gyroscope",
            "magnetometer",
            "microphone",
            "midi",
            "payment",
            "screen-wake-lock",
            "usb",
            "xr-spatial-tracking",
        )
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
# For what no view and no policy of its own has answered: a refused host, a failure in a lower layer.
LAST_POLICY = (
    "default-src 'none'; base-uri 'none'; object-src 'none'; form-action 'none'; frame-ancestors 'none'"
)


def current_request_id() -> str:
    """The number of the request in hand; "-" outside one."""
    return _request_id.get()


class RequestIdFilter(logging.Filter):
    """Gives each log record the number of its request, as `%(request_id)s`."""

    def filter(self, record: logging.LogRecord) -> bool:
        # Django logs refusals after the middleware has been left; the request still has its number.
        request = getattr(record, "request", None)
        record.request_id = getattr(request, "request_id", None) or current_request_id()
        return True


class RequestIdMiddleware:
    """Numbers each request. One that the caller brings is not believed: it goes into logs and history."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        number = uuid.uuid4().hex
        request.request_id = number  # type: ignore[attr-defined]
        token = _request_id.set(number)
        try:
            response = self.get_response(request)
        finally:
            _request_id.reset(token)
        response[REQUEST_ID_HEADER] = number
        return response


class SecurityHeadersMiddleware:
    """The headers of every response (QUALITY row 99). What a response already says more strictly stays."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for header, value in ALWAYS.items():
            response.headers.setdefault(header, value)
        response.headers.setdefault("Content-Security-Policy", LAST_POLICY)
        if settings.SECURE_HSTS_SECONDS:
            response.headers.setdefault("Strict-Transport-Security", _hsts())
        # Static files and issued papers say "public" themselves; all else that a signed-in person is shown
        # is gone when they sign out, from the back button and from any cache on the way.
        if _has_session(request, response) and "public" not in response.headers.get("Cache-Control", ""):
            response.headers["Cache-Control"] = "no-store"
        return response


def _hsts() -> str:
    parts = [f"max-age={settings.SECURE_HSTS_SECONDS}"]
    if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS:
        parts.append("includeSubDomains")
    if settings.SECURE_HSTS_PRELOAD:
        parts.append("preload")
    return "; ".join(parts)


def _has_session(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Judged by the cookie, so that a public page costs no look-up of the person."""
    name = settings.SESSION_COOKIE_NAME
    return name in request.COOKIES or name in response.cookies


class ExportMiddleware:
    """An export that cannot be written is answered with its reason: whoever asked can ask for less."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, SpreadsheetError):
            return render(request, "export_refused.html", {"reason": str(exception)}, status=422)
        return None


class MethodMiddleware:
    """A form's own address opened as a page, as after signing in again, is told in words."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed) or request.method != "GET":
            return response
        page = render(request, "405.html", status=405)
        page.headers["Allow"] = response.headers["Allow"]
        return page


class HistoryMiddleware(pghistory.middleware.HistoryMiddleware):
    """Every history row of a request tells its person, its address and its number (QUALITY row 78)."""

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        return {
            **super().get_context(request),
            "method": request.method,
            "request_id": current_request_id(),
        }
