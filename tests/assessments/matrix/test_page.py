"""The page of the matrix: its cells, counts and list, what it costs, and the matrix as part of a document."""

import html
import json
import random
import re

import pgtrigger
import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.matrix import MatrixFilters, Show, load_matrix, matrix_content
from assessments.models import HealthCheck, Rating
from cdrp_portal.status import Status
from tests import factories
from tests.assessments.grid import fill, make_boroughs, make_cycle, make_framework, make_grid
from tests.assessments.matrix.matrices import State, address, loaded, text_of

# The page


def test_cell_is_a_link_to_its_rating_with_a_full_name(two_cycles, head, signed_in):
    content = signed_in(head).get(address(two_cycles)).content.decode()

    assert (
        '<a class="cell s-g up" href="camden/A1/" aria-label="Camden, A1 Title A1: Green, was Amber">G</a>'
    ) in content
    assert 'class="cell s-r down" href="islington/A1/"' in content
    assert 'aria-label="Camden, A2 Title A2: Less relevant, was Amber">L</a>' in content
    assert 'aria-label="The Authority, A1 Title A1: Amber">A</a>' in content


def test_page_says_the_counts_and_links_each_to_its_rows(two_cycles, head, signed_in):
    page = signed_in(head).get(address(two_cycles))

    said = text_of(page)
    assert "1 Green, 2 Amber, 1 Red, 1 less relevant, 1 not assessed." in said
    assert f"Since {two_cycles.cycle.previous} 1 better, 1 worse." in said
    assert "Less relevant and not assessed are left out of the number rated." in said
    assert '<a href="?show=red">1 Red</a>' in page.content.decode()


def test_each_count_leads_to_as_many_ratings(two_cycles, head, signed_in):
    """Every figure of the page is followed, and what it leads to is counted again."""
    client = signed_in(head)
    content = client.get(address(two_cycles)).content.decode()
    figures = re.findall(r'<a href="(\?[^"]*)"[^>]*>([\d,]+)(?: [a-zA-Z ]+)?</a>', content)

    wrong = []
    for query, figure in figures:
        query = html.unescape(query)
        filters = MatrixFilters.from_query(QueryDict(query.removeprefix("?")))
        matrix = load_matrix(cycle=two_cycles.cycle, user=head, filters=filters)
        subjects = [matrix.borough(filters.borough)] if filters.borough else matrix.rows
        show = Show(filters.show)
        found = sum(
            show.selects(value, move, stale)
            for row in subjects
            for value, move, stale in zip(row.values, row.moves, row.stale, strict=True)
        )
        if client.get(address(two_cycles, query)).status_code != 200 or found != int(figure):
            wrong.append((query, figure, found))

    print(f"figures that lead elsewhere: {len(wrong)} / {len(figures)}")
    assert len(figures) == 12
    assert wrong == []


def test_page_filtered_to_nothing_says_which_filter_did_it(two_cycles, head, signed_in):
    page = signed_in(head).get(address(two_cycles, "?show=red&criterion=A2"))

    assert page.status_code == 200
    assert "No borough is Red on A2 Title A2." in text_of(page)
    assert "<table" not in page.content.decode()


def test_page_in_words_writes_words(two_cycles, head, signed_in):
    content = signed_in(head).get(address(two_cycles, "?cells=words&view=table")).content.decode()

    assert 'A2 Title A2: Less rel. (less relevant), was Amber">Less rel.</a>' in content
    assert "matrix--words" in content
    assert "criteria-list" not in content


def test_page_without_signed_off_boroughs_still_opens(two_cycles, reader, signed_in):
    page = signed_in(reader).get(address(two_cycles))

    assert page.status_code == 200
    assert "2 boroughs are not signed off yet and are not counted." in text_of(page)


def test_list_opens_with_the_readers_own_borough(two_cycles, other_epo, signed_in):
    """Camden stands first and is signed off too, but Islington is this officer's."""
    with pgtrigger.ignore():
        HealthCheck.objects.filter(cycle=two_cycles.cycle).update(
            state=State.SIGNED_OFF, signed_off_at=timezone.now(), signed_off_by=other_epo
        )

    page = signed_in(other_epo).get(address(two_cycles, "?view=list"))

    said = text_of(page)
    assert '<h2 class="listed-name" id="listed-name">Islington</h2>' in page.content.decode()
    assert "Worse: was Amber in" in said
    assert "Camden before" in said
    assert "after" not in said.split("Camden before")[1][:20]
    assert "Demo Officer B." in said
    assert "<table" not in page.content.decode()


def test_list_of_the_authority_has_what_is_asked_of_it_alone(two_cycles, head, signed_in):
    said = text_of(signed_in(head).get(address(two_cycles, "?view=list&borough=authority")))

    assert "Asked of the Authority only" in said
    assert "A4Title A4" in said


def test_list_with_a_filter_holds_only_what_it_asks_for(two_cycles, head, signed_in):
    content = (
        signed_in(head).get(address(two_cycles, "?view=list&borough=islington&show=red")).content.decode()
    )

    assert re.findall(r'<span class="code">(\w+)</span>', content) == ["A1"]


