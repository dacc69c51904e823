"""make run: install, start the services, bring the data up to date, and keep web, worker and beat running."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import install
from house import LOCAL, ROOT, VENV, check_disk_space, read_env_file, run_main, say, stop_with
from services import in_use
from supervisor import Process, Supervisor, die_with_parent

HOST = "127.0.0.1"
LONGEST_WAIT_FOR_WEB = 15.0
DEMO_PASSWORD = "london-32-boroughs"  # noqa: S105  printed on purpose: demonstration mode only
DEMO_SIGN_INS = [
    ("epo@demo.test", "Engagement & Partnerships Officer"),
    ("epo2@demo.test", "another officer, with other boroughs"),
    ("clerk@demo.test", "committee clerk"),
    ("member@demo.test", "link member"),
    ("member2@demo.test", "another link member"),
    ("head@demo.test", "Head of Engagement & Partnerships"),
    ("lead@demo.test", "lead-unit officer"),
    ("reader@demo.test", "reader"),
    ("admin@demo.test", "administrator"),
]


def chosen_port() -> int:
    given = os.environ.get("PORT") or "8000"
    if not given.isdigit() or not 0 < int(given) < 65536:
        stop_with(
            f"PORT={given} is not a port. Give a number from 1 to 65535, for example: make run PORT=8080"
        )
    port = int(given)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError:
            stop_with(f"Port {port} is reserved for root. Choose one above 1023: make run PORT=8080")
        except OSError:
            stop_with(
                f"Port {port} is in use by another program. Stop it, or choose another port: make run "
                f"PORT={port + 1}"
            )
    return port


def environment() -> dict[str, str]:
    """Demonstration mode over plain HTTP on this machine, unless the environment says otherwise."""
    return {
        "DEMO": "1",
        "SECURE": "0",
        "PYTHONUNBUFFERED": "1",
        # The warning is about pickled messages; the worker accepts JSON and nothing else.
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
        **os.environ,
    }


def app_environment(surroundings: dict[str, str]) -> dict[str, str]:
    """The portal itself runs as the role that owns nothing; only migrations need the owner."""
    if "DATABASE_URL" in surroundings:
        return surroundings
    return {**surroundings, "DATABASE_URL": read_env_file()["APP_DATABASE_URL"]}


def processes(port: int) -> list[Process]:
    programs = VENV / "bin"
    celery = [str(programs / "celery"), "--app", "cdrp_portal", "--quiet"]
    return [
        Process(
            "web",
            [
                *(str(programs / "gunicorn"), "cdrp_portal.wsgi:application", "--bind", f"{HOST}:{port}"),
                *("--workers", "2", "--worker-class", "gthread", "--threads", "4", "--preload"),
                *("--timeout", "60", "--graceful-timeout", "3", "--log-level", "warning"),
            ],
        ),
        Process(
            "worker",
            [
                *(*celery, "worker", "--pool=prefork", "--concurrency=2", "--loglevel=WARNING"),
                *(f"--hostname=worker-{port}@%h", "--without-gossip", "--without-mingle"),
            ],
        ),
        Process(
            "beat",
            [*celery, "beat", "--loglevel=WARNING", f"--schedule={LOCAL / f'beat-{port}'}", "--pidfile="],
        ),
    ]


class Welcome:
    """Says where the portal is, once, as soon as it answers; then the other processes have their turn.

    Started together they would all import Django at once, and the first page would wait for it.
    """

    def __init__(self, port: int, waiting: list[Process], *, demo: bool) -> None:
        self.port = port
        self.waiting = waiting
        for process in waiting:
            process.start_again_at = time.monotonic() + LONGEST_WAIT_FOR_WEB
        self.demo = demo
        self.said = False

    def __call__(self) -> None:
        if not self.said and self.answers():
            self.said = True
            for process in self.waiting:
                process.start_again_at = 0
            say(self.words())

    def answers(self) -> bool:
        link = http.client.HTTPConnection(HOST, self.port, timeout=1)
        try:
            link.request("GET", "/healthz/live")
            return link.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            link.close()

    def words(self) -> str:
        lines = ["", f"CDRP Portal is at http://localhost:{self.port}/   Ctrl-C stops it.", ""]
        if self.demo:
            lines += [f"Demonstration sign-ins, each with the password {DEMO_PASSWORD}:"]
            lines += [f"  {address:<18} {role}" for address, role in DEMO_SIGN_INS]
            lines += [""]
        return "\n".join(lines)


def prepare(surroundings: dict[str, str]) -> bool:
    """Database and static files at the same time, one core each."""
    command = [VENV / "bin" / "python", ROOT / "scripts" / "prepare.py"]
    both = [
        subprocess.Popen(
            [*command, what], env=surroundings, cwd=ROOT, start_new_session=True, preexec_fn=die_with_parent
        )
        for what in ("static", "database")
    ]
    try:
        return [process.wait() for process in both] == [0, 0]
    finally:
        for process in both:
            process.kill()
            process.wait()


def catches_interrupt(pid: int) -> bool:
    """Whether a process has a handler for SIGINT, as the kernel tells it."""
    try:
        told = Path(f"/proc/{pid}/status").read_text().partition("SigCgt:")[2].split()[0]
    except (OSError, IndexError):
        return False
    return bool(int(told, 16) & 1 << (signal.SIGINT - 1))


class InterruptedParent:
    """Notices that make alone was interrupted, by a program and not from the keyboard.

    make then takes its handler away and waits for its child, which it does not tell.
    """

    def __init__(self) -> None:
        self.parent = os.getppid()
        self.is_watched = catches_interrupt(self.parent)

    def __call__(self) -> bool:
        return self.is_watched and not catches_interrupt(self.parent)


def main() -> int:
    # Ended while still preparing: leave through the finally blocks, which stop the services.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    die_with_parent()
    port = chosen_port()
    install.main(["run"])
    check_disk_space()
    with in_use():
        surroundings = environment()
        if not prepare(surroundings):
            return 1
        web, *others = processes(port)
        supervisor = Supervisor([web, *others], app_environment(surroundings), str(ROOT))
        welcome = Welcome(
            port, others, demo=surroundings["DEMO"].lower() not in ("0", "", "off", "false", "no")
        )
        parent_is_interrupted = InterruptedParent()

        def each_turn() -> None:
            welcome()
            if parent_is_interrupted():
                supervisor.stop()

        supervisor.run(each_turn)
        say("Stopping.")
    return 0


if __name__ == "__main__":
    run_main(main)
