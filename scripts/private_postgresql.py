"""A PostgreSQL cluster of this checkout's own: the engine of production, on 127.0.0.1 and a port of its "
"own."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from house import check_disk_space, say, stop_with
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

OLDEST_VERSION = 15
ROLES = ["cdrp", "cdrp_app"]
INSTALLED = Path("/usr/lib/postgresql")
SETTINGS = """# Written by scripts/private_postgresql.py at every start.
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 100
shared_buffers = 128MB
timezone = 'UTC'
log_timezone = 'UTC'
"""


def start(state: State, place: Path) -> None:
    data = place / "postgres" / "data"
    programs = programs_for(data)
    if not process_in(data, data / "postmaster.pid"):
        if not data.exists():
            make_cluster(state, programs, data)
        start_cluster(state, programs, data)
    if state.get("roles") != ROLES:
        make_database(state, programs)
        state["roles"] = ROLES
    save_state(state)


def running(place: Path) -> dict[int, signal.Signals]:
    """The server's process, if it runs, and how it is ended.

    SIGINT is PostgreSQL's fast shutdown: sessions are ended, nothing committed is lost.
    """
    data = place / "postgres" / "data"
    pid = process_in(data, data / "postmaster.pid")
    return {pid: signal.SIGINT} if pid else {}


def newest_version() -> int:
    return max(installed_versions(), default=0)


def installed_versions() -> dict[int, Path]:
    return {
        int(folder.parent.name): folder
        for folder in INSTALLED.glob("*/bin")
        if folder.parent.name.isdigit() and (folder / "postgres").exists()
    }


def programs_for(data: Path) -> Path:
    """The programs of the version that made the data, else of the newest version installed."""
    versions = installed_versions()
    if (data / "PG_VERSION").exists():
        made_by = int((data / "PG_VERSION").read_text())
        if made_by not in versions:
            stop_with(
                f"The data in {data} was made by PostgreSQL {made_by}, which is not installed. Install the "
                f"package postgresql-{made_by}, or move that folder away to start with fresh data."
            )
        return versions[made_by]
    if newest_version() < OLDEST_VERSION:
        stop_with(
            f"PostgreSQL {OLDEST_VERSION} or later is not installed. Run 'make install' to install it, or "
            "set DATABASE_URL to a server of your own."
        )
    return versions[newest_version()]


def make_cluster(state: State, programs: Path, data: Path) -> None:
    say(f"Making a private PostgreSQL cluster in {data.parent}.")
    check_disk_space(data.parent)
    # Made under another name first: a folder called 'data' is then always a whole cluster.
    unfinished = data.with_name("data.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    password_file = data.with_name("password")
    write_for_service_account(password_file, state["superuser_password"])
    made = subprocess.run(
        [
            *(
                programs / "initdb",
                "-D",
                unfinished,
                "--username=postgres",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
            ),
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


def start_cluster(state: State, programs: Path, data: Path) -> None:
    if names_a_stranger(data):
        (data / "postmaster.pid").unlink()
    log = data.with_name("postgresql.log")
    trim_log(log)
    for _ in range(3):
        port = free_port(state.get("postgres_port"))
        write_for_service_account(data / "portal.conf", SETTINGS.format(port=port))
        started = subprocess.run(
            [programs / "pg_ctl", "start", "-w", "-s", "-t", "60", "-D", data, "-l", log],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **as_service_account(),
            # Its own session: Ctrl-C in the terminal is for the portal, which stops the cluster in its turn.
            start_new_session=True,
        )
        if started.returncode == 0:
            state["postgres_port"] = port
            return
        state.pop("postgres_port", None)
    stop_with(f"PostgreSQL did not start. The end of its log, {log}:\n{last_lines(log)}")


def names_a_stranger(data: Path) -> bool:
    """True if postmaster.pid names a live process that is not this cluster's.

    PostgreSQL itself clears the file of a dead process, and looks for orphaned backends while doing so; it
    cannot know that a live process with that number is a stranger.
    """
    try:
        pid = int((data / "postmaster.pid").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return False
    return Path(f"/proc/{pid}").exists() and process_in(data, data / "postmaster.pid") is None


def make_database(state: State, programs: Path) -> None:
    """Two roles and one database, as in production.

    cdrp owns the database, runs migrations and may create databases for the tests; it is no superuser.
    cdrp_app is whom the portal runs as: it owns nothing, so what it may not change it cannot unlock either.
    """
    # Raw SQL: this runs before Django is installed. The passwords are hexadecimal and made by this script.
    statements = f"""
        SELECT 'CREATE ROLE ' || wanted FROM unnest(ARRAY['cdrp', 'cdrp_app']) AS wanted
        WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) \\gexec
        ALTER ROLE cdrp LOGIN CREATEDB PASSWORD '{state["owner_password"]}';
        ALTER ROLE cdrp_app LOGIN PASSWORD '{state["app_password"]}';
        GRANT cdrp_app TO cdrp;
        SELECT 'CREATE DATABASE cdrp OWNER cdrp'
        WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'cdrp') \\gexec
    """  # noqa: S608
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
    if made.returncode != 0:
        stop_with(
            f"The portal's database could not be made: {made.stderr.strip()}\n"
            "Move the folder .local away to start with fresh data."
        )