def test_table_has_heads_of_every_kind(two_cycles, head, signed_in):
    content = signed_in(head).get(address(two_cycles, "?view=table")).content.decode()

    assert content.count('scope="colgroup"') == 1
    assert content.count('scope="col"') == 1 + 3 + 2
    assert content.count('scope="row"') == 3 + 4
    assert 'role="region" tabindex="0" aria-labelledby="matrix-caption"' in content


def test_four_reds_are_tinted_and_three_are_not(db, head, signed_in):
    grid = make_grid(boroughs=4, criteria=2, value="red")
    client = signed_in(head)
    assert client.get(address(grid)).content.decode().count('"many"') + 1 == 2

    with pgtrigger.ignore():
        Rating.objects.filter(health_check=grid.checks[1]).update(value="amber")

    assert "many" not in client.get(address(grid)).content.decode()


PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</td></tr></table><h1>Not ours</h1>",
    "{{ 7|add:7 }}{% now 'Y' %}",
    "&lt;b&gt; & <b>",
]


def test_text_from_the_database_stays_text(db, head, signed_in):
    framework = make_framework(len(PAYLOADS), titles=PAYLOADS)
    framework.themes.update(title="<i>Theme</i>")
    boroughs = [factories.BoroughFactory(name=payload) for payload in PAYLOADS]
    grid = fill(make_cycle(framework), boroughs, lambda _b, _c: "red")

    bad = total = 0
    for query in ("?view=table", "?view=list", "?show=red&cells=words"):
        content = signed_in(head).get(address(grid, query)).content.decode()
        for payload in [*PAYLOADS, "<i>Theme</i>"]:
            total += 1
            bad += any(mark in content for mark in (payload, "<i>", "<img", "<h1>Not", "<script>alert"))
            assert html.escape(payload) in content or query != "?view=table"

    print(f"texts that became markup: {bad} / {total}")
    assert bad == 0


# As a block of a document


def test_content_is_plain_and_names_what_is_withheld(two_cycles, epo):
    content = matrix_content(loaded(two_cycles, epo))

    assert json.loads(json.dumps(content)) == content
    assert content["rows"] == [
        {"label": "Camden", "is_authority": False, "values": ["green", "less_relevant", "amber"]}
    ]
    assert content["totals"][1] == {"green": 0, "amber": 0, "red": 0, "rated": 0}
    assert content["note"].endswith("Not signed off yet, and not counted: Islington.")


def test_content_of_filtered_matrix_holds_what_is_shown(two_cycles, head):
    content = matrix_content(loaded(two_cycles, head, show="red"))

    assert [row["label"] for row in content["rows"]] == ["The Authority", "Islington"]
    assert content["note"] == ""


# What it costs


def queries_of(client, grid):
    client.get(address(grid))
    with CaptureQueriesContext(connection) as captured:
        page = client.get(address(grid))
    assert page.status_code == 200
    return len(captured), len(page.content)


@pytest.mark.slow
def test_page_costs_the_same_queries_whatever_its_size(epo, head, reader, signed_in):
    clients, chance = {person.role: signed_in(person) for person in (epo, head, reader)}, random.Random(1)
    framework = make_framework(30, authority_alone=5, titles=["Eighteen letters ."] * 35)
    values = ["green"] * 14 + ["amber"] * 4 + ["red", "not_assessed"]
    earlier = make_cycle(framework, months_ago=1)
    counts, longest = {role: [] for role in clients}, 0
    for size in (1, 3, 32):
        boroughs = make_boroughs(size)
        then = fill(earlier, boroughs, lambda _b, _c: chance.choice(values), state=State.SIGNED_OFF).ratings()

        def value_of(borough, criterion, then=then):
            was = then[borough.name if borough else "The Authority", criterion.code]
            return was if chance.random() < 0.9 else chance.choice(values)

        grid = fill(make_cycle(framework, previous=earlier), boroughs, value_of, state=State.SIGNED_OFF)
        for role, client in clients.items():
            count, size_of_page = queries_of(client, grid)
            counts[role].append(count)
            longest = max(longest, size_of_page)
        with pgtrigger.ignore():
            HealthCheck.objects.filter(cycle=earlier).delete()

    print(f"queries at 1, 3 and 32 boroughs x 30 criteria: {counts}; {longest:,} bytes")
    assert all(len(set(found)) == 1 for found in counts.values())
    assert all(found[-1] <= 10 for found in counts.values())
    assert longest <= 150_000


@pytest.mark.slow
def test_page_of_every_partnership_costs_the_same_queries(db, head, signed_in):
    small = queries_of(signed_in(head), make_grid(boroughs=1, criteria=1))[0]

    large, size_of_page = queries_of(signed_in(head), make_grid(boroughs=343, criteria=60))

    print(f"queries at 343 x 60: {large}; {size_of_page:,} bytes")
    assert large == small


def test_status_words_of_cells_are_all_drawn(db, head, signed_in):
    """One column for each rating, so that none is left undrawn."""
    values = list(Status.values)
    framework = make_framework(len(values))
    grid = fill(make_cycle(framework), make_boroughs(1), lambda _b, criterion: values[criterion.position])

    content = signed_in(head).get(address(grid, "?view=table")).content.decode()

    assert re.findall(r'class="cell (s-\w)"', content) == ["s-g", "s-a", "s-r", "s-l", "s-n"] * 2
