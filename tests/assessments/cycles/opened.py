"""Cycles as the tests of managing them find them, and what their forms send."""

from datetime import timedelta

from django.utils import timezone

from assessments import actions
from assessments.actions import cycles
from assessments.models import Rating, ReviewCycle

TODAY = timezone.localdate


def opened(head, framework, name, *, since=10, left=50, **more) -> ReviewCycle:
    return cycles.open_cycle(
        framework=framework,
        name=name,
        opens_on=TODAY() - timedelta(days=since),
        closes_on=TODAY() + timedelta(days=left),
        by=head,
        **{"previous": None, **more},
    )


def save(check, by, code, value="green", rationale="Said", next_step="", version=0) -> Rating:
    return actions.save_rating(
        health_check=check,
        criterion_code=code,
        value=value,
        rationale=rationale,
        next_step=next_step,
        version=version,
        by=by,
    )


def sent(**more) -> dict[str, str]:
    today = TODAY()
    return {
        "name": "Spring 2011",
        "opens_on": today.isoformat(),
        "submit_by": (today + timedelta(days=30)).isoformat(),
        "moderate_by": (today + timedelta(days=40)).isoformat(),
        "closes_on": (today + timedelta(days=60)).isoformat(),
        **{name: str(value) for name, value in more.items()},
    }


def days(cycle, **more) -> dict[str, str]:
    """What the page of its days sends: as they were, and as they are to be."""
    was = cycles.Days.of(cycle)
    names = ("opens_on", "submit_by", "moderate_by", "closes_on")
    seen = {f"seen-{name}": day.isoformat() if (day := getattr(was, name)) else "" for name in names}
    now = {name: day.isoformat() if (day := getattr(was, name)) else "" for name in names}
    return {**seen, **now, **more}
