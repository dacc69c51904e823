"""Rendering in a forked child with limits: what a document does to its renderer stays in the child.

The parent imports the renderer once (`warm`); a fork of it starts in milliseconds. The child keeps no
socket or file of its parent, no network where the kernel allows that, a bounded memory and processor
time, and dies with its parent. Result and progress come back through a pipe.
"""

import ctypes
import gc
import json
import logging
import os
import resource
import select
import signal
import struct
import tempfile
import time
from collections.abc import Callable
from typing import Any, NoReturn

from committees.rendering.assets import fetcher, printable_characters, typefaces
from committees.rendering.digest import EditionMark
from committees.rendering.errors import (
    DocumentRefused,
    RenderCancelled,
    RenderCrashed,
    RenderFailed,
    TypefacesMissing,
)
from committees.rendering.pdf import RenderedDocument, render_pdf, rendered

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 120
# Beyond what the process held before it forked: a child of a large one is not born at its limit.
MEMORY_BYTES = 1_000_000_000
POLLS_A_SECOND = 5

_PROGRESS, _DONE, _FAILED = b"P", b"D", b"F"
_HEADER = struct.Struct("!cQ")
_PAGES = struct.Struct("!I")
_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000

Send = Callable[[bytes, bytes], None]


def warm() -> None:
    """Import the renderer and unpack the typefaces, once in a process that is going to fork."""
    import pikepdf  # noqa: F401
    import weasyprint  # noqa: F401

    typefaces()
    printable_characters()
    fetcher()


def render_in_child(
    content: dict[str, Any],
    *,
    edition: EditionMark | None = None,
    draft: bool = False,
    version: int | None = None,
    timeout_seconds: float = TIMEOUT_SECONDS,
    memory_bytes: int = MEMORY_BYTES,
    on_progress: Callable[[str, int], None] | None = None,
    should_cancel: Callable[[], bool] | None = None,
    heartbeat: Callable[[], None] | None = None,
) -> RenderedDocument:
    """Render with limits. The three callbacks run in this process, five times a second at most.

    Raises RenderFailed with a reason for readers, RenderCrashed where another try may help, and
    RenderCancelled once `should_cancel` says so.
    Whatever a callback raises ends the child and passes through.
    """
    warm()
    reading, writing = os.pipe()
    with tempfile.TemporaryDirectory(prefix="cdrp-render-") as folder:
        pid = os.fork()
        if pid == 0:  # pragma: no cover, as the child's own coverage ends with it
            os.close(reading)
            _live_and_die(writing, folder, memory_bytes, timeout_seconds, content, edition, draft, version)
        os.close(writing)
        listener = _Listener(reading, pid, on_progress)
        try:
            return listener.hear(
                until=time.monotonic() + timeout_seconds,
                seconds=timeout_seconds,
                should_cancel=should_cancel or _never,
                heartbeat=heartbeat or _silently,
            )
        finally:
            listener.end()


def _never() -> bool:
    return False


def _silently() -> None:
    """Nobody listens for a heartbeat."""


class _Listener:
    """The parent's end of the pipe."""

    def __init__(self, reading: int, pid: int, on_progress: Callable[[str, int], None] | None) -> None:
        self.reading = reading
        self.pid = pid
        self.on_progress = on_progress
        self.buffer = bytearray()
        self.status: int | None = None

    def hear(
        self,
        *,
        until: float,
        seconds: float,
        should_cancel: Callable[[], bool],
        heartbeat: Callable[[], None],
    ) -> RenderedDocument:
        asked_at = 0.0
        while True:
            ready, _, _ = select.select([self.reading], [], [], 1 / POLLS_A_SECOND)
            now = time.monotonic()
            if now - asked_at >= 1 / POLLS_A_SECOND:
                asked_at = now
                heartbeat()
                if should_cancel():
                    raise RenderCancelled
            if now > until:
                raise RenderFailed(
                    f"The document was not ready after {seconds:g} seconds. Nothing was lost. "
                    "Shorten it, or choose fewer boroughs or criteria, and try again."
                )
            if not ready:
                continue
            received = os.read(self.reading, 1 << 20)
            if not received:
                raise self._cause_of_death()
            self.buffer += received
            document = self._understand()
            if document:
                return document

    def _understand(self) -> RenderedDocument | None:
        while len(self.buffer) >= _HEADER.size:
            kind, size = _HEADER.unpack_from(self.buffer)
            end = _HEADER.size + size
            if len(self.buffer) < end:
                return None
            payload = bytes(self.buffer[_HEADER.size : end])
            del self.buffer[:end]
            if kind == _DONE:
                return rendered(payload[_PAGES.size :], _PAGES.unpack_from(payload)[0])
            if kind == _FAILED:
                raise RenderFailed(payload.decode())
            if self.on_progress:
                self.on_progress(*json.loads(payload))
        return None

    def _cause_of_death(self) -> RenderFailed:
        _, self.status = os.waitpid(self.pid, 0)
        killed_by = os.WTERMSIG(self.status) if os.WIFSIGNALED(self.status) else 0
        if killed_by == signal.SIGKILL:
            return RenderCrashed("The renderer was killed before the document was ready. Nothing was lost.")
        if killed_by == signal.SIGXCPU:
            return RenderFailed(
                "The document took more of the processor's time than one may have. Shorten it and try again."
            )
        return RenderFailed(
            "The renderer stopped before the document was ready, as it does when a document needs more "
            "memory than one may have. Nothing was lost. Try again; if it fails again, shorten the document."
        )

    def end(self) -> None:
        os.close(self.reading)
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            _, self.status = os.waitpid(self.pid, 0)


