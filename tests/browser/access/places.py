"""Every address that answers with a page, and as whom to look at it.

`routes()` walks the URLconf, so that an address that is new stands in neither table, and a test says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from accounts.permissions import Role
from tests.addresses import routes
from tests.browser.access.world import NO_PASSWORD, NOBODY, SECOND_STEP

EPO, CLERK, MEMBER, HEAD = Role.EPO, Role.CLERK, Role.MEMBER, Role.HEAD
LEAD, READER, ADMINISTRATOR = Role.LEAD, Role.READER, Role.ADMINISTRATOR


@dataclass(frozen=True)
class Look:
    """One state of an address; `values` are words of the world, or themselves."""

    as_: str
    values: str = ""
    query: str = ""


CAMDEN = "cycle=cycle subject=camden"
CELL = f"{CAMDEN} code=rated"
DRAFT = "pk=draft_framework"
BARNET = "cycle=cycle subject=barnet"
PAPER = "pk=paper"
ISSUED = "code=issued_code held_on=issued_on number=issued_number"

LOOKS: Mapping[str, list[Look]] = {
    "home": [Look(role) for role in (EPO, CLERK, MEMBER, HEAD, LEAD, ADMINISTRATOR)],
    **{name: [Look(NOBODY)] for name in ("about", "help", "contact", "accessibility", "privacy")},
    "components": [Look(HEAD)],
    # /accounts/
    "account": [Look(EPO)],
    "account_login": [Look(NOBODY)],
    "account_logout": [Look(EPO)],
    "account_reauthenticate": [Look(CLERK)],
    "account_change_password": [Look(EPO)],
    "account_set_password": [Look(NO_PASSWORD)],
    "account_reset_password": [Look(NOBODY)],
    "account_reset_password_done": [Look(NOBODY)],
    "account_reset_password_from_key": [
        Look(NOBODY, "uidb36=uidb36 key=key"),
        Look(NOBODY, "uidb36=1 key=x-y"),
    ],
    "account_reset_password_from_key_done": [Look(NOBODY)],
    "mfa_index": [Look(SECOND_STEP), Look(CLERK)],
    "mfa_reauthenticate": [Look(SECOND_STEP)],
    "mfa_activate_totp": [Look(CLERK)],
    "mfa_deactivate_totp": [Look(SECOND_STEP)],
    "mfa_view_recovery_codes": [Look(SECOND_STEP)],
    "mfa_generate_recovery_codes": [Look(SECOND_STEP)],
    # /boroughs/
    "london": [Look(HEAD), Look(HEAD, query="theme=C")],
    "boroughs:borough-detail": [
        Look(EPO, "borough=camden"),
        Look(HEAD, "borough=havering"),
        Look(HEAD, "borough=camden", "as_at=earlier_day"),
    ],
    "boroughs:visit-create": [Look(EPO, "borough=camden")],
    "boroughs:link-create": [Look(HEAD, "borough=camden")],
    "boroughs:link-end": [Look(HEAD, "borough=camden pk=link")],
    # /assessments/
    "assessments:cycle-list": [Look(HEAD)],
    "assessments:cycle-new": [Look(HEAD)],
    "assessments:framework-list": [Look(HEAD)],
    "assessments:framework-detail": [Look(HEAD, DRAFT), Look(HEAD, "pk=framework")],
    **{
        f"assessments:{name}": [Look(HEAD, DRAFT)]
        for name in ("framework-publish", "framework-discard", "theme-create", "criterion-create")
    },
    "assessments:theme-edit": [Look(HEAD, f"{DRAFT} theme=A")],
    "assessments:criterion-edit": [Look(HEAD, f"{DRAFT} code=A1")],
    "assessments:criterion-drop": [Look(HEAD, f"{DRAFT} code=A1")],
    "assessments:cycle-matrix": [
        Look(EPO, "cycle=cycle"),
        Look(HEAD, "cycle=cycle", "show=red&cells=words"),
        Look(HEAD, "cycle=cycle", "view=table"),
        Look(MEMBER, "cycle=earlier"),
        Look(HEAD, "cycle=cycle", "as_at=earlier_day"),
    ],
    "assessments:import-upload": [Look(EPO, "cycle=cycle")],
    "assessments:import-preview": [Look(EPO, "cycle=cycle token=token")],
    "assessments:bulk-edit": [
        Look(EPO, "cycle=cycle"),
        Look(EPO, "cycle=cycle", "borough=camden&criterion=H1"),
    ],
    "assessments:change-set-list": [Look(EPO, "cycle=cycle")],
    "assessments:change-set": [Look(EPO, "cycle=cycle pk=change_set")],
    "assessments:change-set-undo": [Look(EPO, "cycle=cycle pk=change_set")],
    **{
        f"assessments:cycle-{name}": [Look(HEAD, "cycle=cycle")]
        for name in ("readiness", "dates", "officers", "carry", "close", "pictures")
    },
    "assessments:readiness-ratings": [Look(HEAD, "cycle=cycle", "of=carried")],
    "assessments:cycle-between": [
        Look(HEAD, "cycle=cycle"),
        Look(HEAD, "cycle=cycle", "from=earlier_day&to=yesterday"),
    ],
    "assessments:cycle-compare": [Look(HEAD, "cycle=cycle other=earlier")],
    "assessments:health-check": [
        Look(EPO, CAMDEN),
        Look(HEAD, CAMDEN),
        Look(MEMBER, "cycle=earlier subject=camden"),
        Look(HEAD, "cycle=cycle subject=islington"),
        Look(HEAD, "cycle=cycle subject=bromley"),
        Look(HEAD, "cycle=cycle subject=authority"),
        Look(HEAD, CAMDEN, "as_at=earlier_day"),
    ],
    "assessments:health-check-history": [Look(EPO, CAMDEN)],
    "assessments:health-check-pictures": [Look(EPO, CAMDEN)],
    "assessments:health-check-confirm": [Look(EPO, CAMDEN)],
    "assessments:health-check-submit": [Look(EPO, CAMDEN)],
    "assessments:health-check-return": [Look(HEAD, BARNET)],
    "assessments:moderate": [Look(HEAD, BARNET), Look(HEAD, "cycle=cycle subject=sutton")],
    "assessments:sign-off": [Look(HEAD, "cycle=cycle subject=newham")],
    "assessments:reopen": [Look(HEAD, "cycle=cycle subject=bexley")],
    "assessments:rating": [
        Look(EPO, CELL),
        Look(EPO, f"{CAMDEN} code=red_code"),
        Look(EPO, f"{CAMDEN} code=shown"),
        Look(HEAD, "cycle=cycle subject=sutton code=discussed"),
        Look(READER, "cycle=cycle subject=bexley code=A1"),
    ],
    "assessments:rating-moderate": [Look(HEAD, f"{BARNET} code=A1")],
    "assessments:rating-flag": [Look(HEAD, f"{BARNET} code=A1")],
    "assessments:comments": [Look(HEAD, "cycle=cycle subject=sutton code=discussed")],
    "assessments:evidence-list": [
        Look(EPO, f"{CAMDEN} code=shown"),
        Look(READER, "cycle=cycle subject=bexley code=A1"),
    ],
    "assessments:evidence-add": [Look(EPO, CELL)],
    "assessments:evidence-edit": [Look(EPO, f"{CAMDEN} code=shown pk=evidence")],
    # /recommendations/
    "recommendations:recommendation-list": [Look(HEAD), Look(HEAD, query="q=zebra")],
    "recommendations:recommendation-detail": [Look(HEAD, "number=15")],
    "recommendations:plan-detail": [Look(HEAD, "slug=plan")],
    "recommendations:action-detail": [Look(HEAD, "pk=action"), Look(EPO, "pk=own_action")],
    "recommendations:cycle-plan": [Look(HEAD, "cycle=cycle")],
    "recommendations:cycle-plan-build": [Look(HEAD, "cycle=cycle")],
    "recommendations:answer-create": [Look(EPO, "rating=red_rating")],
    # /committees/
    "committees:committee-list": [Look(CLERK)],
    "committees:meeting-create": [Look(CLERK)],
    "committees:meeting-detail": [
        Look(CLERK, "code=code held_on=held_on"),
        Look(READER, "code=cecf held_on=2009-10-29"),
    ],
    "committees:paper-create": [Look(CLERK, "code=code held_on=held_on")],
    "committees:paper-detail": [Look(CLERK, PAPER)],
    "committees:head-edit": [Look(CLERK, PAPER)],
    "committees:section-edit": [
        Look(CLERK, f"{PAPER} key=supporting-information"),
        Look(CLERK, f"{PAPER} key=appendix-1"),
    ],
    "committees:appendix-remove": [Look(CLERK, f"{PAPER} key=appendix-1")],
    "committees:paper-issue": [Look(CLERK, PAPER)],
    # /papers/, /jobs/
    "papers:edition-list": [Look(NOBODY), Look(CLERK, query="words=zebra")],
    "papers:edition-detail": [Look(NOBODY, "code=mpa held_on=2003-01-30 number=10"), Look(CLERK, ISSUED)],
    "jobs:job-list": [Look(CLERK)],
    "jobs:job-detail": [Look(CLERK, "job=failed_job")],
}

DOWNLOADS = "a file"
POSTS = "takes what a form sends; the form stands on another page, which is looked at"
NO_PAGES: Mapping[str, str] = {
    "health-live": "an answer for machines",
    "health-ready": "an answer for machines",
    "assessments:matrix-changes": "an answer for the matrix’s script",
    "assessments:rating-draft": "an answer for the scripts that keep drafts",
    "mfa_authenticate": "only between two steps of signing in: among the scenes",
    **dict.fromkeys(
        (
            "mfa_download_recovery_codes",
            "borough-brief",
            "matrix-pdf",
            "london-export",
            "assessments:matrix-export",
            "assessments:ratings-export",
            "assessments:compare-export",
            "assessments:evidence-file",
            "recommendations:recommendation-export",
            "recommendations:plan-export",
            "recommendations:cycle-plan-export",
            "papers:edition-pdf",
            "jobs:job-download",
        ),
        DOWNLOADS,
    ),
    **dict.fromkeys(
        (
            "shortcuts-toggle",
            "assessments:framework-version",
            "assessments:criterion-move",
            "assessments:health-check-carry",
            "assessments:health-check-withdraw",
            "assessments:moderate-again",
            "assessments:comment-resolve",
            "assessments:comment-reopen",
            "assessments:evidence-withdraw",
            "assessments:evidence-restore",
            "assessments:proof-promise",
            "assessments:proof-confirm",
            "recommendations:position-create",
            "committees:appendix-add",
            "committees:paper-render",
            "jobs:job-cancel",
            "jobs:job-retry",
        ),
        POSTS,
    ),
}
# The administration is Django's own, for administrators alone; the page on accessibility says so.
IS_DJANGOS = "admin:"


@dataclass(frozen=True)
class Place:
    name: str
    as_: str
    address: str
    # The key of a forgotten password goes into the session, and out of the address.
    keeps_its_address: bool = True


def places(world: Mapping[str, Any]) -> list[Place]:
    found = []
    for route in routes():
        for look in LOOKS.get(route.name, []):
            pairs = (word.split("=", 1) for word in look.values.split())
            kwargs = {name: world.get(value, value) for name, value in pairs}
            query = "&".join(
                f"{name}={world.get(value, value)}"
                for name, _, value in (part.partition("=") for part in look.query.split("&") if part)
            )
            address = reverse(route.name, kwargs=kwargs) + (f"?{query}" if query else "")
            found.append(Place(f"{route.name} {address}", look.as_, address, "from_key" not in route.name))
    return [
        *found,
        Place("404", EPO, "/nowhere/"),
        Place("403", MEMBER, reverse("committees:meeting-create")),
    ]


def not_in_the_tables() -> tuple[set[str], set[str]]:
    """Addresses that neither table has, and what stands in a table though there is no such address."""
    named = {route.name for route in routes() if not route.name.startswith(IS_DJANGOS)}
    listed = LOOKS.keys() | NO_PAGES.keys()
    return named - listed, (listed - named) | (LOOKS.keys() & NO_PAGES.keys())
