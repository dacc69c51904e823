"""A cycle in pictures: every figure is the matrix's, and only what its reader may read is counted."""

import random
import re
from collections import Counter

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.content.health_check import read_page
from assessments.content.pictures import Moved, Order, PictureFilters, read_pictures
from assessments.content.profile import profile_of
from assessments.content.trend import read_trend
from assessments.matrix import BadFilter, MatrixFilters, every_cycle, load_matrix
from assessments.models import Criterion, HealthCheck
from cdrp_portal.status import Movement, Status
from tests.assessments.grid import fill, make_boroughs, make_cycle, make_framework

State = HealthCheck.State


def two_cycles(boroughs, *, then="amber", now="green", state=State.SIGNED_OFF, framework=None, later=None):
    framework = framework or make_framework(5, authority_alone=1)
    then, now = (value if callable(value) else (lambda _b, _c, value=value: value) for value in (then, now))
    earlier = fill(make_cycle(framework, months_ago=1), boroughs, then, state=State.SIGNED_OFF)
    cycle = make_cycle(later or framework, previous=earlier.cycle)
    return fill(cycle, boroughs, now, state=state), earlier


def drawn(grid, user, **query):
    return read_pictures(
        cycle=grid.cycle, cycles=every_cycle(), user=user, filters=PictureFilters.from_query(query)
    )


def address(grid, query=""):
    return reverse("assessments:cycle-pictures", args=[grid.cycle.slug]) + query


def counted(cells, *codes):
    return Counter(value for (_name, code), value in cells.items() if not codes or code in codes)


# Figures


def test_figures_are_those_of_the_matrix_on_drawn_cycles(db, head):
    """Bars, trend and balances, by a plain count of the ratings and by the matrix."""
    chance, boroughs = random.Random(11), make_boroughs(5)

    def draw(_borough, _criterion):
        return chance.choice(Status.values)

    now, then = two_cycles(boroughs, then=draw, now=draw, framework=make_framework(7, authority_alone=1))
    pictures, cells, before = drawn(now, head), now.borough_cells(), then.borough_cells()
    matrix = load_matrix(cycle=now.cycle, user=head, filters=MatrixFilters())

    wrong = sum(
        figure.count != counted(cells, bar.code)[figure.status]
        for bar in pictures.bars
        for figure in bar.figures
    )
    assert (wrong, len(pictures.bars)) == (0, 7)
    for point, expected in zip(pictures.trend.points, (before, cells), strict=True):
        assert {status: point.counts[status] for status in Status} == {
            status: counted(expected)[status.value] for status in Status
        }
    assert pictures.trend.points[-1].counts == {status: matrix.counts[status.value] for status in Status}
    heat = pictures.heat
    assert (heat.totals.whole.better, heat.totals.whole.worse) == (
        matrix.moves[Movement.BETTER],
        matrix.moves[Movement.WORSE],
    )
    for which in ("better", "worse"):
        every = sum(getattr(cell, which) for row in heat.rows for cell in row.cells)
        assert every == sum(getattr(cell, which) for cell in heat.totals.cells) == matrix.moves[which]


def test_every_figure_leads_to_the_rows_behind_it(db, camden, islington, head, signed_in):
    values = {"Camden": "red", "Islington": "green"}
    now, _then = two_cycles([camden, islington], now=lambda b, _c: values.get(str(b), "green"))
    pictures, client = drawn(now, head), signed_in(head)

    bar = pictures.bars[0]
    for figure in bar.figures:
        assert bool(figure.url) == bool(figure.count)
        if figure.url:
            assert len(client.get(figure.url).context["matrix"].rows) == figure.count
    for row in (*pictures.heat.rows, pictures.heat.totals):
        for cell in (*row.cells, row.whole):
            comparison = client.get(cell.url).context["comparison"]
            moves = comparison.counts
            assert (moves[Movement.BETTER], moves[Movement.WORSE]) == (cell.better, cell.worse)


def test_heat_of_one_criterion_leads_to_its_ratings(db, camden, head, signed_in):
    now, then = two_cycles([camden])
    heat = drawn(now, head, criterion="A2").heat

    assert (heat.themes, heat.whole_of) == ([], "A2 Title A2")
    assert heat.rows[0].whole.url == f"{now.cycle.get_absolute_url()}camden/A2/"
    page = signed_in(head).get(heat.totals.whole.url)
    assert [row.name for row in page.context["matrix"].rows] == ["Camden"]
    assert f"since={then.cycle.slug}" in heat.totals.whole.url


