"""Two cycles cell by cell, and the one rule by which a criterion is followed between frameworks."""

import random
from collections import Counter

import pytest
from django.urls import reverse

from assessments.content.compare import CompareFilters, Figure, Show, Total, read_comparison
from assessments.content.compare_markup import totals_rows
from assessments.content.continuity import Earlier, continuity
from assessments.matrix import BadFilter, MatrixFilters, load_matrix
from assessments.models import Criterion, HealthCheck
from cdrp_portal.status import Movement, Status, movement
from tests import factories
from tests.assessments.grid import fill, make_boroughs, make_cycle, make_framework
from tests.spreadsheet_readers import read_csv, read_ods, read_xlsx

State = HealthCheck.State
READERS = {"xlsx": read_xlsx, "ods": read_ods, "csv": read_csv}


def two_cycles(boroughs, *, then="amber", now="green", state=State.SIGNED_OFF, framework=None, later=None):
    framework = framework or make_framework(3, authority_alone=1)
    of = {"then": then, "now": now}
    values = {
        name: value if callable(value) else (lambda _b, _c, value=value: value) for name, value in of.items()
    }
    earlier = fill(make_cycle(framework, months_ago=1), boroughs, values["then"], state=State.SIGNED_OFF)
    cycle = make_cycle(later or framework, previous=earlier.cycle)
    return fill(cycle, boroughs, values["now"], state=state), earlier


def compared(now, then, user, **query):
    return read_comparison(
        cycle=now.cycle, other=then.cycle, user=user, filters=CompareFilters.from_query(query)
    )


def address(now, then, query=""):
    return reverse("assessments:cycle-compare", args=[now.cycle.slug, then.cycle.slug]) + query


# Following a criterion


def test_movement_of_a_changed_criterion_is_not_comparable_unless_one_side_was_not_assessed():
    for now in Status:
        for was in Status:
            move = movement(now, was, comparable=False)
            if Status.NOT_ASSESSED in (now, was):
                assert move == movement(now, was)
            else:
                assert move is Movement.NOT_COMPARABLE


def test_criterion_without_a_predecessor_follows_its_code(db):
    later, earlier = make_framework(3), make_framework(2)

    kept = continuity(later.pk, earlier.pk)

    assert [kept.earlier(code) for code in ("A1", "A2", "A3")] == [
        Earlier("A1", True),
        Earlier("A2", True),
        None,
    ]


def test_criterion_is_followed_through_every_version_between(db):
    """The third's A1 is the second's A1, which asks on the first's A3; the second's A2 was changed."""
    frameworks = [factories.FrameworkFactory(name="Framework", version=version) for version in (1, 2, 3)]
    asked = {}
    for framework in frameworks:
        theme = factories.ThemeFactory(framework=framework, code="A")
        for place in (1, 2, 3):
            asked[framework.version, place] = factories.CriterionFactory(
                theme=theme, code=f"A{place}", position=place
            )
    Criterion.objects.filter(pk=asked[2, 1].pk).update(continues=asked[1, 3])
    Criterion.objects.filter(pk=asked[2, 2].pk).update(is_comparable=False)
    Criterion.objects.filter(pk=asked[2, 3].pk).update(continues=asked[1, 1])

    kept = continuity(frameworks[2].pk, frameworks[0].pk)

    assert kept.pairs == {"A1": Earlier("A3", True), "A2": Earlier("A2", False), "A3": Earlier("A1", True)}
    assert kept.dropped(["A1", "A2", "A3", "A4"]) == ["A4"]


def test_criteria_that_continue_one_another_in_a_ring_end(db):
    later, earlier = make_framework(1), make_framework(1)
    one = Criterion.objects.get(theme__framework=later)
    Criterion.objects.filter(pk=one.pk).update(continues=one)

    assert continuity(later.pk, earlier.pk).earlier("A1") is None


def test_one_framework_is_followed_without_a_query(db, django_assert_num_queries):
    framework = make_framework(1)

    with django_assert_num_queries(0):
        kept = continuity(framework.pk, framework.pk)

    assert kept.earlier("A1") == Earlier("A1", True)
    assert kept.dropped(["A1"]) == []


