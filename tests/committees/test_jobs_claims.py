"""Claims, leases, heartbeats and the sweep, on rows of their own without any printing."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from committees.jobs import claims
from committees.jobs.claims import CancelAsked, Claim, ClaimLost
from committees.models import Document, Job
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def a_job(by, **facts) -> Job:
    job = Job.objects.create(**{"kind": "leaflet", "title": "A leaflet", "requested_by": by, **facts})
    if minutes := facts.pop("age_in_minutes", 0):
        Job.objects.filter(pk=job.pk).update(requested_at=timezone.now() - timedelta(minutes=minutes))
    return job


def aged(job: Job, minutes: float) -> Job:
    Job.objects.filter(pk=job.pk).update(requested_at=timezone.now() - timedelta(minutes=minutes))
    return job


def lapsed(claim: Claim) -> None:
    Job.objects.filter(pk=claim.job_id).update(lease_until=timezone.now() - timedelta(seconds=1))


def a_document(**facts) -> Document:
    return Document(
        **{
            "kind": "leaflet",
            "input_digest": "d" * 64,
            "filename": "leaflet.pdf",
            "content": b"%PDF",
            "sha256": "s" * 64,
            "page_count": 1,
            **facts,
        }
    )


def nothing_follows(_: Document) -> None:
    return


def test_claim_takes_the_oldest_job_and_counts_the_attempt_first(clerk):
    aged(a_job(clerk), 1)
    oldest = aged(a_job(clerk), 2)

    claim = claims.claim_next()

    oldest.refresh_from_db()
    assert claim == Claim(oldest.pk, oldest.claim)
    assert (oldest.state, oldest.attempts) == (Job.State.RUNNING, 1)
    assert oldest.lease_until > timezone.now()


def test_claim_finds_nothing_where_no_job_waits(clerk):
    a_job(clerk, state=Job.State.CANCELLED)
    a_job(clerk, state=Job.State.FAILED, failure="Too long.")

    assert claims.claim_next() is None


def test_claim_goes_round_between_people(clerk, head):
    pack = [aged(a_job(clerk), 60 - place) for place in range(32)]
    alone = aged(a_job(head), 1)

    order = []
    for place in range(3):
        claim = claims.claim_next()
        order.append(claim.job_id)
        claims.finish(claim, a_document(input_digest=f"{place:064d}"), after=nothing_follows)

    assert order == [pack[0].pk, alone.pk, pack[1].pk]


def test_claim_lets_nobody_in_on_a_running_job(clerk):
    a_job(clerk)
    claims.claim_next()

    assert claims.claim_next() is None


def test_claim_takes_over_a_lapsed_job_and_the_first_worker_finishes_nothing(clerk):
    job = a_job(clerk)
    first = claims.claim_next()
    lapsed(first)

    second = claims.claim_next()

    assert second.job_id == job.pk
    assert second.token != first.token
    for ending in (
        lambda: claims.renew(first, stage="Pages laid out", percent=85),
        lambda: claims.finish(first, a_document(), after=nothing_follows),
        lambda: claims.fail(first, "Too long."),
        lambda: claims.drop(first),
        lambda: claims.give_back(first),
    ):
        with pytest.raises(ClaimLost):
            ending()
    assert Document.objects.count() == 0
    claims.finish(second, a_document(), after=nothing_follows)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.percent, job.claim) == (Job.State.DONE, 2, 100, None)


def test_renew_prolongs_the_lease_and_tells_stage_and_percent(clerk):
    job = a_job(clerk)
    claim = claims.claim_next()
    lapsed(claim)

    claims.renew(claim, stage="Pages laid out", percent=85)

    job.refresh_from_db()
    assert job.lease_until > timezone.now()
    assert (job.stage, job.percent) == ("Pages laid out", 85)


def test_renew_stops_the_worker_of_a_job_that_is_to_be_cancelled(clerk):
    job = a_job(clerk)
    claim = claims.claim_next()
    Job.objects.filter(pk=job.pk).update(cancel_requested=True)

    with pytest.raises(CancelAsked):
        claims.renew(claim, stage="", percent=0)

    claims.drop(claim)
    job.refresh_from_db()
    assert (job.state, job.claim, job.lease_until) == (Job.State.CANCELLED, None, None)


def test_finish_of_a_job_that_is_to_be_cancelled_keeps_and_follows_nothing(clerk):
    job = a_job(clerk)
    claim = claims.claim_next()
    Job.objects.filter(pk=job.pk).update(cancel_requested=True)
    followed = []

    claims.finish(claim, a_document(), after=followed.append)

    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
    assert (Document.objects.count(), followed) == (0, [])


def test_finish_keeps_the_same_document_once(clerk, head):
    for person in (clerk, head):
        a_job(person)
    kept = []

    for _ in range(2):
        claims.finish(claims.claim_next(), a_document(), after=kept.append)

    assert Document.objects.count() == 1
    assert kept[0] == kept[1]
    assert {job.document for job in Job.objects.all()} == {kept[0]}


def test_finish_keeps_nothing_where_what_follows_fails(clerk):
    job = a_job(clerk)
    claim = claims.claim_next()

    def refuse(_: Document) -> None:
        raise ValueError("The paper was changed.")

    with pytest.raises(ValueError, match="changed"):
        claims.finish(claim, a_document(), after=refuse)

    job.refresh_from_db()
    assert (job.state, job.document) == (Job.State.RUNNING, None)
    assert Document.objects.count() == 0


def test_sweep_brings_back_lapsed_jobs_and_fails_readably_after_three(clerk):
    job = a_job(clerk)
    states = []

    for _ in range(3):
        lapsed(claims.claim_next())
        assert claims.sweep() == 1
        job.refresh_from_db()
        states.append(job.state)

    assert states == [Job.State.WAITING, Job.State.WAITING, Job.State.FAILED]
    assert job.failure == claims.STOPPED_TOO_OFTEN
    assert "Nothing was lost." in job.failure
    assert claims.claim_next() is None


def test_sweep_leaves_jobs_alone_whose_lease_runs(clerk):
    a_job(clerk)
    claims.claim_next()

    assert claims.sweep() == 0


def test_sweep_cancels_a_lapsed_job_that_was_to_be_cancelled(clerk):
    job = a_job(clerk)
    lapsed(claims.claim_next())
    Job.objects.filter(pk=job.pk).update(cancel_requested=True)

    claims.sweep()

    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED


def test_sweep_wakes_as_many_workers_as_jobs_wait_up_to_eight(clerk, sent):
    for _ in range(3):
        a_job(clerk)

    with sent() as messages:
        claims.sweep()
        for _ in range(20):
            a_job(clerk)
        claims.sweep()

    assert messages == [3, 8]


def test_pass_on_wakes_one_while_any_waits(clerk, sent):
    with sent() as messages:
        claims.pass_on()
        a_job(clerk)
        claims.pass_on()

    assert messages == [1]


def test_claims_ask_the_same_number_of_questions_for_one_person_and_three(django_assert_num_queries):
    for people in (1, 3):
        for _ in range(people):
            a_job(UserFactory())
        with django_assert_num_queries(5):  # savepoint, people, row, claim, release
            claims.claim_next()
        Job.objects.all().delete()


def test_ending_needs_the_token_and_not_the_job_alone(clerk):
    job = a_job(clerk)
    claims.claim_next()

    with pytest.raises(ClaimLost):
        claims.fail(Claim(job.pk, uuid4()), "Too long.")
