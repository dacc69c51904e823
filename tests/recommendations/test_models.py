import pytest

from recommendations.models import Action, ActionPlan, Recommendation
from tests import factories


@pytest.fixture
def foreign_recommendation(recommendation):
    """One that the lead unit has no part in."""
    return factories.RecommendationFactory(number=16, scrutiny=recommendation.scrutiny)


@pytest.mark.parametrize("person", ["epo", "clerk", "member", "head", "reader", "administrator"])
def test_everybody_but_lead_units_sees_every_recommendation(
    person, request, own_action, foreign_action, foreign_recommendation
):
    user = request.getfixturevalue(person)

    assert Recommendation.objects.visible_to(user).count() == 2
    assert Action.objects.visible_to(user).count() == 2


def test_lead_unit_sees_its_actions_and_their_recommendations(
    lead, own_action, foreign_action, foreign_recommendation
):
    assert list(Action.objects.visible_to(lead)) == [own_action]
    assert [row.number for row in Recommendation.objects.visible_to(lead)] == [15]


def test_lead_unit_without_an_action_sees_nothing(lead, foreign_action):
    assert not Recommendation.objects.visible_to(lead).exists()
    assert not Action.objects.visible_to(lead).exists()


def test_nobody_sees_anything_once_their_account_is_closed(head, own_action):
    head.is_active = False

    assert not Recommendation.objects.visible_to(head).exists()


def test_plan_is_seen_by_a_lead_unit_with_an_action_in_it(lead, own_unit, reader):
    plan = ActionPlan.objects.create(name="MPS plan", slug="mps", body="MPS")
    other = ActionPlan.objects.create(name="Other plan", slug="other", body="MPS")
    key_point = factories.KeyPointFactory(recommendation=None, plan=plan)
    factories.ActionFactory(key_point=key_point, lead_unit=own_unit)

    assert list(ActionPlan.objects.visible_to(lead)) == [plan]
    assert list(ActionPlan.objects.visible_to(reader)) == [plan, other]
