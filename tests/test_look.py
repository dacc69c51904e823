"""What the look promises and a machine can measure: contrast, shapes, the frame of every page."""

import re

import pytest
from django.conf import settings
from django.template.loader import render_to_string

from cdrp_portal.charts import SHAPES
from cdrp_portal.status import Status

CSS = settings.BASE_DIR / "static" / "css"
TOKENS = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", (CSS / "portal.css").read_text()))
WHITE = "#ffffff"

# Front, back and the least contrast: 7 for what is read long, 4.5 for text, 3 for shapes and edges.
PAIRS = [
    ("ink", WHITE, 7),
    ("ink", "tint-strong", 7),
    ("ink", "ground", 7),
    ("ink-2", WHITE, 7),
    ("ink-2", "ground", 7),
    ("ink-2", "tint", 7),
    ("accent", WHITE, 7),
    ("accent", "tint", 7),
    ("accent", "ground", 7),
    ("accent", "tint-strong", 4.5),
    ("accent-dark", WHITE, 7),
    ("accent-dark", "tint", 7),
    (WHITE, "accent", 7),
    ("tint-strong", "accent-dark", 7),
    ("green-ink", "green-fill", 7),
    ("amber-ink", "amber-fill", 7),
    ("red-ink", "red-fill", 7),
    ("none-ink", "none-fill", 7),
    ("red-ink", WHITE, 7),
    ("field", WHITE, 4.5),
    ("field", "ground", 3),
    ("#3f7d5f", "green-fill", 3.5),
    ("accent-dark", "green-fill", 3),
    ("accent-dark", "amber-fill", 3),
    ("accent-dark", "red-fill", 3),
    ("accent-dark", "none-fill", 3),
]


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_of_black_on_white_is_known():
    assert round(contrast("#000000", WHITE)) == 21


def test_contrast_of_every_pair_holds():
    measured = [
        (front, back, round(contrast(TOKENS.get(front, front), TOKENS.get(back, back)), 2), least)
        for front, back, least in PAIRS
    ]
    weak = [pair for pair in measured if pair[2] < pair[3]]

    print(f"weak pairs of colours: {len(weak)} / {len(measured)}")
    assert weak == []


def test_stylesheet_and_charts_draw_the_same_shapes():
    rules = re.findall(
        r'^\.(s-\w) \{[^}]*--shape: "\\(\w{4})"', (CSS / "parts.css").read_text(), re.MULTILINE
    )

    assert {name: chr(int(code, 16)) for name, code in rules} == {
        status.css_class: SHAPES[status] for status in Status
    }


def test_stylesheets_take_every_file_from_the_portal_itself():
    outside = [
        (file.name, address)
        for file in CSS.glob("*.css")
        for address in re.findall(r"url\(\s*[\"']?([^\"')]+)", file.read_text())
        if not (file.parent / address).resolve().is_file()
    ]

    assert outside == []


def test_stylesheets_set_type_in_rem():
    sheets = {file.name: file.read_text() for file in CSS.glob("*.css") if file.name != "print.css"}

    in_px = [
        (name, rule)
        for name, text in sheets.items()
        if name != "charts.css"
        for rule in re.findall(r"font(?:-size)?: [^;]*\d+px[^;]*;", text)
    ]
    assert in_px == []


FOOTER = ["/help/", "/help/contact/", "/help/accessibility/", "/help/privacy/"]


@pytest.mark.parametrize("page", ["base", "400", "403", "403_csrf", "404", "500"])
def test_page_stands_without_any_context(page):
    html = render_to_string(f"{page}.html")

    footer = html[html.index("<footer") :]
    assert re.findall(r'href="([^"]+)"', footer) == FOOTER
    assert html.count("<main") == 1
    assert html.count('role="status"') == 1
    assert html.count('role="alert"') == 1
    assert " - CDRP Portal</title>" in html


@pytest.mark.parametrize("page", ["400", "403", "403_csrf", "404", "500"])
def test_error_page_says_what_happened_and_where_to_go(page):
    html = render_to_string(f"{page}.html")

    assert html.count("<h1>") == 1
    assert '<a href="/">Go to the home page</a>' in html
    assert not re.search(r"please|sorry|oops|!</", html, re.IGNORECASE)


def test_page_marks_the_current_item_of_the_menu_in_both_menus():
    menu = [
        {"label": "Home", "url": "/", "current": False},
        {"label": "Boroughs", "url": "/boroughs/", "current": True},
    ]

    html = render_to_string("base.html", {"menu": menu})

    assert html.count('<a href="/boroughs/" aria-current="page">Boroughs</a>') == 2
    assert html.count('<a href="/">Home</a>') == 2


@pytest.mark.parametrize(("demo_mode", "times"), [(True, 1), (False, 0)])
def test_page_says_when_its_data_is_invented(demo_mode, times):
    assert render_to_string("base.html", {"demo_mode": demo_mode}).count("Demonstration data.") == times


def test_page_offers_no_search_where_there_is_none():
    assert 'role="search"' not in render_to_string("base.html")
    assert 'role="search"' in render_to_string("base.html", {"search_url": "/search/"})
