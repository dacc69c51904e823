"""Redis gone, silent, emptied: pages and saves go on, and what waits is done when it returns (row 54, 55)."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from boroughs.models import Visit
from committees.jobs import dispatch
from committees.jobs.requests import request_document
from committees.models import Document, Job
from tests import factories
from tests.faults.kinds import effects

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("faults")]

JOBS = 20


def asked(by, text: str) -> Job:
    return request_document(kind="leaflet", parameters={"text": text}, by=by)


def all_done(count: int) -> bool:
    return Job.objects.filter(state=Job.State.DONE).count() == count


def test_stopped_redis_fails_no_page_and_loses_no_job(stack, camden, clerk, member, signed_in):
    stack.wait_until(lambda: "ready" in stack.log(), 60)
    stack.redis.stop()
    client, failed, longest = signed_in(member), [], 0.0
    visit, today = reverse("boroughs:visit-create", args=["camden"]), timezone.localdate().isoformat()

    for place in range(JOBS):
        began = time.monotonic()
        asked(clerk, f"Blank leaflet {place}.")
        for address in ("/jobs/", reverse("borough-brief", args=["camden"]), "/help/"):
            response = client.get(address)
            failed += [f"{address}: {response.status_code}"] if response.status_code >= 400 else []
        saved = client.post(visit, {"visited_on": today, "note": f"Met {place} partners."})
        failed += [f"{visit}: {saved.status_code}"] if saved.status_code != 302 else []
        longest = max(longest, time.monotonic() - began)
    waiting = Job.objects.exclude(state=Job.State.DONE).count()
    stack.redis.start()
    returned = time.monotonic()
    stack.wait_until(lambda: all_done(JOBS + 1), 60)

    wrong = [job for job in Job.objects.filter(kind="leaflet") if effects(job) != 1]
    print(f"requests failed while Redis was stopped: {len(failed)} / {JOBS * 4}")
    print(f"longest round of one request for a document, three pages and a save: {longest:.2f} s")
    print(f"jobs not delivered exactly once on its return: {len(wrong)} / {JOBS}")
    print(f"all of them {time.monotonic() - returned:.1f} s of 60 after its return")
    assert failed == []
    assert Visit.objects.count() == JOBS
    assert waiting == JOBS + 1
    assert wrong == []


def test_emptied_redis_loses_no_job(stack, clerk):
    stack.wait_until(lambda: "ready" in stack.log(), 60)
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
