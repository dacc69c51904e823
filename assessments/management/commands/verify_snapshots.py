from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessments.content.snapshot import what_is_wrong
from assessments.models import CycleSnapshot, ReviewCycle


class Command(BaseCommand):
    help = "Compare every closed cycle with the snapshot taken when it was closed, and name what differs."

    def handle(self, *args: Any, **options: Any) -> None:
        closed = ReviewCycle.objects.exclude(closed_at=None).order_by("opens_on", "pk")
        snapshots = CycleSnapshot.objects.select_related("cycle__framework").in_bulk(field_name="cycle_id")
        wrong = 0
        for cycle in closed:
            snapshot = snapshots.get(cycle.pk)
            fault = what_is_wrong(snapshot) if snapshot else "no snapshot was taken when it was closed"
            wrong += bool(fault)
            if fault:
                self.stderr.write(f"{cycle}: {fault}.")
        count = len(closed)
        if wrong:
            raise CommandError(f"{wrong} of {count} closed cycles differ from their snapshots.")
        self.stdout.write(f"{count} of {count} closed cycles are what they were when they were closed.")
