"""A paper's sections and live blocks → the content that is printed and, on issue, frozen."""

from datetime import date
from string import ascii_uppercase
from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.permissions import Role
from assessments.matrix import BadFilter, MatrixFilters, load_matrix, matrix_content
from assessments.models import HealthCheck, ReviewCycle
from committees.content.evidence import evidence_blocks
from committees.markup import (
    Block,
    Live,
    LiveMatrix,
    LiveProgress,
    MarkupError,
    count_of_recommendations,
    parse,
)
from committees.models import Numbering, Paper, PaperSection
from recommendations.content import NoSuchRecommendationError, progress_content

# What anyone may read: signed-off health checks. Whoever reads an issued paper sees no more than this.
PUBLIC = User(name="The public", role=Role.READER)


class PaperIncomplete(Exception):
    """A paper that cannot be composed; the message names the section and the line."""


def paper_content(paper: Paper, *, reader: User) -> dict[str, Any]:
    """The paper as `reader` may see its figures, at its cut-off date or today if that is earlier.

    Raises PaperIncomplete where a live block names something that is not there.
    """
    gatherer = Gatherer(at=min(paper.cut_off_on, timezone.localdate()), reader=reader)
    sections: list[dict[str, Any]] = []
    appendices: list[dict[str, Any]] = []
    for section in paper.sections.all():
        blocks = gatherer.blocks(section)
        if section.kind == PaperSection.Kind.APPENDIX:
            appendices.append(_appendix(section, blocks, number=len(appendices) + 1))
        else:
            sections.append(
                {"letter": letter(len(sections)), "heading": heading(paper, section), "blocks": blocks}
            )
    meeting = paper.meeting
    return {
        "kind": "committee-paper",
        "title": paper.title,
        "committee": meeting.committee.name,
        "committee_code": meeting.committee.code,
        "number": paper.number,
        "date": meeting.held_on.isoformat(),
        "by": paper.by_office,
        "summary": parse(paper.summary, Numbering.NONE),
        "sections": sections,
        "appendices": appendices,
        "demonstration": paper.is_demonstration or gatherer.is_demonstration,
    }


def letter(place: int) -> str:
    """A to Z, then AA: two sections never bear one letter, as two did on 26 July 2007 (DOMAIN §7)."""
    return ascii_uppercase[place] if place < 26 else letter(place // 26 - 1) + ascii_uppercase[place % 26]


def heading(paper: Paper, section: PaperSection) -> str:
    """Singular for one recommendation, plural for more (DOMAIN §7)."""
    if section.numbering != Numbering.THAT:
        return section.heading
    known = next((entry for entry in paper.template.headings if entry["key"] == section.key), None)
    if known is None:
        return section.heading
    return known["one"] if count_of_recommendations(section.text) == 1 else known["many"]


def _appendix(section: PaperSection, blocks: list[dict[str, Any]], *, number: int) -> dict[str, Any]:
    has_matrix = any(block["kind"] == "matrix" for block in blocks)
    return {
        "label": f"Appendix {number}",
        "title": section.heading,
        "orientation": "landscape" if has_matrix else "portrait",
        "blocks": blocks,
    }


class Gatherer:
    """Fills live blocks with figures at one date for one reader."""

    def __init__(self, *, at: date, reader: User) -> None:
        self.at = at
        self.reader = reader
        self.is_demonstration = False

    def blocks(self, section: PaperSection) -> list[dict[str, Any]]:
        try:
            parsed = parse(section.text, section.numbering)
            return [filled for block in parsed for filled in self._filled(block)]
        except (MarkupError, BadFilter, NoSuchRecommendationError) as error:
            raise PaperIncomplete(f"{section.heading}: {error}") from error

    def _filled(self, block: Block | Live) -> list[Block]:
        if isinstance(block, LiveMatrix):
            return self._matrix(block)
        if isinstance(block, LiveProgress):
            return [progress_content(block.numbers, self.at, self.reader)]
        return [block]

    def _matrix(self, block: LiveMatrix) -> list[Block]:
        cycle = ReviewCycle.objects.filter(slug=block.cycle).first()
        if cycle is None:
            raise MarkupError(f"There is no cycle named “{block.cycle}”.")
        self.is_demonstration |= cycle.is_demonstration
        filters = MatrixFilters(theme=block.theme or "")
        matrix = load_matrix(cycle=cycle, user=self.reader, filters=filters)
        content = matrix_content(matrix)
        content["title"] = "Health Check Matrix"
        shown = f"Shown: {matrix.filters.as_sentence()}" if matrix.filters.is_narrowed else ""
        content["note"] = " ".join(filter(None, [content["note"], shown, self._provisional(cycle)]))
        if not block.with_evidence:
            return [content]
        return [content, *evidence_blocks(cycle, self.reader, theme=block.theme, at=self.at)]

    def _provisional(self, cycle: ReviewCycle) -> str:
        """What a draft shows beyond the signed-off health checks, which are all that an edition prints."""
        unsigned = HealthCheck.objects.visible_to(self.reader).filter(cycle=cycle)
        count = unsigned.exclude(state=HealthCheck.State.SIGNED_OFF).count()
        if not count:
            return ""
        checks = "One health check is" if count == 1 else f"{count} health checks are"
        return f"Provisional: {checks} not signed off and will be left out when the paper is issued."
