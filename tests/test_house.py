"""The house itself: the installer's sentences, the private services, the supervisor."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import house
import install
import private_place
import pytest
import run
import supervisor

ROOT = Path(__file__).resolve().parent.parent


def run_script(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    surroundings = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**surroundings, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_make_run_on_a_used_port_says_what_to_do():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        refused = run_script(ROOT, "scripts/run.py", PORT=str(port))

    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr == (
        f"Port {port} is in use by another program. Stop it, or choose another port: "
        f"make run PORT={port + 1}\n"
    )


@pytest.mark.parametrize("port", ["0", "65536", "eighty", "-1"])
def test_make_run_on_no_port_at_all_says_what_to_do(port):
    refused = run_script(ROOT, "scripts/run.py", PORT=port)

    assert refused.returncode == 1
    assert refused.stderr.startswith(f"PORT={port} is not a port.")


def test_full_disk_is_told_in_a_sentence(monkeypatch, capsys):
    monkeypatch.setattr(house, "FREE_BYTES_NEEDED", 10**18)

    with pytest.raises(SystemExit):
        house.check_disk_space()

    assert "Free some space, then run make again." in capsys.readouterr().err


def test_missing_sudo_is_told_in_a_sentence(monkeypatch, capsys):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("PATH", "/nonexistent")

    with pytest.raises(SystemExit):
        install.root_prefix("apt-get install redis-server")

    assert "there is no sudo here. Ask an administrator to run 'apt-get install redis-server'" in (
        capsys.readouterr().err
    )


def test_missing_network_is_told_in_a_sentence(monkeypatch, capsys, tmp_path):
    """pip is asked for a package that no index can give: the loopback address has none."""
    (tmp_path / "lock.txt").write_text("no-such-package==1.0 --hash=sha256:" + "0" * 64 + "\n")
    monkeypatch.setattr(install, "ROOT", tmp_path)
    for name, value in {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_RETRIES": "0",
        "PIP_NO_INPUT": "1",
    }.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit):
        install.pip_install("lock.txt")

    assert "The Python packages could not be installed. Check the network" in capsys.readouterr().err


def test_folder_of_another_account_is_told_in_a_sentence(capsys):
    def touch_something() -> int:
        raise PermissionError(13, "Permission denied", "/somewhere/.local/env")

    with pytest.raises(SystemExit):
        house.run_main(touch_something)

    assert capsys.readouterr().err.startswith("/somewhere/.local/env cannot be used by this account.")


def test_nothing_is_installed_when_nothing_is_missing(monkeypatch):
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("something was installed"))
    there = [part for part in install.SYSTEM_PARTS if part.is_there()]
    monkeypatch.setattr(install, "SYSTEM_PARTS", there)

    install.install_system_parts(for_tests=True)


def test_server_elsewhere_makes_its_package_unneeded(monkeypatch):
    missing = install.SystemPart("Redis", ("redis-server",), lambda: False, stands_in="REDIS_URL")
    monkeypatch.setattr(install, "SYSTEM_PARTS", [missing])
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("something was installed"))

    install.install_system_parts(for_tests=False)


@pytest.fixture
def copy_of_house(tmp_path):
    """The scripts in a folder of their own, which other accounts cannot enter."""
    folder = tmp_path / "a house"
    shutil.copytree(ROOT / "scripts", folder / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    tmp_path.chmod(0o700)
    yield folder
    run_script(folder, "scripts/services.py", "down")
    for line in (folder / ".local" / "services.json").read_text().splitlines():
        if '"outside"' in line:
            shutil.rmtree(line.split('"')[3])


def state_of(folder: Path) -> dict:
    return json.loads((folder / ".local" / "services.json").read_text())


def server_pids(folder: Path) -> list[int]:
    state = state_of(folder)
    place = Path(state.get("outside", folder / ".local"))
    files = [place / "postgres" / "data" / "postmaster.pid", place / "redis" / "redis.pid"]
    return [int(file.read_text().split()[0]) for file in files]


def test_private_services_start_survive_a_kill_and_stop(copy_of_house):
    first = run_script(copy_of_house, "scripts/services.py", "up")
    assert first.returncode == 0, first.stderr
    began = server_pids(copy_of_house)

    for pid in began:
        os.kill(pid, signal.SIGKILL)
    second = run_script(copy_of_house, "scripts/services.py", "up")
    again = server_pids(copy_of_house)
    third = run_script(copy_of_house, "scripts/services.py", "up")

    assert (second.returncode, third.returncode) == (0, 0), second.stderr
    assert not set(began) & set(again)
    assert server_pids(copy_of_house) == again
    owners = {Path(f"/proc/{pid}").stat().st_uid for pid in again}
    assert 0 not in owners

    run_script(copy_of_house, "scripts/services.py", "down")
    assert [pid for pid in again if private_place.is_alive(pid)] == []


def test_private_services_are_stopped_by_the_last_who_uses_them(copy_of_house):
    used = run_script(copy_of_house, "scripts/services.py", "with", "--", "cat", ".local/env")

    assert used.returncode == 0, used.stderr
    assert "DATABASE_URL=postgres://cdrp:" in used.stdout
    place = Path(state_of(copy_of_house).get("outside", copy_of_house / ".local"))
    assert not (place / "postgres" / "data" / "postmaster.pid").exists()


def test_servers_elsewhere_are_left_alone(copy_of_house):
    up = run_script(
        copy_of_house,
        "scripts/services.py",
        "up",
        DATABASE_URL="postgres://elsewhere/x",
        REDIS_URL="redis://elsewhere",
    )

    assert up.returncode == 0, up.stderr
    assert "DATABASE_URL" not in (copy_of_house / ".local" / "env").read_text()
    assert "SECRET_KEY=" in (copy_of_house / ".local" / "env").read_text()
    (copy_of_house / ".local" / "services.json").write_text("{}")


@pytest.mark.parametrize(
    ("original_is_there", "keeps_place"), [(True, False), (False, True)], ids=["copied", "moved"]
)
def test_copied_checkout_does_not_take_its_originals_data(
    monkeypatch, tmp_path, original_is_there, keeps_place
):
    original = tmp_path / "original"
    if original_is_there:
        original.mkdir()
    state_file = tmp_path / "services.json"
    state_file.write_text(json.dumps({"checkout": str(original), "outside": "/var/lib/cdrp-portal/1"}))
    monkeypatch.setattr(private_place, "STATE_FILE", state_file)

    state = private_place.load_state()

    assert ("outside" in state) is keeps_place
    assert state["checkout"] == str(ROOT)


def test_pid_of_a_stranger_is_not_taken_for_ours(tmp_path):
    pid_file = tmp_path / "redis.pid"
    pid_file.write_text(f"{os.getpid()}\n")

    assert private_place.process_in(tmp_path, pid_file) is None
    assert private_place.process_in(Path.cwd(), pid_file) == os.getpid()


def test_interrupted_parent_is_noticed():
    """The test process stands in for make, which drops its handler when it alone is interrupted."""
    handler = signal.getsignal(signal.SIGINT)
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        before = run.catches_interrupt(os.getpid())
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        after = run.catches_interrupt(os.getpid())
    finally:
        signal.signal(signal.SIGINT, handler)

    assert (before, after) == (True, False)
    assert not run.catches_interrupt(2**22 + 1)


def test_other_processes_wait_for_the_web_and_no_longer(monkeypatch, capsys):
    worker = supervisor.Process("worker", ["true"])
    welcome = run.Welcome(8000, [worker], demo=True)
    held_for = worker.start_again_at - time.monotonic()

    monkeypatch.setattr(welcome, "answers", lambda: True)
    welcome()
    welcome()

    told = capsys.readouterr().out
    assert 10 < held_for <= run.LONGEST_WAIT_FOR_WEB
    assert worker.start_again_at == 0
    assert told.count("http://localhost:8000/") == 1
    assert len(re.findall(r"\w+@demo\.test", told)) == 9


def test_supervisor_restarts_what_dies_and_ends_everything(capsys, tmp_path):
    """One child that dies, and one that does not heed being asked to end."""
    mortal = supervisor.Process(
        "mortal", ["sh", "-c", f"echo born; echo x >> {tmp_path}/births; exit 3"], wait=0.1
    )
    deaf = supervisor.Process("deaf", ["sh", "-c", "trap '' TERM; echo up; while true; do sleep 0.1; done"])
    keeper = supervisor.Supervisor([mortal, deaf], dict(os.environ), str(tmp_path))
    seen = []

    def each_turn() -> None:
        seen.append(deaf.running)
        births = tmp_path / "births"
        if births.exists() and len(births.read_text().splitlines()) >= 3:
            keeper.stop()

    began = time.monotonic()
    assert threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    try:
        keeper.run(each_turn)
    finally:
        signal.signal(signal.SIGINT, before[0])
        signal.signal(signal.SIGTERM, before[1])
    took = time.monotonic() - began

    told = capsys.readouterr().out
    assert told.count("mortal | born") >= 3
    assert "mortal | ended with code 3; starting again in" in told
    assert "deaf   | up" in told
    assert deaf.running is None
    assert not private_place.is_alive(seen[-1].pid)
    assert took < 15
