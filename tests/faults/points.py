"""Named points in a job's life at which the tests kill the process that comes by.

The worker of these tests calls `reach` at each. Where a file of the point's name lies, the process that
comes first takes it away and strikes: itself alone, or everything that was started with it.
"""

import os
import signal
from collections.abc import Callable
from contextvars import ContextVar
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import Any

from celery.signals import task_received
from django.db.backends.base.base import BaseDatabaseWrapper

FOLDER = "FAULTS_POINTS"
# Held by the sweep only, so a lease must have run out first.
SWEPT = (
    "the sweep has locked a lapsed job",
    "before the sweep is committed",
    "after the sweep is committed",
)
POINTS = (
    "the main process has taken the message",
    "before the claim",
    "the job is locked, the claim not written",
    "before the claim is committed",
    "after the claim is committed",
    "what the document says is gathered",
    "before the renderer",
    "the lease is renewed",
    "the renderer has begun",
    "in the middle of the render",
    "the file is made, not sent",
    "the file is sent",
    "the job is locked, the file not kept",
    "after the file is kept",
    "after the effect",
    "before the end is committed",
    "after the end is committed",
    *SWEPT,
)


class Struck(StrEnum):
    ALL = "main process, pool and renderers"
    ALONE = "the process at the point"


def arm(folder: Path, point: str, struck: Struck) -> Path:
    """The file that is gone as soon as somebody was killed there."""
    armed = folder / f"{point}.{struck.name}"
    armed.touch()
    return armed


def reach(point: str) -> None:
    folder = Path(os.environ[FOLDER])
    for struck in Struck:
        try:
            (folder / f"{point}.{struck.name}").unlink()
        except FileNotFoundError:
            continue
        if struck is Struck.ALL:
            os.killpg(0, signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)


# What the transaction in hand will have done once it is committed.
doing: ContextVar[str] = ContextVar("doing", default="")


def place() -> None:
    """Put the points into the worker's code, from outside it. Those of the renderer are in `kinds`."""
    from committees import documents
    from committees.jobs import claims, runner

    around(runner, "run_next", before="before the claim")
    around(claims, "uuid4", before="the job is locked, the claim not written", does="the claim")
    around(documents, "gather", after="what the document says is gathered")
    around(runner, "render_in_child", before="before the renderer", after="the file is sent")
    around(claims, "renew", after="the lease is renewed")
    around(claims, "_keep", before="the job is locked, the file not kept", after="after the file is kept")
    around(documents, "follow", after="after the effect")
    around(claims, "_end", does="the end")
    around(claims, "_bring_back", before="the sweep has locked a lapsed job", does="the sweep")
    task_received.connect(notice_message, weak=False)

    around_commit()


def around_commit() -> None:
    commit = BaseDatabaseWrapper._commit

    @wraps(commit)
    def committed(connection: BaseDatabaseWrapper) -> None:
        what = doing.get()
        doing.set("")
        if what:
            reach(f"before {what} is committed")
        commit(connection)
        if what:
            reach(f"after {what} is committed")

    BaseDatabaseWrapper._commit = committed


def notice_message(**_: Any) -> None:
    reach("the main process has taken the message")


def around(room: Any, name: str, *, before: str = "", after: str = "", does: str = "") -> None:
    real: Callable[..., Any] = getattr(room, name)

    @wraps(real)
    def pointed(*given: Any, **named: Any) -> Any:
        if before:
            reach(before)
        if does:
            doing.set(does)
        answer = real(*given, **named)
        if after:
            reach(after)
        return answer

    setattr(room, name, pointed)
