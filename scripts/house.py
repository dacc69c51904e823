"""What every script of the house shares: where things are, and how to stop with a sentence.

Standard library only: these scripts run before anything is installed.
"""

import hashlib
import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
VENV = ROOT / ".venv"
ENV_FILE = LOCAL / "env"
FREE_BYTES_NEEDED = 1_000_000_000


def say(sentence: str) -> None:
    print(sentence, flush=True)


def stop_with(sentence: str) -> NoReturn:
    """End with a sentence that says what to do, never with a traceback."""
    print(sentence, file=sys.stderr, flush=True)
    raise SystemExit(1)


def make_local_folder() -> None:
    try:
        LOCAL.mkdir(exist_ok=True)
        probe = LOCAL / ".writable"
        probe.touch()
        probe.unlink()
    except PermissionError:
        stop_with(
            f"{LOCAL} cannot be written to by this account. It was made by another one, perhaps through "
            f"sudo: run the same command through sudo again, or give the folder back with "
            f"'sudo chown -R {os.environ.get('USER', '$USER')} {ROOT}'."
        )
    except OSError as error:
        stop_with(
            f"{LOCAL} cannot be written to ({error.strerror}). Free some disk space, then run make again."
        )


def check_disk_space(folder: Path = ROOT) -> None:
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < FREE_BYTES_NEEDED:
        stop_with(
            f"The disk that holds {folder} has {free // 1_000_000} MB free and the portal needs "
            f"{FREE_BYTES_NEEDED // 1_000_000} MB. Free some space, then run make again."
        )


def digest(paths: Iterable[Path], *extra: str) -> str:
    """One hash over names and contents, so that a stamp file can say 'nothing changed'."""
    total = hashlib.sha256("\0".join(extra).encode())
    for path in sorted(paths):
        total.update(f"\0{path.name}\0".encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def read_env_file() -> dict[str, str]:
    if not ENV_FILE.exists():
        return {}
    pairs = (line.partition("=") for line in ENV_FILE.read_text().splitlines() if "=" in line)
    return {name.strip(): value.strip() for name, _, value in pairs}


def write_private(path: Path, text: str) -> None:
    """Write whole or not at all, readable by the owner only."""
    fresh = path.with_name(path.name + ".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    fresh.replace(path)
