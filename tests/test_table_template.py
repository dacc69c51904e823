import re

import django_tables2 as tables
import pytest
from django.template import Context, Template


class Actions(tables.Table):
    caption = "Actions, by lead unit"
    name = tables.Column()
    late = tables.Column(verbose_name="Days late", attrs={"td": {"class": "num"}, "th": {"class": "num"}})
    note = tables.Column(orderable=False)

    class Meta:
        empty_text = "No actions are overdue"


ROWS = [{"name": f"Demo action {n}", "late": n, "note": "<b>x</b>"} for n in range(7)]


def drawn(rf, rows, address="/", per_page=3) -> str:
    request = rf.get(address)
    table = Actions(rows)
    tables.RequestConfig(request, paginate={"per_page": per_page}).configure(table)
    source = "{% load django_tables2 %}{% render_table table 'tables/table.html' %}"
    return Template(source).render(Context({"table": table, "request": request}))


def test_table_has_caption_column_heads_and_row_heads(rf):
    html = drawn(rf, ROWS)

    assert "<caption>Actions, by lead unit</caption>" in html
    assert html.count('<th scope="col"') == 3
    assert html.count('<th scope="row"') == 3
    assert html.count('data-label="Days late"') == 3


@pytest.mark.parametrize(
    ("address", "state", "words", "then"),
    [
        ("/", "none", "not sorted", "?sort=name"),
        ("/?sort=name", "ascending", "sorted, lowest first", "?sort=-name"),
        ("/?sort=-name", "descending", "sorted, highest first", "?sort=name"),
    ],
)
def test_table_head_says_how_it_is_sorted_and_sorts_the_other_way(rf, address, state, words, then):
    head = re.search(r"<th scope.*?</th>", drawn(rf, ROWS, address)).group()

    assert f'aria-sort="{state}"' in head
    assert words in head
    assert f'href="{then}"' in head


def test_table_head_that_cannot_sort_is_plain(rf):
    assert '<th scope="col">Note</th>' in drawn(rf, ROWS)


def test_table_pages_keep_the_filters_and_say_where_one_is(rf):
    html = drawn(rf, ROWS, "/?lead=mps&page=2")

    assert "4 to 6 of 7" in html
    assert 'href="?lead=mps&amp;page=3"' in html
    assert re.search(r'<span aria-current="page"><span class="vh">Page </span>2</span>', html)


def test_table_of_one_page_has_no_page_numbers(rf):
    assert 'aria-label="Pages"' not in drawn(rf, ROWS, per_page=50)


def test_table_without_rows_says_so_in_a_box(rf):
    html = drawn(rf, [])

    assert '<p class="empty-title">No actions are overdue</p>' in html
    assert "<table" not in html


def test_table_cells_are_escaped(rf):
    assert "<b>" not in drawn(rf, ROWS)
