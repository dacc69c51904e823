"""What is typed is kept though no save goes through; and several cells are chosen and rated at once."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from assessments import actions
from assessments.models import ChangeSet, Rating, RatingDraft
from tests.assessments.grid import make_framework
from tests.browser.stage import chromium, page_of, session_of, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TEXTS = 20
OFFERS = "[data-offer] [data-text=rationale]"


@pytest.fixture
def check(transactional_db, camden, epo, head):
    today = timezone.localdate()
    cycle = actions.open_cycle(
        framework=make_framework(TEXTS),
        name="Autumn 2010",
        opens_on=today,
        closes_on=today + timedelta(days=60),
        previous=None,
        by=head,
    )
    return cycle.health_checks.select_related("cycle", "borough").get(borough=camden)


def type_in(page: Page, codes: list[str]) -> None:
    """Of the reasons only one is open at a time, so that these are typed by their events."""
    page.evaluate(
        """codes => { for (const code of codes) {
            const field = document.getElementById(`rationale-${code}`);
            field.value = `Half a text of ${code}`;
            field.dispatchEvent(new InputEvent("input", { bubbles: true }));
        } }""",
        codes,
    )


def until_kept(page: Page) -> None:
    """A moment after the last letter the server has what is typed, and the tab need not keep it."""
    until(page, "!Object.keys(sessionStorage).some((key) => key.startsWith('draft '))")


def offered(page: Page, number: int) -> list[str]:
    for _attempt in range(20):
        page.reload()
        if page.locator(OFFERS).count() == number:
            break
        page.wait_for_timeout(250)
    return page.locator(OFFERS).all_text_contents()


def test_twenty_texts_outlive_a_pause_a_page_that_is_left_and_an_expired_sign_in(site, check, epo):
    address, first, second = f"{site}{check.get_absolute_url()}", session_of(epo), session_of(epo)
    codes = list(check.ratings.order_by("criterion__position").values_list("criterion__code", flat=True))
    paused, left, signed_out = codes[:7], codes[7:14], codes[14:]
    with chromium() as browser:
        page = page_of(browser, site, first)
        page.on("dialog", lambda dialog: dialog.accept())
        page.route(
            lambda url: url.startswith(address) and url != address and not url.endswith("/draft/"),
            lambda route: route.abort(),
        )
        page.goto(address)
        type_in(page, paused)
        until_kept(page)
        type_in(page, left)
        page.goto(f"{site}/help/")
        page.goto(address)
        page.context.clear_cookies(name="sessionid")
        type_in(page, signed_out)
        page.goto(address)
        expect(page).to_have_title("Sign in - CDRP Portal")
        page.context.add_cookies([{"name": "sessionid", "value": second, "url": site}])
        page.goto(address)
        texts = offered(page, TEXTS)
        elsewhere = page_of(browser, site, second)
        elsewhere.goto(address)
        kept = elsewhere.locator(OFFERS).all_text_contents()

        page.unroute_all()
        page.locator("#A1 [name=use_draft]").click()
        expect(page.locator("#A1 .save")).to_contain_text("Saved at")
        page.locator("#A2 [name=drop]").click()
        expect(page.locator("#A2 [data-offer]")).to_have_count(0)

        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{site}{check.cycle.get_absolute_url()}")
        page.locator("#row-camden a.cell").nth(2).focus()
        page.keyboard.press("Enter")
        offer = page.locator("#panel [data-offer]")
        expect(offer).to_be_visible()
        page.context.set_offline(True)
        offer.locator("[name=drop]").click()
        expect(page.locator("#live")).to_contain_text("Not dropped: no connection. Trying again.")
        expect(offer).to_be_visible()
        page.context.set_offline(False)
        expect(offer).to_have_count(0)

    assert faults == []
    wanted = [f"Half a text of {code}" for code in codes]
    lost = len([text for text in wanted if text not in kept])
    print(f"drafts lost in a browser: {lost} / {TEXTS}")
    assert (texts, kept) == (wanted, wanted)
    assert Rating.objects.get(criterion__code="A1", health_check=check).rationale == "Half a text of A1"
    assert RatingDraft.objects.count() == TEXTS - 3


def test_a_rating_s_own_page_says_what_is_not_saved_until_its_button_is_pressed(site, check, epo):
    session = session_of(epo)
    address = f"{site}{check.get_absolute_url()}A1/"
    with chromium() as browser:
        page = page_of(browser, site, session)
        page.goto(address)
        state = page.locator("#rating-form .save")
        page.locator(".rating-answer .rating").first.click()
        expect(state).to_have_text("Not saved yet")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(state).to_contain_text("Saved at")
        page.locator("#rationale").press_sequentially("Held")
        expect(state).to_have_text("Not saved yet")


def test_a_block_is_chosen_from_the_keyboard_and_rated_as_one_set(site, check, epo):
    session = session_of(epo)
    with chromium() as browser:
        page = page_of(browser, site, session)
        page.goto(f"{site}{check.cycle.get_absolute_url()}")
        bar = page.locator(".chosen-bar")
        page.locator("#row-camden a.cell").first.focus()
        for keys in ("Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowUp"):
            page.keyboard.press(keys)
        expect(bar).to_contain_text("3 ratings chosen: Camden, A1 to A3.")
        expect(page.locator("#live")).to_contain_text("3 ratings chosen")
        page.keyboard.press("Escape")
        expect(bar).to_be_hidden()
        page.keyboard.press("Control+Space")
        expect(bar).to_contain_text("1 rating chosen: Camden, A3.")
        page.locator("#row-camden th a").click(modifiers=["Shift"])
        expect(bar).to_contain_text(f"{TEXTS} ratings chosen")
        page.locator("#row-camden a.cell").nth(1).click(modifiers=["Shift"])
        page.keyboard.press("Shift+Space")
        bar.get_by_role("button", name="Choose none").click()
        expect(bar).to_be_hidden()
        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("r")
        expect(page.get_by_role("heading", name="Rate several at once")).to_be_visible()
        page.get_by_label("Reason").fill("No seat yet")
        page.get_by_role("button", name="Change 2 ratings").click()
        expect(page.get_by_role("heading", name="Red in Camden")).to_be_visible()

    reds = Rating.objects.filter(value="red", rationale="No seat yet", health_check=check)
    assert reds.count() == ChangeSet.objects.get().changes.count() == 2
