"""Bring the database or the static files up to date. Asked again, it changes nothing.

    prepare.py database | static

Run with the environment's Python by scripts/run.py. Reference data is loaded every time (its loader is
idempotent); demonstration data only where there are no users yet.
"""

import os
import sys
from pathlib import Path

from house import LOCAL, ROOT, digest, say, stop_with

sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdrp_portal.settings")

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import OperationalError, connection  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402


def prepare_database() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        say("Migrating the database.")
        call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("grant_app_role", verbosity=0)
    call_command("load_reference_data", verbosity=0)
    if settings.DEMO and not get_user_model()._default_manager.exists():
        say("Loading the demonstration data.")
        call_command("load_demo_data", verbosity=0)


def collect_static_files() -> None:
    sources = [path for path in Path(ROOT / "static").rglob("*") if path.is_file()]
    sizes = "".join(f"{path.relative_to(ROOT)}:{path.stat().st_mtime_ns}" for path in sorted(sources))
    wanted = digest([ROOT / "requirements.txt"], sizes)
    stamp = LOCAL / "stamps" / "collected"
    if stamp.exists() and stamp.read_text() == wanted and Path(settings.STATIC_ROOT).exists():
        return
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(wanted)


def main() -> int:
    match sys.argv[1:]:
        case ["static"]:
            collect_static_files()
        case ["database"]:
            try:
                prepare_database()
            except OperationalError as error:
                stop_with(f"The database does not answer: {error}. Check DATABASE_URL, then run make again.")
        case _:
            stop_with("Usage: prepare.py database | static")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
