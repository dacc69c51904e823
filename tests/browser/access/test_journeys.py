"""The twelve journeys of QUALITY row 126 from the keyboard alone: which test makes which, and six of them."""

from datetime import date
from pathlib import Path

import pytest

from assessments.models import Comment, Evidence, HealthCheck, ReviewCycle
from cdrp_portal.status import Status
from recommendations.models import Action
from tests import factories
from tests.assessments.grid import make_grid
from tests.browser.access.eyes import styled, watched
from tests.browser.access.keys import Keys
from tests.browser.access.world import open_check
from tests.browser.stage import chromium, session_of, until
from tests.quality.soak import size

TESTS = Path(__file__).resolve().parents[1]
HERE = "access/test_journeys.py::test_six_journeys_from_the_keyboard_alone"
JOURNEYS = {
    "sign in, rate, find it in the matrix, sign out": "test_round.py::test_round_from_the_keyboard_alone",
    "have the matrix as a PDF": "test_round.py::test_round_from_the_keyboard_alone",
    "rate a borough in its health check": "test_health_check.py::test_a_borough_is_rated_from_the_keyboard",
    "rate a borough in the matrix": (
        "test_matrix_edit.py::test_a_borough_is_rated_in_the_matrix_from_the_keyboard_alone"
    ),
    "go to a cell, undo, settle a conflict": "test_matrix_edit.py::test_keys_move_undo_find_and_meet_another",
    "rate several at once": "test_drafts.py::test_a_block_is_chosen_from_the_keyboard_and_rated_as_one_set",
    "add evidence": HERE,
    "plan an action on a red": HERE,
    "submit a health check": HERE,
    "comment, moderate and sign off": HERE,
    "open a cycle": HERE,
    "find a borough on a phone": HERE,
}


def test_each_journey_has_a_test():
    missing = [
        journey
        for journey, test in JOURNEYS.items()
        if f"def {test.partition('::')[2]}(" not in (TESTS / test.partition("::")[0]).read_text()
    ]

    print(f"journeys without a test: {len(missing)} bad / {len(JOURNEYS)}")
    assert len(JOURNEYS) == 12
    assert missing == []


@pytest.fixture
def check(transactional_db, camden, epo, head) -> HealthCheck:
    """Two criteria are answered, the second is red."""
    # Where it stands on the map of London, to be found there.
    camden.tile_column, camden.tile_row = 3, 2
    camden.save()
    factories.LeadUnitFactory(name="Demo Lead Unit A", slug="demo-lead-unit-a")
    return open_check(camden, {"A1": Status.GREEN, "A2": Status.RED}, criteria=2, epo=epo, head=head)


@pytest.mark.browser
@pytest.mark.slow
def test_six_journeys_from_the_keyboard_alone(site, check, epo, head):
    mine, theirs = session_of(epo), session_of(head)
    base = f"{site}{check.get_absolute_url()}"
    with chromium() as browser:
        page = watched(browser, site, mine)
        keys = Keys(page)
        page.goto(f"{base}A1/evidence/")
        keys.follow("main a[href$='evidence/add/']", "**/add/")
        keys.to("[name=title]").type("Minute 7").to("[name=url]").type("https://www.example.org/7")
        keys.to("[name=dated_on]").type("10142009")
        keys.follow("main button.button--primary", f"{base}A1/**")
        page.goto(f"{base}A2/")
        keys.follow("main a[href*='actions/add']", "**/actions/add/*/")
        keys.to("main textarea, main input[type=text]").type("Name a member for the seat")
        keys.to("main select").press("ArrowDown")
        keys.to("main [type=date]").type("12312099")
        keys.send("main button.button--primary")
        page.goto(base)
        keys.follow(".page-head a[href$='/submit/'], main a[href$='/submit/']", f"{base}submit/")
        keys.follow("main button.button--primary", base)

        page.set_viewport_size({"width": 320, "height": 640})
        page.goto(f"{site}/")
        keys.to("details.menu-phone > summary").press()
        keys.follow("details.menu-phone a[href='/boroughs/']", f"{site}/boroughs/")
        keys.follow("main a[href$='/boroughs/camden/']", f"{site}/boroughs/camden/")
        submitted = keys

        page = watched(browser, site, theirs)
        keys = Keys(page)
        page.goto(f"{base}moderate/")
        keys.to("article .comments summary").press().to("article textarea[name=text]").type(
            "Which minute is it"
        )
        keys.to("article .comments form button").press()
        page.get_by_text("Which minute is it").first.wait_for()
        # The answer takes the focus when it has come.
        until(page, "document.activeElement.matches('h3')")
        keys.send("main form:not([hx-post]) button.button--primary")
        page.goto(f"{base}sign-off/")
        keys.send("main button.button--primary")
        page.goto(f"{site}/assessments/new/")
        keys.to("[name=name]").press("Control+a").type("Spring 2099")
        keys.to("main button.button--primary").press()
        page.get_by_role("button", name="Open Spring 2099").wait_for()
        keys.follow("main button[value=open]", "**/readiness/")
        hidden, stops = submitted.hidden + keys.hidden, submitted.stops + keys.stops

    print(f"stops of the Tab key that cannot be seen: {len(hidden)} bad / {stops}")
    assert not hidden, "\n".join(hidden)
    assert Evidence.objects.get().dated_on == date(2009, 10, 14)
    assert Action.objects.filter(borough=check.borough, text__startswith="Name a member").count() == 1
    assert Comment.objects.get().text == "Which minute is it"
    check.refresh_from_db()
    assert check.state == HealthCheck.State.SIGNED_OFF
    assert ReviewCycle.objects.filter(slug="spring-2099").count() == 1


@pytest.mark.browser
@pytest.mark.slow
def test_no_cell_of_the_matrix_takes_the_focus_under_its_heads(site, transactional_db, head):
    """With a control: without the room that the box keeps, its heads lie over some cells."""
    grid, session = make_grid(boroughs=size(20, 32), criteria=25), session_of(head)
    cells = ".matrix a.cell"
    found = {}
    with chromium() as browser:
        page = watched(browser, site, session)
        for width in (1280, 800):
            page.set_viewport_size({"width": width, "height": 500})
            page.goto(f"{site}{grid.cycle.get_absolute_url()}?view=table")
            found[width] = page.evaluate("selector => measures.stops(selector)", cells)
        with styled(page, "* { scroll-padding: 0 !important; scroll-margin: 0 !important; }"):
            control = page.evaluate("selector => measures.stops(selector)", cells)

    hidden = [one for stops in found.values() for one in stops["found"]]
    total = sum(stops["number"] for stops in found.values())
    print(
        f"cells that take the focus unseen: {len(hidden)} bad / {total};"
        f" without scroll padding {len(control['found'])} / {control['number']}"
    )
    assert hidden == [], "\n".join(hidden)
    assert control["found"]
