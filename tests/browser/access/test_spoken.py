"""What a screen reader is told of the five places where the work is done, kept as text under `spoken/`.

`SPOKEN=write` writes the texts anew: look at what changed before committing it.
"""

import calendar
import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from cdrp_portal.status import Status
from tests.browser.access.eyes import watched
from tests.browser.access.world import open_check
from tests.browser.stage import chromium, session_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]
KEPT = Path(__file__).with_name("spoken")
# What is another on another day, or in another run.
PASSING = [
    (re.compile(rf"\b\d{{1,2}} ({'|'.join(calendar.month_name[1:])}) \d{{4}}"), "DAY"),
    (re.compile(r"\b\d{1,2}:\d\d\b"), "TIME"),
    (re.compile(r"\b\d{4}-\d\d-\d\d\b"), "DAY"),
    (re.compile(r"/\d+/"), "/N/"),
    (re.compile(r"\b(Spring|Autumn|Winter|Summer) 20[2-9]\d\b"), "SEASON"),
    (re.compile(r"\d+ days?\b"), "DAYS"),
    (re.compile(r"\bFramework \d+"), "Framework N"),
]  # fmt: skip


def said(text: str) -> str:
    for pattern, word in PASSING:
        text = pattern.sub(word, text)
    return f"{text}\n"


@pytest.fixture
def check(transactional_db, camden, islington, epo, head):
    return open_check(camden, {"A1": Status.RED, "A2": Status.AMBER}, criteria=3, epo=epo, head=head)


def test_what_a_screen_reader_is_told_is_as_it_was_agreed(site, check, epo, head):
    mine, theirs = session_of(epo), session_of(head)
    told = {}
    with chromium() as browser:
        page = watched(browser, site, mine)
        page.goto(f"{site}{check.cycle.get_absolute_url()}")
        told["matrix"] = page.locator(".matrix").aria_snapshot()
        page.locator("#row-camden a.cell").first.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#panel [name=rationale]")).to_be_focused()
        told["panel"] = page.locator("#panel").aria_snapshot()
        page.goto(f"{site}{check.get_absolute_url()}")
        row = page.locator("form#A1")
        told["health-check-row"] = row.aria_snapshot()
        row.locator("details.why > summary").click()
        row.locator("[name=rationale]").evaluate("(area) => { area.value = 'Another text'; }")
        row.locator("[name=version]").evaluate("(field) => { field.value = 0; }")
        row.locator("label.s-a").click()
        expect(row.locator(".conflict")).to_be_visible()
        told["conflict"] = row.locator(".conflict").aria_snapshot()
        page = watched(browser, site, theirs)
        page.goto(f"{site}/assessments/new/")
        told["wizard"] = page.locator("main").aria_snapshot()

    if os.environ.get("SPOKEN") == "write":
        for name, text in told.items():
            (KEPT / f"{name}.txt").write_text(said(text))
    other = {
        name: said(text) for name, text in told.items() if said(text) != (KEPT / f"{name}.txt").read_text()
    }
    print(f"places of which something else is told: {len(other)} bad / {len(told)}")
    assert len(told) == 5
    assert not other, "\n\n".join(f"{name}:\n{text}" for name, text in other.items())
