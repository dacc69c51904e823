"""Documents whose making can be held up or goes wrong, each in the place that its first word names."""

import os
import signal
from collections.abc import Mapping
from pathlib import Path
from threading import Event
from typing import Any
from uuid import uuid4

from accounts.models import User
from committees import documents
from committees.documents import DocumentKind, Manuscript
from committees.models import Committee, Document, Job
from committees.rendering import child
from committees.rendering.pdf import rendered
from tests.committees.job_kinds import leaflet_manuscript

# Documents that begin with "Blank" are not laid out: they stand for a queue, and a queue of them is quick.
# While this file is not there, documents that begin with "Slow" stay in the middle of their rendering.
GATE = "FAULTS_GATE"


def note_effect(job: Job, manuscript: Manuscript, document: Document) -> None:
    """One row for each time that a job's effect comes about. A committee, as any table will do."""
    Committee.objects.create(code=uuid4().hex[:20], name=str(job.pk))


def effects(job: Job) -> int:
    return Committee.objects.filter(name=str(job.pk)).count()


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

    def render_pdf(content: dict[str, Any], **rest: Any) -> Any:
        match str(content["sentence"]).split()[0]:
            case "Slow":
                rest["progress"]("Sections and appendices composed", 25)
                while not Path(os.environ[GATE]).exists():
                    Event().wait(0.02)
            case "Blank":
                return rendered(f"%PDF-1.7 {content['sentence']}".encode(), 1)
            case "Hungry":
                rest["eaten"] = [bytes(100_000_000) for _ in range(100)]
            case "Deep":
                bottomless_manuscript({}, User())
            case "Killed":
                os.kill(os.getpid(), signal.SIGKILL)
        return real(content, **rest)

    child.render_pdf = render_pdf
