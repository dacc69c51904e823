import re

import pytest
from django.template.loader import render_to_string

from cdrp_portal.charts import (
    GRID_LINES,
    HeatLine,
    HeatSquare,
    Series,
    Tile,
    heat_map,
    line_chart,
    stacked_bar,
    tile_map,
)
from cdrp_portal.status import Status


def tile(**changes: object) -> Tile:
    facts = {
        "label": "HCK",
        "name": "Hackney",
        "column": 5,
        "row": 2,
        "url": "/boroughs/hackney/",
        "words": "9 of 25 answered, behind",
        "fact": "9/25",
        "state": "behind",
    }
    return Tile(**{**facts, **changes})


def drawn_map(*tiles: Tile, **options: object) -> str:
    drawn = tile_map(tiles, label="Health checks submitted", **options)
    return render_to_string("includes/_tile_map.html", {"map": drawn})


def test_tile_is_a_link_whose_name_begins_with_what_is_seen():
    html = drawn_map(tile(vacancy=True))

    assert 'href="/boroughs/hackney/"' in html
    assert 'aria-label="HCK 9/25, Hackney: 9 of 25 answered, behind, link member vacancy"' in html


def test_tile_names_are_escaped():
    html = drawn_map(tile(name='"><script>alert(1)</script>', fact="<b>"))

    assert "<script>" not in html
    assert "<b>" not in html


def test_tile_of_a_finished_borough_is_ticked_by_a_drawn_line():
    html = drawn_map(tile(fact="✓", state="done", words="submitted"))

    assert 'class="t-tick"' in html
    assert 'aria-label="HCK, Hackney: submitted"' in html
    assert "✓" not in html


@pytest.mark.parametrize("status", Status)
def test_tile_of_a_status_has_shape_letter_and_word(status):
    html = drawn_map(tile(state="", status=status.value, fact=status.letter, words=status.label))

    shape = {"G": "●", "A": "▲", "R": "■", "L": "–", "N": "○"}[status.letter]
    assert f'class="tile {status.css_class}"' in html
    assert f">{shape}</tspan> {status.letter}<" in html
    assert f"Hackney: {status.label}" in html


@pytest.mark.parametrize(("fraction", "width"), [(0.5, 27), (0, 0), (None, 0), (1.4, 54)])
def test_tile_bar_is_the_share_answered(fraction, width):
    placed = tile_map([tile(state="progress", fraction=fraction)], label="x")["tiles"][0]

    assert placed["bar"] == width


def test_city_is_drawn_and_is_no_link():
    html = drawn_map(tile())

    assert html.count("<a ") == 1
    assert ">City<" in html


def test_map_key_says_only_what_is_drawn():
    assert [line["words"] for line in tile_map([tile(), tile(state="done")], label="x")["key"]] == [
        "submitted",
        "behind",
    ]
    assert tile_map([tile(status="red", state="")], label="x")["key"] == []


def test_map_key_can_be_worded_by_the_page():
    key = tile_map([tile(state="carried")], label="x", key=[("carried", "has signed")])["key"]

    assert [line["words"] for line in key] == ["has signed"]


@pytest.mark.parametrize(("small", "size"), [(False, 56), (True, 46)])
def test_tiles_of_one_map_never_touch(small, size):
    tiles = [tile(column=column, row=row) for column in range(8) for row in range(7)]

    drawn = tile_map(tiles, label="x", small=small)

    corners = [(placed["x"], placed["y"]) for placed in drawn["tiles"]]
    touching = [
        (a, b)
        for i, a in enumerate(corners)
        for b in corners[i + 1 :]
        if abs(a[0] - b[0]) < size + 2 and abs(a[1] - b[1]) < size + 2
    ]
    print(f"tiles that touch: {len(touching)} / {len(corners)}")
    assert touching == []
    assert all(0 <= x <= drawn["width"] - size and 0 <= y <= drawn["height"] - size for x, y in corners)


CYCLES = ["Autumn 2009", "Spring 2010", "Autumn 2010"]


def chart(*series: Series, cycles: list[str] = CYCLES) -> dict:
    return line_chart(cycles, series, label="Ratings over three cycles")


def test_chart_labels_each_line_with_its_last_figure():
    html = render_to_string(
        "includes/_line_chart.html", {"chart": chart(Series("Green", [498, 541, 1551], status="green"))}
    )

    assert html.count("Green 1,551") == 2
    assert 'role="img" aria-label="Ratings over three cycles"' in html


def test_chart_tells_lines_apart_by_mark_and_dash():
    lines = chart(
        Series("Green", [3, 4, 5], status="green"),
        Series("Amber", [2, 2, 2], status="amber"),
        Series("Red", [1, 1, 1], status="red"),
    )["drawings"][0]["lines"]

    assert [line["mark"] for line in lines] == ["●", "▲", "■"]
    assert len({line["dash"] for line in lines}) == 3


@pytest.mark.parametrize("highest", [0, 1, 2, 7, 57, 551, 799, 800, 1001, 20580])
def test_chart_grid_holds_every_figure_in_four_lines(highest):
    drawing = chart(Series("Green", [0, highest, highest], status="green"))["drawings"][0]

    tops = [int(line["text"].replace(",", "")) for line in drawing["grid"]]
    assert len(tops) == GRID_LINES
    assert tops[0] == 0
    assert tops[-1] >= highest
    assert all(drawing["grid"][-1]["y"] <= point["y"] for point in drawing["lines"][0]["points"])


