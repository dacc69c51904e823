"""What the database itself keeps of health checks and ratings (DESIGN §4)."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from assessments.models import Criterion, HealthCheck, Rating, ReviewCycle
from cdrp_portal.status import Status
from tests import factories
from tests.assessments.lives import WAYS, dates_of

pytestmark = pytest.mark.django_db


def refused(make) -> bool:
    try:
        with transaction.atomic():
            make()
    except IntegrityError:
        return True
    return False


def test_names_say_what_a_thing_is(camden):
    theme = factories.ThemeFactory(code="E", title="Information", framework__name="Contributing")
    criterion = factories.CriterionFactory(theme=theme, code="E1", short_title="Protocol")
    cycle = factories.ReviewCycleFactory(name="Autumn 2010", slug="autumn-2010")
    check = factories.HealthCheckFactory(cycle=cycle, borough=camden)
    authority = factories.HealthCheckFactory(cycle=cycle, borough=None)
    rating = factories.RatingFactory(health_check=check, criterion=criterion)

    assert str(theme.framework) == "Contributing, version 1"
    assert (str(theme), str(criterion)) == ("E Information", "E1 Protocol")
    assert (str(check), str(authority)) == ("Camden: Autumn 2010", "The Authority: Autumn 2010")
    assert str(rating) == "Camden: Autumn 2010, E1 Protocol"
    assert check.get_absolute_url() == "/assessments/autumn-2010/camden/"
    assert authority.get_absolute_url() == "/assessments/autumn-2010/authority/"
    assert cycle.get_absolute_url() == "/assessments/autumn-2010/"


def test_one_health_check_per_subject_and_cycle(camden):
    check = factories.HealthCheckFactory(borough=camden)
    factories.HealthCheckFactory(cycle=check.cycle, borough=None)

    assert refused(lambda: HealthCheck.objects.create(cycle=check.cycle, borough=camden))
    assert refused(lambda: HealthCheck.objects.create(cycle=check.cycle, borough=None))


def test_one_rating_per_criterion_which_cannot_be_moved():
    rating = factories.RatingFactory()
    other = factories.HealthCheckFactory()
    ratings = Rating.objects.filter(pk=rating.pk)

    assert refused(
        lambda: Rating.objects.create(health_check=rating.health_check, criterion=rating.criterion)
    )
    assert refused(lambda: ratings.update(health_check=other))
    assert refused(lambda: ratings.update(criterion=factories.CriterionFactory()))


def test_less_relevant_needs_its_reason_and_values_are_the_five():
    ratings = Rating.objects.filter(pk=factories.RatingFactory().pk)

    assert refused(lambda: ratings.update(value=Status.LESS_RELEVANT))
    assert refused(lambda: ratings.update(value="purple"))
    assert ratings.update(value=Status.LESS_RELEVANT, rationale="Not in London") == 1


def test_paired_facts_are_both_or_neither(head):
    now = timezone.now()
    checks = HealthCheck.objects.filter(pk=factories.HealthCheckFactory().pk)
    ratings = Rating.objects.filter(pk=factories.RatingFactory().pk)
    cycles = ReviewCycle.objects.filter(pk=factories.ReviewCycleFactory().pk)

    halves = [
        lambda: ratings.update(rated_at=now),
        lambda: ratings.update(rated_by=head),
        lambda: checks.update(submitted_at=now),
        lambda: checks.update(state="submitted"),
        lambda: checks.update(state="signed_off", submitted_at=now, submitted_by=head),
        lambda: cycles.update(closed_at=now),
        lambda: cycles.update(closed_by=head),
    ]
    assert [refused(half) for half in halves] == [True] * len(halves)


def test_colour_without_a_reason_cannot_be_signed_off(head):
    now = timezone.now()
    rating = factories.RatingFactory(value="green")
    checks = HealthCheck.objects.filter(pk=rating.health_check_id)
    submitted = {"state": "submitted", "submitted_at": now, "submitted_by": head}
    signed_off = {"state": "signed_off", "signed_off_at": now, "signed_off_by": head}
    checks.update(**submitted)

    assert refused(lambda: checks.update(**signed_off))
    checks.update(state="draft", submitted_at=None, submitted_by=None)
    Rating.objects.update(rationale="Minute of June")
    checks.update(**submitted)
    assert checks.update(**signed_off) == 1


def test_cycle_closes_after_it_opens():
    day = date(2010, 9, 1)

    assert refused(lambda: factories.ReviewCycleFactory(opens_on=day, closes_on=day))


def test_criteria_are_asked_of_boroughs_or_of_the_authority_alone():
    both = factories.CriterionFactory()
    alone = factories.CriterionFactory(theme=both.theme, borough_wording="")

    assert list(Criterion.objects.asked_of_boroughs()) == [both]
    assert list(Criterion.objects.asked_of_authority_only()) == [alone]


def test_cycles_newest_first_and_open_ones():
    old = factories.ReviewCycleFactory(opens_on=date(2009, 1, 1), closes_on=date(2009, 3, 1))
    new = factories.ReviewCycleFactory(opens_on=date(2010, 1, 1), closes_on=date(2010, 3, 1))

    assert list(ReviewCycle.objects.newest_first()) == [new, old]
    assert set(ReviewCycle.objects.open()) == {old, new}


@pytest.fixture
def ratings(camden, islington, head) -> dict[str, Rating]:
    """One of each health check; Brent's is signed off."""
    cycle = factories.ReviewCycleFactory()
    boroughs = {"camden": camden, "islington": islington, "authority": None}
    boroughs["brent"] = factories.BoroughFactory()
    checks = {
        name: factories.HealthCheckFactory(cycle=cycle, borough=borough) for name, borough in boroughs.items()
    }
    rated = {name: factories.RatingFactory(health_check=check) for name, check in checks.items()}
    for step in WAYS[HealthCheck.State.SIGNED_OFF]:
        HealthCheck.objects.filter(pk=checks["brent"].pk).update(**dates_of(step, head, head))
    return rated


SEES = {
    "epo": {"camden", "brent"},
    "member": {"camden", "brent"},
    "other_epo": {"islington", "brent"},
    "reader": {"brent"},
    "lead": set(),
    "clerk": {"camden", "islington", "authority", "brent"},
    "head": {"camden", "islington", "authority", "brent"},
    "administrator": {"camden", "islington", "authority", "brent"},
}


@pytest.mark.parametrize("who", SEES)
def test_health_checks_and_ratings_are_visible_to_whoever_may_read_them(who, ratings, request):
    checks = {name: rating.health_check for name, rating in ratings.items()}
    user = request.getfixturevalue(who)

    seen = set(HealthCheck.objects.visible_to(user))
    answers = set(Rating.objects.visible_to(user))

    assert {name for name, check in checks.items() if check in seen} == SEES[who]
    assert {name for name, rating in ratings.items() if rating in answers} == SEES[who]
    marked = {check.pk: check.is_visible for check in HealthCheck.objects.with_visibility(user)}
    assert {name for name, check in checks.items() if marked[check.pk]} == SEES[who]


def test_assessed_leaves_out_what_nobody_answered():
    answered = factories.RatingFactory(value="green")
    factories.RatingFactory()

    assert list(Rating.objects.assessed()) == [answered]