def work(
    send: Send, content: dict[str, Any], edition: EditionMark | None, draft: bool, version: int | None
) -> None:
    """The child's whole task: render, and send what came of it in words or bytes."""

    def told(stage: str, percent: int) -> None:
        send(_PROGRESS, json.dumps([stage, percent]).encode())

    try:
        document = render_pdf(content, edition=edition, draft=draft, progress=told, version=version)
    except (DocumentRefused, TypefacesMissing) as refusal:
        send(_FAILED, refusal.reason.encode())
    except MemoryError:
        send(_FAILED, b"The document needs more memory than one may have. Shorten it and try again.")
    except RecursionError:
        send(
            _FAILED,
            b"The document is nested too deeply to be laid out. Make its lists plainer and try again.",
        )
    else:
        send(_DONE, _PAGES.pack(document.page_count) + document.pdf)


def sender(writing: int) -> Send:
    def send(kind: bytes, payload: bytes) -> None:
        message = memoryview(_HEADER.pack(kind, len(payload)) + payload)
        while message:
            message = message[os.write(writing, message) :]

    return send


def _live_and_die(
    writing: int,
    folder: str,
    memory_bytes: int,
    timeout_seconds: float,
    content: dict[str, Any],
    edition: EditionMark | None,
    draft: bool,
    version: int | None,
) -> NoReturn:  # pragma: no cover, as the child's own coverage ends with it
    try:
        confine(writing, memory_bytes, timeout_seconds)
        tempfile.tempdir = folder
        work(sender(writing), content, edition, draft, version)
    except BaseException:
        logger.exception("The renderer failed.")
    finally:
        # Past every clean-up: the objects of the parent are not the child's to close.
        os._exit(0)


def confine(keep: int, memory_bytes: int, timeout_seconds: float) -> None:  # pragma: no cover, see above
    """Give up, for good, everything that rendering does not need."""
    parent = os.getppid()
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM, signal.SIGUSR1):
        signal.signal(number, signal.SIG_DFL)
    gc.disable()
    _let_go_of_files(keep)
    # Best effort: a kernel that lets nobody make a network namespace still has the fetcher before it.
    if libc.unshare(_CLONE_NEWNET):
        libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
    seconds = int(timeout_seconds) + 5
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    limit = _held_bytes() + memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _held_bytes() -> int:  # pragma: no cover, see above
    """The address space that this process has now; its first figure in Linux's own count is in pages."""
    with open("/proc/self/statm") as counts:
        return int(counts.read().split()[0]) * resource.getpagesize()


def _let_go_of_files(keep: int) -> None:  # pragma: no cover, see above
    """Point every inherited socket and file at nothing.

    Closing them would do no less, but a database driver that says goodbye on its number would then write
    into whatever file is opened on it next.
    """
    nothing = os.open(os.devnull, os.O_RDWR)
    for name in os.listdir("/proc/self/fd"):
        number = int(name)
        if number > 2 and number not in (keep, nothing):
            try:
                os.dup2(nothing, number)
            except OSError:
                # The folder's own number, closed since it was listed.
                continue
