"""A page looked at in every way that is asked of it: axe, and what `measures.js` measures."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.browser.stage import page_of

AXE = Path(__file__).resolve().parents[3] / "node_modules" / "axe-core" / "axe.min.js"
MEASURES = Path(__file__).with_name("measures.js")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
# Forced colours change colours and never what is there.
OF_COLOURS = ["color-contrast", "link-in-text-block"]
LIGHT, FORCED = "none", "active"
HEIGHT = 900
LEAST, MAIN = 24, 44
PHONE, TABLET = 320, 768

# WCAG 1.4.12: what a reader's own stylesheet may ask for, and text at twice its size (1.4.4).
SPACING = """* { line-height: 1.5 !important; letter-spacing: .12em !important; }
* { word-spacing: .16em !important; }
p { margin-bottom: 2em !important; }"""
DOUBLE = "html { font-size: 200% !important; }"


@dataclass
class Found:
    bad: list[str] = field(default_factory=list)
    looked: int = 0
    runs: int = 0
    targets: int = 0
    stops: int = 0
    decided: int = 0

    def add(self, where: str, faults: list[str]) -> None:
        """Said at once as well, for a soak takes its time."""
        for fault in faults:
            self.bad.append(f"{where}: {fault}")
            print(self.bad[-1])


def watched(browser: Browser, site: str, session: str = "", **options: Any) -> Page:
    page = page_of(browser, site, session, reduced_motion="reduce", **options)
    page.context.add_init_script(path=AXE)
    page.context.add_init_script(path=MEASURES)
    return page


def axe(page: Page, found: Found, where: str, *, rules: list[str], contrast: bool) -> None:
    violations, undecided, decided = page.evaluate(
        "([rules, contrast]) => measures.axe(rules, contrast)", [rules, contrast]
    )
    found.runs += 1
    found.decided += decided
    found.add(where, violations)
    found.add(where, [f"undecided: {one}" for one in undecided])


def show(page: Page, width: int, colours: str) -> None:
    if _width(page) != width:
        page.set_viewport_size({"width": width, "height": HEIGHT})
    page.emulate_media(forced_colors=colours)


# One question for all of them: each is a way through three processes.
MEASURED = """([tablesMay, least]) => ({
    faults: [...measures.sideways(tablesMay), ...measures.clipped()],
    targets: measures.targets(least), mainTargets: measures.mainTargets(),
})"""


def measure(page: Page, found: Found, where: str) -> None:
    """Widths, words and targets; no colour changes them."""
    measured = page.evaluate(MEASURED, [_width(page) == TABLET, LEAST])
    found.add(where, measured["faults"])
    found.targets += measured["targets"]["number"]
    found.add(where, [f"target {one}" for one in measured["targets"]["found"]])
    found.add(where, [f"main target {one}" for one in measured["mainTargets"]])


def measure_text(page: Page, found: Found, where: str) -> None:
    """Wider spacing on a phone, where it is hardest, twice the size on a desk, where 1.4.4 asks for it."""
    on_phone = _width(page) == PHONE
    name, css = ("spaced", SPACING) if on_phone else ("at 200 %", DOUBLE)
    # What is twice the size on a desk may be wider than its table; on a phone the table is a list.
    measured = "tablesMay => [...measures.sideways(tablesMay), ...measures.clipped()]"
    with styled(page, css):
        found.add(f"{where}, {name}", page.evaluate(measured, not on_phone))


def _width(page: Page) -> int:
    assert page.viewport_size is not None
    return page.viewport_size["width"]


def measure_stops(page: Page, found: Found, where: str, selector: str = "") -> None:
    stops = page.evaluate("selector => measures.stops(selector)", selector)
    found.stops += stops["number"]
    found.add(where, stops["found"])


@contextmanager
def styled(page: Page, css: str) -> Iterator[None]:
    page.evaluate(
        "css => { const tried = new CSSStyleSheet(); tried.replaceSync(css);"
        " document.adoptedStyleSheets = [tried]; }",
        css,
    )
    yield
    page.evaluate("document.adoptedStyleSheets = []")
