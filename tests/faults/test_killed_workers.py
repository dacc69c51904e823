"""`kill -9` at every point of a job's life: each job is finished exactly once (QUALITY rows 52 and 53)."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from committees.jobs.requests import cancel, request_document
from committees.models import Document, Job
from tests.factories import UserFactory
from tests.faults.kinds import MIDDLE, effects, effects_on_record
from tests.faults.points import POINTS, SWEPT, Struck
from tests.faults.sizes import LIMIT, SIZES
from tests.faults.stack import PROCESSES, Stack, children_of

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("faults")]

IN_THE_SUITE = {
    Struck.ALL: (
        "after the claim is committed",
        "in the middle of the render",
        "after the end is committed",
    ),
    Struck.ALONE: (
        "the main process has taken the message",
        "before the claim is committed",
        "in the middle of the render",
        "the file is made, not sent",
        "after the file is kept",
        "the sweep has locked a lapsed job",
    ),
}


def asked(by, text: str) -> Job:
    return request_document(kind="leaflet", parameters={"text": text}, by=by)


def in_the_middle(job: Job) -> bool:
    job.refresh_from_db()
    return job.stage == MIDDLE and job.state == Job.State.RUNNING


def has_ended(job: Job) -> bool:
    job.refresh_from_db()
    return job.state not in (Job.State.WAITING, Job.State.RUNNING)


def is_gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def outcome(job: Job) -> tuple[str, int, int, int]:
    """State, effects, effects on record, files."""
    files = Document.objects.filter(input_digest=job.input_digest).count()
    return job.state, effects(job), effects_on_record(job), files


FINISHED_ONCE = (Job.State.DONE, 1, 1, 1)


def test_killed_pool_processes_leave_their_jobs_to_be_finished_once(stack):
    """Five at a time: what is killed shares nothing with what goes on."""
    people = [UserFactory(role="clerk") for _ in range(PROCESSES)]
    outcomes, longest = [], 0.0
    for place in range(SIZES.kills // PROCESSES):
        stack.gate.unlink(missing_ok=True)
        jobs = [asked(person, f"Slow leaflet {place} for {person}.") for person in people]
        stack.wait_until(lambda jobs=jobs: all(map(in_the_middle, jobs)), LIMIT)
        for pid in stack.rendering():
            os.kill(pid, signal.SIGKILL)
        killed_at = time.monotonic()
        stack.gate.touch()
        stack.wait_until(lambda jobs=jobs: all(map(has_ended, jobs)), LIMIT)
        longest = max(longest, time.monotonic() - killed_at)
        outcomes += [(outcome(job), job.attempts) for job in jobs]

    wrong = [found for found in outcomes if found != (FINISHED_ONCE, 2)]
    print(f"longest from kill -9 of the pool process to the file: {longest:.1f} s of {LIMIT}")
    print(f"jobs not finished exactly once after kill -9 of the pool process: {len(wrong)} / {len(outcomes)}")
    assert (len(outcomes), wrong) == (SIZES.kills, [])


def struck_at(stack: Stack, point: str, struck: Struck, passer: Callable[[], Job]) -> list[Job]:
    """The jobs that were asked for until somebody was killed at the point.

    A sweep brings a lapsed job back unless a worker that is woken at that moment claims it before, so that
    one job may not be enough.
    """
    armed = stack.arm(point, struck)
    jobs = []
    while armed.exists():
        if point in SWEPT:
            stack.arm("the lease is renewed", Struck.ALONE)
        jobs.append(passer())
        stack.wait_until(lambda: not armed.exists() or has_ended(jobs[-1]), LIMIT)
    return jobs


@pytest.mark.parametrize("struck", Struck, ids=lambda struck: struck.name.lower())
def test_killed_at_a_named_point_leaves_every_job_to_be_finished_once(stack, clerk, struck):
    """One job comes to the point, while another is in the middle of its rendering.

    A pool process whose main process is gone may finish what it holds: once, whoever does it.
    """
    person, wrong, longest = UserFactory(role="clerk"), [], (0.0, "")
    points = POINTS if SIZES.soak else IN_THE_SUITE[struck]
    for point in points:
        stack.gate.unlink(missing_ok=True)
        held = asked(person, f"Slow leaflet beside {point}.")
        stack.wait_until(lambda job=held: in_the_middle(job), LIMIT)
        passers = struck_at(stack, point, struck, lambda point=point: asked(clerk, f"Blank {uuid4()}."))
        struck_at_moment = time.monotonic()
        stack.gate.touch()
        jobs = [held, *passers]
        stack.wait_until(lambda jobs=jobs: all(map(has_ended, jobs)), LIMIT)
        longest = max(longest, (time.monotonic() - struck_at_moment, point))
        wrong += [(point, outcome(job)) for job in jobs if outcome(job) != FINISHED_ONCE]

    print(f"longest from kill -9 of {struck.value}: {longest[0]:.1f} s of {LIMIT}, {longest[1]}")
    print(f"named points with a job not finished exactly once: {len(dict(wrong))} / {len(points)}")
    assert wrong == []


def test_killed_or_cancelled_work_leaves_no_renderer_behind(stack, clerk):
    killed = asked(clerk, "Slow leaflet to be killed.")
    stack.wait_until(lambda: in_the_middle(killed), LIMIT)
    (pool,) = stack.rendering()
    (renderer,) = children_of(pool)
    os.kill(pool, signal.SIGKILL)
    stack.wait_until(lambda: is_gone(renderer), 5)

    stack.wait_until(lambda: in_the_middle(killed) and stack.rendering(), LIMIT)
    (pool,) = stack.rendering()
    (renderer,) = children_of(pool)
    began = time.monotonic()
    cancel(job=killed, by=clerk)
    stack.wait_until(lambda: has_ended(killed), 10)

    print(f"from Cancel to the end of the work: {time.monotonic() - began:.1f} s")
    assert killed.state == Job.State.CANCELLED
    stack.wait_until(lambda: is_gone(renderer), 5)
    assert Document.objects.count() == 0
