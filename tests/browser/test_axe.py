"""axe (WCAG 2.2, A and AA) on every page as every role, at 320 and 1280 px, in light and forced colours.

A page whose main part is the same for two roles is looked at once: its frame is that of other pages.
Contrast is measured on the wide page. Forced colours change colours and never what is there: in them the wide
page answers to the rules of colours, the narrow one to its width.
"""

import hashlib
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from accounts.models import User
from accounts.permissions import Role
from assessments.models import ReviewCycle
from committees.models import Job, Paper
from recommendations.models import Action
from tests.browser.stage import chromium, page_of, session_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
WIDTHS = (320, 1280)
COLOURS = ("none", "active")
# So that both cores share the pages.
PARTS = 4
OF_COLOURS = ["color-contrast", "link-in-text-block"]
# What differs between two people on the same page without differing in kind.
PERSONAL = re.compile(
    r'name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"|hx-headers=\'[^\']*\'|\bDemo \w+( \w)?\b'
)
EMAILS = {
    Role.EPO: "epo@demo.test",
    Role.CLERK: "clerk@demo.test",
    Role.MEMBER: "member@demo.test",
    Role.HEAD: "head@demo.test",
    Role.LEAD: "lead@demo.test",
    Role.READER: "reader@demo.test",
    Role.ADMINISTRATOR: "admin@demo.test",
}


def addresses() -> list[str]:
    """Every kind of page once, and those that look different in another state twice."""
    cycle = ReviewCycle.objects.open().get()
    closed = ReviewCycle.objects.exclude(closed_at=None).first()
    draft = Paper.objects.drafts().get()
    action = Action.objects.filter(key_point__recommendation__number=15).first()
    own_action = Action.objects.filter(borough__slug="tower-hamlets").first()
    failed = Job.objects.create(
        kind="committee-paper",
        parameters={"paper": draft.pk},
        title="A draft that failed",
        state=Job.State.FAILED,
        failure="Appendix 2 is too long.",
        requested_by=User.objects.get(email="clerk@demo.test"),
    )
    paper, meeting = f"/committees/papers/{draft.pk}", draft.meeting.get_absolute_url()
    return [
        "/",
        "/about/",
        "/help/",
        "/help/contact/",
        "/help/accessibility/",
        "/help/privacy/",
        "/accounts/",
        "/accounts/password/change/",
        "/accounts/2fa/",
        "/accounts/logout/",
        "/boroughs/",
        "/boroughs/?theme=C",
        "/boroughs/camden/",
        "/boroughs/havering/",
        "/boroughs/camden/visits/add/",
        "/boroughs/camden/links/add/",
        "/assessments/",
        f"/assessments/{cycle.slug}/",
        f"/assessments/{cycle.slug}/?show=red&cells=words",
        f"/assessments/{cycle.slug}/?view=table",
        f"/assessments/{closed.slug}/camden/",
        f"/assessments/{cycle.slug}/camden/",
        f"/assessments/{cycle.slug}/islington/",
        f"/assessments/{cycle.slug}/camden/D2/",
        f"/assessments/{cycle.slug}/camden/submit/",
        f"/assessments/{cycle.slug}/camden/history/",
        f"/assessments/{cycle.slug}/authority/",
        "/recommendations/",
        "/recommendations/?q=zebra",
        "/recommendations/15/",
        "/recommendations/plans/mps/",
        action.get_absolute_url(),
        own_action.get_absolute_url(),
        "/committees/",
        "/committees/meetings/add/",
        meeting,
        f"{meeting}papers/add/",
        "/committees/cecf/2009-10-29/",
        f"{paper}/",
        f"{paper}/head/",
        f"{paper}/sections/supporting-information/",
        f"{paper}/sections/appendix-1/",
        f"{paper}/sections/appendix-1/remove/",
        f"{paper}/issue/",
        "/papers/",
        "/papers/?words=zebra",
        "/papers/mpa/2003-01-30/10/",
        "/jobs/",
        failed.get_absolute_url(),
        "/nowhere/",
    ]


