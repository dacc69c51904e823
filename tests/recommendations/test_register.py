from datetime import date, timedelta
from urllib.parse import urlencode

import pytest
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from recommendations.models import Progress, Recommendation
from tests import factories
from tests.spreadsheet_readers import about_csv, read_csv, read_ods, read_xlsx

ADDRESS = "/recommendations/"


@pytest.fixture
def three(recommendation):
    """15 (in progress, CDRP), 16 (complete, MPS), 17 (none recorded, MPS)."""
    more = {"scrutiny": recommendation.scrutiny, "responsible_body": "MPS"}
    factories.RecommendationFactory(
        number=16,
        short_title="IT strategy",
        full_text="The strategy should cover mapping of hotspots.",
        progress=Progress.COMPLETE,
        theme="Reducing crime",
        acceptance="noted",
        accepted_on=date(2003, 1, 30),
        **more,
    )
    factories.RecommendationFactory(
        number=17, short_title="Alternative to LION", full_text="If unworkable.", **more
    )
    return Recommendation.objects.all()


def numbers(client, **query):
    response = client.get(f"{ADDRESS}?{urlencode(query)}")
    assert response.status_code == 200
    return [row.record.number for row in response.context["table"].rows]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [15, 16, 17]),
        ({"theme": "Reducing crime"}, [16]),
        ({"responsible_body": "MPS"}, [16, 17]),
        ({"acceptance": "agreed"}, [15]),
        ({"progress": "complete"}, [16]),
        ({"progress": "not_recorded"}, [17]),
        ({"q": "protocols"}, [15]),
        ({"q": "hotspot mapping"}, [16]),
        ({"q": "hotsp"}, [16]),
        ({"q": "LION"}, [17]),
        ({"q": "17"}, [17]),
        ({"q": "protocol -guidance"}, []),
        ({"q": "' OR 1=1 --"}, []),
        ({"q": "100%_"}, []),
        ({"responsible_body": "MPS", "progress": "complete"}, [16]),
        ({"sort": "-number"}, [17, 16, 15]),
        ({"sort": "progress"}, [17, 15, 16]),
        ({"sort": "password"}, [15, 16, 17]),
        ({"_connector": "OR", "number__gt": "16", "page": "999"}, [15, 16, 17]),
    ],
)
def test_register_is_narrowed_and_sorted(signed_in, reader, three, query, expected):
    assert numbers(signed_in(reader), **query) == expected


@pytest.mark.parametrize(
    ("actions", "expected"), [("overdue", [15]), ("open", [15]), ("none", [16, 17]), ("", [15, 16, 17])]
)
def test_register_is_narrowed_by_actions(signed_in, reader, three, foreign_action, actions, expected):
    assert numbers(signed_in(reader), actions=actions) == expected


def test_register_is_narrowed_by_lead_unit(signed_in, reader, three, own_action, foreign_action):
    assert numbers(signed_in(reader), lead_unit="canary-unit") == [15]


@pytest.mark.parametrize(
    "query",
    [
        {"theme": "No such theme"},
        {"progress": "nearly"},
        {"acceptance": "\x00"},
        {"lead_unit": "no-such-unit"},
        {"lead_unit": "\x00"},
        {"actions": "some"},
        {"q": "a" * 101},
        {"q": "a\x00b"},
    ],
)
@pytest.mark.parametrize("address", [ADDRESS, f"{ADDRESS}export.csv"])
def test_register_refuses_what_it_cannot_read_with_a_sentence(signed_in, reader, three, query, address):
    response = signed_in(reader).get(f"{address}?{urlencode(query)}")

    assert response.status_code == 400
    assert any(
        words in response.content.decode()
        for words in ("There is no such choice under", "at most 100 characters", "Null characters")
    )


def test_register_opens_with_the_answer_and_each_number_opens_its_rows(
    signed_in, reader, three, foreign_action
):
    response = signed_in(reader).get(ADDRESS)

    assert response.context["facets"].total == 3
    assert [(value, count) for value, _, count in response.context["facets"].by_progress] == [
        ("in_progress", 1),
        ("complete", 1),
        ("not_recorded", 1),
    ]
    page = response.content.decode()
    assert '<a href="?progress=not_recorded">1 with no progress recorded</a>' in page
    assert '<a href="?actions=overdue">1 has an overdue action</a>' in page
    assert 'href="/recommendations/15/?only=overdue#plan">1<' in page


def test_lead_unit_is_told_nothing_of_other_units(signed_in, lead, reader, three, own_action, foreign_action):
    leaked = signed_in(reader).get(ADDRESS).content.decode()
    page = signed_in(lead).get(ADDRESS).content.decode()

    assert "CANARY unit" in leaked
    assert "1 has an overdue action" in leaked
    assert "CANARY" not in page
    assert "No action is overdue" in page
    assert numbers(signed_in(lead)) == [15]
    assert numbers(signed_in(lead), actions="overdue") == []
    assert signed_in(lead).get(f"{ADDRESS}?lead_unit=canary-unit").status_code == 400


