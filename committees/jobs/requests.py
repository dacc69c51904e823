"""What people do with jobs: ask for a document, cancel, try again."""

import time
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from committees import documents
from committees.jobs.dispatch import wake
from committees.models import Document, Job

LOOK_AGAIN_SECONDS = 0.1


class JobUnchanged(Exception):
    """The job has moved on meanwhile; the message says to where."""


@transaction.atomic
def request_document(*, kind: str, parameters: Mapping[str, Any], by: User) -> Job:
    """The job that makes the document, ready at once when nothing has changed since it was last made.

    Asked again for the same content, the same person gets the same job. Raises what the kind's gatherer
    raises: `documents.NotThere`, PermissionDenied, `documents.BadParameters`.
    """
    manuscript = documents.gather(kind, parameters, by=by)
    digest = documents.input_digest(manuscript)
    # One request of a person at a time: the second press of a double click finds the job of the first.
    User.objects.select_for_update(no_key=True).only("pk").get(pk=by.pk)
    known = (
        Job.objects.filter(requested_by=by, kind=kind, input_digest=digest)
        .filter(state__in=[Job.State.WAITING, Job.State.RUNNING, Job.State.DONE], cancel_requested=False)
        .first()
    )
    if known is not None:
        return known
    job = Job(
        kind=kind,
        parameters=dict(parameters),
        input_digest=digest,
        title=manuscript.title,
        requested_by=by,
    )
    if documents.KINDS[kind].then is None:
        job.document = Document.objects.defer("content").filter(kind=kind, input_digest=digest).first()
    if job.document is not None:
        job.state, job.percent, job.finished_at = Job.State.DONE, 100, timezone.now()
    job.save(force_insert=True)
    if job.state == Job.State.WAITING:
        wake()
    return job


@transaction.atomic
def cancel(*, job: Job, by: User) -> Job:
    """Cancel a waiting job at once; ask the worker of a running one to stop. Raises JobUnchanged."""
    job = _locked(job, by)
    if job.state == Job.State.WAITING:
        job.state, job.finished_at = Job.State.CANCELLED, timezone.now()
    elif job.state == Job.State.RUNNING:
        job.cancel_requested = True
    else:
        raise JobUnchanged(f"There is nothing to cancel: this job is {job.get_state_display().lower()}.")
    job.save(update_fields=["state", "finished_at", "cancel_requested"])
    return job


@transaction.atomic
def retry(*, job: Job, by: User) -> Job:
    """Put a failed or cancelled job back in the queue, with three attempts again. Raises JobUnchanged."""
    job = _locked(job, by)
    if job.state not in (Job.State.FAILED, Job.State.CANCELLED):
        raise JobUnchanged(f"There is nothing to try again: this job is {job.get_state_display().lower()}.")
    job.state, job.attempts, job.failure, job.cancel_requested = Job.State.WAITING, 0, "", False
    job.stage, job.percent, job.finished_at = "", 0, None
    job.save(
        update_fields=["state", "attempts", "failure", "cancel_requested", "stage", "percent", "finished_at"]
    )
    wake()
    return job


def wait_for(job: Job, *, seconds: float) -> Job:
    """The job as it stands once it has ended, or when that many seconds are over."""
    deadline = time.monotonic() + seconds
    while job.state in (Job.State.WAITING, Job.State.RUNNING) and time.monotonic() < deadline:
        time.sleep(LOOK_AGAIN_SECONDS)
        job = Job.objects.select_related("document", "requested_by").get(pk=job.pk)
    return job


def _locked(job: Job, by: User) -> Job:
    return Job.objects.visible_to(by).select_for_update().get(pk=job.pk)
