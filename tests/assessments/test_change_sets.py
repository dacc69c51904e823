"""Several ratings changed as one set: all or none, undone exactly, and nothing lost beside a single save."""

import random
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from accounts.permissions import Role
from assessments import actions
from assessments.actions import Answer, Given
from assessments.models import ChangedRating, ChangeSet, HealthCheck, Rating, ReviewCycle
from cdrp_portal.history import changes_of
from cdrp_portal.status import Status
from tests import factories
from tests.assessments.grid import make_framework

SETS = 200
RACES = 60
BULK = ChangeSet.Kind.BULK


def open_cycle(head, criteria: int = 4) -> ReviewCycle:
    today = timezone.localdate()
    return actions.open_cycle(
        framework=make_framework(criteria),
        name="Autumn 2010",
        opens_on=today,
        closes_on=today + timedelta(days=60),
        previous=None,
        by=head,
    )


@pytest.fixture
def cycle(head, camden, islington) -> ReviewCycle:
    return open_cycle(head)


def cells(cycle: ReviewCycle, *subjects: str) -> list[Rating]:
    ratings = Rating.objects.filter(health_check__cycle=cycle, health_check__borough__slug__in=subjects)
    return list(ratings.order_by("health_check__borough__slug", "criterion__position"))


def give(cycle, by, ratings, value="red", rationale="Not heard of", **options) -> ChangeSet:
    answer = Answer(Status(value), rationale, "")
    given = [Given(rating.pk, rating.version, answer) for rating in ratings]
    return actions.save_set(cycle=cycle, kind=BULK, title="A set", given=given, by=by, **options)


def save(rating: Rating, by, value="green", rationale="Said so", version: int | None = None) -> Rating:
    return actions.save_rating(
        health_check=rating.health_check,
        criterion_code=rating.criterion.code,
        value=value,
        rationale=rationale,
        next_step="",
        version=rating.version if version is None else version,
        by=by,
    )


def stands() -> dict[int, tuple]:
    """What people see of each rating, whoever gave it and however often it was written."""
    kept = (
        "value",
        "rationale",
        "next_step",
        "is_carried",
        "officer_value",
        "moderation_reason",
        "flag_note",
    )
    return {pk: rest for pk, *rest in Rating.objects.values_list("pk", *kept)}


@pytest.mark.django_db
def test_a_set_gives_every_answer_and_says_what_stood_before(cycle, epo):
    first, *others = cells(cycle, "camden")
    save(first, epo, "green", "Agreed")
    first.refresh_from_db()

    change_set = give(cycle, epo, [first, *others])

    assert set(
        Rating.objects.filter(health_check__borough__slug="camden").values_list("value", "version")
    ) == {
        ("red", 2),
        ("red", 1),
    }
    change = change_set.changes.get(rating=first)
    assert (change.before["value"], change.before["rationale"]) == ("green", "Agreed")
    assert (change.after["value"], change.after["rationale"], change.version) == ("red", "Not heard of", 2)
    assert changes_of(first, fields=["value"])[0].who == "Demo Officer A"
    assert (change_set.made_by, change_set.kind, change_set.changes.count()) == (epo, BULK, 4)


@pytest.mark.django_db
def test_a_set_takes_as_many_questions_for_two_as_for_eight(cycle, head, django_assert_num_queries):
    camden, islington = cells(cycle, "camden"), cells(cycle, "islington")

    with django_assert_num_queries(8):
        give(cycle, head, camden[:2])
    with django_assert_num_queries(8):
        give(cycle, head, camden[2:] + islington)
