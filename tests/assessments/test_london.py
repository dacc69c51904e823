"""London in a cycle: the map, its table twin, the filters, the exports; the list of cycles; the panel."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import Role
from assessments import actions
from assessments.models import HealthCheck, Rating, ReviewCycle
from tests import factories
from tests.assessments.grid import make_framework

pytestmark = pytest.mark.django_db


def open_cycle(head, criteria=25, *, since=50, left=10, name="Autumn 2010", previous=None) -> ReviewCycle:
    today = timezone.localdate()
    return actions.open_cycle(
        framework=previous.framework if previous else make_framework(criteria),
        name=name,
        opens_on=today - timedelta(days=since),
        closes_on=today + timedelta(days=left),
        previous=previous,
        by=head,
    )


def rate(check: HealthCheck, head, values: list[str]) -> HealthCheck:
    codes = check.ratings.order_by("criterion__position").values_list("criterion__code", flat=True)
    for code, value in zip(codes, values, strict=False):
        actions.save_rating(
            health_check=check,
            criterion_code=code,
            value=value,
            rationale="Said so",
            next_step="",
            version=0,
            by=head,
        )
    return check


def sign_off(check: HealthCheck, head) -> None:
    # Nobody signs off what they submitted themselves.
    actions.submit(health_check=check, by=factories.UserFactory(role="head"))
    actions.sign_off(health_check=check, by=head)


@pytest.fixture
def cycle(head, camden, islington, epo, other_epo, member) -> ReviewCycle:
    """Camden signed off with a red in theme A; Islington nine of 25 answered, in the last quarter."""
    cycle = open_cycle(head)
    sign_off(rate(cycle.health_checks.get(borough=camden), head, ["red", *["green"] * 24]), head)
    rate(cycle.health_checks.get(borough=islington), head, ["amber"] * 9)
    return cycle


def london(client, **query):
    return client.get(reverse("london"), query)


def names(page) -> list[str]:
    return [row.record.name for row in page.context["table"].rows]


def test_london_says_how_far_the_boroughs_are(cycle, head, signed_in):
    page = london(signed_in(head))

    text = " ".join(page.content.decode().split())
    assert "<h1>London, Autumn 2010</h1>" in text
    assert ">1 of 2</a> health checks submitted." in text
    assert ">1 behind</a>: fewer than 10 answered" in text
    assert ">1 without a link member</a>." in text
    assert "Camden: signed off" in text
    assert "Islington: 9 of 25 answered, behind, link member vacancy" in text


@pytest.mark.parametrize(
    ("answered", "since", "left", "behind"),
    [(9, 45, 15, 1), (10, 45, 15, 0), (9, 44, 16, 0), (0, 59, 1, 1)],
)
def test_behind_is_fewer_than_ten_when_three_quarters_have_gone(
    answered, since, left, behind, head, camden, signed_in
):
    cycle = open_cycle(head, since=since, left=left)
    rate(cycle.health_checks.get(borough=camden), head, ["green"] * answered)

    assert len(london(signed_in(head)).context["london"].behind) == behind


def test_london_shows_the_worst_rating_of_a_theme(cycle, head, signed_in):
    page = london(signed_in(head), theme="A")

    text = " ".join(page.content.decode().split())
    assert "Camden: worst is red" in text
    assert "Islington: worst is amber, link member vacancy" in text
    assert [row.red for row in page.context["london"].rows] == [1, 0]
    assert london(signed_in(head), theme="A", worst="red").context["table"].rows[0].record.name == "Camden"
    # Criteria of other themes are left out: Camden's only red is in A.
    assert london(signed_in(head), theme="B").context["london"].rows[0].worst == "green"


@pytest.mark.parametrize("who", ["reader", "epo", "member"])
def test_ratings_that_are_not_signed_off_are_withheld_and_not_counted(who, cycle, request, head, signed_in):
    assert london(signed_in(head)).context["london"].rows[1].amber == 9, "control: there is something to leak"

    page = london(signed_in(request.getfixturevalue(who)), theme="A")

    text = " ".join(page.content.decode().split())
    rows = page.context["london"].rows
    assert [(row.green, row.amber, row.red, row.worst) for row in rows][1] == (None, None, None, None)
    assert "Islington: not signed off yet, link member vacancy" in text
    assert "The ratings of 1 are not shown: they are not signed off yet." in text
    assert f"{cycle.get_absolute_url()}islington/" not in text
    assert rows[0].red == 1


def test_london_is_not_the_lead_units(cycle, lead, signed_in):
    client = signed_in(lead)

    assert london(client).status_code == 403
    assert client.get(reverse("london-export", args=["csv"])).status_code == 403
    assert client.get(reverse("assessments:cycle-list")).status_code == 403


FILTERS = {
    "q": ({"q": "isl"}, ["Islington"]),
    "officer": ({"officer": "epo"}, ["Camden"]),
    "inner": ({"inner": "inner"}, ["Camden"]),
    "outer": ({"inner": "outer"}, ["Islington"]),
    "draft": ({"state": "draft"}, ["Islington"]),
    "signed off": ({"state": "signed_off"}, ["Camden"]),
    "finished": ({"state": "finished"}, ["Camden"]),
    "behind": ({"state": "behind"}, ["Islington"]),
    "vacant": ({"member": "vacant"}, ["Islington"]),
    "appointed": ({"member": "appointed"}, ["Camden"]),
    "worst": ({"worst": "amber"}, ["Islington"]),
    "none": ({"q": "zzz"}, []),
}


@pytest.mark.parametrize("case", FILTERS)
def test_table_is_narrowed_by_each_filter_and_the_map_is_not(case, cycle, head, camden, epo, signed_in):
    camden.is_inner = True
    camden.save()
    query, expected = FILTERS[case]
    query = {key: str(epo.pk) if value == "epo" else value for key, value in query.items()}

    page = london(signed_in(head), **query)

    assert names(page) == expected
    assert len(page.context["map"]["tiles"]) == 2
    assert f"{len(expected)} of 2:" in " ".join(page.content.decode().split())


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("-name", ["Islington", "Camden"]),
        ("-red", ["Camden", "Islington"]),
        ("answered", ["Islington", "Camden"]),
        ("officer", ["Camden", "Islington"]),
        ("state", ["Islington", "Camden"]),
        ("nonsense", ["Camden", "Islington"]),
    ],
)
def test_table_sorts_by_its_columns(sort, expected, cycle, head, signed_in):
    assert names(london(signed_in(head), sort=sort)) == expected


def test_withheld_and_unchanged_boroughs_sort_without_error(cycle, reader, signed_in):
    factories.HealthCheckFactory(cycle=cycle)
    client = signed_in(reader)

    for column in ("green", "amber", "red", "last_change", "member"):
        for sort in (column, f"-{column}"):
            assert london(client, sort=sort).status_code == 200, sort


BAD = [
    {"cycle": "atlantis"},
    {"theme": "ZZ"},
    {"state": "lost"},
    {"worst": "purple"},
    {"officer": "0"},
    {"inner": "1"},
    {"member": "x"},
    {"q": "x" * 61},
    {"q": "\x00"},
]


@pytest.mark.parametrize("query", BAD)
def test_filter_that_cannot_be_read_is_refused_in_words(query, cycle, head, signed_in):
    page = london(signed_in(head), **query)
    export = signed_in(head).get(reverse("london-export", args=["csv"]), query)

    assert (page.status_code, export.status_code) == (400, 400)
    assert b"There is a problem" in page.content
    assert b"Nothing was changed" in export.content


def test_earlier_cycle_can_be_chosen(head, camden, signed_in):
    spring = open_cycle(head, 3, since=200, left=-1, name="Spring 2010")
    actions.close_cycle(cycle=spring, by=head)
    open_cycle(head, name="Autumn 2010", previous=spring)
    client = signed_in(head)

    assert london(client).context["london"].cycle.name == "Autumn 2010"
    page = london(client, cycle="spring-2010")
    assert page.context["london"].cycle == spring
    assert b"Closed on" in page.content


def test_london_without_a_cycle_says_so(head, signed_in):
    assert b"No review cycle yet" in london(signed_in(head)).content
    assert signed_in(head).get(reverse("london-export", args=["csv"])).status_code == 404
    assert b"No review cycle yet" in signed_in(head).get(reverse("assessments:cycle-list")).content


@pytest.mark.parametrize("boroughs", [1, 3, 32])
def test_london_takes_the_same_queries_whatever_its_size(
    boroughs, head, signed_in, django_assert_num_queries
):
    factories.BoroughFactory.create_batch(boroughs)
    cycle = open_cycle(head, 2)
    Rating.objects.filter(health_check__cycle=cycle).update(value="green", rationale="Said so")
    client = signed_in(head)

    for query in ({}, {"theme": "A"}, {"state": "behind", "sort": "-red"}):
        # The ninth is asked only where the table is narrowed.
        with django_assert_num_queries(9 if "state" in query else 8):
            london(client, **query)


@pytest.mark.parametrize("format", ["xlsx", "ods", "csv"])
def test_export_honours_the_filters(format, cycle, head, signed_in):
    answer = signed_in(head).get(reverse("london-export", args=[format]), {"state": "behind"})

    assert answer.status_code == 200
    assert f'filename="london-autumn-2010.{format}"' in answer["Content-Disposition"]
    if format == "csv":
        heads, row = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        cells = dict(zip(heads, row, strict=True))
        assert (cells["Borough"], cells["Amber"], cells["Answered"]) == ("Islington", "9", "9")
        assert (cells["Behind"], cells["State"]) == ("Yes", "In progress")
        assert "Filter: State: Behind" in heads[-1]


def test_export_withholds_what_the_page_withholds(cycle, reader, signed_in):
    answer = signed_in(reader).get(reverse("london-export", args=["csv"]), {"sort": "-name"})

    heads, *rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    islington = dict(zip(heads, rows[0], strict=True))
    assert (islington["Borough"], islington["Amber"], islington["Ratings withheld"]) == (
        "Islington",
        "",
        "Yes",
    )


def test_export_in_an_unknown_format_is_not_found(cycle, head, signed_in):
    assert signed_in(head).get(reverse("london-export", args=["docx"])).status_code == 404


def test_cycles_are_listed_with_how_many_are_submitted(cycle, head, epo, member, signed_in):
    page = signed_in(epo).get(reverse("assessments:cycle-list"))

    text = " ".join(page.content.decode().split())
    assert ">1 of 2</a>" in text
    assert [check.borough.name for check in page.context["own"]] == ["Camden"]
    assert [check.answered for check in page.context["own"]] == [25]
    for other in (head, member):
        assert signed_in(other).get(reverse("assessments:cycle-list")).context["own"] == []


@pytest.mark.parametrize("cycles", [1, 3])
def test_cycles_take_the_same_queries_whatever_their_number(
    cycles, head, epo, signed_in, django_assert_num_queries
):
    for number in range(cycles):
        open_cycle(head, 2, name=f"Cycle {number}")
    client = signed_in(epo)

    with django_assert_num_queries(4):
        client.get(reverse("assessments:cycle-list"))


def panel(client, slug="camden") -> str:
    return " ".join(client.get(f"/boroughs/{slug}/").content.decode().split())


def test_borough_page_shows_its_latest_health_check_by_theme_and_what_moved(cycle, head, reader, signed_in):
    now = open_cycle(head, name="Spring 2011", previous=cycle, since=1, left=60)
    check = now.health_checks.get(borough__slug="camden")
    sign_off(rate(check, head, ["amber", "red", *["green"] * 23]), head)

    text = panel(signed_in(reader))

    assert "Health check, Spring 2011" in text
    assert "25 of 25 answered." in text
    assert "Better: was Red, now Amber" in text
    assert "Worse: was Green, now Red" in text
    assert f'href="{check.get_absolute_url()}"' in text


def test_borough_page_falls_back_to_what_is_signed_off(cycle, head, reader, epo, signed_in):
    now = open_cycle(head, name="Spring 2011", previous=cycle, since=1, left=60)
    rate(now.health_checks.get(borough__slug="camden"), head, ["less_relevant"])

    assert "Spring 2011 is not signed off yet; this is Autumn 2010." in panel(signed_in(reader))
    assert "Nothing got better or worse since Autumn 2010." in panel(signed_in(epo))
    assert "No health check to show yet" in panel(signed_in(reader), "islington")


def test_cover_is_named_where_the_seat_is_vacant(cycle, head, islington, signed_in):
    cover = factories.UserFactory(name="Demo Member Z", role=Role.MEMBER)
    factories.BoroughLinkFactory(borough=islington, person=cover, kind="member_cover")

    assert "No link member; cover by Demo Member Z" in london(signed_in(head)).content.decode()
