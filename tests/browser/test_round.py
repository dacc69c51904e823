"""The product's round on the real stack, with a worker process of its own.

An officer rates a borough and sees it in the matrix; a clerk gets the PDF in which it stands. With the mouse,
from the keyboard alone, and without JavaScript.
"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.context import DEMO_PASSWORD
from assessments.models import Rating, ReviewCycle
from tests.browser.stage import chromium, page_of
from tests.committees.tagged_pdf import read_tags
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

REASON = "No case study has been written since the spring."
TABS_AT_MOST = 250


@pytest.fixture
def unrated(demonstration) -> dict[str, str]:
    """Camden's last criterion, which the demonstration leaves unanswered."""
    cycle = ReviewCycle.objects.open().get()
    ratings = Rating.objects.filter(health_check__cycle=cycle, health_check__borough__slug="camden")
    rating = ratings.get(criterion__code="I1")
    assert rating.value == "not_assessed"
    return {"cycle": cycle.slug, "title": rating.criterion.short_title, "pk": str(rating.pk)}


def stored(unrated: dict[str, str]) -> tuple[str, str]:
    """Read over a connection of its own, after the browser has closed."""
    rating = Rating.objects.get(pk=unrated["pk"])
    return rating.value, rating.rationale


def sign_in(page: Page, site: str, email: str) -> None:
    page.goto(f"{site}/accounts/login/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(DEMO_PASSWORD)
    page.locator("#sign-in").get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{site}/")


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").first.click()
    page.wait_for_url(re.compile("/accounts/login/"))


def matrix_cell(page: Page, title: str) -> Locator:
    return page.get_by_role("link", name=re.compile(rf"^Camden, I1 {re.escape(title)}: Red"))


def download_matrix(
    page: Page, press: Callable[[], None], look_again: Callable[[], None] | None = None
) -> bytes:
    """Ask for the PDF, wait for its job to be ready, fetch the file with the page's own session."""
    press()
    ready = page.get_by_role("link", name=re.compile("^PDF, .*Health check matrix"))
    if look_again is not None:
        wait_until(lambda: ready.count() or look_again(), 60, every=0.2)
    expect(ready).to_be_visible(timeout=60_000)
    return page.request.get(f"{origin(page)}{ready.get_attribute('href')}").body()


def origin(page: Page) -> str:
    return re.match(r"https?://[^/]+", page.url)[0]


def rating_in_pdf(pdf: bytes, borough: str, code: str) -> str:
    for table in read_tags(pdf).all("Table"):
        heads = [cell.text for cell in table.all("TH") if cell.attributes.get("Scope") == "Column"]
        for row in table.all("TR"):
            cells = row.all("TH", "TD")
            if cells and cells[0].text == borough:
                columns = [head for head in heads if re.match(r"[A-Z]\d ", f"{head} ")]
                for head, cell in zip(columns, cells[1:], strict=False):
                    if head.split()[0] == code:
                        return cell.text
    raise AssertionError(f"{borough} has no {code} in the PDF.")


def test_round_with_the_mouse(site, worker, unrated):
    with chromium() as browser:
        page = page_of(browser, site)
        sign_in(page, site, "epo@demo.test")
        page.get_by_role("link", name="Camden", exact=True).first.click()
        row = page.locator("form#I1")
        row.locator("label.s-r").click()
        expect(row.locator(".save")).to_contain_text("Saved at")
        open_reason(row)
        row.get_by_label("Reason for I1").fill(REASON)
        row.get_by_label("Reason for I1").blur()
        expect(row.locator(".save")).to_contain_text("Saved at")
        page.wait_for_load_state("networkidle")
        page.goto(f"{site}/assessments/{unrated['cycle']}/")
        expect(matrix_cell(page, unrated["title"])).to_have_count(1)
        sign_out(page)

        sign_in(page, site, "clerk@demo.test")
        page.goto(f"{site}/assessments/{unrated['cycle']}/")
        page.locator("summary", has_text="Export").click()
        pdf = download_matrix(page, page.get_by_role("link", name="PDF").first.click)

    assert rating_in_pdf(pdf, "Camden", "I1").endswith("Red")
    assert stored(unrated) == ("red", REASON)


def open_reason(row: Locator) -> None:
    """A red asks for its reason by itself where there is JavaScript."""
    if not row.get_by_label("Reason for I1").is_visible():
        row.locator("details.why > summary").click()


def tab_to(page: Page, matches: str) -> None:
    """Press Tab until the focused element matches the selector; what has the focus must be seen."""
    for _ in range(TABS_AT_MOST):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", matches):
            return
    raise AssertionError(f"Tab does not reach {matches} on {page.url}.")


def test_round_from_the_keyboard_alone(site, worker, unrated):
    with chromium() as browser:
        page = page_of(browser, site)
        page.goto(f"{site}/accounts/login/")
        keyboard_sign_in(page, site, "epo@demo.test")
        tab_to(page, "a[href$='/camden/']")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("/camden/"))
        page.keyboard.press("n")
        page.keyboard.press("n")
        expect(page.locator("form#I1 [name=value]:focus")).to_have_count(1)
        page.keyboard.press("r")
        expect(page.locator("form#I1 .save")).to_contain_text("Saved at")
        page.keyboard.press("Enter")
        page.keyboard.type(REASON)
        page.keyboard.press("Escape")
        page.wait_for_load_state("networkidle")
        expect(page.locator("form#I1 .save")).to_contain_text("Saved at")
        tab_back_to(page, f".breadcrumb a[href$='/{unrated['cycle']}/']")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(f"/assessments/{unrated['cycle']}/$"))
        expect(matrix_cell(page, unrated["title"])).to_have_count(1)
        page.goto(f"{site}/accounts/logout/")
        tab_to(page, "main button")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("/accounts/login/"))

        keyboard_sign_in(page, site, "clerk@demo.test")
        page.goto(f"{site}/assessments/{unrated['cycle']}/")
        tab_to(page, "details.drop > summary")
        page.keyboard.press("Enter")
        tab_to(page, "a[href*='matrix.pdf']")
        pdf = download_matrix(page, lambda: page.keyboard.press("Enter"))

    assert rating_in_pdf(pdf, "Camden", "I1").endswith("Red")
    assert stored(unrated) == ("red", REASON)


