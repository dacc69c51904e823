"""Keeps a few processes running: prefixes what they say, restarts what dies, and ends them all together."""

import contextlib
import ctypes
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from house import say

PR_SET_PDEATHSIG = 1
LONGEST_WAIT = 30.0
SETTLED_AFTER = 60.0
SECONDS_TO_END = 5.0


@dataclass
class Process:
    name: str
    command: list[str]
    running: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    wait: float = 1.0
    unfinished_line: bytes = field(default=b"", repr=False)


def die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Supervisor:
    """One thread, one loop: nothing here can deadlock with a fork."""

    def __init__(self, processes: list[Process], environment: dict[str, str], folder: str) -> None:
        self.processes = processes
        self.environment = environment
        self.folder = folder
        self.selector = selectors.DefaultSelector()
        self.stopping = False
        self.width = max(len(process.name) for process in processes)

    def stop(self, *_: Any) -> None:
        self.stopping = True

    def run(self, each_turn: Callable[[], None]) -> None:
        """Keep everything running until SIGINT or SIGTERM. each_turn is called about five times a second."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.stop)
        try:
            while not self.stopping:
                now = time.monotonic()
                for process in self.processes:
                    if process.running is None and now >= process.start_again_at:
                        self.start(process)
                self.listen(0.2)
                self.notice_deaths()
                each_turn()
        finally:
            self.end_all()

    def start(self, process: Process) -> None:
        process.running = subprocess.Popen(
            process.command,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # Ctrl-C in the terminal is for the supervisor, which ends them in its turn.
            start_new_session=True,
            # Safe here: this program has one thread.
            preexec_fn=die_with_parent,
        )
        process.started_at = time.monotonic()
        assert process.running.stdout is not None  # noqa: S101
        os.set_blocking(process.running.stdout.fileno(), False)
        self.selector.register(process.running.stdout, selectors.EVENT_READ, process)

    def listen(self, seconds: float) -> None:
        for key, _ in self.selector.select(seconds):
            process: Process = key.data
            chunk = b""
            with contextlib.suppress(OSError):
                chunk = os.read(key.fd, 65536)
            if not chunk:
                self.selector.unregister(key.fileobj)
                continue
            *lines, process.unfinished_line = (process.unfinished_line + chunk).split(b"\n")
            for line in lines:
                say(f"{process.name:<{self.width}} | {line.decode(errors='replace')}")

    def notice_deaths(self) -> None:
        now = time.monotonic()
        for process in self.processes:
            if process.running is None or process.running.poll() is None:
                continue
            self.listen(0)
            if now - process.started_at > SETTLED_AFTER:
                process.wait = 1.0
            say(
                f"{process.name:<{self.width}} | ended with code {process.running.returncode}; "
                f"starting again in {process.wait:.0f} s"
            )
            self.forget(process)
            process.start_again_at = now + process.wait
            process.wait = min(process.wait * 2, LONGEST_WAIT)

    def forget(self, process: Process) -> None:
        running, process.running = process.running, None
        if running is None:
            return
        signal_group(running, signal.SIGKILL)  # whatever the dead leader left behind
        if running.stdout:
            with contextlib.suppress(KeyError, ValueError):
                self.selector.unregister(running.stdout)
            running.stdout.close()

    def end_all(self) -> None:
        alive = [process for process in self.processes if process.running is not None]
        for process in alive:
            signal_leader(process.running, signal.SIGTERM)
        deadline = time.monotonic() + SECONDS_TO_END
        while time.monotonic() < deadline and any(p.running.poll() is None for p in alive if p.running):
            self.listen(0.1)
        for process in alive:
            self.forget(process)


def signal_leader(running: subprocess.Popen[bytes] | None, number: signal.Signals) -> None:
    if running is not None:
        with contextlib.suppress(ProcessLookupError):
            running.send_signal(number)


def signal_group(running: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Every process of a child's session, its own children included."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(running.pid, number)
    with contextlib.suppress(subprocess.TimeoutExpired):
        running.wait(timeout=1)
