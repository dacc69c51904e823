"""The page of one rating: with and without scripts, for whoever may change it and whoever may only read it."""

import pytest
from django.urls import reverse

from assessments.models import HealthCheck
from tests.assessments.grid import fill, make_cycle, make_framework

pytestmark = pytest.mark.django_db
State = HealthCheck.State


@pytest.fixture
def check(camden, islington) -> HealthCheck:
    """Camden's, open: green everywhere after a cycle that was amber everywhere."""
    framework = make_framework(3, authority_alone=1)
    spring = fill(
        make_cycle(framework, months_ago=1), [camden], lambda _b, _c: "amber", state=State.SIGNED_OFF
    )
    cycle = make_cycle(framework, previous=spring.cycle)
    grid = fill(cycle, [camden, islington], lambda _b, _c: "green", state=State.DRAFT)
    return next(check for check in grid.checks if check.borough == camden)


def url_of(check, code="A1") -> str:
    return reverse("assessments:rating", args=[check.cycle.slug, check.subject_slug, code])


def test_page(check, epo, signed_in):
    page = signed_in(epo).get(url_of(check))
    assert page.status_code == 200
    print(page.content.decode())
