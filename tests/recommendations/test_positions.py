"""The action's page and the form that adds a position."""

from datetime import timedelta

import pytest
from django.utils import timezone

from recommendations.models import Action, DueDateChange, Position, Progress
from tests import factories


def posted(client, of, htmx=False, **changes):
    data = {
        "stated_on": timezone.localdate().isoformat(),
        "status": Progress.COMPLETE,
        "text": "Signed by all 32.",
        **changes,
    }
    headers = {"HX-Request": "true"} if htmx else {}
    return client.post(f"/recommendations/actions/{of.pk}/positions/add/", data, headers=headers)


@pytest.fixture
def camden_action(own_unit, camden):
    return factories.ActionFactory(lead_unit=own_unit, borough=camden, text="Hold a public meeting")


def test_each_who_may_give_a_position_gives_it(signed_in, head, lead, epo, camden_action):
    done = total = 0
    for person in (head, lead, epo):
        response = posted(signed_in(person), camden_action, text=f"By {person}.")
        kept = Position.objects.filter(given_by=person, text=f"By {person}.").exists()
        done += response.status_code == 302 and kept
        total += 1
    print(f"positions that may be given: {total - done} bad / {total}")

    assert done == total
    assert Action.objects.get(pk=camden_action.pk).status == Progress.COMPLETE


@pytest.mark.parametrize("person", ["other_epo", "clerk", "member", "reader", "administrator"])
def test_who_may_not_give_a_position_is_refused(signed_in, request, camden_action, person):
    user = request.getfixturevalue(person)

    response = posted(signed_in(user), camden_action)

    assert response.status_code == 403
    assert not Position.objects.exists()
    assert "Add a position" not in signed_in(user).get(camden_action.get_absolute_url()).content.decode()


def test_lead_unit_finds_no_action_of_another_unit(signed_in, lead, foreign_action):
    client = signed_in(lead)

    assert client.get(foreign_action.get_absolute_url()).status_code == 404
    assert posted(client, foreign_action).status_code == 404
    assert not Position.objects.exists()


def test_officer_whose_link_ended_meanwhile_is_refused(signed_in, epo, camden_action):
    client = signed_in(epo)
    client.get(camden_action.get_absolute_url())
    link = epo.links.get()
    link.period = (link.period.lower, timezone.localdate())
    link.save()

    assert posted(client, camden_action).status_code == 403
    assert not Position.objects.exists()


def test_position_is_added_without_scripts(signed_in, lead, own_action):
    client = signed_in(lead)

    response = posted(client, own_action)
    page = client.get(response["Location"]).content.decode()

    assert response.status_code == 302
    assert "Signed by all 32." in page
    assert "added." in page


def test_position_is_added_as_a_fragment(signed_in, lead, own_action):
    response = posted(signed_in(lead), own_action, htmx=True)

    page = response.content.decode()
    assert response.status_code == 200
    assert page.lstrip().startswith('<div id="positions">')
    assert "Signed by all 32." in page
    assert "announce" in response["HX-Trigger"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"stated_on": "2999-01-01"}, "has not come yet"),
        ({"stated_on": "1999-01-01"}, "when the Authority began"),
        ({"stated_on": "31/02/2010"}, "Give the day as a date"),
        ({"stated_on": ""}, "Give the day of this position"),
        ({"status": "nearly"}, "Choose one of the six words"),
        ({"status": ""}, "Choose how far the action is"),
        ({"text": "  "}, "Say in a sentence"),
        ({"text": "a" * 2001}, "at most 2,000 characters"),
        ({"text": "a\x00"}, "Null characters"),
    ],
)
@pytest.mark.parametrize("htmx", [False, True])
def test_position_that_cannot_be_keeps_what_was_typed(signed_in, lead, own_action, changes, sentence, htmx):
    response = posted(signed_in(lead), own_action, htmx=htmx, **{"text": "Kept words.", **changes})

    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    assert 'href="#id_' in page
    assert "Kept words." in page or "text" in changes
    assert not Position.objects.exists()


def test_only_the_form_s_own_fields_are_taken(signed_in, lead, own_action, foreign_action, head):
    posted(
        signed_in(lead),
        own_action,
        action=foreign_action.pk,
        given_by=head.pk,
        source="Forged",
        precision="month",
        id=999,
    )

    position = Position.objects.get()

    assert (position.action, position.given_by) == (own_action, lead)
    assert (position.source, position.precision) == ("", "day")
    assert position.pk != 999


def test_reading_a_position_s_address_changes_nothing(signed_in, lead, own_action):
    response = signed_in(lead).get(f"/recommendations/actions/{own_action.pk}/positions/add/")

    assert response.status_code == 405


def test_action_page_tells_its_series_due_dates_and_history(signed_in, head, reader, own_action, stated):
    stated(own_action, timezone.localdate() - timedelta(days=3), "First.", given_by=head)
    stated(own_action, timezone.localdate(), "Second.", given_by=head)
    DueDateChange.objects.create(
        action=own_action, to_on=timezone.localdate(), reason="A first date.", changed_by=head
    )

    page = signed_in(reader).get(own_action.get_absolute_url()).content.decode()

    assert page.index("Second.") < page.index("First.")
    assert "Moved once." in page
    assert "A first date." in page
    assert "The portal added the action" in page


def test_action_from_a_health_check_leads_there_only_for_who_may_open_it(
    signed_in, epo, reader, camden, own_unit
):
    rating = factories.RatingFactory(health_check__borough=camden, value="red", rationale="CANARY why")
    action = factories.ActionFactory(
        origin="rating", key_point=None, rating=rating, borough=camden, lead_unit=own_unit
    )

    for_epo = signed_in(epo).get(action.get_absolute_url()).content.decode()
    for_reader = signed_in(reader).get(action.get_absolute_url()).content.decode()

    assert rating.health_check.get_absolute_url() in for_epo
    assert rating.health_check.get_absolute_url() not in for_reader
    assert str(rating.criterion) in for_reader
    assert "CANARY" not in for_reader


@pytest.mark.parametrize("rows", [1, 3])
def test_action_page_costs_the_same_queries_however_many(
    signed_in, reader, own_action, stated, rows, django_assert_num_queries
):
    for number in range(rows):
        stated(own_action, timezone.localdate(), f"Text {number}")
    client = signed_in(reader)
    client.get(own_action.get_absolute_url())

    with django_assert_num_queries(8):
        client.get(own_action.get_absolute_url())
