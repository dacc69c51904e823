"""Documents whose making can be held up or goes wrong, each in the place that its first word names."""

import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event
from typing import Any
from uuid import uuid4

from django.apps import apps

from accounts.models import User
from committees import documents
from committees.documents import DocumentKind, Manuscript
from committees.models import Committee, Document, Job
from committees.rendering import RenderedDocument, child
from committees.rendering.pdf import rendered
from tests.committees.job_kinds import leaflet_manuscript
from tests.faults.points import reach

# Documents that begin with "Blank" are not laid out: they stand for a queue, and a queue of them is quick.
# While this file is not there, documents that begin with "Slow" stay in the middle of their rendering.
# MIDDLE is the stage at which they stay.
MIDDLE = "Sections and appendices composed"
GATE = "FAULTS_GATE"


def note_effect(job: Job, manuscript: Manuscript, document: Document) -> None:
    """One row for each time that a job's effect comes about."""
    note(str(job.pk))


def note(name: str) -> None:
    """A committee, as any table with a history will do."""
    Committee.objects.create(code=uuid4().hex[:20], name=name)


def effects(job: Job) -> int:
    return Committee.objects.filter(name=str(job.pk)).count()


def effects_on_record(job: Job) -> int:
    return apps.get_model("committees.CommitteeEvent").objects.filter(name=str(job.pk)).count()


def suicidal_manuscript(parameters: Mapping[str, Any], by: User) -> Manuscript:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("Nobody lives to say this.")


def bottomless_manuscript(parameters: Mapping[str, Any], by: User) -> Manuscript:
    return bottomless_manuscript(parameters, by)


KINDS = [
    DocumentKind("leaflet", leaflet_manuscript, then=note_effect),
    DocumentKind("suicidal", suicidal_manuscript),
    DocumentKind("bottomless", bottomless_manuscript),
]


def register() -> None:
    for kind in KINDS:
        documents.KINDS[kind.name] = kind


def make_renderer_obedient() -> None:
    real = child.render_pdf

    def render_pdf(content: dict[str, Any], *, progress: Callable[[str, int], None], **rest: Any) -> Any:
        def told(stage: str, percent: int) -> None:
            progress(stage, percent)
            if stage == MIDDLE:
                reach("in the middle of the render")

        reach("the renderer has begun")
        match str(content["sentence"]).split()[0]:
            case "Slow":
                told(MIDDLE, 25)
                while not Path(os.environ[GATE]).exists():
                    Event().wait(0.02)
            case "Blank":
                told(MIDDLE, 25)
                return made(rendered(f"%PDF-1.7 {content['sentence']}".encode(), 1))
            case "Hungry":
                rest["eaten"] = [bytes(100_000_000) for _ in range(100)]
            case "Deep":
                bottomless_manuscript({}, User())
            case "Killed":
                os.kill(os.getpid(), signal.SIGKILL)
        return made(real(content, progress=told, **rest))

    child.render_pdf = render_pdf


def made(document: RenderedDocument) -> RenderedDocument:
    reach("the file is made, not sent")
    return document
