"""A health check that evidence can be added to, and a folder of its own for the files."""

from pathlib import Path

import pytest
from django.utils import timezone

from assessments.models import HealthCheck, Rating
from tests.assessments.grid import fill, make_cycle, make_framework
from tests.assessments.kept import rating_of

State = HealthCheck.State


@pytest.fixture
def uploads(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "uploads"
    return tmp_path / "uploads"


@pytest.fixture
def check(camden, islington, epo) -> HealthCheck:
    """Camden's, open and green everywhere, rated by its officer."""
    framework = make_framework(3, authority_alone=1)
    grid = fill(make_cycle(framework), [camden, islington], lambda _b, _c: "green", state=State.DRAFT)
    Rating.objects.filter(health_check__cycle=grid.cycle).update(rated_by=epo, rated_at=timezone.now())
    return next(check for check in grid.checks if check.borough == camden)


@pytest.fixture
def rating(check) -> Rating:
    return rating_of(check)
