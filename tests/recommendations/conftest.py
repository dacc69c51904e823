"""A small plan that several tests read: recommendation 15 with two units' actions."""

from datetime import date

import pytest

from recommendations.models import Action, LeadUnit, Position, Progress
from tests import factories


@pytest.fixture
def stated():
    """Adds a position as it stands in the database: `stated(action, date(2010, 10, 1), "Signed.")`."""

    def add(action: Action, on: date, text: str, status: str = Progress.IN_PROGRESS, **more) -> Position:
        return Position.objects.create(action=action, stated_on=on, text=text, status=status, **more)

    return add


@pytest.fixture
def recommendation(db):
    return factories.RecommendationFactory(
        number=15,
        short_title="Information-sharing protocol in every CDRP",
        full_text="All CDRPs should have a protocol.\n\nIt should follow the guidance.",
        acceptance="agreed",
        accepted_on=date(2003, 1, 30),
        progress=Progress.IN_PROGRESS,
        responsible_body="CDRP",
    )


@pytest.fixture
def own_unit(lead) -> LeadUnit:
    return LeadUnit.objects.get(slug="demo-lead-unit-a")


@pytest.fixture
def own_action(recommendation, own_unit):
    key_point = factories.KeyPointFactory(recommendation=recommendation, text="Every CDRP has a protocol")
    return factories.ActionFactory(
        key_point=key_point, lead_unit=own_unit, text="Send a model text", status=Progress.IN_PROGRESS
    )


@pytest.fixture
def foreign_action(recommendation):
    """Another unit's action under the same recommendation: what the lead unit's officer must not see."""
    key_point = factories.KeyPointFactory(recommendation=recommendation, text="CANARY key point")
    return factories.ActionFactory(
        key_point=key_point,
        lead_unit=factories.LeadUnitFactory(name="CANARY unit", slug="canary-unit"),
        text="CANARY action",
        due_on=date(2004, 1, 1),
        status=Progress.IN_PROGRESS,
    )
