"""What every page shows: the menu of the person's role, and whether the data is a demonstration."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts.permissions import Permission, Role, scope_of

# Shown on the sign-in page in demonstration mode only, where these accounts exist (DESIGN §6).
DEMO_PASSWORD = "london-32-boroughs"  # noqa: S105
DEMO_SIGN_INS = [
    ("epo@demo.test", "Officer (EPO)"),
    ("epo2@demo.test", "Another officer"),
    ("clerk@demo.test", "Committee clerk"),
    ("member@demo.test", "Link member"),
    ("member2@demo.test", "Another link member"),
    ("head@demo.test", "Head of partnerships"),
    ("lead@demo.test", "Lead-unit officer"),
    ("reader@demo.test", "Reader"),
    ("admin@demo.test", "Administrator"),
]

# Beside the person's name, where the role's full name is too long.
SHORT_ROLES = {
    Role.EPO: "officer",
    Role.CLERK: "committee clerk",
    Role.MEMBER: "link member",
    Role.HEAD: "head of partnerships",
    Role.LEAD: "lead-unit officer",
    Role.READER: "reader",
    Role.ADMINISTRATOR: "administrator",
}

SIGNED_IN_MENU = [
    ("Home", "home", None),
    ("Boroughs", "london", Permission.READ_BOROUGHS),
    ("Health checks", "assessments:cycle-list", Permission.READ_SIGNED_OFF_RATINGS),
    ("Recommendations", "recommendations:recommendation-list", Permission.READ_RECOMMENDATIONS),
    ("Committees and papers", "committees:committee-list", Permission.READ_BOROUGHS),
    ("People and data", "admin:index", Permission.MANAGE_PEOPLE),
]
PUBLIC_MENU = [("Published papers", "papers:edition-list"), ("About the health check", "about")]


@cache
def _entries(role: str | None) -> list[tuple[str, str]]:
    """Labels and addresses for a role, None for whoever is not signed in; they never change in a process."""
    if role is None:
        return [(label, reverse(name)) for label, name in PUBLIC_MENU]
    return [
        (label, reverse(name))
        for label, name, need in SIGNED_IN_MENU
        if need is None or scope_of(role, need) is not None
    ]


def menu_for(request: HttpRequest) -> list[dict[str, Any]]:
    user = getattr(request, "user", None)
    home = reverse("home")
    return [
        {
            "label": label,
            "url": url,
            "current": request.path == url if url == home else request.path.startswith(url),
        }
        for label, url in _entries(user.role if user is not None and user.is_authenticated else None)
    ]


def portal(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    context: dict[str, Any] = {
        "menu": menu_for(request),
        "demo_mode": settings.DEMO,
        "person_role": SHORT_ROLES.get(user.role, "") if user is not None and user.is_authenticated else "",
    }
    if settings.DEMO and request.path == reverse("account_login"):
        context |= {"demo_sign_ins": DEMO_SIGN_INS, "demo_password": DEMO_PASSWORD}
    return context
