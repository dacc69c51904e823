"""Whether every file that is kept is whole and belongs to a piece of evidence (QUALITY rows 40 and 41)."""

import hashlib
import logging
from dataclasses import dataclass, field
from datetime import timedelta

from celery import shared_task
from django.core.files.storage import default_storage
from django.utils import timezone

from assessments.models import Evidence

logger = logging.getLogger(__name__)

FOLDER = "evidence"
# A file without a row may be one whose row is being written this moment.
SPARED = timedelta(hours=1)


@dataclass
class Sweep:
    """What was found: files that were removed, and a sentence for each that is not as it was added."""

    removed: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    whole: int = 0


def sweep_uploads(*, spared: timedelta = SPARED) -> Sweep:
    """Remove files that belong to nothing, and read every other one again."""
    found = Sweep()
    before = timezone.now() - spared
    # The folder is read before the table, so that what is added meanwhile is in the table.
    names = _kept_names()
    rows = list(Evidence.objects.exclude(file="").values_list("pk", "file", "sha256"))
    known = {name for _pk, name, _sha256 in rows}
    for name in names:
        if name not in known and default_storage.get_modified_time(name) < before:
            default_storage.delete(name)
            found.removed.append(name)
    for pk, name, sha256 in rows:
        fault = _fault(name, sha256)
        if fault:
            found.faults.append(f"Evidence {pk}: its file {fault}.")
            logger.error("Evidence %s: its file %s (%s).", pk, fault, name)
        else:
            found.whole += 1
    return found


@shared_task(name="assessments.tasks.sweep_uploads_nightly")
def sweep_uploads_nightly() -> None:
    """What is wrong stands in the log as an error; the command says the same on a screen."""
    sweep_uploads()


def _kept_names() -> list[str]:
    if not default_storage.exists(FOLDER):
        return []
    _folders, names = default_storage.listdir(FOLDER)
    return [f"{FOLDER}/{name}" for name in sorted(names)]


def _fault(name: str, sha256: str) -> str:
    if not default_storage.exists(name):
        return "is missing"
    digest = hashlib.sha256()
    with default_storage.open(name) as kept:
        for chunk in kept.chunks():
            digest.update(chunk)
    return "" if digest.hexdigest() == sha256 else "is not what was added"
