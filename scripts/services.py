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
import hashlib
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from house import (
    LOCAL,
    ROOT,
    check_disk_space,
    make_local_folder,
    read_env_file,
    say,
    stop_with,
    write_private,
)
from house import ENV_FILE as ENV_FILE

SERVICE_ACCOUNT = "postgres"
OLDEST_POSTGRESQL = 15
STATE_FILE = LOCAL / "services.json"
LOCK_FILE = LOCAL / "services.lock"
IN_USE_FILE = LOCAL / "services.in-use"
KEEP_FILE = LOCAL / "services.keep"
LARGEST_LOG = 10_000_000

POSTGRESQL_CONF = """
# Written by scripts/services.py at every start.
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 100
shared_buffers = 128MB
password_encryption = 'scram-sha-256'
timezone = 'UTC'
log_timezone = 'UTC'
"""

REDIS_CONF = """
bind 127.0.0.1
port {port}
requirepass {password}
daemonize yes
pidfile {folder}/redis.pid
logfile {folder}/redis.log
dir {folder}
save ""
appendonly no
maxmemory-policy noeviction
"""


def as_service_account() -> dict[str, Any]:
    """Arguments for subprocess that leave root behind; nothing where root was never there."""
    if os.geteuid() != 0:
        return {"cwd": "/"}
    account = pwd.getpwnam(SERVICE_ACCOUNT)
    return {"cwd": "/", "user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def give_to_service_account(path: Path) -> None:
    if os.geteuid() == 0:
        account = pwd.getpwnam(SERVICE_ACCOUNT)
        os.chown(path, account.pw_uid, account.pw_gid)


def owned_folder(folder: Path) -> bool:
    """Make a folder that the servers' account owns and can enter; False where the path does not let it in."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.geteuid() != 0:
        return True
    try:
        give_to_service_account(folder)
    except OSError:
        return False
    reachable = subprocess.run(["test", "-w", str(folder)], **as_service_account())
    if reachable.returncode != 0:
        with contextlib.suppress(OSError):
            folder.rmdir()
    return reachable.returncode == 0


def elsewhere() -> Path:
    """A folder outside the checkout, one for each checkout, for when other accounts cannot enter the checkout."""
    return Path("/var/lib/cdrp-portal") / hashlib.sha256(str(ROOT).encode()).hexdigest()[:16]


def load_state() -> dict[str, Any]:
    """Ports, passwords and place as remembered by this checkout.

    A copied checkout carries its original's state along: the place outside the checkout then still belongs to the
    original, so the copy starts afresh unless the original is gone (in which case it was a move).
    """
    state = json.loads(STATE_FILE.read_text()) if STATE_FILE.exists() else {}
    moved_from = state.get("checkout", str(ROOT))
    if moved_from != str(ROOT) and Path(moved_from).exists():
        state = {}
    state["checkout"] = str(ROOT)
    for name in ("superuser_password", "owner_password", "redis_password"):
        state.setdefault(name, secrets.token_hex(24))
    return state


def choose_place(state: dict[str, Any]) -> Path:
    remembered = Path(state["place"]) if "place" in state else None
    if remembered and remembered != elsewhere() and not remembered.is_relative_to("/var/lib/cdrp-portal"):
        remembered = LOCAL
    for place in [remembered] if remembered else [LOCAL, elsewhere()]:
        if place != LOCAL:
            place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            place.mkdir(mode=0o755, parents=True, exist_ok=True)
        if owned_folder(place / "postgres") and owned_folder(place / "redis"):
            state["place"] = str(place)
            return place
    stop_with(
        f"The account '{SERVICE_ACCOUNT}' can enter neither {LOCAL} nor {elsewhere()}, and PostgreSQL refuses to "
        f"run as root. Make one of them reachable, or set DATABASE_URL and REDIS_URL to servers of your own."
    )


def postgresql_programs(data: Path) -> Path:
    """The folder of Debian's newest PostgreSQL, or of the version that made the data."""
    versions = {
        int(folder.parent.name): folder
        for folder in Path("/usr/lib/postgresql").glob("*/bin")
        if folder.parent.name.isdigit() and (folder / "postgres").exists()
    }
    if (data / "PG_VERSION").exists():
        made_by = int((data / "PG_VERSION").read_text())
        if made_by in versions:
            return versions[made_by]
        stop_with(
            f"The data in {data} was made by PostgreSQL {made_by}, which is not installed. Install the package "
            f"postgresql-{made_by}, or move that folder away to start with fresh data."
        )
    newest = max(versions, default=0)
    if newest < OLDEST_POSTGRESQL:
        stop_with(
            f"PostgreSQL {OLDEST_POSTGRESQL} or later is not installed. Run 'make install' to install it, or set "
            "DATABASE_URL to a server of your own."
        )
    return versions[newest]


def free_port(remembered: int | None) -> int:
    for wanted in (remembered, 0):
        if wanted is None:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", wanted))
                return int(probe.getsockname()[1])
    stop_with("No free port was found on 127.0.0.1. Stop a server that is no longer needed, then run make again.")


def process_in(folder: Path, pid_file: Path) -> int | None:
    """The id in a pid file, if that process is alive and works in this folder.

    After a crash or a restart of the machine the number may belong to a stranger, and a copied checkout carries
    its original's pid file along: both are told apart by the process's working folder.
    """
    try:
        pid = int(pid_file.read_text().split()[0])
        return pid if Path(f"/proc/{pid}/cwd").resolve(strict=True) == folder.resolve() else None
    except (OSError, ValueError, IndexError):
        return None


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def last_lines(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-5:]) if log.exists() else ""