def test_bars_stand_by_reds_or_as_in_the_framework(db, camden, head):
    now, _then = two_cycles([camden], now=lambda _b, c: {"A3": "red", "A2": "amber"}.get(c.code, "green"))

    assert [bar.code for bar in drawn(now, head).bars] == ["A3", "A2", "A1", "A4", "B1"]
    assert [bar.code for bar in drawn(now, head, order="framework").bars] == ["A1", "A2", "A3", "A4", "B1"]
    assert drawn(now, head).bars_sentence == "Most often red: A3 Title A3, in 1 of 1 boroughs."
    assert drawn(now, head, theme="B").bars_sentence == "No criterion is red anywhere."


def test_trend_follows_a_criterion_into_an_earlier_framework(db, camden, head):
    """The later B1 asks on A2; A1 was changed, so its earlier answers are not counted; A5 is new."""
    first, second = make_framework(4), make_framework(5)
    before = Criterion.objects.get(theme__framework=first, code="A2")
    Criterion.objects.filter(theme__framework=second, code="B1").update(continues=before)
    Criterion.objects.filter(theme__framework=second, code="A1").update(is_comparable=False)
    now, _then = two_cycles(
        [camden], framework=first, later=second, then=lambda _b, c: "red" if c.code == "A2" else "green"
    )

    followed = drawn(now, head, criterion="B1").trend.points[0]
    assert (followed.counts[Status.RED], followed.is_known) == (1, True)
    changed = drawn(now, head, criterion="A1").trend
    assert [point.is_known for point in changed.points] == [False, True]
    assert changed.points[0].why_not == "Not asked in these words"
    assert changed.sentence.endswith("No earlier cycle can be set beside it.")
    assert changed.points[0].url == _then.cycle.get_absolute_url()
    whole = drawn(now, head).trend.points
    assert [sum(point.counts.values()) for point in whole] == [4, 5]


def test_trend_says_how_many_reds_more_or_fewer(db, camden, head):
    now, _then = two_cycles([camden], then="red", now=lambda _b, c: "red" if c.code == "A1" else "green")

    assert drawn(now, head).trend.sentence.endswith("4 fewer red.")
    assert drawn(now, head, criterion="A1").trend.sentence.endswith("As many are red as before.")


# Who sees what


def test_draft_is_counted_for_nobody_who_may_not_read_it(camden, islington, head, epo, reader, signed_in):
    """Of one cycle's drafts: bars, trend and balance hold what is the reader's; the others are named."""
    now, _then = two_cycles([camden, islington], now="red", state=State.DRAFT)
    expected = {head: [], epo: ["Islington"], reader: ["Camden", "Islington"]}

    for user, withheld in expected.items():
        pictures = drawn(now, user)
        seen = 2 - len(withheld)
        assert sum(bar.reds for bar in pictures.bars) == 5 * seen
        last = pictures.trend.points[-1]
        assert (last.counted, last.boroughs, last.counts[Status.RED]) == (seen, 2, 5 * seen)
        assert [name for name in ("Camden", "Islington") if name in pictures.counted] == withheld
        rows = pictures.heat.rows if pictures.heat else []
        assert {row.name for row in rows} == {"Camden", "Islington"} - set(withheld)
    assert "do not say what got better" in drawn(now, epo).trend.sentence
    page = signed_in(reader).get(address(now)).content.decode()
    assert "Nothing is signed off yet" in page
    assert "Nothing can be compared" in page
    assert "Not signed off" in page


def test_pictures_of_a_draft_are_not_there_for_who_may_not_read_it(camden, epo, reader, lead, signed_in):
    now, _then = two_cycles([camden], state=State.DRAFT)
    of_check = reverse("assessments:health-check-pictures", args=[now.cycle.slug, "camden"])

    assert signed_in(epo).get(of_check).status_code == 200
    assert signed_in(reader).get(of_check).status_code == 404
    assert signed_in(lead).get(address(now)).status_code == 403
    assert signed_in(epo).get(address(now).replace(now.cycle.slug, "never")).status_code == 404


# One health check


