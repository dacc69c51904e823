"""What every browser test stands on: Chromium, a person's session, a page that watches for faults."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.waiting import wait_until

# The same Chromium with and without the parts of it that open windows; whichever is there, the lighter first.
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Other tests share the machine.
expect.set_options(timeout=20_000)


@dataclass
class Standing:
    playwright: Playwright
    browser: Browser
    loop: asyncio.AbstractEventLoop


@cache
def _standing() -> Standing:
    """Begun by the first test that asks, kept for the others: to begin takes a core two seconds."""
    playwright = sync_playwright().start()
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    return Standing(playwright, browser, asyncio.get_running_loop())


@contextmanager
def _driven() -> Iterator[Browser]:
    """Between two tests the event loop is suspended, and nobody may take it for running."""
    standing = _standing()
    asyncio._set_running_loop(standing.loop)
    try:
        yield standing.browser
    finally:
        asyncio._set_running_loop(None)


def stop_chromium() -> None:
    if _standing.cache_info().currsize:
        with _driven() as browser:
            browser.close()
            _standing().playwright.stop()
        _standing.cache_clear()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Inside it Playwright's event loop runs, in which Django asks the database nothing: do that before."""
    with _driven() as browser:
        try:
            yield browser
        finally:
            for context in browser.contexts:
                context.close()


def until(page: Page, expression: str) -> None:
    """Asked anew each time: what waits inside the page would need `eval`, which the policy refuses."""
    wait_until(lambda: page.evaluate(expression), 20)


def session_of(user) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


def page_of(browser: Browser, site: str, session: str = "", **options: Any) -> Page:
    """A page of its own context; `options` are Playwright's, such as viewport or java_script_enabled."""
    page = browser.new_context(**options).new_page()
    become(page, site, session)
    return page


def become(page: Page, site: str, session: str) -> None:
    """Whoever has the session, and nobody without one."""
    page.context.clear_cookies()
    if session:
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": site}])


# Reports from within a page what the browser refused, whichever way it was asked for.
WATCH = """
window.refused = [];
document.addEventListener("securitypolicyviolation", event =>
  window.refused.push(`refused: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""


@dataclass
class Refusals:
    """What the browser refuses of the pages of a context, and what goes wrong in their scripts."""

    errors: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, context: BrowserContext) -> "Refusals":
        refusals = cls()
        context.add_init_script(WATCH)
        context.on("weberror", lambda error: refusals.errors.append(f"failed: {error.error}"))
        return refusals

    def taken(self, page: Page) -> list[str]:
        """Since the page was opened, or since they were last taken."""
        found = page.evaluate("window.refused.splice(0)") + self.errors
        self.errors.clear()
        return found