def test_matrix_tells_no_movement_of_a_changed_criterion(camden, head, signed_in):
    first, second = make_framework(2), make_framework(2)
    Criterion.objects.filter(theme__framework=second, code="A1").update(is_comparable=False)
    now, _then = two_cycles([camden], framework=first, later=second)

    row = load_matrix(cycle=now.cycle, user=head, filters=MatrixFilters()).rows[0]
    assert row.moves == (Movement.NOT_COMPARABLE, Movement.BETTER)
    page = signed_in(head).get(now.cycle.get_absolute_url()).content.decode()
    assert "Camden, A1 Title A1: Green, was Amber, not comparable" in page
    check = signed_in(head).get(now.checks[1].get_absolute_url()).content.decode()
    assert "Not comparable: was Amber" in check


# What is compared


def test_comparison_agrees_with_a_plain_count_on_drawn_cycles(db, head):
    """Dropped, new, moved and changed criteria among them; the totals are counted by other means."""
    chance, boroughs = random.Random(7), make_boroughs(4)
    first, second = make_framework(6, authority_alone=1), make_framework(7)
    by_code = {one.code: one for one in Criterion.objects.filter(theme__framework=first)}
    renamed = {"A1": "A4", "A4": "A1"}
    for code, before in renamed.items():
        Criterion.objects.filter(theme__framework=second, code=code).update(continues=by_code[before])
    Criterion.objects.filter(theme__framework=second, code="A2").update(is_comparable=False)
    wrong = total = 0
    for _set in range(3):

        def draw(_borough, _criterion):
            return chance.choice(Status.values)

        now, then = two_cycles(boroughs, then=draw, now=draw, framework=first, later=second)
        answers, before = now.borough_cells(), then.borough_cells()
        expected = {
            (name, code): movement(
                value, before.get((name, renamed.get(code, code))), comparable=code != "A2"
            )
            for (name, code), value in answers.items()
        }
        comparison = compared(now, then, head, show="all")
        found = {(cell.subject, cell.code): cell.move for cell in comparison.shown}
        wrong += sum(found.get(cell) != move for cell, move in expected.items()) + len(found) - len(expected)
        total += len(expected)
        assert comparison.counts == Counter(expected.values())
        for totals in (comparison.by_theme, comparison.by_borough):
            assert sum((one.counts for one in totals), Counter()) == comparison.counts
    assert (wrong, total) == (0, 3 * 4 * 7)


def test_dropped_criterion_is_no_longer_assessed(camden, head):
    now, then = two_cycles([camden], framework=make_framework(3), later=make_framework(2))

    dropped = [cell for cell in compared(now, then, head).shown if cell.now is None]

    assert [(cell.code, cell.was, cell.move) for cell in dropped] == [
        ("A3", "amber", Movement.NO_LONGER_ASSESSED)
    ]
    assert dropped[0].url == f"{then.cycle.get_absolute_url()}camden/#A3"


def test_authority_is_compared_on_its_own_with_what_is_asked_of_it_alone(camden, head):
    now, then = two_cycles([camden])

    assert {cell.slug for cell in compared(now, then, head).cells} == {"camden"}
    cells = compared(now, then, head, borough="authority").cells
    assert [cell.code for cell in cells] == ["A1", "A2", "A3", "A4"]


def test_every_number_leads_to_as_many_rows(camden, islington, head, signed_in):
    values = {"Camden": "green", "Islington": "red"}
    now, then = two_cycles([camden, islington], now=lambda b, _c: values.get(str(b), "green"))
    comparison = compared(now, then, head)

    for total in (*comparison.by_theme, *comparison.by_borough, comparison.whole):
        for figure in total.figures:
            if figure.url:
                page = signed_in(head).get(address(now, then, figure.url))
                assert len(page.context["comparison"].shown) == figure.count
    assert comparison.whole.counts == {Movement.BETTER: 3, Movement.WORSE: 3}


def test_officer_narrows_to_their_boroughs(camden, islington, head, epo):
    now, then = two_cycles([camden, islington])

    comparison = compared(now, then, head, officer=str(epo.pk), theme="A")

    assert {cell.slug for cell in comparison.cells} == {"camden"}
    assert comparison.described() == [
        ("Theme", "A Theme A"),
        ("Officer", "Demo Officer A"),
        ("Show", "Whatever changed"),
    ]


# Who sees it


