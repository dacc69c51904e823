"""A committee report for printing: a draft, an issued edition again, or the edition about to be issued."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied

from accounts.models import User
from accounts.permissions import Permission
from committees.content.manuscript import BadParameters, Manuscript, NotThere
from committees.content.paper import PUBLIC, PaperIncomplete, paper_content
from committees.models import Edition, Paper
from committees.rendering.digest import EditionMark


def paper_manuscript(parameters: Mapping[str, Any], by: User) -> Manuscript:
    """`parameters`: paper (its key). A draft is marked as one; an issued paper is its newest edition."""
    paper = _visible_paper(parameters, by)
    edition = paper.editions.defer("pdf").order_by("-number").first()
    if edition is not None:
        return edition_manuscript(edition)
    if not by.may(Permission.WRITE_PAPERS, paper):
        raise PermissionDenied("You may not make the PDF of this paper.")
    return Manuscript(
        title=str(paper), filename=_filename(paper, "draft"), content=_composed(paper, by), draft=True
    )


def edition_manuscript(edition: Edition) -> Manuscript:
    """The frozen content of an edition with the template version it was issued with."""
    return Manuscript(
        title=str(edition),
        filename=_filename(edition.paper, f"edition-{edition.number}"),
        content=edition.content,
        edition=EditionMark(edition.number),
        template_version=edition.template_version,
    )


def issue_manuscript(parameters: Mapping[str, Any], by: User) -> Manuscript:
    """`parameters`: paper, and expected (the fingerprint of what the clerk has checked).

    The first edition, with the figures that the public may see.
    """
    paper = _visible_paper(parameters, by)
    if not by.may(Permission.ISSUE_PAPERS, paper):
        raise PermissionDenied("You may not issue this paper.")
    return Manuscript(
        title=f"Issue of {paper}",
        filename=_filename(paper, "edition-1"),
        content=_composed(paper, PUBLIC),
        edition=EditionMark(1),
    )


def _visible_paper(parameters: Mapping[str, Any], by: User) -> Paper:
    papers = Paper.objects.visible_to(by).select_related("meeting__committee", "template")
    paper = papers.filter(pk=parameters.get("paper", 0)).first()
    if paper is None:
        raise NotThere(NotThere.SENTENCE)
    return paper


def _composed(paper: Paper, reader: User) -> dict[str, Any]:
    try:
        return paper_content(paper, reader=reader)
    except PaperIncomplete as gap:
        raise BadParameters(str(gap)) from gap


def _filename(paper: Paper, mark: str) -> str:
    meeting = paper.meeting
    return f"{meeting.held_on.isoformat()}-{meeting.committee.code}-{paper.number}-{mark}.pdf"
