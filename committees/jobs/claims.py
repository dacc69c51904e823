"""Who works on a job, for how long, and the ways in which it ends.

Leases are counted on the database's clock, so that machines whose clocks differ agree on them.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Now

from committees.jobs.dispatch import wake
from committees.models import Document, Job, JobQuerySet

log = logging.getLogger(__name__)

STOPPED_TOO_OFTEN = "The worker stopped three times while making this document. Nothing was lost."
# How far back it counts who has already been served, so that a pack of 32 holds up nobody else.
FAIRNESS_WINDOW = timedelta(minutes=5)
# More than one machine's worth of workers is never needed at once: each passes the word on.
WAKE_AT_MOST = 8


class ClaimLost(Exception):
    """The job is no longer this worker's: what it made is thrown away."""


class CancelAsked(Exception):
    """Whoever asked for the job has asked to cancel it."""


@dataclass(frozen=True)
class Claim:
    """A worker's hold on a job, until its lease runs out."""

    job_id: UUID
    token: UUID


def claim_next() -> Claim | None:
    """Claim the oldest job of whoever has been served least; None when nothing waits."""
    for person in _people_in_turn():
        claim = _claim_oldest_of(person)
        if claim is not None:
            return claim
    return None


def _people_in_turn() -> QuerySet[Job, int]:
    served = (
        Job.objects.filter(requested_by=OuterRef("requested_by"), attempts__gt=0)
        .filter(Q(state=Job.State.RUNNING) | Q(finished_at__gte=Now() - FAIRNESS_WINDOW))
        .order_by()
        .values("requested_by")
        .annotate(jobs=Count("pk"))
        .values("jobs")
    )
    return (
        Job.objects.claimable(Now())
        .order_by()
        .values("requested_by")
        .annotate(since=Min("requested_at"), served=Coalesce(Subquery(served), 0))
        .order_by("served", "since")
        .values_list("requested_by", flat=True)
    )


@transaction.atomic
def _claim_oldest_of(person: int) -> Claim | None:
    waiting = Job.objects.claimable(Now()).filter(requested_by=person).order_by("requested_at", "pk")
    job = _unless_taken(waiting).only("pk").first()
    if job is None:
        return None
    claim = Claim(job.pk, uuid4())
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.RUNNING,
        attempts=F("attempts") + 1,
        claim=claim.token,
        lease_until=_lease(),
        heartbeat_at=Now(),
        stage="",
        percent=0,
    )
    return claim


def _unless_taken(jobs: JobQuerySet) -> JobQuerySet:
    """The guard against two workers on one job: each sees only rows that no other is just claiming."""
    return jobs.select_for_update(skip_locked=True)


def _lease() -> Any:
    return Now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)


def renew(claim: Claim, *, stage: str, percent: int) -> None:
    """Say that the work goes on, and how far it is. Raises ClaimLost or CancelAsked when it must stop."""
    held = Job.objects.filter(pk=claim.job_id, claim=claim.token)
    renewed = held.filter(cancel_requested=False).update(
        stage=stage, percent=percent, lease_until=_lease(), heartbeat_at=Now()
    )
    if not renewed:
        raise CancelAsked if held.exists() else ClaimLost


def finish(claim: Claim, document: Document, *, after: Callable[[Document], None]) -> None:
    """Keep the document as the job's result; what comes `after` happens with it or not at all."""
    with _held(claim) as job:
        if job.cancel_requested:
            _end(job, Job.State.CANCELLED)
            return
        kept = _keep(document)
        after(kept)
        _end(job, Job.State.DONE, document=kept, percent=100)


def _keep(document: Document) -> Document:
    """The same document, made twice at once, is kept once."""
    if document.pk is not None:
        return document
    fields = {
        field.attname: getattr(document, field.attname)
        for field in Document._meta.concrete_fields
        if field.attname not in ("id", "kind", "input_digest", "made_at")
    }
    kept, _ = Document.objects.get_or_create(
        kind=document.kind, input_digest=document.input_digest, defaults=fields
    )
    return kept


def fail(claim: Claim, reason: str) -> None:
    """End the job with a reason for the person who asked; trying again would change nothing."""
    with _held(claim) as job:
        _end(job, Job.State.FAILED, failure=reason)


def drop(claim: Claim) -> None:
    """End the job because its cancelling was asked for."""
    with _held(claim) as job:
        _end(job, Job.State.CANCELLED)


def give_back(claim: Claim) -> None:
    """Let another worker try, unless three have."""
    with _held(claim) as job:
        _bring_back(job)


@contextmanager
def _held(claim: Claim) -> Iterator[Job]:
    """The job under a row lock, if it is still this claim's. Raises ClaimLost."""
    with transaction.atomic():
        job = Job.objects.select_for_update().filter(pk=claim.job_id, claim=claim.token).first()
        if job is None:
            raise ClaimLost
        yield job


def _bring_back(job: Job) -> None:
    if job.cancel_requested:
        _end(job, Job.State.CANCELLED)
    elif job.attempts >= Job.MAX_ATTEMPTS:
        log.error("Job %s (%s) is parked: its worker stopped %s times.", job.pk, job.kind, job.attempts)
        _end(job, Job.State.FAILED, failure=STOPPED_TOO_OFTEN)
    else:
        _release(job, state=Job.State.WAITING, stage="", percent=0)
        wake()


def _end(job: Job, state: str, **facts: Any) -> None:
    _release(job, state=state, finished_at=Now(), **facts)


def _release(job: Job, **facts: Any) -> None:
    Job.objects.filter(pk=job.pk).update(claim=None, lease_until=None, **facts)


def sweep() -> int:
    """Bring back the jobs whose lease has run out and wake workers for all that wait; how many came back."""
    with transaction.atomic():
        lapsed = list(Job.objects.lapsed(Now()).select_for_update(skip_locked=True))
        for job in lapsed:
            log.warning("The lease on job %s (%s) ran out in attempt %s.", job.pk, job.kind, job.attempts)
            _bring_back(job)
    waiting = Job.objects.claimable(Now()).count()
    if waiting:
        wake(min(waiting, WAKE_AT_MOST))
    return len(lapsed)


def pass_on() -> None:
    """Called when a worker has ended a job: one more is woken while any waits."""
    if Job.objects.claimable(Now()).exists():
        wake()
