from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.permissions import Role
from committees import documents
from committees.archive import REPORTS
from committees.content.manuscript import Manuscript
from committees.rendering import EditionMark
from committees.rendering.child import render_in_child
from committees.rendering.errors import DocumentRefused, RenderFailed

# Whoever may run commands here can read everything: the documents are those that a clerk would get.
OPERATOR = User(name="The operator", role=Role.CLERK)
SUBJECTS = {
    "committee-paper": ("paper", "archive"),
    "health-check-matrix": ("cycle",),
    "borough-brief": ("borough",),
}
ARCHIVE = {Path(report.file).stem: report for report in REPORTS}


class Command(BaseCommand):
    help = "Make a document in the foreground, by the same steps as the job, and write it to a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=sorted(SUBJECTS))
        parser.add_argument("--output", required=True, type=Path, help="the file to write")
        subject = parser.add_mutually_exclusive_group(required=True)
        subject.add_argument("--paper", type=int, help="the paper's number in its address")
        subject.add_argument("--archive", help=f"a report of the archive: {', '.join(ARCHIVE)}")
        subject.add_argument("--cycle", help="the review cycle's name in its address, such as autumn-2010")
        subject.add_argument("--borough", help="the borough's name in its address, such as camden")
        parser.add_argument("--query", default="", help="the matrix page's filters, such as theme=E&show=red")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            manuscript = _manuscript(options)
            rendered = render_in_child(
                manuscript.content,
                edition=manuscript.edition,
                draft=manuscript.draft,
                version=manuscript.template_version,
            )
        except (*documents.REFUSALS, PermissionDenied, DocumentRefused, RenderFailed) as reason:
            raise CommandError(str(reason)) from reason
        output: Path = options["output"]
        try:
            output.write_bytes(rendered.pdf)
        except OSError as failure:
            raise CommandError(f"{output} could not be written: {failure.strerror}.") from failure
        pages = "1 page" if rendered.page_count == 1 else f"{rendered.page_count} pages"
        self.stdout.write(f"{output}: {manuscript.title}, {pages}, SHA-256 {rendered.sha256}")


def _manuscript(options: dict[str, Any]) -> Manuscript:
    kind = options["kind"]
    subject = next(name for names in SUBJECTS.values() for name in names if options[name] is not None)
    if subject not in SUBJECTS[kind]:
        wanted = " or ".join(f"--{name}" for name in SUBJECTS[kind])
        raise CommandError(f"A {kind} is made of {wanted}, not of --{subject}.")
    if subject == "archive":
        return _archived(options["archive"])
    parameters = {subject: options[subject]}
    if kind == "health-check-matrix":
        parameters["query"] = options["query"]
    return documents.gather(kind, parameters, by=OPERATOR)


def _archived(name: str) -> Manuscript:
    if name not in ARCHIVE:
        raise CommandError(f"The archive holds no report {name}. It holds {', '.join(ARCHIVE)}.")
    content = ARCHIVE[name].content()
    return Manuscript(title=content["title"], filename=f"{name}.pdf", content=content, edition=EditionMark(1))
