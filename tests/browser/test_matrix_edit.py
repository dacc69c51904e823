"""The matrix edited in a browser: from the keyboard, across a killed server, beside somebody else."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from assessments import actions
from assessments.models import HealthCheck, Rating
from cdrp_portal.status import Status
from tests import factories
from tests.assessments.grid import fill, make_boroughs, make_cycle, make_framework
from tests.browser.stage import chromium, page_of, session_of, until
from tests.faults.stack import free_port
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]
CRITERIA = 25
# What is pressed on the criteria in turn; a reason is typed for each red and amber.
PRESSED = {"g": Status.GREEN, "a": Status.AMBER, "r": Status.RED}
LETTERS = ("gar" * CRITERIA)[:CRITERIA]
# The window scrolls smoothly, so that it is asked until it has come to rest.
CLEAR_OF_THE_BAR = """document.activeElement.getBoundingClientRect().bottom
 <= document.querySelector('.chosen-bar').getBoundingClientRect().top"""


class Server:
    """The portal as a process of its own, to be killed and started again on the same port."""

    def __init__(self) -> None:
        self.port = free_port()
        self.site = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        database = connection.settings_dict
        address = f"{database['HOST']}:{database['PORT']}/{database['NAME']}"
        url = f"postgres://{database['USER']}:{database['PASSWORD']}@{address}"
        command = [sys.executable, "manage.py", "runserver", "--noreload", "--nostatic", str(self.port)]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": url, "DEMO": "1", "SECURE": "0", "DEBUG": "0"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(self.answers, 60)

    def answers(self) -> bool:
        with suppress(OSError), closing(HTTPConnection("127.0.0.1", self.port, timeout=5)) as asked:
            asked.request("GET", reverse("health-live"))
            with asked.getresponse() as answer:
                return answer.status == 200
        return False

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@pytest.fixture
def server(transactional_db) -> Iterator[Server]:
    server = Server()
    try:
        server.start()
        yield server
    finally:
        server.kill()


@pytest.fixture
def cycle(transactional_db, camden, islington, epo, head):
    today = timezone.localdate()
    return actions.open_cycle(
        framework=make_framework(CRITERIA),
        name="Autumn 2010",
        opens_on=today,
        closes_on=today + timedelta(days=60),
        previous=None,
        by=head,
    )


def answers() -> dict[str, tuple[str, str]]:
    """Camden's, read after the browser has closed: inside it Django asks the database nothing."""
    rows = Rating.objects.filter(health_check__borough__slug="camden").order_by("criterion__position")
    return {
        code: (value, why) for code, value, why in rows.values_list("criterion__code", "value", "rationale")
    }


def expected() -> dict[str, tuple[str, str]]:
    codes = Rating.objects.filter(health_check__borough__slug="camden").order_by("criterion__position")
    return {
        code: (PRESSED[letter].value, "" if letter == "g" else f"Reason of {code}")
        for code, letter in zip(codes.values_list("criterion__code", flat=True), LETTERS, strict=True)
    }


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.id")


def code_here(page: Page) -> str:
    return re.match(r"Camden, (\w+)", focused(page))[1]