def addresses_of_one() -> list[tuple[str, Role]]:
    """The pages on which a cycle is worked, each as whoever sees most of it."""
    cycle = ReviewCycle.objects.open().get()
    closed = ReviewCycle.objects.exclude(closed_at=None).first()
    base = f"/assessments/{cycle.slug}"
    return [
        (f"{base}/readiness/", Role.HEAD),
        (f"/assessments/frameworks/{cycle.framework_id}/", Role.HEAD),
        (f"{base}/barnet/moderate/", Role.HEAD),
        (f"{base}/compare/{closed.slug}/", Role.HEAD),
        (f"{base}/pictures/", Role.HEAD),
        (f"{base}/bulk/?borough=camden&criterion=H1", Role.EPO),
        (f"{base}/import/", Role.EPO),
        (f"{base}/camden/D2/evidence/add/", Role.EPO),
        (f"/recommendations/cycles/{cycle.slug}/", Role.HEAD),
    ]


PUBLIC = [
    "/accounts/login/",
    "/accounts/password/reset/",
    "/about/",
    "/help/",
    "/papers/",
    "/papers/cecf/2009-10-29/7/",
]


@pytest.mark.parametrize("part", range(PARTS))
def test_axe_finds_nothing_on_any_page_as_anyone(site, demonstration, part):
    pages, public, of_one = addresses()[part::PARTS], PUBLIC[part::PARTS], addresses_of_one()[part::PARTS]
    sessions = {role: session_of(User.objects.get(email=email)) for role, email in EMAILS.items()}
    seen: set[str] = set()
    found: list[str] = []
    looked_at = 0

    with chromium() as browser:
        windows = {role: watched(browser, site, session) for role, session in sessions.items()}
        nobody = watched(browser, site, "")
        visits = [(address, role, page) for address in pages for role, page in windows.items()]
        visits += [(address, role, windows[role]) for address, role in of_one]
        for address, role, page in [*((address, "nobody", nobody) for address in public), *visits]:
            if not is_new(page, f"{site}{address}", seen):
                continue
            for colours in COLOURS:
                for width in WIDTHS:
                    looked_at += 1
                    found += [
                        f"{address} as {role}, {width}, {colours}: {one}" for one in axe(page, width, colours)
                    ]

    print(f"pages on which axe finds something: {len(found)} bad / {looked_at}")
    assert looked_at >= 60
    assert not found, "\n".join(found)


def watched(browser: Browser, site: str, session: str) -> Page:
    page = page_of(browser, site, session, bypass_csp=True)
    page.add_init_script(path=AXE)
    return page


def is_new(page: Page, address: str, seen: set[str]) -> bool:
    answer = page.request.get(address)
    if not answer.headers.get("content-type", "").startswith("text/html"):
        return False
    main = answer.text().partition("<main")[2].partition("</main>")[0]
    digest = hashlib.sha256(PERSONAL.sub("", main).encode()).hexdigest()
    if digest in seen:
        return False
    seen.add(digest)
    page.goto(address)
    return True


def axe(page: Page, width: int, colours: str) -> list[str]:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(forced_colors=colours)
    is_wide = width == WIDTHS[-1]
    violations: list[str] = []
    if is_wide or colours == "none":
        violations = page.evaluate(
            "async ([runOnly, contrast]) => (await axe.run({runOnly, resultTypes: ['violations'],"
            " rules: {'color-contrast': {enabled: contrast}}})).violations"
            ".map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(' | '))",
            # Measuring eight hundred cells again takes most of the time.
            [RULES if colours == "none" else OF_COLOURS, is_wide],
        )
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return violations + ([f"the page is {overflow} px too wide"] if overflow > 0 else [])


def test_control_axe_finds_what_is_wrong(site, demonstration):
    with chromium() as browser:
        page = watched(browser, site, "")
        page.goto(f"{site}/about/")
        page.evaluate(
            "document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"/x.png\">')"
        )
        page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p id=\"too-wide\">x</p>')")
        page.evaluate("document.getElementById('too-wide').style.minWidth = '3000px'")

        found = axe(page, 320, "none")

    assert any(one.startswith("image-alt") for one in found)
    assert any("px too wide" in one for one in found)


def test_control_axe_finds_pale_words_in_either_colours(site, transactional_db):
    with chromium() as browser:
        page = watched(browser, site, "")
        page.goto(f"{site}/about/")
        page.evaluate("document.querySelector('main').innerHTML += '<p id=\"pale\">Hardly to be read</p>'")
        page.evaluate("document.getElementById('pale').style.forcedColorAdjust = 'none'")
        page.evaluate("document.getElementById('pale').style.color = '#eee'")

        found = [axe(page, 1280, colours) for colours in COLOURS]

    assert [[one.split(":")[0] for one in violations] for violations in found] == [["color-contrast"]] * 2
