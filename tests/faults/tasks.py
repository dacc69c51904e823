"""The control beside a job that outlives its message: the same work, trusted to the message alone."""

import os
from pathlib import Path
from threading import Event

from celery import shared_task

from committees.models import Committee
from tests.faults.kinds import GATE, note

UNCLAIMED = "tests.faults.unclaimed"


@shared_task(name=UNCLAIMED)
def unclaimed(name: str) -> None:
    """Noted at its beginning, so that whoever waits for the copy sees it come."""
    note(name)
    while not Path(os.environ[GATE]).exists():
        Event().wait(0.1)


def runs(name: str) -> int:
    return Committee.objects.filter(name=name).count()
