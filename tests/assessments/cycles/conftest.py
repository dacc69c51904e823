import pytest

from assessments.models import HealthCheck, ReviewCycle
from tests.assessments.cycles.opened import opened, save
from tests.assessments.grid import make_framework


@pytest.fixture
def framework():
    return make_framework(3, authority_alone=1)


@pytest.fixture
def spring(head, camden, islington, framework) -> ReviewCycle:
    """Camden: A1 green, A2 red with a next step, A3 less relevant; Islington: A1 amber and no more."""
    cycle = opened(head, framework, "Spring 2010", since=200)
    check = cycle.health_checks.get(borough=camden)
    save(check, head, "A1", "green", "Seat held")
    save(check, head, "A2", "red", "No seat", "Ask for one")
    save(check, head, "A3", "less_relevant", "Not in London")
    save(cycle.health_checks.get(borough=islington), head, "A1", "amber", "Half of it")
    return cycle


@pytest.fixture
def autumn(head, spring) -> ReviewCycle:
    return opened(head, spring.framework, "Autumn 2010", previous=spring)


@pytest.fixture
def check(autumn, camden) -> HealthCheck:
    return autumn.health_checks.get(borough=camden)
