"""`kill -9` in the middle of a render: each job is finished exactly once (QUALITY rows 52 and 53)."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from committees.jobs.requests import cancel, request_document
from committees.models import Document, Job
from tests.factories import UserFactory
from tests.faults.kinds import effects
from tests.faults.stack import Stack, children_of

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("faults")]

KILLS = 10
LIMIT = 120


def asked(by, text: str) -> Job:
    return request_document(kind="leaflet", parameters={"text": text}, by=by)


def in_the_middle(job: Job) -> bool:
    job.refresh_from_db()
    return job.stage == "Sections and appendices composed" and job.state == Job.State.RUNNING


def has_ended(job: Job) -> bool:
    job.refresh_from_db()
    return job.state not in (Job.State.WAITING, Job.State.RUNNING)


def is_gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def outcome(job: Job) -> tuple[str, int, int, int]:
    """State, attempts, effects, files."""
    files = Document.objects.filter(input_digest=job.input_digest).count()
    return job.state, job.attempts, effects(job), files


FINISHED_ONCE = (Job.State.DONE, 2, 1, 1)


def interrupted_two_at_a_time(stack: Stack, kill: Callable[[], None]) -> list[tuple[str, int, int, int]]:
    """What came of jobs that were killed in the middle of their rendering, all within the limit."""
    people = UserFactory(role="clerk"), UserFactory(role="clerk")
    outcomes, longest = [], 0.0
    for place in range(KILLS // 2):
        stack.gate.unlink(missing_ok=True)
        jobs = [asked(person, f"Slow leaflet {place} for {person}.") for person in people]
        stack.wait_until(lambda jobs=jobs: all(map(in_the_middle, jobs)), LIMIT)
        kill()
        killed_at = time.monotonic()
        stack.gate.touch()
        stack.wait_until(lambda jobs=jobs: all(map(has_ended, jobs)), LIMIT)
        longest = max(longest, time.monotonic() - killed_at)
        outcomes += map(outcome, jobs)
    print(f"longest from the kill to the file: {longest:.1f} s of {LIMIT}")
    return outcomes


def test_killed_pool_processes_leave_their_jobs_to_be_finished_once(stack):
    """Two at a time: what is killed shares nothing with what goes on."""

    def kill() -> None:
        for pid in stack.rendering():
            os.kill(pid, signal.SIGKILL)

    outcomes = interrupted_two_at_a_time(stack, kill)

    wrong = [found for found in outcomes if found != FINISHED_ONCE]
    print(f"jobs not finished exactly once after kill -9 of the pool process: {len(wrong)} / {len(outcomes)}")
    assert (len(outcomes), wrong) == (KILLS, [])


def test_killed_workers_leave_their_jobs_to_be_finished_once(stack):
    def kill() -> None:
        stack.kill_worker()
        # As the supervisor of `make run` does.
        stack.start_worker()

    outcomes = interrupted_two_at_a_time(stack, kill)

    wrong = [found for found in outcomes if found != FINISHED_ONCE]
    print(f"jobs not finished exactly once after kill -9 of the worker: {len(wrong)} / {len(outcomes)}")
    assert (len(outcomes), wrong) == (KILLS, [])


def test_killed_renderer_or_main_process_alone_leaves_the_job_to_be_finished_once(stack, clerk):
    """A pool process whose main process is gone may finish what it holds: once, whoever does it."""
    outcomes = []
    for place in range(4):
        stack.gate.unlink(missing_ok=True)
        job = asked(clerk, f"Slow leaflet {place}.")
        stack.wait_until(lambda job=job: in_the_middle(job), LIMIT)
        if place == 3:
            os.kill(stack.worker.pid, signal.SIGKILL)
            stack.worker.wait()
            stack.start_worker()
        else:
            (pool,) = stack.rendering()
            os.kill(children_of(pool)[0], signal.SIGKILL)
        stack.gate.touch()
        stack.wait_until(lambda job=job: has_ended(job), LIMIT)
        outcomes.append(outcome(job))

    wrong = [found for found in outcomes if (found[0], *found[2:]) != (Job.State.DONE, 1, 1)]
    print(f"jobs not finished exactly once after kill -9 of renderer or main process: {len(wrong)} / 4")
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
