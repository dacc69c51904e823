"""Two cycles side by side."""

import pytest

from assessments.models import HealthCheck
from tests.assessments.grid import fill, make_cycle, make_framework


@pytest.fixture
def two_cycles(camden, islington, head):
    """Last cycle all amber; now Camden better on the first criterion, Islington worse on it."""
    framework = make_framework(3, authority_alone=1)
    earlier = fill(
        make_cycle(framework, months_ago=1),
        [camden, islington],
        lambda _b, _c: "amber",
        state=HealthCheck.State.SIGNED_OFF,
    )
    now = {
        ("Camden", "A1"): "green",
        ("Islington", "A1"): "red",
        ("Camden", "A2"): "less_relevant",
        ("Islington", "A3"): "not_assessed",
    }
    cycle = make_cycle(framework, previous=earlier.cycle)
    return fill(
        cycle,
        [camden, islington],
        lambda borough, criterion: now.get((str(borough), criterion.code), "amber"),
    )
