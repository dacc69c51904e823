import re
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from cdrp_portal.dates import uk_date
from recommendations.models import Action, KeyPoint, Progress
from tests import factories
from tests.spreadsheet_readers import about_csv, read_csv, read_ods, read_xlsx

ADDRESS = "/recommendations/15/"


@pytest.fixture
def series(own_action, stated):
    stated(own_action, date(2003, 5, 8), "Begun in May.")
    stated(own_action, date(2003, 11, 22), "All three started work.", Progress.COMPLETE)
    Action.objects.filter(pk=own_action.pk).update(status=Progress.COMPLETE)
    return own_action


def page(client, address=ADDRESS, **query):
    response = client.get(address, query)
    assert response.status_code == 200
    return response.content.decode()


def test_page_has_facts_paragraphs_and_the_four_columns(signed_in, reader, series):
    text = page(signed_in(reader))

    assert "Agreed, 30 January 2003" in text
    assert "<p>All CDRPs should have a protocol.</p>" in text
    assert "<p>It should follow the guidance.</p>" in text
    for head in ("Key points", "Actions", "Lead", f"Position at {uk_date(timezone.localdate())}"):
        assert f'<th scope="col">{head}</th>' in text
    assert '<th scope="rowgroup" rowspan="1">Every CDRP has a protocol</th>' in text


def test_page_shows_the_position_of_the_date_and_none_that_is_later(signed_in, reader, series):
    client = signed_in(reader)

    before = page(client, as_at="2003-05-07")
    may = page(client, as_at="2003-05-08")
    november = page(client, as_at="2003-11-22")

    assert "Begun in May." not in before
    assert "No position was given by then." in before
    assert "Begun in May." in may
    assert "All three started work." not in may
    assert "Position at 22 November 2003" in november
    assert "All three started work." in november


def test_page_shows_earlier_positions_when_asked(signed_in, reader, series):
    client = signed_in(reader)

    without = page(client).split("</table>")[0]
    with_them = page(client, earlier="on").split("</table>")[0]

    assert "Begun in May." not in without
    assert "Begun in May." in with_them


@pytest.mark.parametrize(
    "as_at", ["2003-02-30", "yesterday", "20030508", "2003-05-08T10:00", "\x00", "2999-01-01"]
)
@pytest.mark.parametrize("address", [ADDRESS, f"{ADDRESS}export.csv"])
def test_date_that_cannot_be_read_is_refused_in_words(signed_in, reader, series, address, as_at):
    response = signed_in(reader).get(address, {"as_at": as_at})

    assert response.status_code == 400
    text = response.content.decode()
    assert any(words in text for words in ("Write the date as", "has not come yet", "Null characters"))


def test_unknown_narrowing_is_refused_in_words(signed_in, reader, series):
    response = signed_in(reader).get(ADDRESS, {"only": "late"})

    assert response.status_code == 400
    assert "Choose all, open or overdue actions" in response.content.decode()


def test_overdue_is_text_with_the_date(signed_in, reader, own_action):
    Action.objects.filter(pk=own_action.pk).update(due_on=date(2010, 9, 30))

    assert '<p class="overdue">Overdue: due 30 September 2010</p>' in page(signed_in(reader))


def test_only_overdue_leaves_the_others_out(signed_in, reader, own_action, foreign_action):
    table = page(signed_in(reader), only="overdue").split("</table>")[0]

    assert "CANARY action" in table
    assert "Send a model text" not in table


def test_neighbours_are_those_the_reader_may_open(signed_in, reader, lead, recommendation, own_action):
    for number in (14, 16):
        factories.RecommendationFactory(number=number, scrutiny=recommendation.scrutiny)

    for_reader = page(signed_in(reader))
    for_lead = page(signed_in(lead))

    assert "/recommendations/14/" in for_reader
    assert "/recommendations/16/" in for_reader
    assert "/recommendations/14/" not in for_lead
    assert "/recommendations/16/" not in for_lead


