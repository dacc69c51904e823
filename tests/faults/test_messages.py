"""One effect each, however often a message comes (row 58); and jobs that cannot be done (row 59)."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BrokenBarrierError, Lock

import pytest
from django.db import connection

from cdrp_portal.celery import app
from committees import tasks
from committees.jobs import claims, dispatch, runner
from committees.jobs.requests import request_document
from committees.models import Document, Job
from committees.rendering import RenderedDocument
from tests.factories import UserFactory
from tests.faults.kinds import effects

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("faults")]

JOBS, TIMES = 100, 5


class CountingPress:
    """Prints nothing and counts what it was given: how often the work was done, not only kept."""

    def __init__(self) -> None:
        self.printed: Counter[str] = Counter()
        self.lock = Lock()

    def __call__(self, content, **_) -> RenderedDocument:
        with self.lock:
            self.printed[content["sentence"]] += 1
        return RenderedDocument(b"%PDF", "s" * 64, 1)


def deliver(message: int) -> None:
    try:
        tasks.run_waiting_job()
    finally:
        connection.close()


@pytest.fixture
def press(monkeypatch):
    counting = CountingPress()
    monkeypatch.setattr(runner, "render_in_child", counting)
    return counting


@pytest.fixture
def quiet(monkeypatch):
    """The messages of this test are delivered by hand."""
    monkeypatch.setattr(dispatch, "_send", lambda messages: True)


def wanted(count: int) -> list[Job]:
    people = [UserFactory(role="clerk") for _ in range(4)]
    return [
        request_document(kind="leaflet", parameters={"text": f"Leaflet {place}."}, by=people[place % 4])
        for place in range(count)
    ]


@pytest.mark.django_db(transaction=True)
def test_each_message_delivered_five_times_at_once_has_one_effect(kinds, press, quiet):
    jobs = wanted(JOBS)

    with ThreadPoolExecutor(TIMES) as workers:
        list(workers.map(deliver, range(JOBS * TIMES)))

    wrong = [job for job in jobs if effects(job) != 1 or press.printed[job.parameters["text"]] != 1]
    print(f"jobs without exactly one effect from five deliveries: {len(wrong)} / {JOBS}")
    assert wrong == []
    assert Job.objects.filter(state=Job.State.DONE, attempts=1).count() == JOBS


@pytest.mark.django_db(transaction=True)
def test_each_message_would_have_more_effects_without_the_guard(kinds, press, quiet, monkeypatch):
    """The control: five workers that all look before any has claimed, and no lock between them."""
    together = Barrier(TIMES)

    def unguarded(jobs):
        found = list(jobs[:1])
        try:
            together.wait(timeout=2)
        except BrokenBarrierError:
            together.reset()
        return Job.objects.filter(pk__in=[job.pk for job in found])

    monkeypatch.setattr(claims, "_unless_taken", unguarded)
    wanted(1)

    with ThreadPoolExecutor(TIMES) as workers:
        list(workers.map(deliver, range(TIMES)))

    assert press.printed["Leaflet 0."] > 1


def send_nonsense() -> None:
    """A body that is no JSON, and a task that nobody knows."""
    with app.connection_for_write() as broker:
        producer = broker.Producer(routing_key="celery")
        about = {"task": dispatch.RUN_WAITING_JOB, "id": "nonsense"}
        producer.publish(
            b"{no json", content_type="application/json", content_encoding="utf-8", headers=about
        )
        app.send_task("committees.tasks.unheard_of", connection=broker)


def test_poisoned_jobs_are_parked_and_all_others_done(stack, clerk):
    good = [
        request_document(kind="leaflet", parameters={"text": f"Blank leaflet {place}."}, by=clerk)
        for place in range(50)
    ]
    poison = {
        "the pool process kills itself": ("suicidal", {}),
        "the renderer is killed": ("leaflet", {"text": "Killed leaflet."}),
        "recursion while gathering": ("bottomless", {}),
        "recursion while rendering": ("leaflet", {"text": "Deep leaflet."}),
        "out of memory": ("leaflet", {"text": "Hungry leaflet."}),
        "parameters that are no object": ("leaflet", ["Leaflet"]),
        "parameters without their subject": ("committee-paper", {}),
        "an unknown kind": ("poster", {}),
    }
    person = UserFactory(role="clerk")
    bad = {
        name: Job.objects.create(kind=kind, parameters=parameters, title=name, requested_by=person)
        for name, (kind, parameters) in poison.items()
    }
    send_nonsense()
    began = time.monotonic()
    dispatch.wake(len(bad))

    stack.wait_until(lambda: not Job.objects.unfinished().exists(), 240)

    undone = [job for job in good if effects(job) != 1]
    print(f"good jobs not done beside poisoned ones: {len(undone)} / {len(good)}")
    print(f"all parked or done after {time.monotonic() - began:.0f} s")
    for name, job in bad.items():
        job.refresh_from_db()
        print(f"  {name}: {job.state} after {job.attempts}, “{job.failure}”")
    assert undone == []
    assert {job.state for job in bad.values()} == {Job.State.FAILED}
    assert [name for name, job in bad.items() if job.attempts == Job.MAX_ATTEMPTS] == [
        "the pool process kills itself",
        "the renderer is killed",
    ]
    assert Document.objects.count() == len(good)
    assert "is parked" in stack.log()
