"""Redis gone, silent, emptied: pages and saves go on, and what waits is done when it returns (row 54, 55)."""

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from boroughs.models import Visit
from committees.jobs import dispatch
from committees.jobs.requests import request_document
from committees.models import Document, Job
from tests import factories
from tests.faults.kinds import effects
from tests.faults.sizes import LIMIT_AFTER_RETURN, SIZES

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("faults")]

JOBS = 20


def asked(by, text: str) -> Job:
    return request_document(kind="leaflet", parameters={"text": text}, by=by)


def all_done(count: int) -> bool:
    return Job.objects.filter(state=Job.State.DONE).count() == count


class Visitor:
    """Somebody who reads, saves and asks for documents for as long as Redis is away."""

    def __init__(self, name: str, client: Client, clerk: User, clerks: Client) -> None:
        self.name, self.client, self.clerk, self.clerks = name, client, clerk, clerks
        self.tried, self.saved, self.jobs = 0, 0, 0
        self.failed: list[str] = []
        self.longest = 0.0

    def stay(self, until: float, jobs: int) -> None:
        try:
            while self.jobs < jobs or time.monotonic() < until:
                began = time.monotonic()
                self.round(jobs)
                self.longest = max(self.longest, time.monotonic() - began)
        finally:
            connection.close()

    def round(self, jobs: int) -> None:
        if self.jobs < jobs:
            self.job = asked(self.clerk, f"Blank leaflet {self.name} {self.jobs}.")
            self.jobs += 1
        self.expect(self.clerks.get(f"/jobs/{self.job.pk}/"), 200)
        for address in ("/jobs/", "/help/"):
            self.expect(self.client.get(address), 200)
        # Not made before Redis has returned, so that the page says how far it is.
        self.expect(self.client.get(reverse("borough-brief", args=["camden"])), 202)
        today = timezone.localdate().isoformat()
        visit = reverse("boroughs:visit-create", args=["camden"])
        note = {"visited_on": today, "note": f"Met {self.name} and {self.saved} partners."}
        self.expect(self.client.post(visit, note), 302)
        self.saved += 1

    def expect(self, answer: HttpResponse, status: int) -> None:
        self.tried += 1
        if answer.status_code != status:
            self.failed.append(f"{answer.request['PATH_INFO']}: {answer.status_code}")


def guesses(client: Client) -> list[bool]:
    """Whether each of some wrong sign-ins from one place was told to wait."""
    wrong = {"login": f"{uuid4()}@demo.test", "password": "wrong"}
    answers = [client.post("/accounts/login/", wrong, REMOTE_ADDR="192.0.2.54") for _ in range(11)]
    return [answer.status_code == 429 or b"Too many" in answer.content for answer in answers]


def test_stopped_redis_fails_no_page_and_loses_no_job(stack, camden, clerk, member, signed_in, client):
    """Two visitors at once; and sign-ins are still counted, as their throttling asks the database."""
    stack.wait_until(stack.is_ready, 60)
    stack.redis.stop()
    stopped = time.monotonic()
    until = stopped + SIZES.seconds_without_redis
    visitors = [
        Visitor(name, signed_in(member), clerk, signed_in(clerk))
        for name in ("Demo Visitor A", "Demo Visitor B")
    ]
    with ThreadPoolExecutor(len(visitors)) as threads:
        each = SIZES.jobs_without_redis // len(visitors)
        list(threads.map(lambda visitor: visitor.stay(until, each), visitors))
    answers = guesses(client)
    away = time.monotonic() - stopped
    waiting = Job.objects.exclude(state=Job.State.DONE).count()
    stack.redis.start()
    returned = time.monotonic()
    stack.wait_until(lambda: not Job.objects.unfinished().exists(), LIMIT_AFTER_RETURN)

    leaflets = Job.objects.filter(kind="leaflet")
    wrong = [job for job in leaflets if (job.state, effects(job)) != (Job.State.DONE, 1)]
    failed = [failure for visitor in visitors for failure in visitor.failed]
    tried, jobs = sum(visitor.tried for visitor in visitors), sum(visitor.jobs for visitor in visitors)
    print(f"requests failed while Redis was stopped for {away:.0f} s: {len(failed)} / {tried}")
    print(f"guesses of a password until it says to wait: {answers.index(True)} of {len(answers)}")
    print(f"longest round of five requests: {max(visitor.longest for visitor in visitors):.2f} s")
    print(f"jobs not delivered exactly once on its return: {len(wrong)} / {jobs}")
    print(f"all of them {time.monotonic() - returned:.1f} s of {LIMIT_AFTER_RETURN} after its return")
    assert failed == []
    assert (answers[0], answers[-1]) == (False, True)
    assert Visit.objects.count() == sum(visitor.saved for visitor in visitors)
    assert waiting == jobs + 1
    assert leaflets.count() == jobs == SIZES.jobs_without_redis
    assert wrong == []


