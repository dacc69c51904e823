"""A Redis of this checkout's own. It only carries wake-up calls to workers, so nothing of it is kept on "
"disk."""

import contextlib
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from house import stop_with
from private_place import (
    State,
    as_service_account,
    free_port,
    last_lines,
    process_in,
    save_state,
    trim_log,
    write_for_service_account,
)

SETTINGS = """# Written by scripts/private_redis.py at every start.
bind 127.0.0.1
port {port}
requirepass {password}
daemonize yes
pidfile "{folder}/redis.pid"
logfile "{folder}/redis.log"
dir "{folder}"
save ""
appendonly no
maxmemory-policy noeviction
"""


def start(state: State, place: Path) -> None:
    folder = place / "redis"
    if process_in(folder, folder / "redis.pid"):
        return
    program = shutil.which("redis-server")
    if program is None:
        stop_with(
            "redis-server is not installed. Run 'make install' to install it, or set REDIS_URL to a server "
            "of your own."
        )
    (folder / "redis.pid").unlink(missing_ok=True)
    trim_log(folder / "redis.log")
    for _ in range(3):
        port = free_port(state.get("redis_port"))
        settings = SETTINGS.format(port=port, password=state["redis_password"], folder=folder)
        write_for_service_account(folder / "redis.conf", settings)
        subprocess.run(
            [program, folder / "redis.conf"],
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            **as_service_account(),
        )
        if answers(port):
            state["redis_port"] = port
            save_state(state)
            return
        state.pop("redis_port", None)
    stop_with(f"Redis did not start. The end of its log:\n{last_lines(folder / 'redis.log')}")


def running(place: Path) -> dict[int, signal.Signals]:
    """The server's process, if it runs, and how it is ended."""
    pid = process_in(place / "redis", place / "redis" / "redis.pid")
    return {pid: signal.SIGTERM} if pid else {}


def answers(port: int, seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as link:
            link.sendall(b"PING\r\n")
            # A password is asked for, so a healthy server refuses.
            if link.recv(64).startswith((b"+PONG", b"-NOAUTH")):
                return True
        time.sleep(0.02)
    return False
