from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessments.tasks import sweep_uploads


class Command(BaseCommand):
    help = "Remove uploaded files that belong to nothing, read every other one again, and name what is wrong."

    def handle(self, *args: Any, **options: Any) -> None:
        found = sweep_uploads()
        for name in found.removed:
            self.stdout.write(f"{name} belonged to nothing and was removed.")
        for fault in found.faults:
            self.stderr.write(fault)
        count = found.whole + len(found.faults)
        if found.faults:
            raise CommandError(f"{len(found.faults)} of {count} files are not as they were added.")
        self.stdout.write(f"{count} of {count} files are as they were added.")
