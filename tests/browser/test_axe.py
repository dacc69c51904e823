"""Every page by axe (WCAG 2.2 A and AA, best practice) and by measure: QUALITY rows 125, 126, 127 and 129.

In the suite each page is looked at once as whoever sees most of it, on a phone or on a desk, in light or in
forced colours, by turns; `SOAK=1` looks as everybody, at four widths, in both, with larger text and at each
stop of the Tab key. Of two people who see the same main part one is asked: the frame around it is that of
other pages.
"""

import hashlib
import os
import re
from collections.abc import Iterator, Sequence

import pytest
from playwright.sync_api import Error, Page

from tests.browser.access.eyes import (
    FORCED,
    LIGHT,
    OF_COLOURS,
    PHONE,
    RULES,
    Found,
    axe,
    measure,
    measure_stops,
    measure_text,
    show,
    watched,
)
from tests.browser.access.places import LOOKS, NO_PAGES, Place, not_in_the_tables, places
from tests.browser.access.scenes import Scene, scenes
from tests.browser.access.world import build_world, sessions
from tests.browser.stage import chromium

SOAK = os.environ.get("SOAK") == "1"
DESK = 1280
WIDTHS = (DESK, PHONE)
ALL_WIDTHS = (DESK, 768, PHONE, 1920)
# So that both cores share the pages.
PARTS = 2
# What differs between two people on the same page without differing in kind.
PERSONAL = re.compile(
    r'name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"|hx-headers=\'[^\']*\'|\bDemo \w+( \w)?\b'
    r'|data-(token|person|draft)="[^"]*"'
)


def test_every_address_is_looked_at_or_has_its_reason():
    """A new address is looked at: tests/browser/access/places.py; or it says there why it is no page."""
    unlisted, unknown = not_in_the_tables()

    print(
        f"addresses that nobody looks at: {len(unlisted)} bad / {len(unlisted) + len(LOOKS) + len(NO_PAGES)}"
    )
    assert unlisted == set()
    assert unknown == set()


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_can_be_used_by_everybody(site, demonstration, part):
    world = build_world()
    who, found = sessions(), Found()
    of_place, of_scene = places(world)[part::PARTS], scenes(world)[part::PARTS]

    with chromium() as browser:
        windows = {role: watched(browser, site, session) for role, session in who.items()}
        for number, (place, page) in enumerate(visits(of_place, windows, site, found)):
            for width, colours in conditions(number):
                look(page, found, f"{place.name} as {place.as_}", width, colours)
        for number, scene in enumerate(of_scene):
            page = watched(browser, site, who[scene.as_])
            page.goto(f"{site}{scene.address}")
            try:
                for width, colours in conditions(number, scene, page):
                    look(page, found, scene.name, width, colours)
            except (AssertionError, Error) as error:
                found.add(scene.name, [f"could not be played: {str(error)[:300]}"])
            page.context.close()

    print(
        f"faults in {found.looked} looks at {len(of_place)} pages and {len(of_scene)} scenes:"
        f" {len(found.bad)} bad / {found.runs} runs of axe, {found.targets} targets, {found.stops} stops;"
        f" undecided by axe and decided by measure: {found.decided}"
    )
    assert not found.bad, "\n".join(found.bad)


def visits(
    of_place: list[Place], windows: dict[str, Page], site: str, found: Found
) -> Iterator[tuple[Place, Page]]:
    """Each page open before whoever sees most of it; in a soak then before everybody else who may see it."""
    seen: set[str] = set()
    for place in of_place:
        page = windows[place.as_]
        opened = page.goto(f"{site}{place.address}")
        status = opened.status if opened is not None else 0
        is_there = page.url == f"{site}{place.address}" or not place.keeps_its_address
        if status != (int(place.name) if place.name.isdigit() else 200) or not is_there:
            found.add(f"{place.name} as {place.as_}", [f"answered {status} at {page.url}"])
            continue
        seen.add(main_part(page))
        yield place, page
        for role, other in windows.items() if SOAK else ():
            opened = None if role == place.as_ else other.goto(f"{site}{place.address}")
            if opened is None or opened.status != 200 or other.url != f"{site}{place.address}":
                continue
            if (part := main_part(other)) not in seen:
                seen.add(part)
                yield Place(place.name, role, place.address), other


def main_part(page: Page) -> str:
    main = page.evaluate("document.querySelector('main').outerHTML")
    return hashlib.sha256(PERSONAL.sub("", main).encode()).hexdigest()


def conditions(
    number: int, scene: Scene | None = None, page: Page | None = None
) -> Iterator[tuple[int, str]]:
    """The widths and colours of the nth page. A scene is played at its first width, and looked at in each."""
    widths: Sequence[int] = ALL_WIDTHS if SOAK else WIDTHS
    if scene is not None and page is not None:
        widths = [width for width in widths if width in scene.widths]
    widths = widths if SOAK else widths[number % len(widths) :][:1]
    if scene is not None and page is not None:
        show(page, widths[0], LIGHT)
        scene.act(page)
    for colours in (LIGHT, FORCED) if SOAK else ((LIGHT, FORCED)[number // 2 % 2],):
        for width in widths:
            yield width, colours


def look(page: Page, found: Found, name: str, width: int, colours: str, *, whole: bool = SOAK) -> None:
    """By axe and by measure; the `whole` of it with larger text and every stop of the Tab key too."""
    where = f"{name}, {width}, {'light' if colours == LIGHT else 'forced'}"
    found.looked += 1
    show(page, width, colours)
    # In a soak both colours are looked at, and what is there is the same in both.
    again = SOAK and colours == FORCED
    axe(page, found, where, rules=OF_COLOURS if again else RULES, contrast=SOAK or width == DESK)
    if again:
        return
    measure(page, found, where)
    if whole and width in WIDTHS:
        measure_text(page, found, where)
        measure_stops(page, found, where)


FAULTS = """
<img src="/x.png">
<p style="min-width: 3000px">Too wide</p>
<p style="height: 10px; overflow: hidden">Words that are cut off</p>
<p><a href="/" style="display: inline-block; width: 10px; height: 10px; overflow: hidden">x</a></p>
<div style="position: relative"><a id="covered" href="/help/">Under a bar</a>
<div style="position: absolute; inset: -10px; background: #fff; z-index: 9"></div></div>
<p id="pale" style="forced-color-adjust: none; color: #eee; background: #fff">Hardly to be read</p>
<p style="forced-color-adjust: none; color: #eee; background: #fff">R</p>
"""


@pytest.mark.browser
@pytest.mark.slow
def test_control_each_fault_is_found(site, transactional_db):
    with chromium() as browser:
        page = watched(browser, site)
        page.goto(f"{site}/about/")
        page.evaluate(
            "html => document.querySelector('main .wrap').insertAdjacentHTML('beforeend', html)", FAULTS
        )
        found, in_forced_colours = Found(), Found()
        show(page, DESK, FORCED)
        axe(page, in_forced_colours, "forced", rules=OF_COLOURS, contrast=True)
        look(page, found, "about", DESK, LIGHT, whole=True)

    said = "\n".join(found.bad)
    for fault in (
        "image-alt",
        "px too wide",
        "words are cut off: p",
        'target 10.0 × 10.0 px: a "x"',
        "with the focus on it: a#covered",
        "color-contrast (color-contrast): #pale",
        "undecided: color-contrast (shortTextContent)",
    ):
        assert fault in said
    assert any("#pale" in one for one in in_forced_colours.bad)