def enter_matrix(page: Page) -> None:
    """With the Tab key alone: the whole table is one stop of it."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('a.cell')"):
            return
    raise AssertionError("Tab does not reach the matrix.")


def rate_here(page: Page, letter: str) -> None:
    code = code_here(page)
    page.keyboard.press(letter)
    if letter == "g":
        return
    page.keyboard.press("Enter")
    expect(page.locator("#rationale")).to_be_focused()
    page.keyboard.type(f"Reason of {code}")
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()


def everything_is_saved(page: Page) -> None:
    waiting = (
        "document.querySelector('.cell.saving, .cell.unsaved') === null"
        " && !Object.keys(sessionStorage).some((key) => key.startsWith('matrix '))"
    )
    wait_until(lambda: page.evaluate(waiting), 30)


def test_a_borough_is_rated_in_the_matrix_from_the_keyboard_alone(site, cycle, epo):
    session = session_of(epo)
    with chromium() as browser:
        page = page_of(browser, site, session)
        page.goto(f"{site}{cycle.get_absolute_url()}")
        enter_matrix(page)
        for letter in LETTERS:
            rate_here(page, letter)
            page.keyboard.press("ArrowRight")
        everything_is_saved(page)
        expect(page.locator("#matrix-sentence")).to_contain_text("9 Green, 8 Amber, 8 Red")
        expect(page.locator("#row-camden td.red")).to_have_text("8")

    wanted, found = expected(), answers()
    wrong = [code for code in wanted if found[code] != wanted[code]]
    print(f"criteria rated from the keyboard that are not in the database: {len(wrong)} / {CRITERIA}")
    assert wrong == []


def test_nothing_is_lost_while_the_server_is_killed_and_started_again(server, cycle, epo):
    session = session_of(epo)
    kills, starts = (5, 14), (8, 17)
    with chromium() as browser:
        page = page_of(browser, server.site, session)
        page.goto(f"{server.site}{cycle.get_absolute_url()}")
        page.locator("#row-camden a.cell").first.focus()
        # Letters first, through both kills; then the reasons, with a kill while one is being typed.
        for number, letter in enumerate(LETTERS):
            if number in kills:
                server.kill()
            page.keyboard.press(letter)
            if number in kills:
                expect(page.locator("#matrix-state")).to_contain_text("no connection")
            if number in starts:
                server.start()
            page.keyboard.press("ArrowRight")
        everything_is_saved(page)
        page.keyboard.press("Control+Home")
        page.keyboard.press("ArrowDown")
        page.locator("#row-camden a.cell").first.focus()
        for number, letter in enumerate(LETTERS):
            if letter != "g":
                code = code_here(page)
                page.keyboard.press("Enter")
                expect(page.locator("#rationale")).to_be_focused()
                if number == 1:
                    server.kill()
                page.keyboard.type(f"Reason of {code}")
                page.keyboard.press("Escape")
                if number == 1:
                    server.start()
            page.keyboard.press("ArrowRight")
        everything_is_saved(page)

    wanted, found = expected(), answers()
    lost = [code for code in wanted if found[code] != wanted[code]]
    print(f"criteria lost over three kills of the server: {len(lost)} / {CRITERIA}")
    assert lost == []


def test_keys_move_undo_find_and_meet_another(site, cycle, epo, head):
    mine, theirs = session_of(epo), session_of(head)
    with chromium() as browser:
        page, other = (page_of(browser, site, session) for session in (mine, theirs))
        for one in (page, other):
            one.goto(f"{site}{cycle.get_absolute_url()}")
        enter_matrix(page)
        assert code_here(page) == "A1"
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowLeft")
        assert page.evaluate("document.activeElement.textContent") == "Camden"
        page.keyboard.press("ArrowUp")
        assert page.evaluate("document.activeElement.closest('thead') === null")
        page.keyboard.press("Control+End")
        assert code_here(page) == "I1"
        page.keyboard.press("Control+Home")
        assert code_here(page) == "A1"
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('.matrix') === null")
        page.keyboard.press("Shift+Tab")
        assert code_here(page) == "A1"
        page.keyboard.press("/")
        page.keyboard.type("cam b2")
        page.keyboard.press("Enter")
        assert focused(page) == "Camden, B2 Title B2: Not assessed"

        page.keyboard.press("r")
        expect(page.locator("#matrix-state")).to_contain_text("Camden, B2: Saved at")
        page.keyboard.press("u")
        expect(page.locator("#row-camden a.cell.s-r")).to_have_count(0)
        everything_is_saved(page)
        page.keyboard.press("Delete")
        expect(page.locator("#live")).to_contain_text("already not assessed")

        # The head saves the same cell after this page last heard of it: both are shown.
        other.locator("#row-camden a.cell").nth(5).focus()
        expect(other.locator("#row-camden a.cell").nth(5)).to_be_focused()
        page.evaluate("Object.defineProperty(document, 'hidden', { value: true })")
        other.reload()
        other.locator("#row-camden a.cell").nth(5).focus()
        other.keyboard.press("a")
        everything_is_saved(other)
        page.keyboard.press("g")
        expect(page.locator("#panel .conflict")).to_contain_text("Demo Head changed this rating")
        expect(page.locator("#alert")).to_contain_text("Not saved")
        page.get_by_role("button", name="Use mine").click()
        everything_is_saved(page)
        expect(page.locator("#rationale")).to_be_focused()
        expect(page.locator("#alert")).to_be_empty()
        other.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(other.locator("#row-camden a.cell").nth(5)).to_have_class(re.compile("s-g"))

    assert answers()["B2"][0] == "green"


def test_what_is_given_after_a_refused_answer_is_sent(site, cycle, epo):
    session = session_of(epo)
    with chromium() as browser:
        page = page_of(browser, site, session)
        page.goto(f"{site}{cycle.get_absolute_url()}")
        page.locator("#row-camden a.cell").first.focus()
        page.keyboard.press("a")
        everything_is_saved(page)
        page.context.set_offline(True)
        page.keyboard.press("l")
        expect(page.locator("#matrix-state")).to_contain_text("no connection")
        page.keyboard.press("r")
        page.context.set_offline(False)
        everything_is_saved(page)
        expect(page.locator("#panel")).to_be_hidden()
        expect(page.locator("#alert")).to_be_empty()
        # The refused answer never stood: it is not gone back to.
        page.keyboard.press("u")
        everything_is_saved(page)
        expect(page.locator("#row-camden a.cell.s-a")).to_have_count(1)

    rating = Rating.objects.get(health_check__borough__slug="camden", criterion__code="A1")
    assert (rating.value, rating.version) == ("amber", 3)


def test_undo_goes_back_to_what_was_saved_and_it_looks_as_it_did(site, camden, epo, head):
    framework = make_framework(2)
    previous = make_cycle(framework, months_ago=6)
    fill(previous, [camden], lambda _b, _c: "green", state=HealthCheck.State.SIGNED_OFF, by=head)
    cycle = make_cycle(framework, previous=previous)
    values = {"A1": "red", "A2": "not_assessed"}
    fill(cycle, [camden], lambda _b, one: values[one.code], state=HealthCheck.State.DRAFT, by=head)
    Rating.objects.filter(health_check__cycle=cycle).update(rationale="")
    session = session_of(epo)
    with chromium() as browser:
        page = page_of(browser, site, session)
        page.goto(f"{site}{cycle.get_absolute_url()}")
        cell, state, alert = (
            page.locator(one) for one in ("#row-camden a.cell >> nth=0", "#matrix-state", "#alert")
        )
        words = "Camden, A1 Title A1: Red, was Green"

        def refuse() -> None:
            page.keyboard.press("l")
            expect(alert).to_contain_text("Camden, A1: Not saved yet: Say why")
            expect(page.locator("#rationale")).to_be_focused()
            page.keyboard.press("Escape")
            expect(cell).to_be_focused()

        cell.focus()
        looks = (cell.get_attribute("class"), cell.inner_html())
        refuse()
        page.keyboard.press("u")
        expect(state).to_have_text("Camden, A1: Less relevant was not saved. It stays red.")
        assert (cell.get_attribute("aria-label"), cell.get_attribute("class"), cell.inner_html()) == (
            words,
            *looks,
        )
        expect(alert).to_be_empty()

        refuse()
        page.keyboard.press("a")
        expect(state).to_contain_text("Camden, A1: Saved at")
        expect(alert).to_be_empty()
        page.keyboard.press("u")
        everything_is_saved(page)
        expect(cell).to_have_attribute("aria-label", words)
        assert "down" in cell.get_attribute("class").split()

        page.keyboard.press("ArrowRight")
        page.keyboard.press("c")
        expect(state).to_have_text("Camden, A2: not assessed. Rate it first.")
        page.keyboard.press("/")
        page.keyboard.type("atlantis")
        page.keyboard.press("Enter")
        answer = page.locator("#matrix-find [role=status]")
        expect(answer).to_have_text("No borough or criterion shown here is called that.")
        page.locator("#matrix-find-text").fill("cam a1")
        expect(answer).to_be_empty()
        page.get_by_role("button", name="Go", exact=True).click()
        expect(cell).to_be_focused()

    assert answers() == {"A1": ("red", ""), "A2": ("not_assessed", "")}


def test_nothing_is_lost_over_a_sign_in_and_a_reload_amid_the_queue(site, cycle, epo):
    epo.set_password(factories.PASSWORD)
    epo.save()
    carried = Rating.objects.filter(health_check__borough__slug="camden", criterion__code="I1")
    carried.update(value=Status.GREEN, is_carried=True, version=1)
    session, address = session_of(epo), f"{site}{cycle.get_absolute_url()}"
    with chromium() as browser:
        page = page_of(browser, site, session)
        page.on("dialog", lambda dialog: dialog.accept())
        state, sentence = page.locator("#matrix-state"), page.locator("#matrix-sentence")

        def rate(letters: str) -> None:
            for letter in letters:
                page.keyboard.press("n")
                page.keyboard.press(letter)

        page.goto(address)
        rate(LETTERS[:3])
        page.context.clear_cookies(name="sessionid")
        rate(LETTERS[3:9])
        expect(state).to_contain_text("Not saved: you are signed out.")
        page.get_by_role("link", name="Sign in and come back").click()
        page.get_by_label("E-mail address").fill(epo.email)
        page.get_by_label("Password", exact=True).fill(factories.PASSWORD)
        page.locator("#sign-in").get_by_role("button", name="Sign in").click()
        page.wait_for_url(address)
        everything_is_saved(page)

        page.route(re.compile("/camden/"), lambda route: route.abort())
        rate(LETTERS[9:15])
        expect(state).to_contain_text("no connection")
        page.unroute_all()
        page.reload()
        everything_is_saved(page)

        cell = page.locator("#row-camden a.cell.stale")
        cell.focus()
        page.keyboard.press("c")
        expect(state).to_contain_text("Camden, I1: Saved at")
        expect(sentence).not_to_contain_text("not re-confirmed")
        page.keyboard.press("u")
        expect(cell).to_be_focused()
        expect(state).to_contain_text("Camden, I1: Carried forward, not re-confirmed")
        expect(sentence).to_contain_text("1 not re-confirmed")

    given = [PRESSED[letter].value for letter in LETTERS[:15]]
    found = [value for value, _why in answers().values()]
    lost = [number for number, value in enumerate(given) if found[number] != value]
    print(f"criteria lost over an ended session and a reload: {len(lost)} / {len(given)}")
    assert lost == []
    assert found[15:] == ["not_assessed"] * 9 + ["green"]
    assert carried.values_list("is_carried", "version", "rated_by").get() == (True, 3, None)


def test_pages_are_turned_from_the_keyboard_and_nothing_is_left_behind(site, head):
    boroughs = sorted(make_boroughs(105), key=lambda borough: borough.name)
    cycle = make_cycle(make_framework(2))
    fill(cycle, boroughs, lambda _b, _c: "green", state=HealthCheck.State.DRAFT, by=head)
    session, address = session_of(head), f"{site}{cycle.get_absolute_url()}"
    last, first, other = (boroughs[at] for at in (59, 60, 5))
    with chromium() as browser:
        page = page_of(browser, site, session)
        page.goto(address)
        page.route(re.compile("/A2/"), lambda route: route.abort())
        page.locator(f"#row-{last.slug} a.cell").nth(1).focus()
        page.keyboard.press("r")
        expect(page.locator("#matrix-state")).to_contain_text("no connection")
        page.keyboard.press("PageDown")
        page.wait_for_url(f"{address}?page=2#row-{first.slug}:A2")
        until(page, "document.activeElement.matches('a.cell')")
        assert focused(page) == f"{first.name}, A2 Title A2: Green"
        page.unroute_all()
        expect(page.locator("#matrix-state")).to_contain_text(f"{last.name}, A2: Saved at")

        page.keyboard.press("Control+ ")
        expect(page.locator(".chosen-bar")).to_contain_text("Of this page alone: 60 boroughs on other pages")
        page.keyboard.press("Escape")
        # What has the focus is not under the bar that says how many are chosen.
        for way in ("Left", "Right") * 15:
            page.keyboard.press("ArrowDown")
            page.keyboard.press(f"Shift+Arrow{way}")
            expect(page.locator(".chosen-bar")).to_be_visible()
            until(page, CLEAR_OF_THE_BAR)
            page.keyboard.press("Escape")
        page.keyboard.press("/")
        page.keyboard.type(f"{other.name} A1")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{address}#row-{other.slug}:A1")
        until(page, "document.activeElement.matches('a.cell')")
        assert focused(page) == f"{other.name}, A1 Title A1: Green"

    changed = Rating.objects.exclude(value="green").values_list(
        "health_check__borough", "criterion__code", "value"
    )
    assert list(changed) == [(last.pk, "A2", "red")]
