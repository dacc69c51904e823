"""Install what is missing, and say what.

    install.py run      what the portal needs
    install.py test     that, and what its tests and checks need

System libraries come from Debian's packages, Python packages from the hash-locked requirements, typefaces
from the npm registry. Each part leaves a stamp, so that asked again nothing is done. A DATABASE_URL or
REDIS_URL in the environment stands for a server elsewhere, and that server's package is left out.
"""

import ctypes
import fcntl
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from house import LOCAL, ROOT, VENV, check_disk_space, digest, make_local_folder, run_main, say, stop_with
from private_postgresql import OLDEST_VERSION, newest_version

OLDEST_PYTHON = (3, 11)
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
FONTS = ROOT / "static" / "vendor" / "fonts"


@dataclass(frozen=True)
class SystemPart:
    """Something that only the system's package manager can bring."""

    what: str
    packages: tuple[str, ...]
    is_there: Callable[[], bool]
    for_tests_only: bool = False
    stands_in: str = ""
    """An environment variable that names a server elsewhere."""


def has_library(*names: str) -> Callable[[], bool]:
    def look() -> bool:
        try:
            for name in names:
                ctypes.CDLL(name)
        except OSError:
            return False
        return True

    return look


def has_program(*names: str) -> Callable[[], bool]:
    """Any of them."""
    return lambda: any(shutil.which(name) for name in names)


def has_venv() -> bool:
    return (VENV / "bin" / "python").exists() or importlib.util.find_spec("ensurepip") is not None


SYSTEM_PARTS = [
    SystemPart("Python's venv", (f"python3.{sys.version_info.minor}-venv",), has_venv),
    SystemPart(
        "PostgreSQL", ("postgresql",), lambda: newest_version() >= OLDEST_VERSION, stands_in="DATABASE_URL"
    ),
    SystemPart("Redis", ("redis-server",), has_program("redis-server"), stands_in="REDIS_URL"),
    SystemPart(
        "Pango and HarfBuzz, which set the type in PDFs",
        ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"),
        has_library("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0"),
    ),
    SystemPart(
        "Chromium, for the browser tests",
        # Without the window that no test opens: a page takes half the time to open.
        ("chromium-headless-shell",),
        has_program("chromium-headless-shell", "chromium"),
        for_tests_only=True,
    ),
    SystemPart(
        "Poppler, which reads PDFs back", ("poppler-utils",), has_program("pdftoppm"), for_tests_only=True
    ),
    SystemPart(
        "LibreOffice, which opens exports as their readers do",
        ("libreoffice-calc-nogui",),
        has_program("soffice"),
        for_tests_only=True,
    ),
]


def check_python() -> None:
    if sys.version_info < OLDEST_PYTHON:
        stop_with(
            f"Python {OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]} or later is needed and this is Python "
            f"{sys.version_info.major}.{sys.version_info.minor}. Name a later one: make PYTHON=python3.12 ..."
        )


