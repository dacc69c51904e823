"""A borough's open actions of a past day, from the events of the actions and of their positions."""

import datetime as dt

import pgtrigger
import pytest
from django.urls import reverse

from boroughs.content import BoroughThen
from boroughs.models import Borough
from recommendations.content.needs_then import open_actions_then
from recommendations.models import Action, AnsweredRating, Position, Progress
from tests import factories
from tests.assessments.simulated import date_events, last_event, moment

JUNE, AUGUST, OCTOBER, DECEMBER = (dt.date(2010, month, 10) for month in (6, 8, 10, 12))


def at(day, model, write):
    """What `write` does to rows of the model, dated to noon of that day."""
    before = last_event(model)
    made = write()
    date_events(model, moment(day), before)
    return made


@pytest.fixture
def planned(camden, islington, own_unit):
    """In Camden since August, stated upon in October, complete in December; another answers its rating."""
    date_events(Borough, moment(JUNE))
    action = at(
        AUGUST,
        Action,
        lambda: factories.ActionFactory(
            borough=camden, lead_unit=own_unit, text="Sign the protocol", due_on=dt.date(2010, 9, 1)
        ),
    )
    at(
        OCTOBER,
        Position,
        lambda: Position.objects.create(action=action, stated_on=AUGUST, text="Begun", status="in_progress"),
    )
    at(DECEMBER, Action, lambda: Action.objects.filter(pk=action.pk).update(status=Progress.COMPLETE))
    rating = factories.RatingFactory(health_check=factories.HealthCheckFactory(borough=camden))
    shared = at(
        AUGUST, Action, lambda: factories.ActionFactory(lead_unit=own_unit, text="Write to every borough")
    )
    at(OCTOBER, AnsweredRating, lambda: AnsweredRating.objects.create(action=shared, rating=rating))
    at(
        AUGUST,
        Action,
        lambda: factories.ActionFactory(
            borough=islington, lead_unit=factories.LeadUnitFactory(name="Another unit", slug="another")
        ),
    )
    return action


def told(borough, day, user):
    return [
        (need.text, need.newest, need.late) for need in open_actions_then(BoroughThen(borough, day), user)
    ]


def test_open_actions_of_a_past_day_are_those_that_the_portal_knew_then(planned, camden, head):
    shared = ("Write to every borough", "", "")

    assert told(camden, JUNE, head) == []
    assert told(camden, AUGUST, head) == [("Sign the protocol", "", "")]
    assert told(camden, dt.date(2010, 9, 30), head) == [("Sign the protocol", "", "29 days late")]
    # Stated as of August, and not known before October.
    assert told(camden, OCTOBER, head) == [("Sign the protocol", "Begun", "39 days late"), shared]
    assert told(camden, DECEMBER, head) == [shared]


def test_action_that_moved_to_another_borough_was_the_earlier_ones_then(planned, camden, islington, head):
    """The database lets none move any more, but the history may know one that did before."""
    moved = dt.date(2010, 9, 10)
    before = Action.pgh_event_model.objects.filter(pgh_created_at__gte=moment(DECEMBER))
    with pgtrigger.ignore("recommendations.Action:action_stays_where_it_is"):
        at(DECEMBER, Action, lambda: Action.objects.filter(pk=planned.pk).update(borough=islington))

    assert before.count() == 2
    assert [text for text, *_more in told(camden, moved, head)] == ["Sign the protocol"]
    assert "Sign the protocol" not in [text for text, *_more in told(islington, moved, head)]


def test_action_that_was_removed_since_is_told_and_leads_nowhere(planned, camden, head, signed_in):
    gone = at(AUGUST, Action, lambda: factories.ActionFactory(borough=camden, text="Removed since"))
    at(DECEMBER, Action, gone.delete)

    page = signed_in(head).get(camden.get_absolute_url(), {"as_at": "2010-08-10"}).content.decode()

    assert "2 open actions" in page
    assert "<li>Removed since" in page
    assert reverse("recommendations:action-detail", args=[planned.pk]) in page
    before = signed_in(head).get(camden.get_absolute_url(), {"as_at": "2010-07-10"}).content.decode()
    assert "No action was open" in before


def test_officer_of_a_lead_unit_is_told_of_its_own_actions_alone(planned, camden, islington, lead):
    assert [text for text, *_more in told(camden, AUGUST, lead)] == ["Sign the protocol"]
    assert told(islington, AUGUST, lead) == []


def test_open_actions_then_cost_the_same_queries_whatever_their_number(
    planned, camden, head, django_assert_num_queries
):
    with django_assert_num_queries(4):
        told(camden, AUGUST, head)
    for _one in range(3):
        at(AUGUST, Action, lambda: factories.ActionFactory(borough=camden))
    with django_assert_num_queries(4):
        assert len(told(camden, AUGUST, head)) == 4
