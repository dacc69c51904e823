from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from committees.content.paper_manuscript import edition_manuscript
from committees.models import Edition
from committees.rendering import content_digest
from committees.rendering.child import render_in_child
from committees.rendering.errors import DocumentRefused, RenderFailed


class Command(BaseCommand):
    help = "Rebuild every issued edition from its frozen content and compare it byte for byte."

    def handle(self, *args: Any, **options: Any) -> None:
        editions = Edition.objects.select_related("paper__meeting__committee").order_by("pk")
        wrong = count = 0
        for edition in editions.iterator(chunk_size=20):
            count += 1
            faults = list(_faults(edition))
            wrong += bool(faults)
            for fault in faults:
                self.stderr.write(f"{edition.paper.meeting.held_on} {edition}: {fault}")
        if wrong:
            raise CommandError(f"{wrong} of {count} editions differ from what was issued.")
        self.stdout.write(f"{count} of {count} editions are byte for byte what was issued.")


def _faults(edition: Edition) -> Iterator[str]:
    if content_digest(edition.content) != edition.content_digest:
        yield "the frozen content is not what was issued."
    manuscript = edition_manuscript(edition)
    try:
        rendered = render_in_child(
            manuscript.content, edition=manuscript.edition, version=manuscript.template_version
        )
    except (DocumentRefused, RenderFailed) as reason:
        yield f"it cannot be rebuilt. {reason}"
        return
    if rendered.sha256 != edition.pdf_digest:
        yield f"rebuilt it has SHA-256 {rendered.sha256}, and {edition.pdf_digest} was issued."
    if bytes(edition.pdf) != rendered.pdf and rendered.sha256 == edition.pdf_digest:
        yield "the kept PDF is not the one whose digest was issued."