def test_draft_of_either_cycle_is_compared_for_nobody_who_may_not_read_it(
    camden, islington, head, epo, reader, signed_in
):
    """Drafts stay out of page and files; their boroughs are named as withheld."""
    now, then = two_cycles([camden, islington], state=State.DRAFT)
    expected = {head: set(), epo: {"Islington"}, reader: {"Camden", "Islington"}}

    for user, withheld in expected.items():
        comparison = compared(now, then, user, show="all")
        assert set(comparison.withheld) == withheld
        assert {cell.subject for cell in comparison.cells} == {"Camden", "Islington"} - withheld
    page = signed_in(reader).get(address(now, then, "?show=all"))
    assert "No health check that you may read stands in both cycles." in page.content.decode()
    export = reverse("assessments:compare-export", args=[now.cycle.slug, then.cycle.slug, "csv"])
    assert len(read_csv(signed_in(reader).get(export).content)) == 1


@pytest.mark.parametrize("ending", READERS)
def test_file_holds_the_cells_of_the_page(ending, camden, islington, head, signed_in):
    now, then = two_cycles([camden, islington], now=lambda b, _c: "red" if str(b) == "Camden" else "green")
    export = reverse("assessments:compare-export", args=[now.cycle.slug, then.cycle.slug, ending])

    rows = READERS[ending](signed_in(head).get(f"{export}?show=worse").content)[1:]

    shown = compared(now, then, head, show="worse").shown
    assert [row[0:2] + row[3:6] for row in rows] == [
        [cell.subject, cell.code, "Amber", "Red", "Worse"] for cell in shown
    ]


# The page


def test_names_are_escaped_in_the_totals():
    figure = Figure(2, "better", "?borough=x&show=better")
    total = Total('<b>"X"', "?borough=x&show=all", Counter(), [figure, Figure(0, "worse", "")])

    rows = totals_rows([total])

    assert "<b>" not in rows
    assert 'aria-label="&lt;b&gt;&quot;X&quot;: 2 better">2</a></td><td class="num zero">0</td>' in rows
    assert 'href="?borough=x&amp;show=better#cells"' in rows


def test_page_costs_the_same_queries_whatever_its_size(head, signed_in, django_assert_max_num_queries):
    client = signed_in(head)
    counts = []
    for size in (1, 3):
        now, then = two_cycles(make_boroughs(size))
        client.get(address(now, then))
        with django_assert_max_num_queries(11) as found:
            assert client.get(address(now, then, "?show=all")).status_code == 200
        counts.append(len(found))
    assert counts[0] == counts[1]


def test_page_of_many_cells_is_paged_and_keeps_its_filters(head, signed_in):
    now, then = two_cycles(make_boroughs(3), framework=make_framework(40))

    page = signed_in(head).get(address(now, then, "?show=better"))

    assert "Page 1 of 3" in page.content.decode()
    assert 'href="?show=better&amp;page=2#cells"' in page.content.decode()


def test_later_cycle_stands_first(camden, head, signed_in):
    now, then = two_cycles([camden])

    assert signed_in(head).get(address(then, now)).url == address(now, then)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?show=sideways", "cannot be chosen for show"),
        ("?theme=Z", "There is no theme “Z” here. Choose one of: A."),
        ("?officer=many", "cannot be a filter for officer"),
        ("?officer=999999", "No officer of that number"),
        ("?borough=atlantis", "“atlantis” is not in this comparison."),
    ],
)
def test_filter_that_cannot_be_applied_is_refused_in_words(query, words, camden, head, signed_in):
    now, then = two_cycles([camden])
    export = reverse("assessments:compare-export", args=[now.cycle.slug, then.cycle.slug, "csv"])

    for url in (address(now, then), export):
        response = signed_in(head).get(url + query)
        assert response.status_code == 400
        assert words in response.content.decode()
    with pytest.raises(BadFilter):
        compared(now, then, head, **dict([query[1:].split("=")]))


def test_cycle_is_not_compared_with_itself_or_with_none(camden, head, lead, signed_in):
    now, then = two_cycles([camden])
    client = signed_in(head)

    assert client.get(address(now, now)).status_code == 404
    assert client.get(address(now, then).replace(then.cycle.slug, "never")).status_code == 404
    export = reverse("assessments:compare-export", args=[then.cycle.slug, now.cycle.slug, "csv"])
    assert client.get(export).status_code == 200
    assert client.get(export.replace(".csv", ".exe")).status_code == 404
    assert signed_in(lead).get(address(now, then)).status_code == 403
    assert signed_in(lead).get(export).status_code == 403


def test_show_selects_each_kind_of_movement():
    assert all(Show.ALL.selects(move) for move in Movement)
    assert [move for move in Movement if not Show.CHANGED.selects(move)] == [Movement.SAME]
    for move in Movement:
        assert [one for one in Movement if Show(move.value).selects(one)] == [move]
