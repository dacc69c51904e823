"""One job from claim to end."""

import logging
import time

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError

from committees import documents
from committees.content.manuscript import Manuscript
from committees.jobs import claims
from committees.jobs.claims import CancelAsked, Claim, ClaimLost
from committees.models import Document, Job
from committees.rendering.child import render_in_child
from committees.rendering.errors import DocumentRefused, RenderCancelled, RenderCrashed, RenderFailed

log = logging.getLogger(__name__)

NO_LONGER_ALLOWED = "You may no longer have this document: your rights have changed since you asked for it."
FAULT = "The portal could not make this document because of a fault of its own. Nothing was lost."


class Pulse:
    """Tells the job's row how far the work is: at each stage, and often enough to keep the lease."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.stage = ""
        self.percent = 0
        self.due = time.monotonic()

    def progress(self, stage: str, percent: int) -> None:
        # The last hundredth is the keeping of the file.
        self.stage, self.percent = stage, min(percent, 99)
        self._beat()

    def heartbeat(self) -> None:
        if time.monotonic() >= self.due:
            self._beat()

    def _beat(self) -> None:
        claims.renew(self.claim, stage=self.stage, percent=self.percent)
        self.due = time.monotonic() + settings.JOB_HEARTBEAT_SECONDS


def run_next() -> bool:
    """Claim a job and bring it to an end; False when none waits."""
    claim = claims.claim_next()
    if claim is None:
        return False
    try:
        _run(claim)
    except ClaimLost:
        log.warning("Job %s is another worker's or has ended: what was made is thrown away.", claim.job_id)
    return True


def _run(claim: Claim) -> None:
    job = Job.objects.select_related("requested_by").get(pk=claim.job_id)
    try:
        _make(job, claim)
    except (CancelAsked, RenderCancelled):
        claims.drop(claim)
    except PermissionDenied:
        claims.fail(claim, NO_LONGER_ALLOWED)
    except RenderCrashed:
        # Killed from outside, perhaps with its machine: worth another try.
        claims.give_back(claim)
    except (*documents.REFUSALS, DocumentRefused, RenderFailed) as reason:
        claims.fail(claim, str(reason))
    except (ClaimLost, DatabaseError):
        # Without its database a worker can say nothing: the lease runs out and the sweep brings it back.
        raise
    except Exception:
        log.exception("Job %s (%s) failed by a fault of the portal.", job.pk, job.kind)
        claims.fail(claim, FAULT)


def _make(job: Job, claim: Claim) -> None:
    """The document as its content stands now, made anew only where it was never made before."""
    manuscript = documents.gather(job.kind, job.parameters, by=job.requested_by)
    digest = documents.input_digest(manuscript)
    document = Document.objects.filter(kind=job.kind, input_digest=digest).first()
    if document is None:
        document = _printed(job, manuscript, digest, Pulse(claim))
    claims.finish(claim, document, after=lambda kept: documents.follow(job, manuscript, kept))


def _printed(job: Job, manuscript: Manuscript, digest: str, pulse: Pulse) -> Document:
    rendered = render_in_child(
        manuscript.content,
        edition=manuscript.edition,
        draft=manuscript.draft,
        version=manuscript.template_version,
        on_progress=pulse.progress,
        heartbeat=pulse.heartbeat,
    )
    return Document(
        kind=job.kind,
        input_digest=digest,
        filename=manuscript.filename,
        content=rendered.pdf,
        sha256=rendered.sha256,
        page_count=rendered.page_count,
    )
