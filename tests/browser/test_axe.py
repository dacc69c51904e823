"""Every page by axe (WCAG 2.2 A and AA, best practice) and by measure: QUALITY rows 125, 126, 127 and 129.

The content policy holds meanwhile: what it refuses on the way is a fault too (row 100).

In the suite each page is looked at once as whoever sees most of it, on a phone or on a desk, in light or in
forced colours, by turns; `SOAK=1` looks as everybody, at four widths, in both, with larger text and at each
stop of the Tab key. Who sees no kind of element that an earlier one had not seen looks once, at the four
widths by turns: figures differ then, and the frame around the main part is that of other pages.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from django.utils import timezone
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
from tests.browser.access.kinds import kinds
from tests.browser.access.places import LOOKS, NO_PAGES, Place, not_in_the_tables, places
from tests.browser.access.scenes import Scene, scenes
from tests.browser.access.world import build_world, sessions
from tests.browser.stage import Refusals, become, chromium

SOAK = os.environ.get("SOAK") == "1"
DESK = 1280
WIDTHS = (DESK, PHONE)
ALL_WIDTHS = (DESK, 768, PHONE, 1920)
# So that both cores share the pages.
PARTS = 1 if SOAK else 2


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
        # One window for all: each new one costs as much as a page and reads every file anew.
        page = watched(browser, site)
        refusals = Refusals.of(page.context)
        for number, place in enumerate(of_place):
            tell(number, of_place, place.name)
            for as_, ways in visits(place, who, site, page, found, conditions(number)):
                for width, colours in ways:
                    look(page, found, f"{place.name} as {as_}", width, colours, whole=len(ways) > 1)
                found.add(f"{place.name} as {as_}", refusals.taken(page))
        for number, scene in enumerate(of_scene):
            tell(number, of_scene, scene.name)
            become(page, site, who[scene.as_])
            play(scene, conditions(number, scene.widths), page, found, f"{site}{scene.address}", refusals)

    print(
        f"faults in {found.looked} looks at {len(of_place)} pages and {len(of_scene)} scenes:"
        f" {len(found.bad)} bad / {found.runs} runs of axe, {found.targets} targets, {found.stops} stops;"
        f" undecided by axe and decided by measure: {found.decided}"
    )
    assert not found.bad, "\n".join(found.bad)


def tell(number: int, all_: Sequence[Any], name: str) -> None:
    if SOAK:
        print(f"{timezone.localtime():%H:%M:%S} {number + 1} of {len(all_)}: {name}", flush=True)


def visits(
    place: Place,
    who: Mapping[str, str],
    site: str,
    page: Page,
    found: Found,
    ways: list[tuple[int, str]],
) -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """The page open before whoever sees most of it, in a soak then before everybody else who may see it.

    With each the widths and colours to look at: all of them before whoever sees the page otherwise than those
    before, one before whoever does not.
    """
    address = f"{site}{place.address}"
    show(page, *ways[0])
    become(page, site, who[place.as_])
    opened = page.goto(address)
    status = opened.status if opened is not None else 0
    is_there = page.url == address or not place.keeps_its_address
    if opened is None or status != (int(place.name) if place.name.isdigit() else 200) or not is_there:
        found.add(f"{place.name} as {place.as_}", [f"answered {status} at {page.url}"])
        return
    yield place.as_, ways
    if not SOAK:
        return
    seen = kinds(opened.text())
    in_light = [way for way in ways if way[1] == LIGHT]
    for turn, (as_, session) in enumerate(who.items()):
        if as_ == place.as_:
            continue
        become(page, site, session)
        answer = page.request.get(address, max_redirects=0)
        if answer.status != 200:
            continue
        of_this = kinds(answer.text())
        its_ways = [in_light[turn % len(in_light)]] if of_this <= seen else ways
        seen |= of_this
        show(page, *its_ways[0])
        page.goto(address)
        yield as_, its_ways


def conditions(number: int, widths: Sequence[int] = ALL_WIDTHS) -> list[tuple[int, str]]:
    """The widths and colours of the nth page or scene, of those that it has."""
    if SOAK:
        return [(width, colours) for colours in (LIGHT, FORCED) for width in ALL_WIDTHS if width in widths]
    mine = [width for width in WIDTHS if width in widths]
    return [(mine[number % len(mine)], (LIGHT, FORCED)[number // 2 % 2])]


def play(
    scene: Scene,
    ways: list[tuple[int, str]],
    beside: Page,
    found: Found,
    address: str,
    refusals: Refusals,
) -> None:
    """In a tab of its own, at the first of its widths; what it leads to is looked at in each."""
    page = beside.context.new_page()
    try:
        show(page, ways[0][0], LIGHT)
        page.goto(address)
        scene.act(page)
        for width, colours in ways:
            look(page, found, scene.name, width, colours, whole=SOAK)
        found.add(scene.name, refusals.taken(page))
    except (AssertionError, Error) as error:
        found.add(scene.name, [f"could not be played: {str(error)[:300]}"])
    page.close()


def look(page: Page, found: Found, name: str, width: int, colours: str, *, whole: bool) -> None:
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
        # The faults carry styles of their own, which the policy refuses.
        page = watched(browser, site, bypass_csp=True)
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