def test_chart_breaks_a_line_where_a_cycle_has_no_figure():
    cycles = ["A", "B", "C", "D", "E"]

    line = chart(Series("Red", [1, 2, None, 3, 4]), cycles=cycles)["drawings"][0]["lines"][0]

    assert len(line["runs"]) == 2
    assert len(line["points"]) == 4


def test_chart_of_one_cycle_has_a_mark_and_no_line():
    line = chart(Series("Red", [4]), cycles=["Autumn 2010"])["drawings"][0]["lines"][0]

    assert line["runs"] == []
    assert len(line["points"]) == 1
    assert line["text"] == "Red 4"


def test_chart_without_figures_names_nothing():
    line = chart(Series("Red", [None, None, None]))["drawings"][0]["lines"][0]

    assert line["empty"]


def test_chart_labels_never_lie_on_one_another():
    series = [Series(f"Line {n}", [5, 5, 5]) for n in range(3)]

    heights = sorted(line["text_y"] for line in chart(*series)["drawings"][1]["lines"])

    assert all(later - earlier >= 15 for earlier, later in zip(heights, heights[1:], strict=False))


def test_chart_names_fewer_cycles_than_would_collide_and_always_the_last():
    cycles = [f"Cycle {n}" for n in range(12)]

    wide, narrow = chart(Series("Red", list(range(12))), cycles=cycles)["drawings"]

    assert [name["lines"] for name in wide["cycles"]][-1] == ["Cycle 11"]
    assert len(wide["cycles"]) <= 6
    assert len(narrow["cycles"]) <= 3
    assert narrow["cycles"][-1]["lines"] == ["Cycle", "11"]


def test_chart_rows_are_the_figures_of_its_table():
    rows = chart(Series("Green", [498, 541, 551]), Series("Red", [64, None, 57]))["rows"]

    assert rows[1] == {"cycle": "Spring 2010", "values": [541, None]}


def test_drawings_ask_for_no_style_of_their_own():
    html = drawn_map(tile()) + render_to_string(
        "includes/_line_chart.html", {"chart": chart(Series("R", [1, 2, 3]))}
    )

    assert not re.search(r"\sstyle=|<style|<script", html)


def drawn_bar(**counts: int) -> str:
    parts = stacked_bar({Status(value): count for value, count in counts.items()})
    return render_to_string("includes/_bar_chart.html", {"parts": parts})


def test_bar_fills_its_width_in_the_order_of_the_statuses():
    parts = stacked_bar({Status.RED: 1, Status.GREEN: 2, Status.AMBER: 0, Status.NOT_ASSESSED: 1})

    assert [(part.status, part.start, part.width) for part in parts] == [
        (Status.GREEN, 0, 50),
        (Status.RED, 50, 25),
        (Status.NOT_ASSESSED, 75, 25),
    ]
    assert (parts[0].middle, parts[0].end) == (25, 50)


def test_bars_below_one_another_stand_for_the_same_number():
    assert [part.width for part in stacked_bar({Status.RED: 1}, total=4)] == [25]
    assert stacked_bar({}) == []


def test_bar_says_mark_and_figure_where_they_fit():
    html = drawn_bar(green=30, red=2)

    assert "●</tspan> 30" in html
    assert "■" not in html
    assert 'class="s-r"' in html
    assert not re.search(r"\sstyle=|<style", html)


def drawn_heat(*squares: HeatSquare, name: str = "Camden") -> tuple[dict, str]:
    heads = [(letter, f"Theme {letter}") for letter in "ABCDEFGHIJKLM"[: len(squares)]]
    line = HeatLine(name, "CMD", squares)
    drawn = heat_map(
        heads, [line], HeatLine("All boroughs", "All", squares), title="Moved", description="One."
    )
    return drawn, render_to_string("includes/_heat_map.html", {"map": drawn})


def test_square_that_moved_is_a_link_with_its_sign_and_the_others_are_signs_alone():
    moved = HeatSquare("down", 3, True, "/there/", "3 worse, Camden, A")
    drawn, html = drawn_heat(HeatSquare("same"), moved, HeatSquare("none"), HeatSquare("same"))

    assert html.count('<a class="h-down h-heavy" href="/there/" aria-label="3 worse, Camden, A">') == 2
    assert "↓3" in html
    assert drawn["lines"][0]["same"] == {"x": "23.0% 65.0%", "text": "=="}
    assert drawn["lines"][0]["none"]["text"] == "–"
    assert '<title id="heat-title">Moved</title><desc id="heat-words">One.</desc>' in html
    assert not re.search(r"\sstyle=|<style", html)


def test_heat_map_keeps_its_columns_inside_its_width_and_is_scrolled_where_there_are_many():
    for count in (1, 2, 10, 13):
        drawn, html = drawn_heat(*[HeatSquare("up", 1, url="/", name="1 better")] * count)
        ends = [one["x"] + drawn["width"] for one in drawn["lines"][0]["moved"]]
        assert len(ends) == count
        assert max(ends) <= 100
        assert ("heat-box--wide" in html) == (count == 13)


def test_heat_map_escapes_the_names_that_it_draws():
    assert "<b>" not in drawn_heat(HeatSquare("even", 0, url="/", name="<b>"), name="<b>")[1]
