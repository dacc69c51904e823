"""The private PostgreSQL cluster and Redis of one checkout.

    services.py up              start both and leave them running until 'down'
    services.py down            stop both
    services.py with -- CMD     start both, run CMD, and stop them again if nobody else uses them

They listen on 127.0.0.1 only, on ports of their own, behind passwords of their own. A server whose address is
already given by DATABASE_URL or REDIS_URL is neither started nor stopped. Where the command runs as root the
servers run as the unprivileged account that Debian's PostgreSQL package makes.
"""

import contextlib
import fcntl
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator

import private_postgresql
import private_redis
from house import ENV_FILE, LOCAL, make_local_folder, read_env_file, run_main, say, stop_with, write_private
from private_place import STATE_FILE, State, end_processes, load_state, place_of, prepare_place

LOCK_FILE = LOCAL / "services.lock"
IN_USE_FILE = LOCAL / "services.in-use"
KEEP_FILE = LOCAL / "services.keep"


def up() -> None:
    """Start what is not running. Asked again, it only looks."""
    make_local_folder()
    own_postgresql = not os.environ.get("DATABASE_URL")
    own_redis = not os.environ.get("REDIS_URL")
    with one_at_a_time():
        state = load_state()
        if own_postgresql or own_redis:
            place = prepare_place(state)
        if own_postgresql:
            private_postgresql.start(state, place)
        if own_redis:
            private_redis.start(state, place)
        write_env_file(state)


def down() -> None:
    """Stop this checkout's own servers, and no others."""
    if STATE_FILE.exists():
        with one_at_a_time():
            place = place_of(load_state())
            end_processes(private_redis.running(place) | private_postgresql.running(place))


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    with LOCK_FILE.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def write_env_file(state: State) -> None:
    """The addresses and the key that settings read when the environment does not give them."""
    known = read_env_file()
    known.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
    if "postgres_port" in state:
        at = f"127.0.0.1:{state['postgres_port']}/cdrp"
        known["DATABASE_URL"] = f"postgres://cdrp:{state['owner_password']}@{at}"
        known["APP_DATABASE_URL"] = f"postgres://cdrp_app:{state['app_password']}@{at}"
    if "redis_port" in state:
        known["REDIS_URL"] = f"redis://:{state['redis_password']}@127.0.0.1:{state['redis_port']}/0"
    text = "".join(f"{name}={value}\n" for name, value in sorted(known.items()))
    if not ENV_FILE.exists() or ENV_FILE.read_text() != text:
        write_private(ENV_FILE, text)


@contextlib.contextmanager
def in_use() -> Iterator[None]:
    """Keep the servers up for as long as the block runs; the last to leave stops them.

    'make services' leaves a note that says to keep them, which only 'make stop' takes away. That they are in
    use is told by a lock, which a killed process cannot leave behind.
    """
    make_local_folder()
    with IN_USE_FILE.open("w") as note:
        fcntl.flock(note, fcntl.LOCK_SH)
        up()
        try:
            yield
        finally:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if not KEEP_FILE.exists():
                    down()


def run_with_services(command: list[str]) -> int:
    with in_use():
        child = subprocess.Popen(command)
        # Ctrl-C reaches the child by itself; both wait for it to finish its own tidying.
        signal.signal(signal.SIGINT, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: child.terminate())
        return child.wait()


def main(arguments: list[str]) -> int:
    match arguments:
        case ["up"]:
            up()
            KEEP_FILE.touch()
            say("PostgreSQL and Redis are running. 'make stop' stops them.")
        case ["down"]:
            KEEP_FILE.unlink(missing_ok=True)
            down()
        case ["with", "--", *command] if command:
            return run_with_services(command)
        case _:
            stop_with("Usage: services.py up | down | with -- COMMAND")
    return 0


if __name__ == "__main__":
    run_main(lambda: main(sys.argv[1:]))
