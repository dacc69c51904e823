"""Sweeps over every address: forged requests and headers (QUALITY rows 97 and 99).

In the suite each address meets some of the ways, by turns; `SOAK=1` asks all of each.
"""

import re
from pathlib import Path

import pytest
from django.conf import settings as live_settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from psycopg import sql

from accounts.permissions import Role
from boroughs.models import Borough
from cdrp_portal.urls import urlpatterns as portal_urlpatterns
from tests import factories
from tests.addresses import Portal, build_portal, client_of, policy_of, routes_for
from tests.quality.soak import SOAK, size

UNSAFE = ("post", "put", "patch", "delete")
# Not facts of the portal: a session is the visitor's own state, and the cache holds the counts of throttling.
OWN_STATE = {"cache", "django_session"}
# A document that is asked for by its address is made by a job (DESIGN §6: "202 with a job while it renders").
MADE_BY_GET = {"committees_job", "committees_jobevent", "committees_document", "committees_documentevent"}
ASKED_FOR = {"matrix-pdf", "borough-brief"}
DIGEST = sql.SQL(
    "SELECT count(*), md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text)), '')) FROM {} AS t"
)
STATIC = sorted(
    f"/static/{file.relative_to(live_settings.STATIC_ROOT)}"
    for file in Path(live_settings.STATIC_ROOT).rglob("*.*")
    if file.suffix in {".css", ".js", ".svg", ".woff2", ".json"}
)[::5]


