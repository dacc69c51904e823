"""What the tests of change sets begin with: a cycle, its ratings, and people who save at once."""

import threading
from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from assessments import actions
from assessments.actions import Answer, Given
from assessments.models import ChangeSet, Rating, ReviewCycle
from cdrp_portal.status import Status
from tests.assessments.grid import make_framework
from tests.quality.soak import size
from tests.threads import at_once

SETS = size(40, 200)

RACES, CONTROLS = 40, 12

BULK = ChangeSet.Kind.BULK

SHUT = {
    "submitted": "Camden has been submitted",
    "moderated": "Camden has been moderated",
    "signed_off": "Camden has been signed off",
    "closed": "is closed",
}


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


def bulk_url(cycle: ReviewCycle, query: str = "") -> str:
    return f"/assessments/{cycle.slug}/bulk/{query}"


def undo_all(change_set: ChangeSet, by) -> ChangeSet:
    return actions.undo_set(change_set=change_set, by=by)


def race(cycle: ReviewCycle, people, turns: int) -> tuple[int, int]:
    """A set of eight ratings and single saves of two of them, begun on one reading, `turns` times.

    How often a text was overwritten unseen, and how often nobody's was saved. A deadlock fails the test.
    """
    meet = threading.Barrier(3, timeout=60)
    pks = [rating.pk for rating in cells(cycle, "camden", "islington")]

    def reading() -> dict[int, Rating]:
        ratings = Rating.objects.select_related("health_check__cycle", "health_check__borough", "criterion")
        return {rating.pk: rating for rating in ratings.filter(pk__in=pks)}

    def of_set() -> list[bool]:
        saved = []
        for number in range(turns):
            now = reading()
            meet.wait()
            try:
                give(cycle, people[0], now.values(), "amber", f"Set {number}")
            except actions.SetRefused as refused:
                saved.append(not all(one.mine for one in refused.refusals))
            else:
                saved.append(True)
            meet.wait()
        return saved

    def of_one(who: int, pk: int) -> Callable[[], list[bool]]:
        def run() -> list[bool]:
            saved = []
            for number in range(turns):
                rating = reading()[pk]
                meet.wait()
                try:
                    save(rating, people[who], "red", f"One {number}")
                except actions.RatingConflict:
                    saved.append(False)
                else:
                    saved.append(True)
                meet.wait()
            return saved

        return run

    results = at_once(of_set, of_one(1, pks[0]), of_one(2, pks[-1]))
    assert all(isinstance(result, list) for result in results), results
    outcomes = list(zip(*results, strict=True))
    lost = sum(whole and (one or other) for whole, one, other in outcomes)
    return lost, sum(not any(turn) for turn in outcomes)


def bulk_data(ratings, value="amber", rationale="Half of it", **more) -> dict:
    return {
        "cells": " ".join(f"{one.pk}.{one.version}" for one in ratings),
        "value": value,
        "rationale": rationale,
    } | more