@pytest.mark.parametrize("rows", [1, 3, 35])
def test_register_costs_the_same_queries_however_many(
    signed_in, reader, recommendation, own_action, rows, django_assert_num_queries
):
    for number in range(100, 99 + rows):
        row = factories.RecommendationFactory(number=number, scrutiny=recommendation.scrutiny)
        factories.ActionFactory(key_point__recommendation=row)
    client = signed_in(reader)
    client.get(ADDRESS)

    with django_assert_num_queries(7):
        response = client.get(ADDRESS)

    assert len(response.context["table"].rows) == rows


def test_register_shows_fifty_a_page(signed_in, reader, recommendation):
    for number in range(100, 160):
        factories.RecommendationFactory(number=number, scrutiny=recommendation.scrutiny)

    first = signed_in(reader).get(ADDRESS)
    second = signed_in(reader).get(f"{ADDRESS}?page=2")

    assert (len(first.context["table"].page), len(second.context["table"].page)) == (50, 11)


def test_markup_in_texts_is_shown_as_text(signed_in, reader, recommendation):
    Recommendation.objects.update(short_title="<script>alert(1)</script>{{7*7}}", full_text="<img src=x>")

    for address in (ADDRESS, "/recommendations/15/"):
        page = signed_in(reader).get(address).content.decode()
        assert "<script>alert(1)</script>" not in page
        assert "<img src=x>" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}" in page


@pytest.mark.parametrize(("format", "read"), [("xlsx", read_xlsx), ("ods", read_ods), ("csv", read_csv)])
def test_export_is_what_the_page_shows(signed_in, reader, three, foreign_action, format, read):
    client = signed_in(reader)
    query = {"responsible_body": "MPS", "sort": "-number"}

    response = client.get(reverse("recommendations:recommendation-export", args=[format]), query)

    head, *rows = read(response.content)
    assert response.status_code == 200
    assert response["Content-Disposition"] == (
        f'attachment; filename="recommendations-{timezone.localdate().isoformat()}.{format}"'
    )
    assert [str(row[0]) for row in rows] == [str(number) for number in numbers(client, **query)]
    assert rows[1][head.index("Full text")] == "The strategy should cover mapping of hotspots."
    assert rows[1][head.index("Progress")] == "Complete"
    assert rows[0][head.index("Progress")] == "Not recorded"


def test_export_tells_its_filters_and_counts(signed_in, reader, three):
    with override_settings(DEMO=True):
        content = signed_in(reader).get(f"{ADDRESS}export.csv", {"progress": "complete"}).content

    about = about_csv(content)
    assert "Filter: Progress: Complete" in about
    assert "Rows: 1 of 3" in about
    assert "Demonstration" in about


def test_export_counts_only_what_a_lead_unit_may_read(signed_in, lead, three, own_action, foreign_action):
    head, row = read_csv(signed_in(lead).get(f"{ADDRESS}export.csv").content)

    told = dict(zip(head, row, strict=True))
    assert (told["Number"], told["Open actions"], told["Overdue actions"]) == ("15", "1", "0")


def test_formulas_in_texts_stay_texts(signed_in, reader, recommendation):
    Recommendation.objects.update(full_text="=HYPERLINK(1)")

    head, row = read_xlsx(signed_in(reader).get(f"{ADDRESS}export.xlsx").content)
    head_csv, row_csv = read_csv(signed_in(reader).get(f"{ADDRESS}export.csv").content)

    assert row[head.index("Full text")] == "=HYPERLINK(1)"
    assert row_csv[head_csv.index("Full text")] == "'=HYPERLINK(1)"


def test_unknown_export_is_not_found(signed_in, reader, recommendation):
    assert signed_in(reader).get(f"{ADDRESS}export.pdf").status_code == 404


def test_register_needs_a_sign_in(client, recommendation):
    assert client.get(ADDRESS).status_code == 302


def test_register_lists_the_plans_as_a_whole(signed_in, reader, lead, recommendation):
    plan = factories.ActionPlanFactory(name="MPS implementation plan")

    assert plan.get_absolute_url() in signed_in(reader).get(ADDRESS).content.decode()
    assert plan.get_absolute_url() not in signed_in(lead).get(ADDRESS).content.decode()


def test_overdue_counts_from_today(signed_in, reader, own_action):
    own_action.due_on = timezone.localdate()
    own_action.save()
    assert numbers(signed_in(reader), actions="overdue") == []

    own_action.due_on -= timedelta(days=1)
    own_action.save()
    assert numbers(signed_in(reader), actions="overdue") == [15]
