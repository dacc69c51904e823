"""Real processes for the tests to kill: a Redis of their own, a worker and beat on the tests' database."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import redis
from django.db import connection

from tests.faults import points
from tests.faults.kinds import GATE
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
# Much shorter than in service, so that ten kills take seconds.
LEASE, HEARTBEAT, SWEEP = 1.5, 0.2, 0.3
# As in service: no message comes twice while a test looks for what the lease brings back.
VISIBILITY = 3600
PROCESSES = 5
MOST_STARTS = 5


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class PrivateRedis:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.client = redis.Redis(port=self.port, socket_timeout=2)
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        self.process = subprocess.Popen(
            [*command, "--save", "", "--appendonly", "no", "--logfile", "redis.log"],
            stdout=subprocess.DEVNULL,
        )
        wait_until(self._answers, 10)

    def _answers(self) -> bool:
        with suppress(redis.ConnectionError):
            return self.client.ping()
        return False

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
        self.client.close()

    def freeze(self, *, thaw: bool = False) -> None:
        """Connections are taken but nothing is answered, as across a broken network."""
        self.process.send_signal(signal.SIGCONT if thaw else signal.SIGSTOP)


class Stack:
    """What `make run` starts, without the web. `gate` open lets slow documents finish.

    It stands for all the tests of this folder: a worker takes seconds of a core to start.
    """

    def __init__(self, folder: Path, broker: PrivateRedis) -> None:
        self.folder = folder
        self.redis = broker
        self.gate = folder / "gate"
        self.points = folder / "points"
        self.worker: subprocess.Popen | None = None
        self.processes = PROCESSES
        self.lease: float = LEASE
        self.visibility = VISIBILITY
        self.beat: subprocess.Popen | None = None
        self.told = self.told_at_start = 0

    def environment(self) -> Mapping[str, str]:
        database = connection.settings_dict
        address = f"{database['HOST']}:{database['PORT']}/{database['NAME']}"
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.faults.worker_settings",
            "DATABASE_URL": f"postgres://{database['USER']}:{database['PASSWORD']}@{address}",
            "REDIS_URL": self.redis.url,
            "JOB_LEASE_SECONDS": str(self.lease),
            "JOB_HEARTBEAT_SECONDS": str(HEARTBEAT),
            "JOB_SWEEP_SECONDS": str(SWEEP),
            "CELERY_SKIP_CHECKS": "true",
            "BROKER_VISIBILITY_SECONDS": str(self.visibility),
            points.FOLDER: str(self.points),
            GATE: str(self.gate),
        }

    def be_ready(self) -> None:
        """As every test of this folder finds it: running, nothing armed, nobody held up, nothing told."""
        self.gate.unlink(missing_ok=True)
        self.points.mkdir(exist_ok=True)
        for armed in self.points.iterdir():
            armed.unlink()
        self.told = len(self._said())
        if self.redis.process is None:
            self.redis.start()
        if self.beat is None:
            self.start_beat()
        if self.worker is None or self.worker.poll() is not None:
            self.start_worker()

    def arm(self, point: str, struck: points.Struck) -> Path:
        return points.arm(self.points, point, struck)

    def start_worker(self, processes: int = PROCESSES) -> None:
        self.told_at_start = len(self._said())
        self.processes = processes
        arguments = ["worker", "--pool=prefork", f"--concurrency={self.processes}", "--loglevel=INFO"]
        self.worker = self._celery(*arguments, "--without-gossip", "--without-mingle")

    def start_beat(self) -> None:
        self.beat = self._celery("beat", f"--schedule={self.folder / 'beat'}", "--pidfile=")

    def _celery(self, *arguments: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "celery", "-A", "cdrp_portal", *arguments]
        with (self.folder / f"{arguments[0]}.log").open("ab") as log:
            return subprocess.Popen(
                command, cwd=ROOT, env=self.environment(), stdout=log, stderr=log, start_new_session=True
            )

    def wait_until(self, asked: Callable[[], Any], seconds: float) -> Any:
        """As `tests.waiting.wait_until`, and at once an error where beat came to its end by itself.

        A worker that did is started again, as scripts/supervisor.py and Compose do: one that holds a message
        at the moment when Redis goes may end, as the library then asks a connection that it has closed.
        """
        started_again = 0

        def answer() -> Any:
            nonlocal started_again
            assert self.beat.poll() is None, self.log()
            if self.worker.poll() is not None:
                started_again += 1
                assert started_again <= MOST_STARTS, self.log()
                self.start_worker(self.processes)
            return asked()

        return wait_until(answer, seconds)

    def rendering(self) -> list[int]:
        """The pool processes that render just now: the worker's children that have a child themselves."""
        return [pid for pid in children_of(self.worker.pid) if children_of(pid)]

    def is_ready(self) -> bool:
        return " ready." in self._said()[self.told_at_start :]

    @contextmanager
    def other_worker(self, *, processes: int, visibility: int, lease: float) -> Iterator[None]:
        """Another worker in the place of the one that stands; the next test has that one again."""
        self.kill_worker()
        self.visibility, self.lease = visibility, lease
        self.start_worker(processes)
        try:
            yield
        finally:
            self.kill_worker()
            self.visibility, self.lease = VISIBILITY, LEASE

    def kill_worker(self) -> None:
        """Its main process and its pool at one blow, as when a machine goes."""
        os.killpg(self.worker.pid, signal.SIGKILL)
        self.worker.wait()

    def stop(self) -> None:
        for process in (self.worker, self.beat):
            if process is not None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.worker = self.beat = None
        self.redis.stop()

    def log(self) -> str:
        """What the worker has said since the test in hand began, and all that beat has."""
        return self._said()[self.told :] + (self.folder / "beat.log").read_text()

    def _said(self) -> str:
        spoken = self.folder / "worker.log"
        return spoken.read_text() if spoken.exists() else ""


def children_of(pid: int) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                # After the command's name in brackets: state, then the parent.
                if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                    found.append(int(folder.name))
    return found