def test_profile_counts_each_theme_beside_the_cycle_before(camden, head, signed_in):
    now, then = two_cycles([camden], now=lambda _b, c: "red" if c.code == "A1" else "green")
    check = next(one for one in now.checks if one.borough == camden)
    profile = profile_of(check, read_page(check, user=head, today=timezone.localdate()))

    assert [(theme.code, [line.words for line in theme.lines]) for theme in profile.themes] == [
        ("A", ["3 green, 1 red", "4 amber"]),
        ("B", ["1 green", "1 amber"]),
    ]
    assert profile.sentence == f"Red criteria stand in A Theme A. 1 red now, 0 in {then.cycle}."
    page = signed_in(head).get(f"{check.get_absolute_url()}pictures/").content.decode()
    assert f"The themes, beside {then.cycle}" in page
    borough = signed_in(head).get(camden.get_absolute_url()).content.decode()
    assert f"{then.cycle}: 4 amber" in borough
    assert f"{check.get_absolute_url()}pictures/" in borough


def test_profile_of_a_first_cycle_has_no_other_beside_it(camden, head, signed_in):
    grid = fill(make_cycle(make_framework(3)), [camden], lambda _b, _c: "amber")
    check = next(one for one in grid.checks if one.borough is None)

    page = signed_in(head).get(f"{check.get_absolute_url()}pictures/")

    assert (page.context["profile"].before, page.context["trend"].subject) == (None, "The Authority")
    assert page.context["profile"].sentence == "No criterion is red."
    assert page.context["profile"].themes[0].then is None
    assert drawn(grid, head).heat is None
    trend = read_trend(
        cycle=grid.cycle, cycles=every_cycle(), user=head, subject="Camden", check=grid.checks[1]
    )
    assert [point.counts[Status.AMBER] for point in trend.points] == [3]
    assert not trend.counts_boroughs


# The page


def test_page_costs_the_same_queries_whatever_its_size(head, signed_in, django_assert_max_num_queries):
    client, found = signed_in(head), []
    for size in (1, 3):
        now, _then = two_cycles(make_boroughs(size))
        check = f"{now.checks[1].get_absolute_url()}pictures/"
        for url in (address(now), check):
            client.get(url)
        with django_assert_max_num_queries(11) as of_cycle:
            assert client.get(address(now)).status_code == 200
        with django_assert_max_num_queries(9) as of_check:
            assert client.get(check).status_code == 200
        found.append((len(of_cycle), len(of_check)))
    assert found[0] == found[1]


def test_page_says_in_words_what_it_draws_and_has_no_style_of_its_own(camden, head, signed_in):
    now, then = two_cycles([camden], then="green", now="amber")

    page = signed_in(head).get(address(now)).content.decode()

    assert (
        f"Since {then.cycle} 0 of 1 boroughs got better on balance and 1 worse. Furthest down: Camden" in page
    )
    # In the drawing and in its twin, the table.
    assert page.count('aria-label="4 worse, Camden, A Theme A: 0 better, 4 worse"') == 2
    assert "2 or more worse" in page
    assert "2 or more better" not in page
    assert re.search(r'class="heat-map"[^>]*role="group"', page)
    assert re.search(r'role="img" aria-label="London in [^"]+: 0 green, 5 amber and 0 red', page)
    assert not re.search(r"\sstyle=|<style", page)
    narrowed = signed_in(head).get(address(now, "?theme=B&criterion=A1")).content.decode()
    assert "This criterion is not in this theme" in narrowed
    assert "Drawn: <b>B Theme B</b>" in signed_in(head).get(address(now, "?theme=B")).content.decode()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?order=sideways", "cannot be chosen for order. Choose one of: red, framework."),
        ("?theme=Z", "There is no theme “Z”"),
        ("?criterion=lower", "cannot be a filter for criterion"),
        ("?since=never", "is not a review cycle before"),
    ],
)
def test_filter_that_cannot_be_applied_is_refused_in_words(query, words, camden, head, signed_in):
    now, _then = two_cycles([camden])

    response = signed_in(head).get(address(now, query))

    assert response.status_code == 400
    assert words in response.content.decode()


def test_balance_is_said_by_word_and_class():
    def cell(better, worse, **more):
        moved = Moved(better, worse, "Camden", "A", "", **more)
        return moved.words, moved.css_class

    assert cell(0, 0) == ("same", "heat--none")
    assert cell(1, 1) == ("even", "heat--even")
    assert cell(2, 1) == ("1 better", "heat--up")
    assert cell(1, 4) == ("3 worse", "heat--down heat--heavy")
    assert cell(0, 0, is_known=False) == ("not compared", "heat--none")


def test_filters_of_an_address_without_any_open_the_page():
    assert PictureFilters.from_query({}) == PictureFilters(order=Order.RED)
    with pytest.raises(BadFilter):
        PictureFilters.from_query({"order": "x"})
