"""How jobs stand, in words: the progress page, the list, the desks, the JSON."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Length
from django.urls import NoReverseMatch, reverse

from accounts.models import User
from cdrp_portal.dates import uk_moment, uk_time
from cdrp_portal.uploads import size_words
from committees.models import Job
from committees.rendering.pdf import CHECKED, COMPOSED, GATHERED, LAID_OUT

# The stages as a person reads them when they are over, and what is being done until then.
STAGES = {
    GATHERED[0]: "Gathering the figures",
    COMPOSED[0]: "Composing sections and appendices",
    LAID_OUT[0]: "Laying out the pages",
    CHECKED[0]: "Checking the tags and the file",
}

# The page that a document was asked for on: its route, and which parameter names it.
PAGES = {
    "committee-paper": ("committees:paper-detail", "paper"),
    "committee-paper-issue": ("committees:paper-detail", "paper"),
    "health-check-matrix": ("assessments:cycle-matrix", "cycle"),
    "borough-brief": ("boroughs:borough-detail", "borough"),
}


@dataclass(frozen=True)
class Stage:
    words: str
    css_class: str


@dataclass(frozen=True)
class JobView:
    """A job as pages show it. `page_url` is empty where the document was asked for on no page."""

    id: str
    title: str
    url: str
    cancel_url: str
    retry_url: str
    download_url: str
    page_url: str
    state: str
    state_words: str
    percent: int
    words: str
    stages: tuple[Stage, ...]
    failure: str
    file_words: str
    requested_by: str
    requested: str

    @property
    def is_unfinished(self) -> bool:
        return self.state in (Job.State.WAITING, Job.State.RUNNING)

    @property
    def is_ready(self) -> bool:
        return self.state == Job.State.DONE

    @property
    def has_failed(self) -> bool:
        return self.state == Job.State.FAILED

    @property
    def is_cancelled(self) -> bool:
        return self.state == Job.State.CANCELLED


def with_results(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """What `job_view` needs, without loading a single file."""
    return (
        jobs.select_related("requested_by", "document")
        .defer("document__content")
        .annotate(size=Length("document__content"))
    )


def recent_jobs(user: User, *, limit: int = 5) -> list[JobView]:
    """The newest jobs that `user` may see, for a desk. One query."""
    return [job_view(job) for job in with_results(Job.objects.visible_to(user))[:limit]]


def job_views(jobs: Iterable[Job]) -> list[JobView]:
    return [job_view(job) for job in jobs]


def job_view(job: Job) -> JobView:
    """Asks nothing of the database of a job that came through `with_results`."""
    key = [job.pk]
    return JobView(
        id=str(job.pk),
        title=job.title,
        url=reverse("jobs:job-detail", args=key),
        cancel_url=reverse("jobs:job-cancel", args=key),
        retry_url=reverse("jobs:job-retry", args=key),
        download_url=reverse("jobs:job-download", args=key),
        page_url=_page_url(job),
        state=job.state,
        state_words="Cancelling" if _is_stopping(job) else str(job.get_state_display()),
        percent=job.percent,
        words=_words(job),
        stages=tuple(_stages(job)),
        failure=job.failure,
        file_words=_file_words(job),
        requested_by=job.requested_by.name,
        requested=uk_moment(job.requested_at),
    )


def as_json(view: JobView) -> dict[str, Any]:
    """What programs are told at /jobs/<id>/."""
    return {
        "id": view.id,
        "title": view.title,
        "url": view.url,
        "state": view.state,
        "percent": view.percent,
        "stage": view.words,
        "failure": view.failure,
        "result": view.download_url if view.is_ready else None,
    }


def _is_stopping(job: Job) -> bool:
    return job.cancel_requested and job.state == Job.State.RUNNING


def _words(job: Job) -> str:
    if _is_stopping(job):
        return "Cancelling"
    match job.state:
        case Job.State.WAITING if job.attempts:
            return "Waiting to begin again: the worker stopped. Nothing was lost."
        case Job.State.WAITING:
            return "Waiting for its turn."
        case Job.State.RUNNING:
            return f"{job.percent}%. {_doing(job.stage)}."
        case Job.State.DONE:
            return f"Ready at {uk_time(job.finished_at)}." if job.finished_at else "Ready."
        case Job.State.FAILED:
            return job.failure
    return "Cancelled."


def _doing(stage: str) -> str:
    """What is being done once `stage` is over."""
    names = list(STAGES)
    over = names.index(stage) + 1 if stage in STAGES else 0
    return list(STAGES.values())[min(over, len(names) - 1)]


def _stages(job: Job) -> Iterable[Stage]:
    names = list(STAGES)
    over = names.index(job.stage) + 1 if job.stage in STAGES else 0
    for place, name in enumerate(names):
        if place < over or job.state == Job.State.DONE:
            yield Stage(name, "done")
        elif place == over and job.state == Job.State.RUNNING:
            yield Stage(name, "now")
        else:
            yield Stage(name, "todo")


def _file_words(job: Job) -> str:
    """ "PDF, 12 pages, 214 KB"."""
    if job.document is None:
        return ""
    pages = "1 page" if job.document.page_count == 1 else f"{job.document.page_count} pages"
    size = getattr(job, "size", None)
    return f"PDF, {pages}, {size_words(size)}" if size else f"PDF, {pages}"


def _page_url(job: Job) -> str:
    if job.kind not in PAGES:
        return ""
    route, parameter = PAGES[job.kind]
    try:
        address = reverse(route, args=[job.parameters[parameter]])
    except (NoReverseMatch, KeyError):
        return ""
    query = job.parameters.get("query")
    return f"{address}?{query}" if query else address
