"""The kinds of document: what each is made from, who may have it, what it is called.

A kind's gatherer is given the parameters of the request and the person who asks. It answers with a
manuscript or raises: `NotThere` (404), PermissionDenied (403) or `BadParameters` (400), each with a
sentence for that person. It is asked twice, when the document is requested and again when it is made, so
that a right revoked in between counts.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404

from accounts.models import User
from committees.actions import PaperChanged, PaperIssued, issue_paper
from committees.content.brief import brief_manuscript
from committees.content.manuscript import BadParameters, Manuscript, NotThere
from committees.content.matrix import matrix_manuscript
from committees.content.paper_manuscript import issue_manuscript, paper_manuscript
from committees.models import Document, Job, Paper
from committees.rendering import RenderedDocument
from committees.rendering.digest import canonical_json
from committees.rendering.kinds import kind_of

__all__ = [
    "KINDS",
    "REFUSALS",
    "BadParameters",
    "CannotBeKept",
    "DocumentKind",
    "Manuscript",
    "NotThere",
    "follow",
    "gather",
    "input_digest",
]

Gatherer = Callable[[Mapping[str, Any], User], Manuscript]
Follower = Callable[[Job, Manuscript, Document], None]


class CannotBeKept(Exception):
    """The document was made, but what was to follow from it cannot be; the message says why."""


@dataclass(frozen=True)
class DocumentKind:
    """`then` is done in the transaction that keeps the finished document: both happen, or neither."""

    name: str
    gather: Gatherer
    then: Follower | None = None


def _issue(job: Job, manuscript: Manuscript, document: Document) -> None:
    try:
        issue_paper(
            paper=Paper.objects.get(pk=job.parameters["paper"]),
            content=manuscript.content,
            rendered=RenderedDocument(bytes(document.content), document.sha256, document.page_count),
            expected=job.parameters["expected"],
            by=job.requested_by,
        )
    except (PaperChanged, PaperIssued) as reason:
        raise CannotBeKept(str(reason)) from reason


# Each says in words why there will be no document, however often it is tried.
REFUSALS = (NotThere, BadParameters, CannotBeKept)

_ALL = [
    DocumentKind("committee-paper", paper_manuscript),
    DocumentKind("committee-paper-issue", issue_manuscript, then=_issue),
    DocumentKind("health-check-matrix", matrix_manuscript),
    DocumentKind("borough-brief", brief_manuscript),
]
KINDS: dict[str, DocumentKind] = {kind.name: kind for kind in _ALL}


def gather(kind: str, parameters: Mapping[str, Any], *, by: User) -> Manuscript:
    """What the document is made from, as `by` may see it now."""
    known = KINDS.get(kind)
    if known is None:
        raise NotThere("This portal does not make that kind of document.")
    try:
        return known.gather(parameters, by)
    except Http404 as gone:
        raise NotThere(NotThere.SENTENCE) from gone


def follow(job: Job, manuscript: Manuscript, document: Document) -> None:
    """What the finished document is for, such as the issue of a paper. Raises CannotBeKept."""
    then = KINDS[job.kind].then
    if then is not None:
        then(job, manuscript, document)


def input_digest(manuscript: Manuscript) -> str:
    """Of everything that decides the bytes of the file: content, marks, template, typefaces, renderer."""
    return hashlib.sha256(
        canonical_json(
            {
                "content": manuscript.content,
                "draft": manuscript.draft,
                "edition": manuscript.edition.number if manuscript.edition else None,
                "template": kind_of(manuscript.content, manuscript.template_version).version,
                "press": _press_version(),
            }
        )
    ).hexdigest()


@cache
def _press_version() -> str:
    press = hashlib.sha256(f"{version('weasyprint')} {version('pikepdf')}".encode())
    for face in sorted(Path(settings.FONT_DIR).glob("*.woff2")):
        press.update(face.read_bytes())
    return press.hexdigest()
