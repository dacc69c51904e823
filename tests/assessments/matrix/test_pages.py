"""A matrix longer than London's: its table in pages, its totals and files of every row."""

import csv
import io
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments import actions
from assessments.matrix import MatrixFilters
from assessments.matrix.changes import Token
from assessments.models import Rating
from tests.assessments.grid import fill, make_boroughs, make_cycle, make_framework
from tests.assessments.matrix.matrices import State, address, loaded, text_of

pytestmark = pytest.mark.django_db
BOROUGHS, ON_A_PAGE, RED = 130, 60, 25


@pytest.fixture
def long(head):
    """130 boroughs by two criteria, the first 25 by name all red, the others green."""
    boroughs = sorted(make_boroughs(BOROUGHS), key=lambda borough: borough.name)
    red = {borough.pk for borough in boroughs[:RED]}
    cycle = make_cycle(make_framework(2))

    def value(borough, _criterion):
        return "red" if borough and borough.pk in red else "green"

    return fill(cycle, boroughs, value, state=State.DRAFT, by=head)


def rows_of(response) -> list[str]:
    found = re.findall(r'<tr id="row-([-\w]+)"', response.content.decode())
    assert found[0] == "authority"
    return found[1:]


def test_table_is_parted_and_counted_whole(long, head, signed_in):
    client, names = signed_in(head), [borough.name for borough in long.boroughs]
    slugs = [borough.slug for borough in long.boroughs]
    pages = [
        client.get(address(long, f"?view=table{page}")) for page in ("", "&page=2", "&page=3", "&page=9")
    ]

    assert [rows_of(page) for page in pages] == [slugs[:60], slugs[60:120], slugs[120:], slugs[120:]]
    for page, words in zip(pages, ("1 to 60", "61 to 120", "121 to 130", "121 to 130"), strict=True):
        assert f"Boroughs {words} of 130." in text_of(page)
        assert f"Rated, of {BOROUGHS}" in text_of(page)
        assert f"{2 * (BOROUGHS - RED)} Green, 0 Amber, {2 * RED} Red." in text_of(page)
    first, second = (page.content.decode() for page in pages[:2])
    matrix = long.cycle.get_absolute_url()
    assert f'<b aria-current="page">{names[0]} to {names[59]}</b>' in first
    assert f'<a href="{matrix}?view=table&amp;page=2" rel="next" data-keeps' in first
    assert f'<a href="{matrix}?view=table" rel="prev" data-keeps' in second
    assert f"{slugs[120]}:{names[120]}|" in second
    assert client.get(address(long, "?page=two")).status_code == 400


def test_what_narrows_begins_again_and_may_need_no_pages(long, head, signed_in):
    narrowed = signed_in(head).get(address(long, "?show=red&page=2"))

    assert rows_of(narrowed) == [borough.slug for borough in long.boroughs[:RED]]
    assert "Pages of boroughs" not in narrowed.content.decode()
    filters = MatrixFilters.from_query({"page": "2", "theme": "A"})
    assert filters.as_query(cells="words") == "?theme=A&cells=words&page=2"
    assert filters.as_query(show="red") == "?theme=A&show=red"
    assert filters.as_query(data_only=True) == "?theme=A"


def test_files_hold_every_row_and_a_page_asks_no_more(long, two_cycles, head, signed_in):
    client = signed_in(head)
    taken = client.get(address(long, "matrix.csv?page=2")).content.decode("utf-8-sig")
    lines = {line[0] for line in csv.reader(io.StringIO(taken)) if line}
    assert {borough.name for borough in long.boroughs} <= lines

    asked = []
    for grid in (long, two_cycles):
        client.get(address(grid))
        with CaptureQueriesContext(
            connection,
        ) as questions:
            client.get(address(grid))
        asked.append(len(questions))
    assert asked[0] <= asked[1] <= 10


def test_news_are_of_the_rows_on_the_page(long, head, signed_in):
    client, token = signed_in(head), Token.now(head)
    here, there = long.checks[1], long.checks[BOROUGHS]
    assert loaded(long, head).pages[0][0].health_check_id == here.pk
    for check in (here, there):
        rating = Rating.objects.get(health_check=check, criterion=long.criteria[0])
        actions.save_rating(
            health_check=check,
            criterion_code=rating.criterion.code,
            value="amber",
            rationale="Half of it",
            next_step="",
            version=rating.version,
            by=head,
        )

    for query, news in (("", here), ("&page=3", there)):
        found = client.get(address(long, f"changes/?after={token}{query}")).json()
        assert list(found["rows"]) == [news.subject_slug]
        assert "2 Amber" in found["sentence"].replace("</a>", "")
