"""Puts a file before its reader in a child process that can take little and is not waited for long."""

import subprocess
import sys
from pathlib import Path

from cdrp_portal.uploads.reading import Refused
from cdrp_portal.uploads.reading.child import REFUSED_EXIT

SECONDS = 25
UNREADABLE = "It cannot be read. Save it anew and add that."
# Only the readers' own folder is added: the portal itself would take ten times as long to import.
_START = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); from reading.child import main; main(*sys.argv[1:])"
)


def read_in_child(kind: str, source: Path, target: Path) -> None:
    """Raises Refused with the reader's sentence, and for a reader that broke, ran dry or took too long."""
    command = [sys.executable, "-I", "-c", _START, str(Path(__file__).parent), kind, str(source), str(target)]
    try:
        ended = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            env={},
            cwd="/",
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise Refused("Reading it took too long.") from late
    if ended.returncode == REFUSED_EXIT:
        raise Refused(ended.stdout.decode("utf-8", errors="replace") or UNREADABLE)
    if ended.returncode != 0 or not target.exists():
        raise Refused(UNREADABLE)
