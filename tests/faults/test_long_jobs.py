"""A job that is still at work when the broker thinks its message lost: one effect (QUALITY row 60)."""

import re
from collections import Counter

import pytest

from cdrp_portal.celery import app
from committees.jobs.dispatch import RUN_WAITING_JOB
from committees.jobs.requests import request_document
from committees.models import Job
from tests.factories import UserFactory
from tests.faults.kinds import effects
from tests.faults.sizes import LIMIT, SIZES
from tests.faults.stack import Stack
from tests.faults.tasks import UNCLAIMED, runs
from tests.faults.test_killed_workers import in_the_middle

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("faults")]

# As in service: only the message comes again, no lease runs out.
LEASE = 30
CONTROLS = ["Control 1", "Control 2"]
# Each message begins again with each timeout, and the copies of the controls stay until the gate opens.
SPARE = 6 * len(CONTROLS)


def copies(stack: Stack) -> int:
    """How many of the messages for jobs were given to the worker more than once."""
    received = re.findall(rf"Task {RUN_WAITING_JOB}\[(\S+)\] received", stack.log())
    return sum(times > 1 for times in Counter(received).values())


def test_jobs_longer_than_the_visibility_timeout_have_one_effect(stack):
    """The control: the same work without a claim, on the same worker, begins a second time."""
    people = [UserFactory(role="clerk") for _ in range(SIZES.long_jobs)]
    with stack.other_worker(
        processes=SIZES.long_jobs + SPARE, visibility=SIZES.visibility_seconds, lease=LEASE
    ):
        jobs = [
            request_document(kind="leaflet", parameters={"text": f"Slow leaflet for {person}."}, by=person)
            for person in people
        ]
        stack.wait_until(lambda: all(map(in_the_middle, jobs)), LIMIT)
        with app.connection_for_write() as broker:
            for control in CONTROLS:
                app.send_task(UNCLAIMED, [control], connection=broker)
        stack.wait_until(lambda: all(runs(control) > 1 for control in CONTROLS), LIMIT)
        stack.wait_until(lambda: copies(stack) >= len(jobs), LIMIT)
        delivered = copies(stack)
        stack.gate.touch()
        stack.wait_until(lambda: not Job.objects.unfinished().exists(), LIMIT)

    for job in jobs:
        job.refresh_from_db()
    wrong = [job for job in jobs if (job.state, job.attempts, effects(job)) != (Job.State.DONE, 1, 1)]
    print(f"messages for jobs that came again after {SIZES.visibility_seconds} s: {delivered}")
    print(f"jobs longer than the visibility timeout with more than one effect: {len(wrong)} / {len(jobs)}")
    print(f"the same without a claim: {sum(runs(control) > 1 for control in CONTROLS)} / {len(CONTROLS)}")
    assert wrong == []
