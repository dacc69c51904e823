"""States of pages that no address leads to: dialogs, errors, conflicts, what is there after a swap.

Each scene begins on its page and does what a person would do; then the page is looked at as any other.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.access.places import CLERK, EPO, HEAD
from tests.browser.access.world import NOBODY

WIDE = (768, 1280, 1920)
ANY = (320, *WIDE)


@dataclass(frozen=True)
class Scene:
    name: str
    as_: str
    address: str
    act: Callable[[Page], None]
    widths: tuple[int, ...] = ANY


def _panel(page: Page) -> None:
    page.locator("#row-camden a.cell").nth(2).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#panel [name=rationale]")).to_be_focused()


def _keys(page: Page) -> None:
    page.locator("[data-do=keys]").click()
    expect(page.locator("#matrix-keys")).to_be_visible()


def _find(page: Page) -> None:
    page.locator("[data-do=find]").click()
    page.keyboard.type("cam a")
    expect(page.locator("[role=option]").first).to_be_visible()


def _chosen(page: Page) -> None:
    page.locator("#row-camden a.cell").nth(2).focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator(".chosen-bar")).to_be_visible()


def _exports(page: Page) -> None:
    page.locator("details.drop > summary").first.click()


def _reason(page: Page) -> None:
    """The row's answer is swapped in, and asks for a reason."""
    row = page.locator("form.check-row").last
    row.locator("label.s-r").click()
    expect(row.locator(".save")).to_contain_text("Saved at")
    expect(row.locator("textarea").first).to_be_visible()


def _conflict(page: Page) -> None:
    row = page.locator("form.check-row", has=page.locator("[name=value]:checked")).first
    row.locator("details.why > summary").click()
    row.locator("[name=rationale]").evaluate("(area) => { area.value = 'Another text'; }")
    row.locator("[name=version]").evaluate("(field) => { field.value = 0; }")
    row.locator("label.s-a").click()
    expect(row.locator(".conflict")).to_be_visible()


def _refused(page: Page) -> None:
    row = page.locator("form.check-row").nth(1)
    row.locator("details.why > summary").click()
    row.locator("[name=rationale]").fill("")
    row.locator("label.s-l").click()
    expect(row.locator(".save--failed")).to_be_visible()


def _menu(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 900})
    page.locator(".menu-phone > summary").click()


def _filters(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 900})
    page.locator(".open-filters").first.click()


def _unreadable(page: Page) -> None:
    page.locator("[type=file]").set_input_files(
        {"name": "ratings.xlsx", "mimeType": "application/octet-stream", "buffer": b"not a spreadsheet"}
    )
    page.locator("main form button.button--primary").first.click()
    expect(page.locator(".errors-top, .error").first).to_be_visible()


def _without_words(summary: str) -> Callable[[Page], None]:
    """A form that a summary opens, sent empty: its answer is swapped into its place."""

    def act(page: Page) -> None:
        box = page.locator("main details.more", has_text=summary).first
        box.locator("summary").click()
        box.locator("textarea").fill("")
        box.locator("form button").first.click()
        expect(page.locator("details.more[open] .error").first).to_be_visible()

    return act


def _wrong_password(page: Page) -> None:
    page.get_by_label("E-mail address").fill("second@demo.test")
    page.get_by_label("Password", exact=True).fill("not the one")
    page.locator("#sign-in").get_by_role("button", name="Sign in").click()
    expect(page.locator(".errors-top, .error").first).to_be_visible()


def _second_step(page: Page) -> None:
    page.get_by_label("E-mail address").fill("second@demo.test")
    page.get_by_label("Password", exact=True).fill(factories.PASSWORD)
    page.locator("#sign-in").get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/2fa/authenticate/")


def _wizard(page: Page) -> None:
    page.locator("main form button.button--primary").first.click()
    page.wait_for_load_state()


def _section_conflict(page: Page) -> None:
    page.locator("main [name=version]").first.evaluate("(field) => { field.value = 0; }")
    page.locator("main textarea").first.fill("Another text")
    page.locator("main form button.button--primary").first.click()
    expect(page.locator(".conflict, .errors-top, .message--failed").first).to_be_visible()


def _draft_kept(page: Page) -> None:
    """What was typed before the page was left is offered on the next."""
    page.evaluate(
        """async () => {
            const row = document.querySelector('form.check-row');
            const body = new URLSearchParams({value: 'amber', rationale: 'Half', version: '1'});
            body.set('next_step', '');
            body.set('csrfmiddlewaretoken', row.elements.csrfmiddlewaretoken.value);
            await fetch(`${row.getAttribute('action')}draft/`, {method: 'POST', body});
        }"""
    )
    page.reload()
    expect(page.locator("[data-offer]").first).to_be_visible()


