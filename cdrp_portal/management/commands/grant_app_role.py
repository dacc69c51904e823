"""Give the portal's own database role the rights it needs, and no more (QUALITY row 77).

The portal runs as a role that owns nothing. It may read and write rows, but it can neither change nor empty a
table of history or of issued editions, and it cannot alter any table or switch off a trigger.
"""

from typing import Any

import pghistory.models
from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import connection, models, transaction

from cdrp_portal.constraints import Frozen

APP_ROLE = "cdrp_app"


def append_only_tables() -> list[str]:
    """Tables whose rows are added and never changed: all history, and what is frozen when inserted."""
    return sorted(
        model._meta.db_table for model in apps.get_models() if model._meta.managed and is_append_only(model)
    )


def is_append_only(model: type[models.Model]) -> bool:
    triggers = getattr(model._meta, "triggers", [])
    return issubclass(model, pghistory.models.Event) or any(isinstance(t, Frozen) for t in triggers)


class Command(BaseCommand):
    help = "Give the role cdrp_app the rights the portal needs. Run it after every migration."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", [APP_ROLE])
            if not cursor.fetchone()[0]:
                self.stdout.write(
                    f"There is no role {APP_ROLE} here: the portal runs as the database's owner."
                )
                return
            # Raw SQL because Django has no words for rights; every name is quoted and none comes from a user.
            role = connection.ops.quote_name(APP_ROLE)
            tables = ", ".join(connection.ops.quote_name(table) for table in append_only_tables())
            cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
            cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
            cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")
            cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}")
            cursor.execute(f"REVOKE UPDATE, DELETE ON {tables} FROM {role}")