def test_lead_unit_sees_its_own_actions_alone(
    signed_in, reader, lead, recommendation, series, foreign_action, stated
):
    stated(foreign_action, date(2003, 6, 1), "CANARY position")
    KeyPoint.objects.create(recommendation=recommendation, text="CANARY unanswered")
    addresses = [ADDRESS, f"{ADDRESS}?earlier=on", f"{ADDRESS}export.csv", f"{ADDRESS}?as_at=2003-12-01"]

    leaked = [page(signed_in(reader), address).count("CANARY") for address in addresses]
    told = [page(signed_in(lead), address).count("CANARY") for address in addresses]

    print(f"canaries in a lead unit's plan: {sum(told)} bad / {len(told)} pages (others saw {leaked})")
    assert all(leaked)
    assert told == [0, 0, 0, 0]
    assert "All three started work." in page(signed_in(lead))


def test_recommendation_of_other_units_is_not_found_like_one_that_is_not_there(
    signed_in, lead, foreign_action
):
    client = signed_in(lead)

    foreign, absent = client.get(ADDRESS), client.get("/recommendations/99/")

    assert (foreign.status_code, absent.status_code) == (404, 404)
    assert _without_nonce(foreign) == _without_nonce(absent)
    assert client.get(f"{ADDRESS}export.csv").status_code == 404


def _without_nonce(response):
    return re.sub(r"(nonce|csrfmiddlewaretoken|X-CSRFToken)[^>]*", "", response.content.decode())


@pytest.mark.parametrize("rows", [1, 3])
def test_page_costs_the_same_queries_however_many(
    signed_in, reader, recommendation, own_action, stated, rows, django_assert_num_queries
):
    stated(own_action, date(2003, 5, 8), "Begun.")
    for number in range(rows - 1):
        more = factories.ActionFactory(key_point__recommendation=recommendation)
        stated(more, date(2003, 5, 8), f"Text {number}")
    client = signed_in(reader)
    client.get(ADDRESS)

    with django_assert_num_queries(12):
        client.get(ADDRESS)


@pytest.mark.parametrize(("format", "read"), [("xlsx", read_xlsx), ("ods", read_ods), ("csv", read_csv)])
def test_export_of_a_plan_is_the_plan_at_the_date(signed_in, reader, series, format, read):
    address = reverse("recommendations:plan-export", args=[15, format])

    response = signed_in(reader).get(address, {"as_at": "2003-05-08"})

    head, row = read(response.content)
    told = dict(zip(head, row, strict=True))
    assert told["Action"] == "Send a model text"
    assert told["Lead"] == "Demo Lead Unit A"
    assert told["Position"] == "Begun in May."
    assert told["Position at"] == "8 May 2003"
    assert told["Progress"] == "In progress"
    assert response["Content-Disposition"] == f'attachment; filename="recommendation-15-2003-05-08.{format}"'


def test_export_of_a_plan_tells_its_date(signed_in, reader, series):
    content = signed_in(reader).get(f"{ADDRESS}export.csv", {"as_at": "2003-05-08"}).content

    assert "Position at: 8 May 2003" in about_csv(content)
    assert signed_in(reader).get(f"{ADDRESS}export.docx").status_code == 404


def test_plan_as_a_whole_shows_its_actions(signed_in, reader, lead, own_unit, stated):
    plan = factories.ActionPlanFactory(name="MPS implementation plan", slug="mps")
    key_point = KeyPoint.objects.create(plan=plan)
    action = factories.ActionFactory(key_point=key_point, text="Report in six months")
    stated(action, date(2004, 11, 4), "Put for endorsement.")
    address = "/recommendations/plans/mps/"

    text = page(signed_in(reader), address)
    refused = signed_in(lead).get(address)
    Action.objects.update(lead_unit=own_unit)

    assert "Report in six months" in text
    assert "No key point recorded" in text
    assert refused.status_code == 404
    assert "Put for endorsement." in page(signed_in(lead), address)
    assert signed_in(reader).get("/recommendations/plans/none/").status_code == 404


def test_history_is_told_on_the_page(signed_in, reader, recommendation):
    recommendation.theme = "Structures"
    recommendation.save()

    assert "The portal changed the theme of the recommendation" in page(signed_in(reader))
