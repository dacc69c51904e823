"""The administration in real Chromium: nothing of it is refused by the content policy (QUALITY row 100).

Of every other page, and of what is swapped into it, test_axe.py says so on its way.
"""

import pytest
from django.http import HttpResponse

from accounts.permissions import Role
from cdrp_portal import middleware
from tests import factories
from tests.addresses import build_portal, routes
from tests.browser.stage import Refusals, chromium, page_of, session_of

# It draws all its tables and forms alike; tests/test_content_policy.py reads each, browserless.
VISITED = ("admin:index", "admin:boroughs_")

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_browser_refuses_nothing_of_the_administration(site):
    portal = build_portal()
    addresses = {route.name: portal.address(route) for route in routes() if route.name.startswith(VISITED)}
    administrator = factories.UserFactory(role=Role.ADMINISTRATOR, password=factories.PASSWORD)
    session = session_of(administrator)
    bad, total = {}, 0

    with chromium() as browser:
        page = page_of(browser, site, session)
        refusals = Refusals.of(page.context)
        for name, address in addresses.items():
            opened = page.goto(f"{site}{address}")
            total += opened is not None and opened.status == 200
            if refused := refusals.taken(page):
                bad[name] = refused

    print(f"pages of which the browser refused something: {len(bad)} bad / {total}")
    assert total >= 14
    assert bad == {}


def test_control_browser_tells_what_it_refuses(site, monkeypatch):
    def inline(self, request):
        response = HttpResponse(
            '<p style="color:red">x</p><script>document.title = "run"</script><script src="/x.js"></script>'
        )
        response["Content-Security-Policy"] = middleware.LAST_POLICY
        return response

    monkeypatch.setattr("cdrp_portal.middleware.RequestIdMiddleware.__call__", inline)

    with chromium() as browser:
        page = page_of(browser, site)
        refusals = Refusals.of(page.context)
        page.goto(f"{site}/about/")
        refused, title = refusals.taken(page), page.title()
        page.evaluate("setTimeout(() => { throw new Error('of a script'); })")
        page.wait_for_timeout(50)
        failed = refusals.taken(page)

    assert len(refused) == 3
    assert all(one.startswith("refused: ") for one in refused)
    assert title != "run"
    assert len(failed) == 1
    assert "of a script" in failed[0]
