"""The head moderates on one page: what they flag there is counted at once, and stands in nobody's way."""

import re

import pytest
from playwright.sync_api import expect

from accounts.models import User
from assessments.models import HealthCheck
from tests.browser.stage import chromium, page_of, session_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_whoever_flags_can_mark_as_moderated(site, demonstration):
    check = HealthCheck.objects.get(borough__slug="barnet", cycle__slug="autumn-2026")
    session, address = session_of(User.objects.get(email="head@demo.test")), check.get_absolute_url()
    with chromium() as browser:
        page = page_of(browser, site, session)
        page.goto(f"{site}{address}moderate/")
        judged = page.locator(".judged").first
        judged.locator("summary", has_text="Flag it").click()
        judged.locator("textarea[name=note]").fill("Which minute is it")
        judged.get_by_role("button", name=re.compile("^Save the flag")).click()
        expect(page.locator("#moderation-sentence")).to_contain_text("1 flagged")
        page.get_by_role("button", name="Mark as moderated").click()
        expect(page.get_by_text("Moderated on ")).to_be_visible()

    check.refresh_from_db()
    assert check.state == HealthCheck.State.MODERATED
