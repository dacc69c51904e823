"""Every page in real Chromium: nothing of it is refused by the content policy (QUALITY row 100)."""

import pytest
from django.http import HttpResponse
from playwright.sync_api import Page

from accounts.permissions import Role
from boroughs.models import BoroughLink
from cdrp_portal import middleware
from tests import factories
from tests.addresses import build_portal, routes
from tests.browser.stage import chromium, page_of, session_of

# Reports from within the page what the browser refused, whichever way it was asked for.
WATCH = """
window.refused = [];
document.addEventListener("securitypolicyviolation", event =>
  window.refused.push(event.violatedDirective + " " + event.blockedURI + " " + event.sample));
"""
# Whose pages are visited as whom; tests/test_content_policy.py reads every page as everybody, browserless.
VISITS = {
    Role.ADMINISTRATOR: lambda name: name.startswith(("admin:index", "admin:boroughs_")),
    Role.CLERK: lambda name: not name.startswith("admin:"),
    Role.EPO: lambda name: name.startswith(("home", "assessments:", "boroughs:", "recommendations:")),
    "nobody": lambda name: name.startswith(("account_", "papers:", "about", "help")),
}

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def watching(page: Page) -> Page:
    page.context.add_init_script(WATCH)
    return page


def refusals(page: Page) -> list[str]:
    return page.evaluate("window.refused || []")


def watched(page: Page, address: str, errors: list[str]) -> list[str] | None:
    """What the browser refused of the page at the address; None where there is no page."""
    answer = page.request.get(address, max_redirects=0)
    if not answer.headers.get("content-type", "").startswith("text/html") or answer.status >= 300:
        return None
    errors.clear()
    page.goto(address)
    return refusals(page) + errors


def test_browser_refuses_nothing_on_any_page(site):
    portal = build_portal()
    addresses = {route: portal.address(route) for route in routes()}
    officer = BoroughLink.objects.get(borough=portal.borough, kind=BoroughLink.Kind.OFFICER).person
    administrator = factories.UserFactory(role=Role.ADMINISTRATOR, password=factories.PASSWORD)
    clerk = factories.UserFactory(role=Role.CLERK, password=factories.PASSWORD)
    sessions = {person.role: session_of(person) for person in (administrator, clerk, officer)} | {
        "nobody": ""
    }
    bad, total = {}, 0

    with chromium() as browser:
        for role, session in sessions.items():
            page = watching(page_of(browser, site, session))
            errors: list[str] = []
            page.on("pageerror", lambda error, errors=errors: errors.append(str(error)))
            for route, address in addresses.items():
                refused = watched(page, f"{site}{address}", errors) if VISITS[role](route.name) else None
                total += refused is not None
                if refused:
                    bad[role, route.name] = refused

    print(f"pages of which the browser refused something: {len(bad)} bad / {total}")
    assert total >= 30
    assert bad == {}


def test_control_browser_tells_what_it_refuses(site, monkeypatch):
    def inline(self, request):
        response = HttpResponse('<p style="color:red">x</p><script>document.title = "run"</script>')
        response["Content-Security-Policy"] = middleware.LAST_POLICY
        return response

    monkeypatch.setattr("cdrp_portal.middleware.RequestIdMiddleware.__call__", inline)

    with chromium() as browser:
        page = watching(page_of(browser, site))
        page.goto(f"{site}/about/")
        refused, title = refusals(page), page.title()

    assert len(refused) == 2
    assert title != "run"
