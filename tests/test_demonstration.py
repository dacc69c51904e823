"""The demonstration: deterministic, plainly invented, and as large as asked for."""

from collections import Counter

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from accounts.models import User
from assessments.models import Criterion, HealthCheck, Rating, ReviewCycle
from boroughs.models import Borough, BoroughLink
from recommendations.models import Action


@pytest.fixture
def demo(settings) -> None:
    settings.DEMO = True


def test_every_state_can_be_seen(db, demo):
    call_command("load_demo_data", without_papers=True)

    open_cycle = ReviewCycle.objects.open().get()
    states = Counter(open_cycle.health_checks.values_list("state", flat=True))
    load = Counter(BoroughLink.objects.of_kind("officer").values_list("person__name", flat=True))
    assert ReviewCycle.objects.count() == 3
    assert states == {"signed_off": 23, "draft": 5, "returned": 1, "submitted": 2, "moderated": 2}
    assert sorted(load.values()) == [6, 6, 6, 7, 7]
    assert Rating.objects.filter(health_check__borough__isnull=False).count() == 3 * 800
    assert Action.objects.filter(is_demonstration=True).exists()


def test_nobody_real_is_named(db, demo):
    call_command("load_demo_data", without_papers=True)

    names = list(User.objects.values_list("name", flat=True))
    assert all(name.startswith("Demo ") for name in names)


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "is_same"), [(7, True), (8, False)])
def test_the_seed_decides_the_ratings(db, demo, seed, is_same):
    """Two runs in one transaction, the first taken back."""
    first = values_of(7)

    second = values_of(seed)

    assert (second == first) is is_same


def values_of(seed: int) -> list[tuple[str, str]]:
    with transaction.atomic():
        call_command("load_demo_data", without_papers=True, cycles=1, seed=seed)
        values = list(Rating.objects.order_by("pk").values_list("value", "rationale"))
        transaction.set_rollback(True)
    return values


def test_scale_adds_plainly_named_partnerships_and_criteria(db, demo):
    call_command("load_demo_data", without_papers=True, boroughs=40, criteria=35, cycles=1)

    assert Borough.objects.filter(is_generated=True).count() == 8
    assert Criterion.objects.count() == 35
    assert HealthCheck.objects.count() == 41
    assert "Demonstration partnership 40" in Borough.objects.values_list("name", flat=True)


def test_it_is_made_in_a_demonstration_and_an_empty_portal_only(db, settings, clerk):
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("load_demo_data")

    settings.DEMO = True
    with pytest.raises(CommandError, match="empty portal"):
        call_command("load_demo_data")
