"""Cycles and answers for the tests of a health check."""

from datetime import timedelta

from django.utils import timezone

from assessments import actions
from assessments.models import Rating, ReviewCycle


def open_cycle(head, framework, name="Autumn 2010", previous=None, since=30) -> ReviewCycle:
    today = timezone.localdate()
    return actions.open_cycle(
        framework=framework,
        name=name,
        opens_on=today - timedelta(days=since),
        closes_on=today + timedelta(days=30),
        previous=previous,
        by=head,
    )


def typed(**fields) -> dict:
    return {"value": "red", "rationale": "No seat", "next_step": "", "version": 0, **fields}


def save_url(check, code="A1") -> str:
    return f"{check.get_absolute_url()}{code}/"


def save(check, by, code="A1", value="green", rationale="Said so", version=0) -> Rating:
    return actions.save_rating(
        health_check=check,
        criterion_code=code,
        value=value,
        rationale=rationale,
        next_step="",
        version=version,
        by=by,
    )
