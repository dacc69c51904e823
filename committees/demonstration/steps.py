"""The steps of the demonstration's health checks, on invented days: carried on, handed in, closed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db.models import F

from accounts.models import User
from assessments.actions.carrying import carry_forward
from assessments.actions.cycles import take_snapshot
from assessments.models import ChangedRating, ChangeSet, CycleSnapshot, HealthCheck, Rating, ReviewCycle
from cdrp_portal.history import acting
from committees.demonstration.dating import happened, moment, told_at

State = HealthCheck.State

# Health checks of the open cycle that are not signed off: slug -> answered of 25; None: submitted.
IN_PROGRESS: dict[str, int | None] = {
    "havering": 0,
    "hackney": 9,
    "southwark": 11,
    "kingston-upon-thames": 14,
    "bromley": 18,
    "camden": 23,
    "newham": None,
    "barnet": None,
    "islington": None,
    "sutton": None,
}
RETURNED = "bromley"

# In days from the opening: the first of them, and over how many days the others follow.
SUBMITTED_FROM, SUBMITTED_OVER = 62, 10
SIGNED_OFF_FROM, SIGNED_OFF_OVER = 73, 6
SUBMITTED_NOW, SIGNED_OFF_NOW_FROM, SIGNED_OFF_NOW_OVER = 56, 57, 3


def carry_on(check: HealthCheck, *, at: datetime, by: User) -> None:
    """Carry last cycle's answers forward, as if at that moment."""
    with happened(at, Rating, ChangeSet, ChangedRating):
        change_set = carry_forward(cycle=check.cycle, health_check=check, by=by)
        told_at(change_set, "made_at", at)


def hand_in(checks: Iterable[HealthCheck], officers: Mapping[int | None, User], head: User) -> None:
    """Submit and sign off the health checks of an earlier cycle, a few a day."""
    ready = list(checks)
    for place, check in enumerate(ready):
        opened = check.cycle.opens_on
        submitted_on = opened + timedelta(days=SUBMITTED_FROM + place % SUBMITTED_OVER)
        signed_off_on = opened + timedelta(days=SIGNED_OFF_FROM + place % SIGNED_OFF_OVER)
        _date(check, moment(submitted_on, *_clock(place)), moment(signed_off_on, *_clock(place + 3)))
    _submit(ready, officers, head)
    _sign_off(ready, head)


def hand_in_now(cycle: ReviewCycle, officers: Mapping[int | None, User], head: User) -> None:
    """The same in the open cycle, for those that are ready."""
    unfinished = [slug for slug, answered in IN_PROGRESS.items() if answered is not None]
    found = cycle.health_checks.exclude(borough__slug__in=unfinished).select_related("borough", "cycle")
    ready = list(found.order_by("pk"))
    for place, check in enumerate(ready):
        submitted_on = cycle.opens_on + timedelta(days=SUBMITTED_NOW)
        signed_off_on = cycle.opens_on + timedelta(days=SIGNED_OFF_NOW_FROM + place % SIGNED_OFF_NOW_OVER)
        _date(check, moment(submitted_on, *_clock(place)), moment(signed_off_on, *_clock(place + 3)))
    _submit(ready, officers, head)
    _sign_off([check for check in ready if check.subject_slug not in IN_PROGRESS], head)


def _clock(place: int) -> tuple[int, int]:
    return 10 + place % 6, place * 7 % 60


def _date(check: HealthCheck, submitted_at: datetime, signed_off_at: datetime) -> None:
    check.submitted_at = submitted_at
    check.moderated_at = check.signed_off_at = signed_off_at


def _submit(checks: list[HealthCheck], officers: Mapping[int | None, User], head: User) -> None:
    of_officer: dict[User, list[HealthCheck]] = defaultdict(list)
    for check in checks:
        check.state, check.submitted_by = State.SUBMITTED, officers.get(check.borough_id, head)
        of_officer[check.submitted_by].append(check)
    with happened(F("submitted_at"), HealthCheck):
        for officer, submitted in of_officer.items():
            with acting(officer):
                HealthCheck.objects.bulk_update(
                    submitted, ["state", "submitted_at", "submitted_by"], batch_size=100
                )


def _sign_off(checks: list[HealthCheck], head: User) -> None:
    for check in checks:
        check.state = State.SIGNED_OFF
        check.moderated_by = check.signed_off_by = head
    fields = ["state", "moderated_at", "moderated_by", "signed_off_at", "signed_off_by"]
    with happened(F("signed_off_at"), HealthCheck), acting(head):
        HealthCheck.objects.bulk_update(checks, fields, batch_size=100)


def close(cycle: ReviewCycle, head: User) -> None:
    cycle.closed_at, cycle.closed_by = moment(cycle.closes_on), head
    with happened(cycle.closed_at, ReviewCycle, CycleSnapshot), acting(head):
        cycle.save()
        take_snapshot(cycle)
