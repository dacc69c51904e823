"""Bring the database or the static files up to date. Asked again, it changes nothing.

    prepare.py database | static

Run with the environment's Python by scripts/run.py. Reference data is loaded every time (its loader is
idempotent); demonstration data only where there are no users yet. Django is imported where it is needed: it
takes none of it to see that the static files are unchanged.
"""

import os
import sys

from house import LOCAL, ROOT, digest, run_main, say, stop_with

STAMP = LOCAL / "stamps" / "collected"


def start_django() -> None:
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdrp_portal.settings")
    import django

    django.setup()


def prepare_database() -> None:
    start_django()
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.db import OperationalError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
    except OperationalError as error:
        stop_with(f"The database does not answer: {error}. Check DATABASE_URL, then run make again.")
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
    sources = sorted(path for path in (ROOT / "static").rglob("*") if path.is_file())
    times = "".join(f"{path.relative_to(ROOT)}:{path.stat().st_mtime_ns}" for path in sources)
    wanted = digest([ROOT / "requirements.txt"], times)
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    start_django()
    from django.core.management import call_command

    STAMP.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    STAMP.parent.mkdir(exist_ok=True)
    STAMP.write_text(wanted)


def main() -> int:
    match sys.argv[1:]:
        case ["static"]:
            collect_static_files()
        case ["database"]:
            prepare_database()
        case _:
            stop_with("Usage: prepare.py database | static")
    return 0


if __name__ == "__main__":
    run_main(main)
