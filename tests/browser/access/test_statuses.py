"""Every status of the matrix without its colour: a letter, a sign and a name (QUALITY row 128)."""

import pytest
from playwright.sync_api import Page

from cdrp_portal.status import Status
from tests.assessments.grid import fill, make_boroughs, make_cycle, make_framework
from tests.browser.access.eyes import FORCED, LIGHT, styled, watched
from tests.browser.stage import chromium, session_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]
BOROUGHS, CRITERIA = 32, 25
NO_COLOUR = "* { color: #000 !important; background: #fff !important; border-color: #000 !important; }"
# What is painted in a cell; a sign of the stylesheet comes with its wording for listeners, which is none.
READ = """() => [...document.querySelectorAll('.matrix tbody .cell')].map((cell) => {
    const box = cell.getBoundingClientRect();
    return [cell.getAttribute('aria-label'), cell.textContent.trim(),
        getComputedStyle(cell, '::before').content.split('/')[0].replace(/["\\s]/g, ''),
        Math.min(box.width, box.height) >= 20 && cell.checkVisibility({ visibilityProperty: true })
        && measures.isClear(cell)];
})"""


def seen(page: Page) -> dict[str, tuple[str, str, bool]]:
    return {name: (letter, sign, is_clear) for name, letter, sign, is_clear in page.evaluate(READ)}


def test_every_status_is_read_without_its_colour(site, transactional_db, head):
    values = list(Status)
    boroughs = make_boroughs(BOROUGHS)
    place_of = {None: 0} | {borough: place for place, borough in enumerate(boroughs, 1)}
    grid = fill(
        make_cycle(make_framework(CRITERIA)),
        boroughs,
        lambda borough, criterion: values[(place_of[borough] + criterion.position) % len(values)],
    )
    session, wanted = session_of(head), {}
    for (subject, code), value in grid.ratings().items():
        title = next(one.short_title for one in grid.criteria if one.code == code)
        wanted[f"{subject}, {code} {title}: {Status(value).label}"] = Status(value)

    with chromium() as browser:
        page = watched(browser, site, session)
        page.goto(f"{site}{grid.cycle.get_absolute_url()}")
        with styled(page, NO_COLOUR):
            ways = {"without colour": seen(page)}
        page.emulate_media(forced_colors=FORCED)
        ways["in forced colours"] = seen(page)
        page.emulate_media(forced_colors=LIGHT, media="print")
        with styled(page, "html { filter: grayscale(1); }"):
            ways["printed in grey"] = seen(page)

    bad, total = [], 0
    signs = {
        Status.GREEN: "●",
        Status.AMBER: "▲",
        Status.RED: "■",
        Status.LESS_RELEVANT: "–",
        Status.NOT_ASSESSED: "○",
    }
    for way, cells in ways.items():
        for name, status in wanted.items():
            total += 1
            if cells.get(name) != (status.letter, signs[status], True):
                bad.append(f"{name} {way}: {cells.get(name)}")
    print(f"statuses that are not read: {len(bad)} bad / {total}: {len(wanted)} cells in {len(ways)} ways")
    assert len(wanted) == (BOROUGHS + 1) * CRITERIA
    assert not bad, "\n".join(bad[:20])
