import pytest

from assessments.models import ReviewCycle
from tests.assessments.change_sets.given import open_cycle


@pytest.fixture
def cycle(head, camden, islington) -> ReviewCycle:
    return open_cycle(head)