def _told(template: str) -> Callable[[Page], None]:
    html = render_to_string(f"{template}.html")

    def act(page: Page) -> None:
        page.route("**/broken/", lambda route: route.fulfill(body=html, content_type="text/html"))
        page.goto(f"{page.url.split('/help/')[0]}/broken/")

    return act


def scenes(world: Mapping[str, Any]) -> list[Scene]:
    cycle, paper = f"/assessments/{world['cycle']}", f"/committees/papers/{world['paper']}"
    framework = f"/assessments/frameworks/{world['draft_framework']}"
    # All its columns are looked at among the places.
    matrix = f"{cycle}/?theme=A"
    cell = f"{cycle}/camden/{world['rated']}"
    own = f"/recommendations/actions/{world['own_action']}/"
    return [
        Scene("the panel beside the matrix", EPO, matrix, _panel, (1280, 1920)),
        Scene("the keys of the matrix", EPO, f"{matrix}&view=table", _keys),
        Scene("going to a cell", EPO, f"{matrix}&view=table", _find),
        Scene("several cells chosen", EPO, f"{matrix}&view=table", _chosen),
        Scene("the exports", EPO, matrix, _exports),
        Scene("the filters on a phone", EPO, matrix, _filters, (320,)),
        Scene("the menu on a phone", EPO, f"{cycle}/camden/history/", _menu, (320,)),
        Scene("a reason asked for", EPO, f"{cycle}/camden/", _reason),
        Scene("two texts that met", EPO, f"{cycle}/hackney/", _conflict),
        Scene("less relevant without a reason", EPO, f"{cycle}/camden/", _refused),
        Scene("a draft that is offered", EPO, f"{cycle}/hackney/", _draft_kept),
        Scene("several without a rating", EPO, f"{cycle}/bulk/?borough=camden&criterion=H1", _send),
        Scene("an unreadable spreadsheet", EPO, f"{cycle}/import/", _unreadable),
        Scene("evidence without anything", EPO, f"{cell}/evidence/add/", _send),
        Scene(
            "an answer without anything", EPO, f"/recommendations/actions/add/{world['red_rating']}/", _send
        ),
        Scene("a position without anything", EPO, own, _send),
        Scene("a visit without anything", EPO, "/boroughs/camden/visits/add/", _send),
        Scene("a link without anything", HEAD, "/boroughs/camden/links/add/", _send),
        Scene("a return without a reason", HEAD, f"{cycle}/barnet/return/", _send),
        Scene("a reopening without a reason", HEAD, f"{cycle}/bexley/reopen/", _send),
        Scene("a flag without words", HEAD, f"{cycle}/barnet/A1/flag/", _without_words("Flag it")),
        Scene(
            "a moderation without a reason",
            HEAD,
            f"{cycle}/barnet/A1/moderate/",
            _without_words("Change the rating"),
        ),
        Scene("a criterion without words", HEAD, f"{framework}/new/", _send),
        Scene("a theme without a title", HEAD, f"{framework}/themes/new/", _send),
        Scene("a cycle to be opened", HEAD, "/assessments/new/", _wizard),
        Scene("a meeting without anything", CLERK, "/committees/meetings/add/", _send),
        Scene(
            "a paper without anything",
            CLERK,
            f"/committees/{world['code']}/{world['held_on']}/papers/add/",
            _send,
        ),
        Scene("two texts of a paper", CLERK, f"{paper}/sections/supporting-information/", _section_conflict),
        Scene("a wrong password", NOBODY, "/accounts/login/", _wrong_password),
        Scene("the second step of signing in", NOBODY, "/accounts/login/", _second_step),
        *(Scene(f"{one}.html", NOBODY, "/help/", _told(one)) for one in ("400", "403_csrf", "500")),
    ]


def _send(page: Page) -> None:
    """The page's own form, emptied and sent."""
    form = page.locator(
        "main form[method=post]", has=page.locator("button.button--primary, button.button")
    ).first
    form.evaluate(
        "form => { for (const one of form.elements) if (/text|date|url/.test(one.type)) one.value = ''; }"
    )
    form.locator("button.button--primary, button.button").first.click()
    expect(page.locator(".errors-top, .error, .message--failed").first).to_be_visible()
