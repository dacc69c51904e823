"""What every script of the house shares: where things are, and how to stop with a sentence.

Standard library only: these scripts run before anything is installed.
"""

import errno
import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
VENV = ROOT / ".venv"
ENV_FILE = LOCAL / "env"
OTHER_ACCOUNT = """\
{path} cannot be used by this account. It belongs to another one, perhaps because the command was run
through sudo before: run it through sudo again, or take the folder back with
    sudo chown -R "$USER" "{root}\""""
FREE_BYTES_NEEDED = 1_000_000_000


def say(sentence: str) -> None:
    print(sentence, flush=True)


def stop_with(sentence: str) -> NoReturn:
    """End with a sentence that says what to do, never with a traceback."""
    print(sentence, file=sys.stderr, flush=True)
    raise SystemExit(1)


def run_main(main: Callable[[], int]) -> NoReturn:
    """Run a script's main function; what a person can put right ends with a sentence, not a traceback."""
    try:
        raise SystemExit(main())
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except PermissionError as error:
        stop_with(OTHER_ACCOUNT.format(path=error.filename, root=ROOT))
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            stop_with(f"The disk that holds {ROOT} is full. Free some space, then run make again.")
        raise


def make_local_folder() -> None:
    try:
        LOCAL.mkdir(exist_ok=True)
        probe = LOCAL / ".writable"
        probe.touch()
        probe.unlink()
    except PermissionError:
        stop_with(OTHER_ACCOUNT.format(path=LOCAL, root=ROOT))


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
