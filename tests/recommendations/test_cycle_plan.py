"""The action plan of a cycle as a list: narrowed, counted, in pages, exported as it is shown."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import HealthCheck, Rating
from recommendations.actions import answer_ratings
from recommendations.models import Action, Position
from tests import factories
from tests.spreadsheet_readers import about_csv, read_csv

PLAN = [
    ("A1", "Agree a protocol", ["camden", "islington"]),
    ("A1", "Publish the protocols", ["camden"]),
    ("B1", "Hold a hearing", ["camden"]),
]


@pytest.fixture
def cycle(camden, islington, head):
    """A1 and B1 are red in both boroughs; B1 in Islington has no action. The hearing is overdue."""
    cycle = factories.ReviewCycleFactory()
    checks = [factories.HealthCheckFactory(cycle=cycle, borough=borough) for borough in (camden, islington)]
    for place, (code, theme) in enumerate((("A1", "Seat at the table"), ("B1", "Meeting the public"))):
        criterion = factories.CriterionFactory(
            theme=factories.ThemeFactory(framework=cycle.framework, code=code[0], title=theme),
            code=code,
            position=place,
            short_title=f"Question {code}",
        )
        for check in checks:
            factories.RatingFactory(health_check=check, criterion=criterion, value="red", rationale="Seen")
    units = {
        code: factories.LeadUnitFactory(name=f"Unit of {code}", slug=f"unit-{code.lower()}")
        for code in ("A1", "B1")
    }
    for code, text, boroughs in PLAN:
        ratings = [rating_of(code, borough) for borough in boroughs]
        answer_ratings(ratings=ratings, text=text, lead_unit=units[code], due_on=None, by=head)
    Action.objects.filter(text="Hold a hearing").update(due_on=timezone.localdate() - timedelta(days=1))
    Action.objects.filter(text="Publish the protocols").update(status="complete")
    return cycle


def rating_of(code, borough) -> Rating:
    return Rating.objects.get(criterion__code=code, health_check__borough__slug=borough)


@pytest.fixture
def shown(cycle, head, signed_in):
    """What the page shows to the head: `shown(borough="camden")` gives (line, where) of each row."""
    client = signed_in(head)

    def show(**query):
        response = client.get(
            f"{reverse('recommendations:cycle-plan', args=[cycle.slug])}?{urlencode(query)}"
        )
        assert response.status_code == 200
        return [
            (line.action.text if line.action else f"{line.code}: none", line.subjects)
            for line in response.context["table"].data
        ]

    return show


AGREE, PUBLISH = ("Agree a protocol", "Camden and Islington"), ("Publish the protocols", "Camden")
HEAR, NONE = ("Hold a hearing", "Camden"), ("B1: none", "Islington")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [AGREE, PUBLISH, HEAR, NONE]),
        ({"borough": "islington"}, [("Agree a protocol", "Islington"), NONE]),
        ({"theme": "Meeting the public"}, [HEAR, NONE]),
        ({"criterion": "A1"}, [AGREE, PUBLISH]),
        ({"lead_unit": "unit-b1"}, [HEAR]),
        ({"state": "open"}, [AGREE, HEAR]),
        ({"state": "complete"}, [PUBLISH]),
        ({"state": "none"}, [NONE]),
        ({"overdue": "on"}, [HEAR]),
        ({"q": "PROTOCOL agree"}, [AGREE]),
        ({"q": "question b1"}, [HEAR, NONE]),
        ({"q": "unit of a1"}, [AGREE, PUBLISH]),
        ({"q": "100%_"}, []),
        ({"borough": "islington", "overdue": "on"}, []),
        ({"page": "999", "sort": "lead"}, [AGREE, PUBLISH, HEAR, NONE]),
    ],
)
def test_plan_is_narrowed(shown, query, expected):
    assert shown(**query) == expected


def test_plan_is_searched_in_its_newest_positions(shown, head):
    Position.objects.create(
        action=Action.objects.get(text="Hold a hearing"),
        stated_on=timezone.localdate(),
        text="The hall is booked.",
        status="in_progress",
        given_by=head,
    )

    assert shown(q="booked") == [HEAR]


def test_plan_says_what_is_shown_and_where(cycle, head, signed_in):
    client, address = signed_in(head), reverse("recommendations:cycle-plan", args=[cycle.slug])

    whole = client.get(address).content.decode()
    some = client.get(address, {"borough": "camden", "overdue": "on"}).content.decode()
    none = client.get(address, {"q": "nothing like it"}).content.decode()

    assert "Showing 4 of 4." in whole
    assert '<a href="?state=open">2 open</a>, <a href="?overdue=on">1 overdue</a>' in whole
    assert '<a href="?state=none">1 rating</a> has no action yet' in whole
    assert "No action yet in Islington." in whole
    assert "Clear the filters" not in whole
    assert "Showing 1 of 4: borough <b>Camden</b>; overdue only <b>yes</b>." in some
    assert f'<a href="{address}">Clear the filters</a>' in some
    assert f'href="{address}export.csv?borough=camden&amp;overdue=on"' in some
    assert "Nothing in the plan is like that" in none
    assert "Showing 0 of 4" in none


@pytest.mark.parametrize(
    "query",
    [
        {"borough": "atlantis"},
        {"criterion": "\x00"},
        {"state": "nearly"},
        {"lead_unit": "x"},
        {"q": "a" * 101},
    ],
)
def test_plan_refuses_what_it_cannot_read_with_a_sentence(cycle, head, signed_in, query):
    client, address = signed_in(head), reverse("recommendations:cycle-plan", args=[cycle.slug])

    for page in (address, f"{address}export.csv"):
        response = client.get(page, query)
        assert response.status_code == 400
        text = response.content.decode()
        assert "There is no such choice under" in text or "Search for at most 100 characters." in text
        assert f'href="{address}"' in text


def test_export_is_what_the_page_shows(cycle, head, signed_in):
    address = reverse("recommendations:cycle-plan-export", args=[cycle.slug, "csv"])

    file = signed_in(head).get(address, {"borough": "islington"}).content

    assert [row[:5] for row in read_csv(file)[1:]] == [
        ["A1", "Question A1", "Islington", "", "Agree a protocol"],
        ["B1", "Question B1", "Islington", "", ""],
    ]
    assert "Filter: Borough: Islington" in about_csv(file)
    assert "Rows: 2 of 4" in about_csv(file)


def test_plan_offers_only_what_its_reader_may_see(cycle, epo, signed_in):
    client, address = signed_in(epo), reverse("recommendations:cycle-plan", args=[cycle.slug])

    page = client.get(address).content.decode()

    assert '<option value="camden">Camden</option>' in page
    assert "Islington" not in page
    assert client.get(address, {"borough": "islington"}).status_code == 400
    assert HealthCheck.objects.count() == 2


def test_plan_shows_fifty_a_page_and_heads_each_page(cycle, head, signed_in):
    unit = factories.LeadUnitFactory()
    for number in range(60):
        factories.ActionFactory(
            origin="rating",
            key_point=None,
            rating=rating_of("A1", "camden"),
            lead_unit=unit,
            text=f"{number}",
        )
    client, address = signed_in(head), reverse("recommendations:cycle-plan", args=[cycle.slug])

    first, second = client.get(address), client.get(address, {"page": "2"})

    pages = [response.context["table"] for response in (first, second)]
    assert [len(list(table.paginated_rows)) for table in pages] == [50, 14]
    assert [area.code for area, _lines in pages[1].groups()] == ["A1", "B1"]
    for response in (first, second):
        where = response.content.decode().split('data-label="Where"')[1].split("</td>")[0]
        assert "Camden and Islington" in where, "of the whole criterion, not of the page"
    assert "51 to 64 of 64" in second.content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_page_costs_the_same_queries_however_many(cycle, head, signed_in, rows, django_assert_num_queries):
    for number in range(rows - 1):
        factories.ActionFactory(
            origin="rating", key_point=None, rating=rating_of("A1", "camden"), text=f"More {number}"
        )
    client, address = signed_in(head), reverse("recommendations:cycle-plan", args=[cycle.slug])
    client.get(address)

    with django_assert_num_queries(8):
        response = client.get(address, {"borough": "camden"})

    assert len(response.context["table"].data) == rows + 2