def test_emptied_redis_loses_no_job(stack, clerk):
    stack.wait_until(stack.is_ready, 60)
    for place in range(JOBS):
        asked(clerk, f"Blank leaflet {place}.")
        stack.redis.client.flushall()

    stack.wait_until(lambda: all_done(JOBS), 60)

    wrong = [job for job in Job.objects.all() if effects(job) != 1]
    print(f"jobs not run exactly once after FLUSHALL: {len(wrong)} / {JOBS}")
    assert wrong == []


@pytest.mark.django_db(transaction=True)
def test_silent_redis_holds_nobody_up_for_long(broker, kinds, clerk):
    """Connections are taken and nothing is answered, as across a broken network."""
    broker.freeze()
    try:
        began = time.monotonic()
        job = asked(clerk, "Leaflet.")
        taken = time.monotonic() - began
    finally:
        broker.freeze(thaw=True)

    print(f"a request while Redis is silent: {taken:.2f} s of 1")
    assert job.state == Job.State.WAITING
    assert taken <= 1


@pytest.mark.django_db(transaction=True)
def test_rolled_back_transactions_wake_nobody(broker, kinds, clerk):
    def ask_and_roll_back(place: int) -> None:
        with transaction.atomic():
            asked(clerk, f"Leaflet {place}.")
            transaction.set_rollback(True)

    for place in range(500):
        ask_and_roll_back(place)

    sent = broker.client.llen("celery")
    print(f"messages sent by transactions that were rolled back: {sent} / 500")
    assert sent == 0
    assert Job.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_rolled_back_transactions_would_wake_somebody_if_messages_did_not_wait(
    broker, kinds, clerk, monkeypatch
):
    """The control: with the wait for the commit switched off, the same count shows it."""
    monkeypatch.setattr(transaction, "on_commit", lambda call, **_: call())

    for place in range(5):
        with transaction.atomic():
            asked(clerk, f"Leaflet {place}.")
            transaction.set_rollback(True)

    assert broker.client.llen("celery") == 5


@pytest.mark.django_db(transaction=True)
def test_a_message_finds_its_committed_row(broker, kinds, clerk, monkeypatch):
    """When a message is sent, another connection already sees the job it is about."""
    seen = []
    real = dispatch._send

    def count_elsewhere() -> int:
        try:
            return Job.objects.count()
        finally:
            connection.close()

    def send(messages: int) -> bool:
        with ThreadPoolExecutor(1) as elsewhere:
            seen.append(elsewhere.submit(count_elsewhere).result())
        return real(messages)

    monkeypatch.setattr(dispatch, "_send", send)

    for place in range(50):
        factories.UserFactory()
        with transaction.atomic():
            asked(clerk, f"Leaflet {place}.")

    missing = [place for place, count in enumerate(seen, start=1) if count != place]
    print(f"messages sent before their row could be seen: {len(missing)} / {len(seen)}")
    assert (len(seen), missing) == (50, [])
    assert Document.objects.count() == 0
