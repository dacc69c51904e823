"""Verbs of the papers. What a paper says is saved here and nowhere else."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Permission
from committees.markup import parse
from committees.models import CommitteeMeeting, Edition, Paper, PaperSection, PaperTemplate
from committees.rendering import RenderedDocument, content_digest
from committees.rendering.kinds import KINDS


class PaperIssued(Exception):
    """The paper has been issued, so it stays as it is."""


@dataclass
class SectionConflict(Exception):
    """Somebody saved the section since it was opened. Carries both texts; nothing was saved."""

    mine: str
    stored: PaperSection

    def __str__(self) -> str:
        return f"{self.stored.saved_by} changed this section while you were writing."


class PaperChanged(Exception):
    """The paper was changed between the check before issue and the issue itself."""


@transaction.atomic
def create_paper(
    *,
    meeting: CommitteeMeeting,
    number: str,
    title: str,
    by_office: str,
    template: PaperTemplate,
    cut_off_on: date,
    by: User,
) -> Paper:
    """A new draft with the sections of its template, in their order."""
    _require(by, Permission.ISSUE_PAPERS)
    paper = Paper.objects.create(
        meeting=meeting,
        number=number,
        title=title,
        by_office=by_office,
        template=template,
        cut_off_on=cut_off_on,
        is_demonstration=meeting.is_demonstration,
    )
    PaperSection.objects.bulk_create(
        PaperSection(
            paper=paper,
            position=position,
            key=entry["key"],
            heading=entry["many"],
            numbering=entry["numbering"],
            text=entry["text"],
        )
        for position, entry in enumerate(template.headings)
    )
    return paper


@transaction.atomic
def save_head(*, paper: Paper, facts: dict[str, Any], version: int, by: User) -> Paper:
    """Save title, number, office, summary and cut-off. Raises PaperIssued, PaperChanged."""
    _require(by, Permission.ISSUE_PAPERS)
    stored = _draft(paper.pk)
    if stored.version != version:
        raise PaperChanged("Somebody changed these facts while you were writing. What they saved is below.")
    for name in ("number", "title", "by_office", "summary", "cut_off_on"):
        setattr(stored, name, facts[name])
    parse(stored.summary, "none")
    stored.version += 1
    stored.save()
    return stored


@transaction.atomic
def save_section(*, paper: Paper, key: str, text: str, version: int, by: User) -> PaperSection:
    """Save one section's text.

    Raises PaperIssued, MarkupError (a live block that cannot be understood) and SectionConflict (the
    stored version is not the one that was opened). Saving what is stored already changes nothing.
    """
    stored_paper = _draft(paper.pk)
    _require(by, Permission.WRITE_PAPERS, stored_paper)
    section = PaperSection.objects.select_for_update().get(paper=stored_paper, key=key)
    if not by.may(Permission.ISSUE_PAPERS) and section.assigned_to_id != by.pk:
        raise PermissionDenied
    text = text.replace("\r\n", "\n").strip()
    if section.text == text:
        return section
    if is_stale(section, version):
        raise SectionConflict(mine=text, stored=section)
    parse(text, section.numbering)
    section.text = text
    section.version += 1
    section.saved_at, section.saved_by = timezone.now(), by
    section.save()
    return section


def is_stale(section: PaperSection, version: int) -> bool:
    """Whether somebody saved the section since `version` was opened: the guard against lost texts."""
    return section.version != version


@transaction.atomic
def add_appendix(*, paper: Paper, heading: str, text: str, by: User) -> PaperSection:
    """A new last appendix. Raises PaperIssued, MarkupError."""
    _require(by, Permission.ISSUE_PAPERS)
    stored = _draft(paper.pk)
    parse(text, "none")
    position = stored.sections.filter(kind=PaperSection.Kind.APPENDIX).count()
    taken = set(stored.sections.values_list("key", flat=True))
    number = next(number for number in range(1, len(taken) + 2) if f"appendix-{number}" not in taken)
    return PaperSection.objects.create(
        paper=stored,
        kind=PaperSection.Kind.APPENDIX,
        position=position,
        key=f"appendix-{number}",
        heading=heading,
        numbering="none",
        text=text,
        saved_at=timezone.now(),
        saved_by=by,
    )


@transaction.atomic
def remove_appendix(*, paper: Paper, key: str, by: User) -> None:
    """Take an appendix out; those after it move up. Its text stays in the history. Raises PaperIssued."""
    _require(by, Permission.ISSUE_PAPERS)
    stored = _draft(paper.pk)
    stored.sections.get(key=key, kind=PaperSection.Kind.APPENDIX).delete()
    for position, section in enumerate(stored.sections.filter(kind=PaperSection.Kind.APPENDIX)):
        if section.position != position:
            section.position = position
            section.save(update_fields=["position"])


def fingerprint(paper: Paper) -> str:
    """Changes with every save of the paper or of one of its sections."""
    sections = sorted(f"{section.key}:{section.version}" for section in paper.sections.all())
    return f"{paper.version};{','.join(sections)}"


@transaction.atomic
def issue_paper(
    *, paper: Paper, content: dict[str, Any], rendered: RenderedDocument, expected: str, by: User
) -> Edition:
    """Freeze the rendered content as edition 1 and close the paper.

    Raises PaperIssued (it has an edition already), PaperChanged (saved since `expected` was taken).
    """
    _require(by, Permission.ISSUE_PAPERS)
    stored = _draft(paper.pk)
    if fingerprint(stored) != expected:
        raise PaperChanged(
            "The paper was changed after it was sent to be issued. Check it and issue it again."
        )
    edition = freeze(paper=stored, content=content, rendered=rendered, issued_at=timezone.now(), by=by)
    stored.state = Paper.State.ISSUED
    stored.save(update_fields=["state"])
    return edition


def freeze(
    *, paper: Paper, content: dict[str, Any], rendered: RenderedDocument, issued_at: datetime, by: User
) -> Edition:
    """The frozen row of an edition: content, template version, PDF and both digests."""
    return Edition.objects.create(
        paper=paper,
        number=paper.editions.count() + 1,
        content=content,
        content_digest=content_digest(content),
        document_kind=content["kind"],
        template_version=KINDS[content["kind"]].version,
        pdf=rendered.pdf,
        pdf_digest=rendered.sha256,
        page_count=rendered.page_count,
        issued_at=issued_at,
        issued_by=by,
    )


def _draft(pk: int) -> Paper:
    """The paper, locked; raises PaperIssued where nothing of it may change any more."""
    paper = Paper.objects.select_for_update().get(pk=pk)
    if paper.state == Paper.State.ISSUED:
        raise PaperIssued("This paper has been issued, so it stays as it is.")
    return paper


def _require(user: User, permission: Permission, paper: Paper | None = None) -> None:
    if not user.may(permission, paper):
        raise PermissionDenied