@login_not_required
def boom(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("SELECT secret FROM /etc/passwd")


urlpatterns = [*portal_urlpatterns, path("boom/", boom, name="boom")]


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


def rows(leave_out: set[str] = OWN_STATE) -> dict[str, tuple[int, str]]:
    """How many rows each table has, and a digest of all of them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = sorted({name for (name,) in cursor.fetchall()} - leave_out)
        found = {}
        for name in names:
            cursor.execute(DIGEST.format(sql.Identifier(name)))
            found[name] = cursor.fetchone()
    return found


def changed(before: dict, after: dict) -> list[str]:
    return [name for name in before if before[name] != after[name]]


# Row 97: forged requests.


def forgeries(client: Client) -> dict[str, dict]:
    client.get("/accounts/logout/")
    token = client.cookies["csrftoken"].value if "csrftoken" in client.cookies else ""
    return {
        "no token": {},
        "wrong token": {"headers": {"X-CSRFToken": "x" * 32}},
        "wrong origin": {"headers": {"X-CSRFToken": token, "Origin": "https://evil.example"}},
        "opaque origin": {"headers": {"X-CSRFToken": token, "Origin": "null"}},
        "wrong referrer": {
            "headers": {"X-CSRFToken": token, "Referer": "https://evil.example/"},
            "secure": True,
        },
        "no referrer": {"headers": {"X-CSRFToken": token}, "secure": True},
    }


@pytest.mark.slow
@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, None])
def test_forged_requests_are_refused_and_change_nothing(portal, person, role):
    client = client_of(person(role) if role else None, enforce_csrf_checks=True)
    tricks = forgeries(client)
    ways = [("no token", method) for method in UNSAFE] + [
        (trick, "post") for trick in tricks if trick != "no token"
    ]
    before, bad, total = rows(), [], 0

    for number, route in enumerate(routes_for(role)):
        address = portal.address(route)
        # Of Django's admin, which has one guard for all its pages, one forgery each.
        turns = ways if SOAK else [ways[0], ways[1 + number % (len(ways) - 1)]]
        for trick, method in turns[: 1 if route.is_admin else None]:
            total += 1
            status = getattr(client, method)(address, **tricks[trick]).status_code
            if status != 403:
                bad.append((route.name, trick, method, status))

    print(f"forged requests as {role or 'nobody'}: {len(bad)} bad / {total}")
    assert total >= 200
    assert bad == []
    assert changed(before, rows()) == []


def test_control_without_the_guard_forged_requests_pass(portal, person):
    client = client_of(person(Role.ADMINISTRATOR), enforce_csrf_checks=False)

    passed = sum(client.post(portal.address(route)).status_code != 403 for route in routes_for(None))

    assert passed > 0


def test_control_a_request_with_token_and_origin_passes(person):
    client = client_of(person(Role.CLERK), enforce_csrf_checks=True)
    token = forgeries(client)["wrong origin"]["headers"]["X-CSRFToken"]

    response = client.post("/accounts/logout/", headers={"X-CSRFToken": token, "Origin": "http://testserver"})

    assert response.status_code == 302


def links(response: HttpResponse) -> set[str]:
    if not response.headers.get("Content-Type", "").startswith("text/html") or response.streaming:
        return set()
    found = re.findall(r'href="(/[^"#]*)', response.content.decode())
    return {link.replace("&amp;", "&") for link in found if not link.startswith(("/static/", "//"))}


def crawl(client: Client, addresses: dict[str, str], limit: int = size(250, 400)) -> dict[str, int]:
    """Every address and every link found there, with and without htmx; the status of each."""
    seen: dict[str, int] = {}
    named = set(addresses.values())
    waiting = list(addresses.values())
    while waiting and len(seen) < limit:
        address = waiting.pop(0)
        if address in seen:
            continue
        response = client.get(address)
        seen[address] = response.status_code
        if not address.startswith("/admin/") and (SOAK or address in named):
            client.get(address, headers={"HX-Request": "true"})
            client.head(address)
        waiting += sorted(links(response) - seen.keys())
    return seen


@pytest.mark.slow
def test_crawl_of_all_pages_as_administrator_changes_no_row(portal, person):
    addresses = portal.addresses()
    papers = {name: addresses.pop(name) for name in ASKED_FOR & addresses.keys()}
    client = client_of(person(Role.ADMINISTRATOR))
    before = rows()

    seen = crawl(client, addresses)
    # Links to the documents are among what was crawled; only their jobs may come of it.
    moved = changed(before, rows(OWN_STATE))
    unexpected = set(moved) - MADE_BY_GET
    failed = {address: status for address, status in seen.items() if status >= 500}

    print(f"rows changed by reading: {len(unexpected)} bad / {len(before)} tables, {len(seen)} addresses")
    assert unexpected == set()
    assert failed == {}
    assert len(seen) >= len(addresses)
    for address in papers.values():
        assert client.get(address).status_code < 500
    assert set(changed(before, rows())) <= MADE_BY_GET


def test_control_a_changed_row_is_noticed(portal):
    before = rows()

    Borough.objects.filter(pk=portal.borough.pk).update(tile_label="XXX")

    assert "boroughs_borough" in changed(before, rows())


# Row 99: headers.


def missing(response: HttpResponse, *, signed_in: bool) -> list[str]:
    """The promises of row 99 that a response does not keep."""
    headers = response.headers
    age = re.search(r"max-age=(\d+)", headers.get("Strict-Transport-Security", ""))
    policy = policy_of(response)
    cache = headers.get("Cache-Control", "")
    promises = {
        "HSTS of a year": age is not None and int(age[1]) >= 31_536_000,
        "HSTS with subdomains": "includeSubDomains" in headers.get("Strict-Transport-Security", ""),
        "nosniff": headers.get("X-Content-Type-Options") == "nosniff",
        "referrer": headers.get("Referrer-Policy") == "same-origin",
        "COOP": headers.get("Cross-Origin-Opener-Policy") == "same-origin",
        "CORP": headers.get("Cross-Origin-Resource-Policy") == "same-origin",
        "permissions": "camera=()" in headers.get("Permissions-Policy", ""),
        "request number": re.fullmatch("[0-9a-f]{32}", headers.get("X-Request-ID", "")) is not None,
        "object-src": policy.get("object-src") == ["'none'"],
        "base-uri": policy.get("base-uri") == ["'none'"],
        "frame-ancestors": policy.get("frame-ancestors") == ["'none'"],
        "default-src": policy.get("default-src") == ["'none'"],
        "nothing unsafe": not any("unsafe" in source for sources in policy.values() for source in sources),
        "no-store": not signed_in or "no-store" in cache or "public" in cache,
    }
    return [name for name, kept in promises.items() if not kept]


@pytest.fixture
def live(settings):
    """The settings that decide headers, as a deployment has them."""
    settings.DEBUG = False
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.ROOT_URLCONF = "tests.test_security"
    return settings


def answers(client: Client, portal: Portal, role: str | None):
    """Every kind of response: pages, downloads, redirects, refusals, failures, static files, 304."""
    for route in routes_for(role):
        name, address = route.name, portal.address(route)
        yield name, client.get(address, secure=True)
        if not route.is_admin and (SOAK or role is None):
            yield f"{name} without TLS", client.get(address)
            yield f"{name} by OPTIONS", client.options(address, secure=True)
    yield "absent", client.get("/nothing-here/", secure=True)
    yield "absent static file", client.get("/static/nothing.css", secure=True)
    yield "posted to a static file", client.post(STATIC[0], secure=True)
    yield "broken", client.get("/boom/", secure=True)
    yield "wrong host", client.get("/about/", secure=True, headers={"Host": "evil.example"})
    yield "malformed date", client.get("/recommendations/?as_at=tomorrow", secure=True)
    yield "forged", client.post("/accounts/logout/", secure=True, headers={"Origin": "https://evil.example"})
    for address in STATIC:
        response = client.get(address, secure=True)
        yield address, response
        unchanged = {"If-None-Match": response.headers.get("ETag", ""), "Accept-Encoding": "gzip"}
        yield f"{address} unchanged", client.get(address, secure=True, headers=unchanged)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("role", "redirecting"),
    [(Role.ADMINISTRATOR, False), (Role.CLERK, False), (None, False), (None, True)],
)
def test_every_response_carries_the_headers(live, portal, person, role, redirecting):
    live.SECURE_SSL_REDIRECT = redirecting
    client = client_of(person(role) if role else None, enforce_csrf_checks=True)
    bad, statuses = {}, []

    for name, response in answers(client, portal, role):
        statuses.append(response.status_code)
        if response.streaming:
            b"".join(response)
        lacking = missing(response, signed_in=role is not None)
        if lacking:
            bad[name] = lacking

    print(
        f"headers as {role or 'nobody'}: {len(bad)} bad / {len(statuses)}; statuses {sorted(set(statuses))}"
    )
    assert len(STATIC) >= 10
    assert len(statuses) >= 200
    assert {200, 302, 304, 400, 403, 404, 500} <= set(statuses) | ({302} if role else set())
    assert bad == {}


def test_control_without_the_middleware_headers_are_missing(live, portal):
    live.MIDDLEWARE = [name for name in live.MIDDLEWARE if "cdrp_portal" not in name]

    response = client_of().get("/healthz/live", secure=True)

    assert {"CORP", "permissions", "request number"} <= set(missing(response, signed_in=False))


def test_failure_tells_its_number_and_nothing_else(live, portal):
    response = client_of().get("/boom/", secure=True)
    text = response.content.decode()

    assert response.status_code == 500
    assert not re.search(r"SELECT|passwd|Traceback|RuntimeError|\.py|Django|Python", text)