def install_system_parts(*, for_tests: bool) -> None:
    missing = [
        part
        for part in SYSTEM_PARTS
        if (for_tests or not part.for_tests_only)
        and not os.environ.get(part.stands_in)
        and not part.is_there()
    ]
    if not missing:
        return
    packages = [package for part in missing for package in part.packages]
    by_hand = f"apt-get install {' '.join(packages)}"
    if shutil.which("apt-get") is None:
        stop_with(
            f"Missing: {'; '.join(part.what for part in missing)}. This system has no apt-get: install the "
            f"equivalents of Debian's packages {', '.join(packages)}, then run make again."
        )
    say(f"Installing Debian packages: {', '.join(packages)} ({'; '.join(part.what for part in missing)}).")
    check_disk_space(Path("/usr"))
    as_root = root_prefix(by_hand)
    updated = subprocess.run([*as_root, "apt-get", "update", "-q"], capture_output=True, text=True)
    installed = subprocess.run(
        [
            *as_root,
            "env",
            "DEBIAN_FRONTEND=noninteractive",
            "apt-get",
            "install",
            "-y",
            "-q",
            "--no-install-recommends",
        ]
        + packages,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    if installed.returncode != 0:
        check_disk_space(Path("/usr"))
        complaint = (installed.stderr or updated.stderr).strip().splitlines()
        stop_with(
            "The Debian packages could not be installed. Check the network and that no other package "
            f"manager is running, then run make again, or install them yourself with '{by_hand}'. apt-get "
            "said: " + " ".join(line.strip() for line in complaint[-3:])
        )
    still_missing = [part.what for part in missing if not part.is_there()]
    if still_missing:
        stop_with(
            f"Still missing after installing: {'; '.join(still_missing)}. This system's packages may be too "
            f"old: the portal needs PostgreSQL {OLDEST_VERSION} or later (Debian 12 or later)."
        )


def root_prefix(by_hand: str) -> list[str]:
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo is None:
        stop_with(
            f"Installing them needs root and there is no sudo here. Ask an administrator to run '{by_hand}'."
        )
    if subprocess.run([sudo, "-n", "true"], capture_output=True).returncode == 0:
        return [sudo, "-n"]
    if not sys.stdin.isatty() or subprocess.run([sudo, "-v"]).returncode != 0:
        stop_with(f"Installing them needs sudo, which was refused. Ask an administrator to run '{by_hand}'.")
    return [sudo]


def stamp_is_current(name: str, value: str) -> bool:
    stamp = LOCAL / "stamps" / name
    return stamp.exists() and stamp.read_text() == value


def write_stamp(name: str, value: str) -> None:
    (LOCAL / "stamps").mkdir(exist_ok=True)
    (LOCAL / "stamps" / name).write_text(value)


def make_venv() -> None:
    # Programs in an environment hold its address and its interpreter's: moved, copied or upgraded, it is
    # made anew.
    identity = f"{VENV} {sys.version}"
    if (VENV / "bin" / "python").exists() and stamp_is_current("venv", identity):
        return
    check_disk_space()
    shutil.rmtree(VENV, ignore_errors=True)
    shutil.rmtree(LOCAL / "stamps", ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True)
    if made.returncode != 0:
        stop_with(f"The virtual environment {VENV} could not be made: {(made.stdout + made.stderr).strip()}")
    write_stamp("venv", identity)


def pip_install(lock: str) -> None:
    check_disk_space()
    installed = subprocess.run(
        [
            *(VENV / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            # Compiled when first imported: most of these modules never are.
            "--no-compile",
            *("--require-hashes", "--requirement", ROOT / lock),
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    if installed.returncode != 0:
        check_disk_space()
        complaint = [line for line in installed.stderr.splitlines() if "ERROR" in line]
        stop_with(
            "The Python packages could not be installed. Check the network, and pip's settings if this "
            "machine uses a mirror or a proxy, then run make again. pip said: " + " ".join(complaint[-3:])
        )


def install_python_packages(*, for_tests: bool) -> None:
    make_venv()
    locks = {"run": "requirements.txt", "test": "requirements-dev.txt"}
    current = [
        kind for kind, lock in locks.items() if stamp_is_current(f"python-{kind}", digest([ROOT / lock]))
    ]
    kind = "test" if for_tests else "run"
    if kind in current or "test" in current:
        return
    say(f"Installing Python packages from {locks[kind]}.")
    pip_install(locks[kind])
    write_stamp(f"python-{kind}", digest([ROOT / locks[kind]]))


def npm_command() -> list[str]:
    npm = shutil.which("npm")
    if npm:
        return [npm]
    npm_here = VENV / "bin" / "npm"
    if not npm_here.exists():
        say("Installing Node.js into .venv for the build; the portal itself does not use it.")
        pip_install("requirements-node.txt")
    return [str(npm_here)]


def install_static_files(*, for_tests: bool) -> None:
    inputs = [ROOT / "package-lock.json", ROOT / "scripts" / "build_static.py"]
    wanted = digest(inputs)
    with_axe = for_tests or AXE.exists()
    if stamp_is_current("static", wanted) and FONTS.exists() and (AXE.exists() or not with_axe):
        return
    say("Installing typefaces" + (" and the accessibility checker." if with_axe else "."))
    check_disk_space()
    installed = subprocess.run(
        [*npm_command(), "ci", "--silent", *([] if with_axe else ["--omit=dev"])],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"},
    )
    if installed.returncode != 0:
        check_disk_space()
        complaint = (installed.stderr or installed.stdout).strip().splitlines()
        stop_with(
            "The typefaces could not be installed. Check the network, and npm's settings if this machine "
            "uses a mirror or a proxy, then run make again. npm said: " + " ".join(complaint[-3:])
        )
    subprocess.run([VENV / "bin" / "python", ROOT / "scripts" / "build_static.py"], check=True)
    write_stamp("static", wanted)


def main(arguments: list[str]) -> int:
    if arguments not in (["run"], ["test"]):
        stop_with("Usage: install.py run | test")
    for_tests = arguments == ["test"]
    check_python()
    make_local_folder()
    with (LOCAL / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        install_system_parts(for_tests=for_tests)
        install_python_packages(for_tests=for_tests)
        install_static_files(for_tests=for_tests)
    return 0


if __name__ == "__main__":
    run_main(lambda: main(sys.argv[1:]))