def trim_log(log: Path) -> None:
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.unlink()


# PostgreSQL


def start_postgresql(state: dict[str, Any], place: Path) -> None:
    folder = place / "postgres"
    data = folder / "data"
    programs = postgresql_programs(data)
    if process_in(data, data / "postmaster.pid"):
        return
    if not (data / "PG_VERSION").exists():
        make_cluster(state, programs, data)
    if foreign_pid_file(data):
        (data / "postmaster.pid").unlink()
    log = folder / "postgresql.log"
    trim_log(log)
    for _ in range(3):
        state["postgres_port"] = free_port(state.get("postgres_port"))
        (data / "portal.conf").write_text(POSTGRESQL_CONF.format(port=state["postgres_port"]))
        started = subprocess.run(
            [programs / "pg_ctl", "start", "-w", "-s", "-t", "60", "-D", data, "-l", log],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **as_service_account(),
        )
        if started.returncode == 0:
            return
        state.pop("postgres_port")
    stop_with(f"PostgreSQL did not start. The end of its log, {log}:\n{last_lines(log)}")


def foreign_pid_file(data: Path) -> bool:
    """True if postmaster.pid names a live process that is not this cluster's.

    PostgreSQL itself clears the file of a dead process, and checks for orphaned backends while doing so; it
    cannot know that a live process with that number is a stranger.
    """
    try:
        pid = int((data / "postmaster.pid").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return False
    return is_alive(pid) and process_in(data, data / "postmaster.pid") is None


def make_cluster(state: dict[str, Any], programs: Path, data: Path) -> None:
    say(f"Making a private PostgreSQL cluster in {data.parent}.")
    check_disk_space(data.parent)
    # Made under another name first: a folder called 'data' is then always a whole cluster.
    unfinished = data.with_name("data.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    password_file = data.with_name("password")
    write_private(password_file, state["superuser_password"])
    give_to_service_account(password_file)
    made = subprocess.run(
        [
            *(programs / "initdb", "-D", unfinished, "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8"),
            *("--auth=scram-sha-256", f"--pwfile={password_file}", "--no-instructions"),
        ],
        text=True,
        capture_output=True,
        **as_service_account(),
    )
    password_file.unlink()
    if made.returncode != 0:
        stop_with(f"The PostgreSQL cluster could not be made: {made.stderr.strip()}")
    with (unfinished / "postgresql.conf").open("a") as settings:
        settings.write("\ninclude = 'portal.conf'\n")
    unfinished.rename(data)


def make_database(state: dict[str, Any], programs: Path) -> None:
    """Two roles and one database, as in production.

    cdrp owns the database and runs migrations, is no superuser, and may create databases for the tests. cdrp_app
    owns nothing: what it may not touch, it cannot unlock.
    """
    if state.get("database_made"):
        return
    statements = f"""
        CREATE ROLE cdrp LOGIN CREATEDB PASSWORD '{state["owner_password"]}';
        CREATE ROLE cdrp_app NOLOGIN;
        GRANT cdrp_app TO cdrp;
        CREATE DATABASE cdrp OWNER cdrp;
    """
    made = subprocess.run(
        [
            *(programs / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1"),
            *("-p", str(state["postgres_port"]), "-U", "postgres", "-d", "postgres"),
        ],
        input=statements,
        text=True,
        env={**os.environ, "PGPASSWORD": state["superuser_password"]},
        capture_output=True,
    )
    if made.returncode != 0 and "already exists" not in made.stderr:
        stop_with(f"The portal's database could not be made: {made.stderr.strip()}")
    state["database_made"] = True


def stop_postgresql(place: Path) -> None:
    data = place / "postgres" / "data"
    pid = process_in(data, data / "postmaster.pid")
    if pid:
        # SIGINT is PostgreSQL's fast shutdown: sessions are ended, nothing committed is lost.
        end_process(pid, signal.SIGINT)


# Redis


def start_redis(state: dict[str, Any], place: Path) -> None:
    folder = place / "redis"
    if process_in(folder, folder / "redis.pid"):
        return
    program = shutil.which("redis-server")
    if program is None:
        stop_with(
            "redis-server is not installed. Run 'make install' to install it, or set REDIS_URL to a server of your own."
        )
    (folder / "redis.pid").unlink(missing_ok=True)
    trim_log(folder / "redis.log")
    for _ in range(3):
        port = free_port(state.get("redis_port"))
        write_private(
            folder / "redis.conf",
            REDIS_CONF.format(port=port, password=state["redis_password"], folder=folder),
        )
        give_to_service_account(folder / "redis.conf")
        subprocess.run([program, folder / "redis.conf"], stdout=subprocess.DEVNULL, **as_service_account())
        if redis_answers(port):
            state["redis_port"] = port
            return
        state.pop("redis_port", None)
    stop_with(f"Redis did not start. The end of its log:\n{last_lines(folder / 'redis.log')}")


def redis_answers(port: int) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as link:
            link.sendall(b"PING\r\n")
            # A password is asked for, so the answer of a healthy server is a refusal.
            if link.recv(64).startswith((b"+PONG", b"-NOAUTH")):
                return True
        time.sleep(0.02)
    return False


def stop_redis(place: Path) -> None:
    pid = process_in(place / "redis", place / "redis" / "redis.pid")
    if pid:
        end_process(pid, signal.SIGTERM)


def end_process(pid: int, gently: signal.Signals) -> None:
    os.kill(pid, gently)
    deadline = time.monotonic() + 20
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)


# Both


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    with LOCK_FILE.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def write_env_file(state: dict[str, Any]) -> None:
    """The addresses and the key that settings read when the environment does not give them."""
    known = read_env_file()
    known.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
    if "postgres_port" in state:
        known["DATABASE_URL"] = (
            f"postgres://cdrp:{state['owner_password']}@127.0.0.1:{state['postgres_port']}/cdrp"
        )
    if "redis_port" in state:
        known["REDIS_URL"] = f"redis://:{state['redis_password']}@127.0.0.1:{state['redis_port']}/0"
    text = "".join(f"{name}={value}\n" for name, value in sorted(known.items()))
    if not ENV_FILE.exists() or ENV_FILE.read_text() != text:
        write_private(ENV_FILE, text)


def up() -> None:
    """Start what is not running. Asked again, it only looks."""
    make_local_folder()
    with one_at_a_time():
        state = load_state()
        own_postgresql = not os.environ.get("DATABASE_URL")
        own_redis = not os.environ.get("REDIS_URL")
        if own_postgresql or own_redis:
            if os.geteuid() == 0 and not has_service_account():
                stop_with(
                    f"PostgreSQL refuses to run as root and the account '{SERVICE_ACCOUNT}' does not exist. "
                    "Run 'make install', which installs Debian's PostgreSQL package and with it the account."
                )
            place = choose_place(state)
            if own_postgresql:
                start_postgresql(state, place)
                write_private(STATE_FILE, json.dumps(state, indent=1))
                make_database(state, postgresql_programs(place / "postgres" / "data"))
            if own_redis:
                start_redis(state, place)
            write_private(STATE_FILE, json.dumps(state, indent=1))
        write_env_file(state)


def has_service_account() -> bool:
    try:
        pwd.getpwnam(SERVICE_ACCOUNT)
    except KeyError:
        return False
    return True


def down() -> None:
    """Stop this checkout's own servers, and no others."""
    if not STATE_FILE.exists():
        return
    with one_at_a_time():
        state = load_state()
        if "place" in state:
            stop_redis(Path(state["place"]))
            stop_postgresql(Path(state["place"]))


@contextlib.contextmanager
def in_use() -> Iterator[None]:
    """Keep the servers up for as long as the block runs; the last to leave stops them.

    'make services' leaves a note that says to keep them, which only 'make stop' takes away. The note that they
    are in use is a lock, so that a killed process cannot leave one behind.
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
        # The terminal sends Ctrl-C to the child as well; wait for it to finish its own tidying.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda got, _: child.send_signal(got) if got == signal.SIGTERM else None)
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
    raise SystemExit(main(sys.argv[1:]))
