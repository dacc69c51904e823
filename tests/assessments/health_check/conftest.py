"""Two cycles of one framework, and the health check of Camden in the second."""

import pytest

from assessments import actions
from assessments.models import HealthCheck, ReviewCycle
from tests import factories
from tests.assessments.grid import make_framework
from tests.assessments.health_check.checks import open_cycle


@pytest.fixture
def framework():
    return make_framework(3, authority_alone=1)


@pytest.fixture
def spring(head, camden, islington, framework) -> ReviewCycle:
    """Last cycle, closed: Camden was amber on A1, with a reason, and signed off."""
    cycle = open_cycle(head, framework, "Spring 2010", since=200)
    check = cycle.health_checks.get(borough=camden)
    for code, value in (("A1", "amber"), ("A2", "green"), ("A3", "green")):
        actions.save_rating(
            health_check=check,
            criterion_code=code,
            value=value,
            rationale=f"Last time {code}",
            next_step="Ask again",
            version=0,
            by=head,
        )
    # Nobody signs off what they submitted themselves.
    actions.submit(health_check=check, by=factories.UserFactory(role="head"))
    actions.sign_off(health_check=check, by=head)
    return actions.close_cycle(cycle=cycle, by=head)


@pytest.fixture
def cycle(head, spring, framework) -> ReviewCycle:
    return open_cycle(head, framework, previous=spring)


@pytest.fixture
def check(cycle, camden) -> HealthCheck:
    return cycle.health_checks.get(borough=camden)
