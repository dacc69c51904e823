"""What every page shows: the menu of the person's role, and whether the data is a demonstration."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts.permissions import Permission

SIGNED_IN_MENU = [
    ("Home", "home", None),
    ("Boroughs", "london", Permission.READ_BOROUGHS),
    ("Health checks", "assessments:cycle-list", Permission.READ_SIGNED_OFF_RATINGS),
    ("Recommendations", "recommendations:recommendation-list", Permission.READ_RECOMMENDATIONS),
    ("Committees and papers", "committees:committee-list", Permission.READ_BOROUGHS),
]
PUBLIC_MENU = [("Published papers", "papers:edition-list"), ("About the health check", "about")]


def menu_for(request: HttpRequest) -> list[dict[str, Any]]:
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        entries = [
            (label, reverse(name)) for label, name, need in SIGNED_IN_MENU if need is None or user.may(need)
        ]
    else:
        entries = [(label, reverse(name)) for label, name in PUBLIC_MENU]
    home = reverse("home")
    return [
        {
            "label": label,
            "url": url,
            "current": request.path == url if url == home else request.path.startswith(url),
        }
        for label, url in entries
    ]


def portal(request: HttpRequest) -> dict[str, Any]:
    return {"menu": menu_for(request), "demo_mode": settings.DEMO}
