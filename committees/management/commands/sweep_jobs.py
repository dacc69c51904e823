from typing import Any

from django.core.management.base import BaseCommand

from committees.jobs import claims


class Command(BaseCommand):
    help = "Bring back the jobs of stopped workers and wake workers for all that wait, as beat does."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{claims.sweep()} brought back.")