def keyboard_sign_in(page: Page, site: str, email: str) -> None:
    tab_to(page, "[name=login]")
    page.keyboard.type(email)
    tab_to(page, "[name=password]")
    page.keyboard.type(DEMO_PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/")


def tab_back_to(page: Page, matches: str) -> None:
    for _ in range(TABS_AT_MOST):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", matches):
            return
    raise AssertionError(f"Shift and Tab do not reach {matches} on {page.url}.")


def test_round_without_javascript(site, worker, unrated):
    with chromium() as browser:
        page = page_of(browser, site, java_script_enabled=False)
        sign_in(page, site, "epo@demo.test")
        page.get_by_role("link", name="Camden", exact=True).first.click()
        row = page.locator("form#I1")
        row.locator("label.s-r").click()
        open_reason(row)
        row.get_by_label("Reason for I1").fill(REASON)
        row.locator("details.why button[name=save]").click()
        expect(page.locator("form#I1 .save")).to_contain_text("Saved at")
        page.goto(f"{site}/assessments/{unrated['cycle']}/")
        expect(matrix_cell(page, unrated["title"])).to_have_count(1)
        sign_out(page)

        sign_in(page, site, "clerk@demo.test")
        page.goto(f"{site}/assessments/{unrated['cycle']}/")
        page.locator("summary", has_text="Export").click()

        look_again = page.get_by_role("link", name="Look again")
        pdf = download_matrix(page, page.get_by_role("link", name="PDF").first.click, look_again.click)

    assert rating_in_pdf(pdf, "Camden", "I1").endswith("Red")
    assert stored(unrated) == ("red", REASON)
