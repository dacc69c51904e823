"""The content policy and htmx's limits, on every page (QUALITY row 100)."""

import json
import re
from html.parser import HTMLParser

import pytest
from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from accounts.permissions import Role
from tests import factories
from tests.addresses import Portal, build_portal, client_of, policy_of, routes_for
from tests.quality.soak import SOAK


@pytest.fixture(autouse=True)
def _no_waiting_for_documents(settings) -> None:
    settings.DOCUMENT_WAIT_SECONDS = 0


@pytest.fixture
def portal(db) -> Portal:
    return build_portal()


@pytest.fixture
def person(db):
    """A person of a role, with a password: some pages of theirs ask for it."""

    def make(role: str):
        return factories.UserFactory(name=f"Demo {role}", role=role, password=factories.PASSWORD)

    return make


@pytest.mark.slow
def test_nonces_never_repeat():
    seen = set()

    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(f'<script nonce="{request.csp_nonce}"></script>')  # type: ignore[attr-defined]

    middleware, factory = CSPMiddleware(view), RequestFactory()
    for _number in range(10_000):
        response = middleware(factory.get("/"))
        (nonce,) = re.findall(r"'nonce-([^']+)'", response["Content-Security-Policy"])
        assert f'nonce="{nonce}"' in response.content.decode()
        seen.add(nonce)

    print(f"nonces repeated: {10_000 - len(seen)} bad / 10000")
    assert len(seen) == 10_000


def test_page_and_header_have_one_fresh_nonce(portal):
    client = client_of()
    nonces = []
    for _again in range(2):
        response = client.get("/accounts/login/")
        (nonce,) = [
            source[len("'nonce-") : -1] for source in policy_of(response)["script-src"] if "nonce" in source
        ]
        assert set(re.findall(r'nonce="([^"]+)"', response.content.decode())) == {nonce}
        nonces.append(nonce)

    assert nonces[0] != nonces[1]


class Page(HTMLParser):
    """What a strict policy would refuse, and what htmx was told."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.refused: list[str] = []
        self.htmx: dict | None = None
        self.has_htmx = False
        self._in_script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        inline = [name for name in values if name.startswith(("on", "hx-on")) or name == "style"]
        self.refused += [f"{tag} {name}" for name in inline]
        self.refused += [
            f"{tag} {name}"
            for name in ("href", "src", "action")
            if (values.get(name) or "").startswith("javascript:")
        ]
        if tag == "style":
            self.refused.append("style element")
        if tag == "script":
            source = values.get("src") or ""
            self._in_script = not source and values.get("type") != "application/json"
            self.has_htmx = self.has_htmx or "htmx" in source
            if source and not re.match("/(?!/)", source):
                self.refused.append(f"script from {source}")
        if tag == "meta" and values.get("name") == "htmx-config":
            self.htmx = json.loads(values["content"] or "")

    def handle_data(self, data: str) -> None:
        if self._in_script and data.strip():
            self.refused.append("inline script")

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._in_script = False


HTMX = {"allowEval": False, "includeIndicatorStyles": False, "selfRequestsOnly": True, "historyCacheSize": 0}


@pytest.mark.slow
@pytest.mark.parametrize(
    "role", [Role.ADMINISTRATOR, Role.EPO, None, *([Role.CLERK, Role.MEMBER, Role.HEAD] if SOAK else [])]
)
def test_no_page_needs_more_than_the_policy_allows(portal, person, role):
    client = client_of(person(role) if role else None)
    bad, total = {}, 0

    for route in routes_for(role):
        response = client.get(portal.address(route))
        if not response.headers.get("Content-Type", "").startswith("text/html") or not response.content:
            continue
        total += 1
        page = Page(response.content.decode())
        refused = list(page.refused)
        if page.has_htmx and (page.htmx is None or page.htmx | HTMX != page.htmx):
            refused.append("htmx is not told its limits")
        if refused:
            bad[route.name] = refused

    print(f"pages the policy would break, as {role or 'nobody'}: {len(bad)} bad / {total}")
    assert total >= 10
    assert bad == {}


@pytest.mark.parametrize(
    ("page", "refused"),
    [
        ('<p style="color:red">', ["p style"]),
        ("<script>alert(1)</script>", ["inline script"]),
        ('<a href="javascript:alert(1)" onclick="x()">', ["a onclick", "a href"]),
        ("<style>p{}</style>", ["style element"]),
        ('<script src="https://cdn.example/x.js"></script>', ["script from https://cdn.example/x.js"]),
    ],
)
def test_control_what_the_policy_refuses_is_noticed(page, refused):
    assert Page(page).refused == refused
