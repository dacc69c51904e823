"""The health check in a browser: rated from the keyboard, saved around what is being typed, met by others."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from assessments import actions
from assessments.models import Rating
from tests.assessments.grid import make_framework
from tests.browser.stage import chromium, page_of, session_of, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def check(transactional_db, camden, epo, head):
    today = timezone.localdate()
    cycle = actions.open_cycle(
        framework=make_framework(5),
        name="Autumn 2010",
        opens_on=today,
        closes_on=today + timedelta(days=60),
        previous=None,
        by=head,
    )
    return cycle.health_checks.select_related("cycle", "borough").get(borough=camden)


@pytest.fixture
def address(site, check) -> str:
    return f"{site}{check.get_absolute_url()}"


def stored(code: str) -> tuple[str, str]:
    """Read after the browser has closed: inside it Django asks the database nothing."""
    return Rating.objects.values_list("value", "rationale").get(
        health_check__borough__slug="camden", criterion__code=code
    )


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.id")


def state(page: Page, code: str):
    return page.locator(f"#state-{code} .save")


def test_a_borough_is_rated_from_the_keyboard(site, address, check, epo):
    carried = check.ratings.filter(criterion__code__in=["A4", "B1"])
    carried.update(value="green", is_carried=True, version=1)
    session = session_of(epo)
    with chromium() as browser:
        page = page_of(browser, site, session)
        page.goto(address)
        page.keyboard.press("n")
        assert focused(page) == "A1-green"
        page.keyboard.press("r")
        expect(state(page, "A1")).to_contain_text("Saved at")
        assert focused(page) == "A1-red"
        page.keyboard.press("Enter")
        assert focused(page) == "rationale-A1"
        page.keyboard.type("No seat")
        page.keyboard.press("Escape")
        assert focused(page) == "A1-red"
        page.keyboard.press("ArrowDown")
        assert focused(page) == "A2-green"
        page.keyboard.press("l")
        expect(state(page, "A2")).to_contain_text("say why it is less relevant")
        page.keyboard.type("Not in London")
        expect(state(page, "A2")).to_contain_text("Saved at")
        page.keyboard.press("Escape")
        page.keyboard.press("n")
        assert focused(page) == "A3-green"
        expect(page.locator("#progress")).to_contain_text("2 of 5 answered.")
        expect(page.locator("#live")).to_contain_text("A2: Saved at")

        # The banner that counts what is not re-confirmed follows each confirmation, and its undoing.
        banner = page.locator("#carried")
        page.locator("#A4-green").focus()
        page.keyboard.press("c")
        expect(banner).to_contain_text("1 answer carried forward from last cycle, not re-confirmed.")
        assert focused(page) == "A4-green"
        page.keyboard.press("u")
        expect(banner).to_contain_text("2 answers carried forward")
        page.keyboard.press("g")
        expect(banner).to_contain_text("1 answer carried forward")
        page.locator("#B1-green").focus()
        page.keyboard.press("c")
        expect(banner).to_be_empty()

    assert (stored("A1"), stored("A2")) == (("red", "No seat"), ("less_relevant", "Not in London"))
    assert set(carried.values_list("is_carried", "version")) == {(False, 4), (False, 2)}


def test_letters_are_left_alone_where_shortcuts_are_off(site, address, epo):
    epo.single_key_shortcuts = False
    epo.save()
    session = session_of(epo)
    with chromium() as browser:
        page = page_of(browser, site, session)
        page.goto(address)
        page.locator("#A1-green").focus()
        page.keyboard.press("r")
        page.keyboard.press("n")
        assert focused(page) == "A1-green"

    assert stored("A1")[0] == "not_assessed"


def test_what_is_typed_while_saves_come_back_is_kept(site, address, epo):
    session, words = session_of(epo), [f"word{number}" for number in range(24)]
    with chromium() as browser:
        page = page_of(browser, site, session)
        page.goto(address)
        page.locator("#A1 summary").click()
        page.locator("#rationale-A1").focus()
        for number, word in enumerate(words):
            page.keyboard.type(f"{word} ")
            # Each eighth pause is long enough for the text to save itself while the next word is begun.
            page.wait_for_timeout(1_050 if number % 8 == 7 else 40)
        assert focused(page) == "rationale-A1"
        page.keyboard.press("Escape")
        expect(state(page, "A1")).to_contain_text("Saved at")
        expect(page.locator("#A1 [name=version]")).not_to_have_value("0")
        until(page, "!document.querySelector('.htmx-request')")

    assert stored("A1")[1] == " ".join(words)


def test_an_answer_that_comes_late_does_not_hide_that_a_reason_is_missing(site, address, epo):
    session, held = session_of(epo), []
    with chromium() as browser:
        page = page_of(browser, site, session)
        page.goto(address)
        page.locator("#A1 summary").click()
        page.route("**/A1/", lambda route: held.append(route))
        page.locator("#A1 label.s-g").click()
        expect(state(page, "A1")).to_contain_text("Saving")
        page.locator("#A1 label.s-l").click()
        expect(state(page, "A1")).to_contain_text("say why it is less relevant")
        with page.expect_response("**/A1/"):
            held.pop().continue_()
        expect(page.locator("#A1 [name=version]")).to_have_value("1")
        expect(state(page, "A1")).to_contain_text("say why it is less relevant")
        page.unroute_all()
        page.locator("#rationale-A1").fill("Not in London")
        expect(state(page, "A1")).to_contain_text("Saved at")

    assert stored("A1") == ("less_relevant", "Not in London")


def test_two_people_meet_on_one_text_and_keep_both(site, address, epo, head):
    first, second = session_of(epo), session_of(head)
    with chromium() as browser:
        mine, theirs = (page_of(browser, site, session) for session in (first, second))
        for page in (mine, theirs):
            page.goto(address)
            page.locator("#A1 summary").click()
        theirs.locator("#rationale-A1").fill("Their text")
        theirs.locator("#A1-amber").check(force=True)
        expect(state(theirs, "A1")).to_contain_text("Saved at")
        mine.locator("#rationale-A1").fill("My text")
        mine.locator("#A1-amber").check(force=True)
        conflict = mine.locator("#conflict-A1")
        expect(conflict).to_contain_text("Demo Head changed")
        expect(mine.locator("#alert")).to_contain_text("while you were writing")
        mine.locator("#rationale-A1").fill("My text, and more")
        expect(conflict).to_contain_text("My text, and more")
        conflict.get_by_role("button", name="Keep both texts").click()
        expect(mine.locator("#rationale-A1")).to_have_value("Their text\n\nMy text, and more")
        expect(conflict).to_be_empty()

    assert stored("A1") == ("amber", "Their text\n\nMy text, and more")


def test_text_typed_without_a_connection_is_saved_when_it_returns(site, address, epo):
    session = session_of(epo)
    with chromium() as browser:
        page = page_of(browser, site, session)
        page.goto(address)
        page.locator("#A1 summary").click()
        page.context.set_offline(True)
        page.locator("#rationale-A1").fill("Typed on the train")
        expect(state(page, "A1")).to_contain_text("Not saved: no connection. Trying again.")
        expect(page.locator("#rationale-A1")).to_have_value("Typed on the train")
        page.context.set_offline(False)
        expect(state(page, "A1")).to_contain_text("Saved at")

    assert stored("A1")[1] == "Typed on the train"


def test_signed_out_elsewhere_says_so_and_keeps_the_text(site, address, epo):
    session = session_of(epo)
    with chromium() as browser:
        page = page_of(browser, site, session)
        page.goto(address)
        page.locator("#A1 summary").click()
        page.context.clear_cookies(name="sessionid")
        page.locator("#rationale-A1").fill("Typed after signing out")
        expect(state(page, "A1")).to_contain_text("Not saved: you are signed out.")
        expect(page.locator("#rationale-A1")).to_have_value("Typed after signing out")

    assert stored("A1")[1] == ""
