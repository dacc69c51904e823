"""Where the private servers keep their files, and what this checkout remembers of them."""

import contextlib
import json
import os
import pwd
import secrets
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from house import LOCAL, ROOT, stop_with, write_private

SERVICE_ACCOUNT = "postgres"
STATE_FILE = LOCAL / "services.json"
OUTSIDE = Path("/var/lib/cdrp-portal")
LARGEST_LOG = 10_000_000

State = dict[str, Any]


def load_state() -> State:
    """Ports, passwords and place as remembered by this checkout.

    A copied checkout carries its original's state along. Data inside the checkout was copied with it and
    stays in use; data outside still belongs to the original, unless the original is gone and this was a move.
    """
    state: State = json.loads(STATE_FILE.read_text()) if STATE_FILE.exists() else {}
    made_for = state.get("checkout", str(ROOT))
    if made_for != str(ROOT) and "outside" in state and Path(made_for).exists():
        state = {}
    state["checkout"] = str(ROOT)
    for name in ("superuser_password", "owner_password", "app_password", "redis_password"):
        state.setdefault(name, secrets.token_hex(24))
    return state


def save_state(state: State) -> None:
    write_private(STATE_FILE, json.dumps(state, indent=1))


def place_of(state: State) -> Path:
    return Path(state["outside"]) if "outside" in state else LOCAL


def prepare_place(state: State) -> Path:
    """The folder of both servers: .local, or one outside where other accounts cannot enter the checkout."""
    if os.geteuid() == 0 and service_account() is None:
        stop_with(
            f"PostgreSQL refuses to run as root and the account '{SERVICE_ACCOUNT}' does not exist. "
            "Run 'make install', which installs Debian's PostgreSQL package and with it the account."
        )
    if "outside" not in state and not make_folders(LOCAL):
        if (LOCAL / "postgres" / "data").exists():
            stop_with(
                f"The account '{SERVICE_ACCOUNT}' can no longer enter {LOCAL}, where its data is. Open the "
                f"folders above it to other accounts ('chmod o+x'), or move {LOCAL} away to start with "
                "fresh data."
            )
        state["outside"] = str(OUTSIDE / secrets.token_hex(8))
    place = place_of(state)
    if place != LOCAL:
        place.mkdir(mode=0o755, parents=True, exist_ok=True)
    if not make_folders(place):
        stop_with(
            f"The account '{SERVICE_ACCOUNT}' can enter neither {LOCAL} nor {place}, and PostgreSQL refuses "
            "to run as root. Open one of them to it, or set DATABASE_URL and REDIS_URL to servers of your "
            "own."
        )
    return place


def make_folders(place: Path) -> bool:
    return all(owned_folder(place / name) for name in ("postgres", "redis"))


def owned_folder(folder: Path) -> bool:
    """Make a folder that the servers' account owns and can enter; False where the path does not let it in."""
    folder.mkdir(mode=0o700, exist_ok=True)
    with contextlib.suppress(OSError):
        give_to_service_account(folder)
        if subprocess.run(["test", "-w", folder], **as_service_account()).returncode == 0:
            return True
    with contextlib.suppress(OSError):
        folder.rmdir()
    return False


def service_account() -> pwd.struct_passwd | None:
    """Whom the servers run as where this command runs as root: whoever made the data, else Debian's "
    "account."""
    with contextlib.suppress(OSError, KeyError):
        owner = (LOCAL / "postgres").stat().st_uid
        if owner != 0:
            return pwd.getpwuid(owner)
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SERVICE_ACCOUNT)
    return None


def as_service_account() -> dict[str, Any]:
    """Arguments for subprocess that leave root behind; without root, only the working folder."""
    account = service_account()
    if os.geteuid() != 0 or account is None:
        return {"cwd": "/"}
    return {"cwd": "/", "user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def give_to_service_account(path: Path) -> None:
    account = service_account()
    if os.geteuid() == 0 and account is not None:
        os.chown(path, account.pw_uid, account.pw_gid)


def write_for_service_account(path: Path, text: str) -> None:
    write_private(path, text)
    give_to_service_account(path)


def free_port(remembered: int | None) -> int:
    """The port of last time if nobody has taken it since, else any free one."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", remembered or 0))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def process_in(folder: Path, pid_file: Path) -> int | None:
    """The id in a pid file, if that process is alive and works in this folder.

    After a crash or a restart of the machine the number may belong to a stranger, and a copied checkout
    carries its original's pid file along: both are told apart by the process's working folder.
    """
    try:
        pid = int(pid_file.read_text().split()[0])
        return pid if Path(f"/proc/{pid}/cwd").resolve(strict=True) == folder.resolve() else None
    except (OSError, ValueError, IndexError):
        return None


def end_processes(gently: dict[int, signal.Signals], seconds: float = 20) -> None:
    """Ask processes to end, each in its own way, and wait for them together."""
    for pid, number in gently.items():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
    deadline = time.monotonic() + seconds
    while any(is_alive(pid) for pid in gently) and time.monotonic() < deadline:
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    """Whether a process still runs; one that has ended and waits for its parent to notice does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return False


def trim_log(log: Path) -> None:
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.unlink()


def last_lines(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-5:]) if log.exists() else ""
